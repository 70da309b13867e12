"""Tests of `make ui`: which store it serves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import mlflow
import pytest
import requests
from tiny_store import environment, free_port, make_root

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "stages.ui"]


def settings(root: Path, **changes: str) -> dict[str, str]:
    variables = environment(DVC_ROOT=str(root), **changes)
    return {**variables, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}


@contextmanager
def served(root: Path, **changes: str) -> Iterator[str]:
    """Run the command in a project, and yield the address of MLflow's pages."""
    port = free_port()
    process = subprocess.Popen(
        COMMAND,
        cwd=root,
        env=settings(root, MLFLOW_PORT=str(port), MLFLOW_WORKERS="1", **changes),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while not _answers(address):
            assert process.poll() is None, "the server has ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.2)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(address: str) -> bool:
    with suppress(requests.ConnectionError):
        return requests.get(f"{address}/health", timeout=10).ok
    return False


@pytest.mark.parametrize(
    ("address", "database"), [("", "mlflow.db"), ("sqlite:///runs/mine.db", "runs/mine.db")]
)
def test_the_store_of_the_stages_is_served(
    tmp_path: Path, empty_store: Path, address: str, database: str
) -> None:
    old = make_root(tmp_path / "project", empty_store)
    store = mlflow.MlflowClient(f"sqlite:///{old / 'mlflow.db'}")
    location = tmp_path / "disk" if address else old / "mlartifacts"
    experiment = store.create_experiment("ae_fashion", location.as_uri())
    run = store.create_run(experiment).info.run_id
    store.log_text(run, "a note", "model/note.txt")
    root = old.rename(tmp_path / "my%20 project?")
    (root / database).parent.mkdir(exist_ok=True)
    (root / "mlflow.db").rename(root / database)
    siblings = {path.name for path in tmp_path.iterdir()}
    with served(root, MLFLOW_TRACKING_URI=address) as pages:
        query = {"path": "model/note.txt", "run_uuid": run}
        assert requests.get(f"{pages}/get-artifact", query, timeout=60).text == "a note"
    assert {path.name for path in tmp_path.iterdir()} == siblings


def test_a_tracking_server_is_named_without_its_password(tmp_path: Path) -> None:
    done = subprocess.run(
        COMMAND,
        cwd=tmp_path,
        env=settings(tmp_path, MLFLOW_TRACKING_URI="https://me:secret@runs.example"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expected = "The runs are on a tracking server: open https://runs.example (MLFLOW_TRACKING_URI)"
    assert done.stdout == f"{expected}\n"


def test_a_store_that_fails_is_reported_in_one_line(tmp_path: Path) -> None:
    address = f"postgresql://me:secret@127.0.0.1:{free_port()}/runs"
    done = subprocess.run(
        COMMAND,
        cwd=tmp_path,
        env=settings(tmp_path, MLFLOW_TRACKING_URI=address),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("ERROR: MLflow: OperationalError: ")
    assert "secret" not in done.stderr
    assert done.stderr.count("\n") == 1
