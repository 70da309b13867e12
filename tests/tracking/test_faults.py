"""Stores that are down, slow, silent or full: they cost the tracking, and never the result."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import mlflow
import pytest
from tiny_store import (
    EXPERIMENT,
    FAIL,
    GRACE,
    IMPATIENT,
    PROVENANCE,
    ROWS,
    SAMPLES,
    Gate,
    environment,
    free_port,
    fresh_client,
    make_empty_store,
    mlflow_server,
    series,
    warnings_in,
    write_embeddings,
)

from latent.errors import InputError
from latent.io.paths import ModelPaths
from latent.params import Tracking
from latent.tracking.epochs import log_epochs
from latent.tracking.model_run import model_run
from latent.tracking.run import Run
from latent.tracking.training import training_run

STRICT = Tracking(on_error="fail", patience=IMPATIENT.patience)
# A stage waits at its start and at its end.
BOUND = 2 * IMPATIENT.patience + GRACE
KEY = "0a" * 32


@pytest.fixture(autouse=True)
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    with fresh_client(tmp_path_factory.mktemp("elsewhere")) as monkeypatch:
        yield monkeypatch


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_empty_store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Iterator[int]:
    with mlflow_server(tmp_path_factory.mktemp("server"), empty_store) as port:
        yield port


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose store is elsewhere."""
    root = tmp_path / "project"
    root.mkdir()
    return root


Open = Callable[[int, str], Gate]


@pytest.fixture
def open_gate(client: pytest.MonkeyPatch) -> Iterator[Open]:
    """Return what makes a gate the user's store."""
    gates: list[Gate] = []

    def make(server: int, mode: str) -> Gate:
        gates.append(Gate(server, mode))
        client.setenv("MLFLOW_TRACKING_URI", gates[-1].address)
        return gates[-1]

    yield make
    for gate in gates:
        gate.close()


def training(root: Path, settings: Tracking, key: str = KEY) -> AbstractContextManager[Run]:
    return training_run(root, EXPERIMENT, settings, key, PROVENANCE, {})


def answer_in_no_way(mode: str, open_gate: Open, client: pytest.MonkeyPatch) -> None:
    """Make the user's store one that is down, or answers as `mode` says."""
    if mode == "down":
        client.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    else:
        open_gate(free_port(), mode)


MODES = ["down", "cut", "silent", "broken"]


@pytest.mark.parametrize("mode", MODES)
def test_a_store_out_of_reach_costs_the_tracking_only(
    root: Path,
    mode: str,
    open_gate: Open,
    client: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer_in_no_way(mode, open_gate, client)
    done = []
    begun = time.monotonic()
    with training(root, IMPATIENT) as run:
        for count in (1, 2):
            run.attempt(log_epochs, run, ROWS[:count], list(SAMPLES[:count]))
        done.append("result")
    assert time.monotonic() - begun < BOUND
    assert done == ["result"]
    (warning,) = warnings_in(caplog)
    assert "untracked" in warning
    assert "\n" not in warning


@pytest.mark.parametrize("mode", MODES)
def test_a_store_out_of_reach_costs_the_start_where_that_is_asked_for(
    root: Path,
    mode: str,
    open_gate: Open,
    client: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer_in_no_way(mode, open_gate, client)
    begun = time.monotonic()
    with pytest.raises(InputError) as caught, training(root, STRICT):
        pytest.fail("the training began")
    assert time.monotonic() - begun < BOUND
    assert "tracking.on_error" in str(caught.value)
    assert "\n" not in str(caught.value)
    # It is told once.
    assert warnings_in(caplog) == []


@pytest.mark.parametrize("settings", [IMPATIENT, STRICT])
def test_a_later_stage_meets_a_store_out_of_reach_as_a_training_does(
    root: Path,
    tmp_path: Path,
    settings: Tracking,
    open_gate: Open,
    client: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer_in_no_way("down", open_gate, client)
    paths = ModelPaths(EXPERIMENT, tmp_path)
    done = []
    if settings is STRICT:
        with pytest.raises(InputError), model_run(root, paths, settings, "embed"):
            done.append("result")
        assert done == []
    else:
        with model_run(root, paths, settings, "embed"):
            done.append("result")
        assert done == ["result"]
        assert len(warnings_in(caplog)) == 1


def test_a_slow_server_is_waited_for_no_longer_than_one_has_patience(
    root: Path, server: int, open_gate: Open, caplog: pytest.LogCaptureFixture
) -> None:
    open_gate(server, "slow")
    done = []
    begun = time.monotonic()
    with training(root, IMPATIENT) as run:
        run.attempt(log_epochs, run, ROWS, list(SAMPLES))
        done.append("result")
    assert time.monotonic() - begun < BOUND
    assert done == ["result"]
    (warning,) = warnings_in(caplog)
    assert "2 seconds" in warning


def test_a_training_is_told_to_a_server(root: Path, server: int, open_gate: Open) -> None:
    open_gate(server, "open")
    with training(root, FAIL, "0b" * 32) as run:
        for count in (1, 2):
            run.attempt(log_epochs, run, ROWS[:count], list(SAMPLES[:count]))
    assert run.lost == ""
    entity = mlflow.get_run(run.run_id)
    assert entity.info.status == "FINISHED"
    assert series(entity, "train/loss") == [(row["epoch"], row["train/loss"]) for row in ROWS]
    assert not (root / "mlflow.db").exists()


@pytest.mark.parametrize(
    ("mode", "on_error"), [("cut", "warn"), ("broken", "fail"), ("silent", "fail")]
)
def test_a_server_lost_on_the_way_costs_the_tracking_only(
    root: Path,
    server: int,
    on_error: str,
    mode: str,
    open_gate: Open,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate = open_gate(server, "open")
    settings = Tracking.model_validate({"on_error": on_error, "patience": 10})
    done = []
    with training(root, settings, f"{on_error} {mode}") as run:
        run.attempt(log_epochs, run, ROWS[:1], list(SAMPLES[:1]))
        run._link.wait(60)
        assert run.lost == ""
        gate.mode = mode
        begun = time.monotonic()
        for count in range(3, 53):
            rows = [{**ROWS[0], "epoch": epoch + 1} for epoch in range(count)]
            run.attempt(log_epochs, run, rows, [SAMPLES[0]] * count)
        # To tell it takes no time.
        assert time.monotonic() - begun < GRACE
        done.append("result")
    assert time.monotonic() - begun < settings.patience + GRACE
    assert done == ["result"]
    (warning,) = warnings_in(caplog)
    assert "untracked" in warning


def test_a_later_stage_that_loses_its_server_keeps_its_result(
    root: Path, tmp_path: Path, server: int, open_gate: Open, caplog: pytest.LogCaptureFixture
) -> None:
    gate = open_gate(server, "open")
    paths = ModelPaths(EXPERIMENT, tmp_path)
    paths.model.mkdir(parents=True)
    for part in ("encoder", "decoder"):
        (paths.model / f"{part}.keras").write_text("a model", encoding="utf-8")
    with model_run(root, paths, FAIL, "embed"):
        gate.mode = "broken"
        write_embeddings(paths, **{"embedding/std": 0.9})
    assert len(warnings_in(caplog)) == 1


@pytest.mark.parametrize(("mode", "settings"), [("down", IMPATIENT), ("broken", STRICT)])
def test_no_password_is_told(
    root: Path,
    mode: str,
    settings: Tracking,
    open_gate: Open,
    client: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    answer_in_no_way(mode, open_gate, client)
    address = f"http://me:p%40ss!word@127.0.0.1:{free_port()}"
    if mode != "down":
        gate = open_gate(free_port(), mode)
        address = gate.address.replace("http://", "http://me:p%40ss!word@")
    client.setenv("MLFLOW_TRACKING_URI", address)
    told = ""
    try:
        with training(root, settings):
            pass
    except InputError as error:
        told = str(error)
    out, err = capfd.readouterr()
    told = "\n".join([told, *warnings_in(caplog), caplog.text, out, err])
    assert "MLflow" in told
    assert "ss!word" not in told


def test_no_password_is_told_where_all_is_well(
    root: Path,
    server: int,
    client: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    client.setenv("MLFLOW_TRACKING_URI", f"http://me:p%40ss!word@127.0.0.1:{server}")
    with training(root, FAIL, "0c" * 32) as run:
        pass
    assert run.lost == ""
    out, err = capfd.readouterr()
    entity = mlflow.get_run(run.run_id)
    for told in (out, err, caplog.text, str(entity.data.tags), str(entity.data.params)):
        assert "ss!word" not in told


# Fills the disk that its store is on, before it begins or while it works, and trains.
FULL_DISK = """
import logging, os, sys
from pathlib import Path
from tiny_store import EXPERIMENT, PROVENANCE, ROWS, SAMPLES
from latent.errors import InputError
from latent.params import Tracking
from latent.tracking.epochs import log_epochs
from latent.tracking.training import training_run

root, when, on_error = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING, force=True)

def fill():
    with open(root / "filler", "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            print("full", error.errno, flush=True)

settings = Tracking(on_error=on_error, patience=60)
if when == "before":
    fill()
try:
    with training_run(root, EXPERIMENT, settings, "key", PROVENANCE, {}) as run:
        if when == "midway":
            run._link.wait(60)
            print("begun", repr(run.lost), flush=True)
            fill()
        for count in (1, 2):
            run.attempt(log_epochs, run, ROWS[:count], list(SAMPLES[:count]))
        print("result", flush=True)
except InputError as error:
    sys.exit(f"ERROR: {error}")
"""
MOUNT = 'mount -t tmpfs -o size=4m none "$1" && cp "$2" "$1/mlflow.db" && shift 2 && exec "$@"'
ISOLATED = ["unshare", "--user", "--map-root-user", "--mount"]


def can_mount(folder: Path) -> bool:
    """Say whether a process of this user may have a disk of its own."""
    if shutil.which("unshare") is None:
        return False
    command = [*ISOLATED, "mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(("when", "on_error"), [("before", "fail"), ("midway", "fail")])
def test_a_full_disk_costs_what_a_server_out_of_reach_does(
    tmp_path: Path, empty_store: Path, when: str, on_error: str
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if not can_mount(disk):
        pytest.skip("no disk of one's own without `unshare` and user namespaces")
    program = [sys.executable, "-c", FULL_DISK, str(disk), when, on_error]
    done = subprocess.run(
        [*ISOLATED, "sh", "-c", MOUNT, "sh", str(disk), str(empty_store), *program],
        cwd=tmp_path,
        env=environment(TMPDIR=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout.splitlines()
    assert any(line.startswith("full 28") for line in said), done.stdout + done.stderr
    warnings = [line for line in done.stderr.splitlines() if line.startswith("WARNING: MLflow")]
    if when == "before" and on_error == "fail":
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith("ERROR: MLflow: ")
        assert "result" not in said
        assert warnings == []
    else:
        assert done.returncode == 0, done.stderr
        assert "result" in said
        assert len(warnings) == 1, done.stderr
    assert "Traceback" not in done.stderr
