"""Tests with stores that are down, slow, silent or full, which must not change a result."""

import shutil
import subprocess
import sys
import time
import zipfile
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
    LOGGED,
    NARROW,
    PROVENANCE,
    ROWS,
    SAMPLES,
    FaultyProxy,
    artifacts,
    environment,
    free_port,
    logged_params,
    mlflow_server,
    sample_images,
    series,
    warnings_in,
    write_embeddings,
    write_figure,
    write_training,
)

from latent.errors import InputError
from latent.io.paths import ModelPaths
from latent.params import Tracking
from latent.tracking.epochs import log_epochs
from latent.tracking.model_run import model_run
from latent.tracking.run import MODEL_TAG, Run, find_runs, model_digest
from latent.tracking.training import log_result, training_run

STRICT = Tracking(on_error="fail", patience=IMPATIENT.patience)
# A stage waits for MLflow at its start and at its end.
BOUND = 2 * IMPATIENT.patience + GRACE
KEY = "0a" * 32


pytestmark = pytest.mark.usefixtures("client")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Iterator[int]:
    with mlflow_server(tmp_path_factory.mktemp("server"), empty_store) as port:
        yield port


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project without a store of its own."""
    root = tmp_path / "project"
    root.mkdir()
    return root


OpenProxy = Callable[[int, str], FaultyProxy]


@pytest.fixture
def open_proxy(client: pytest.MonkeyPatch) -> Iterator[OpenProxy]:
    """Return a function that opens a proxy and sets MLFLOW_TRACKING_URI to its address."""
    proxies: list[FaultyProxy] = []

    def open_one(server: int, mode: str) -> FaultyProxy:
        proxies.append(FaultyProxy(server, mode))
        client.setenv("MLFLOW_TRACKING_URI", proxies[-1].address)
        return proxies[-1]

    yield open_one
    for proxy in proxies:
        proxy.close()


def training(root: Path, settings: Tracking, key: str = KEY) -> AbstractContextManager[Run]:
    return training_run(root, EXPERIMENT, settings, key, PROVENANCE, {})


def use_broken_store(mode: str, open_proxy: OpenProxy, client: pytest.MonkeyPatch) -> None:
    """Set MLFLOW_TRACKING_URI to an address without a server, or to a proxy in this mode."""
    if mode == "down":
        client.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    else:
        open_proxy(free_port(), mode)


MODES = ["down", "cut", "silent", "broken"]


@pytest.mark.parametrize("mode", MODES)
def test_a_stage_continues_without_tracking_if_the_store_fails(
    root: Path,
    mode: str,
    open_proxy: OpenProxy,
    client: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    use_broken_store(mode, open_proxy, client)
    done = []
    start = time.monotonic()
    with training(root, IMPATIENT) as run:
        for count in (1, 2):
            run.submit(log_epochs, run, ROWS[:count], list(SAMPLES[:count]))
        done.append("result")
    assert time.monotonic() - start < BOUND
    assert done == ["result"]
    (warning,) = warnings_in(caplog)
    assert "continues without tracking" in warning
    assert "\n" not in warning


@pytest.mark.parametrize("mode", MODES)
def test_a_stage_does_not_start_if_the_store_fails_and_on_error_is_fail(
    root: Path,
    mode: str,
    open_proxy: OpenProxy,
    client: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    use_broken_store(mode, open_proxy, client)
    start = time.monotonic()
    with pytest.raises(InputError) as caught, training(root, STRICT):
        pytest.fail("the training began")
    assert time.monotonic() - start < BOUND
    assert "tracking.on_error" in str(caught.value)
    assert "\n" not in str(caught.value)
    # The error is not logged as a warning too.
    assert warnings_in(caplog) == []


@pytest.mark.parametrize("settings", [IMPATIENT, STRICT])
def test_a_later_stage_handles_a_failing_store_as_a_training_does(
    root: Path,
    tmp_path: Path,
    settings: Tracking,
    open_proxy: OpenProxy,
    client: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    use_broken_store("down", open_proxy, client)
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


def test_the_wait_for_a_slow_server_is_bounded_by_patience(
    root: Path, server: int, open_proxy: OpenProxy, caplog: pytest.LogCaptureFixture
) -> None:
    open_proxy(server, "slow")
    done = []
    start = time.monotonic()
    with training(root, IMPATIENT) as run:
        run.submit(log_epochs, run, ROWS, list(SAMPLES))
        done.append("result")
    assert time.monotonic() - start < BOUND
    assert done == ["result"]
    (warning,) = warnings_in(caplog)
    assert "2 seconds" in warning


def test_a_training_is_logged_to_a_server(root: Path, server: int, open_proxy: OpenProxy) -> None:
    open_proxy(server, "open")
    with training(root, FAIL, "0b" * 32) as run:
        for count in (1, 2):
            run.submit(log_epochs, run, ROWS[:count], list(SAMPLES[:count]))
    assert run.failure == ""
    entity = mlflow.get_run(run.run_id)
    assert entity.info.status == "FINISHED"
    assert series(entity, "train/loss") == [(row["epoch"], row["train/loss"]) for row in ROWS]
    assert not (root / "mlflow.db").exists()


@pytest.mark.parametrize(
    ("mode", "on_error"), [("cut", "warn"), ("broken", "fail"), ("silent", "fail")]
)
def test_a_stage_continues_without_tracking_if_the_server_fails_later(
    root: Path,
    server: int,
    on_error: str,
    mode: str,
    open_proxy: OpenProxy,
    caplog: pytest.LogCaptureFixture,
) -> None:
    proxy = open_proxy(server, "open")
    settings = Tracking.model_validate({"on_error": on_error, "patience": 10})
    done = []
    with training(root, settings, f"{on_error} {mode}") as run:
        run.submit(log_epochs, run, ROWS[:1], list(SAMPLES[:1]))
        run._worker.wait(60)
        assert run.failure == ""
        proxy.mode = mode
        start = time.monotonic()
        for count in range(3, 53):
            rows = [{**ROWS[0], "epoch": epoch + 1} for epoch in range(count)]
            run.submit(log_epochs, run, rows, [SAMPLES[0]] * count)
        # Submitting does not wait for the server.
        assert time.monotonic() - start < GRACE
        done.append("result")
    assert time.monotonic() - start < settings.patience + GRACE
    assert done == ["result"]
    (warning,) = warnings_in(caplog)
    assert "continues without tracking" in warning


def test_a_later_stage_keeps_its_result_if_the_server_fails(
    root: Path,
    tmp_path: Path,
    server: int,
    open_proxy: OpenProxy,
    caplog: pytest.LogCaptureFixture,
) -> None:
    proxy = open_proxy(server, "open")
    paths = ModelPaths(EXPERIMENT, tmp_path)
    paths.model.mkdir(parents=True)
    for part in ("encoder", "decoder"):
        (paths.model / f"{part}.keras").write_text("a model", encoding="utf-8")
    with model_run(root, paths, FAIL, "embed"):
        proxy.mode = "broken"
        write_embeddings(paths, **{"embedding/std": 0.9})
    assert len(warnings_in(caplog)) == 1


@pytest.mark.parametrize(("mode", "settings"), [("down", IMPATIENT), ("broken", STRICT)])
def test_no_password_is_printed_or_logged_if_the_store_fails(
    root: Path,
    mode: str,
    settings: Tracking,
    open_proxy: OpenProxy,
    client: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    use_broken_store(mode, open_proxy, client)
    address = f"http://me:p%40ss!word@127.0.0.1:{free_port()}"
    if mode != "down":
        proxy = open_proxy(free_port(), mode)
        address = proxy.address.replace("http://", "http://me:p%40ss!word@")
    client.setenv("MLFLOW_TRACKING_URI", address)
    message = ""
    try:
        with training(root, settings):
            pass
    except InputError as error:
        message = str(error)
    out, err = capfd.readouterr()
    output = "\n".join([message, *warnings_in(caplog), caplog.text, out, err])
    assert "MLflow" in output
    assert "ss!word" not in output


def test_no_password_is_printed_or_logged_if_the_store_works(
    root: Path,
    server: int,
    client: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    client.setenv("MLFLOW_TRACKING_URI", f"http://me:p%40ss!word@127.0.0.1:{server}")
    with training(root, FAIL, "0c" * 32) as run:
        pass
    assert run.failure == ""
    out, err = capfd.readouterr()
    entity = mlflow.get_run(run.run_id)
    for text in (out, err, caplog.text, str(entity.data.tags), str(entity.data.params)):
        assert "ss!word" not in text


def train(root: Path, paths: ModelPaths, key: str) -> str:
    """Log a training with its result; return the id of its run."""
    with training(root, FAIL, key) as run:
        run.submit(log_epochs, run, ROWS, list(SAMPLES))
        run.submit(log_result, run, paths)
    return run.run_id


def check_metrics(run_id: str, paths: ModelPaths, **more: float) -> None:
    """Check that a run has ended, and has the metrics and parameters of its training."""
    entity = mlflow.get_run(run_id)
    assert entity.info.status == "FINISHED"
    assert entity.data.metrics == {**LOGGED, **more}
    assert series(entity, "train/loss") == [(row["epoch"], row["train/loss"]) for row in ROWS]
    assert entity.data.params == logged_params(PROVENANCE)
    # Later stages find the run, and do not recreate it.
    (found,) = find_runs(paths.name, MODEL_TAG, model_digest(paths.model))
    assert found.info.run_id == run_id


def registered(part: str) -> list[int]:
    """Return the versions of a registered model."""
    found = mlflow.MlflowClient().search_model_versions(f"name = '{EXPERIMENT}_{part}'")
    return [int(version.version) for version in found]


def test_a_slow_server_has_all_metrics_and_no_model_twice(
    root: Path,
    tmp_path: Path,
    server: int,
    networks: Path,
    open_proxy: OpenProxy,
    client: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    proxy = open_proxy(server, "narrow")
    client.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")
    model = shutil.copytree(networks, tmp_path / "model")
    with zipfile.ZipFile(model / "decoder.keras", "a") as archive:
        archive.writestr("padding", bytes(12 * NARROW))  # takes 12 seconds
    paths = write_training(tmp_path, model)
    run_id = train(root, paths, "slow")
    check_metrics(run_id, paths)
    with model_run(root, paths, FAIL, "embed"):
        write_embeddings(paths, **{"embedding/std": 0.9})
    check_metrics(run_id, paths, **{"embedding.std": 0.9})
    assert (registered("encoder"), registered("decoder")) == ([1], [])
    warnings = warnings_in(caplog)
    assert len(warnings) == 2  # one per stage
    for warning in warnings:
        assert "decoder.keras" in warning
        assert "MLFLOW_HTTP_REQUEST_TIMEOUT (5 seconds)" in warning
        assert "\n" not in warning
    # A later stage logs what is missing.
    proxy.mode = "open"
    write_figure(paths)
    with model_run(root, paths, FAIL, "figures"):
        pass
    assert len(warnings_in(caplog)) == 2
    assert (registered("encoder"), registered("decoder")) == ([1], [1])
    entity = mlflow.get_run(run_id)
    assert artifacts(entity, "figures") == ["3-08_generated.png"]
    assert [step for step, _ in sample_images(entity)] == [1, 2]
    logged = mlflow.MlflowClient().search_logged_models(
        [entity.info.experiment_id], f"source_run_id = '{run_id}'"
    )
    assert sorted((found.name, str(found.status)) for found in logged) == [
        ("decoder", "READY"),
        ("encoder", "READY"),
    ]


def test_a_server_without_artifacts_has_all_metrics(
    root: Path,
    tmp_path: Path,
    empty_store: Path,
    networks: Path,
    client: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    paths = write_training(tmp_path, networks)
    file = tmp_path / "file"
    file.touch()
    # A file cannot contain a folder, whoever the user is.
    with mlflow_server(tmp_path / "server", empty_store, artifacts=file / "artifacts") as port:
        client.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
        run_id = train(root, paths, "no artifacts")
        check_metrics(run_id, paths)
        with model_run(root, paths, FAIL, "embed"):
            write_embeddings(paths, **{"embedding/std": 0.9})
        check_metrics(run_id, paths, **{"embedding.std": 0.9})
        assert (registered("encoder"), registered("decoder")) == ([], [])
    warnings = warnings_in(caplog)
    assert len(warnings) == 2  # one per stage
    for warning in warnings:
        assert str(file) in warning
        assert "--serve-artifacts" in warning
        assert "\n" not in warning


def test_a_run_is_ended_after_an_error_of_logging(
    root: Path, server: int, client: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server}")
    with training(root, FAIL, "0d" * 32) as run:
        run.submit(run.log_metrics, {"not a valid name!": 1.0})
        run.submit(run.log_metrics, {"skipped": 1.0})
    entity = mlflow.get_run(run.run_id)
    assert entity.info.status == "FINISHED"
    assert entity.data.metrics == {}
    (warning,) = warnings_in(caplog)
    assert "not a valid name!" in warning


# Logs a training, and fills the disk that contains the store, before the start or after it.
FULL_DISK = """
import logging, os, sys
from pathlib import Path
from tiny_store import EXPERIMENT, PROVENANCE, ROWS, SAMPLES
from latent.errors import InputError
from latent.params import Tracking
from latent.tracking.epochs import log_epochs
from latent.tracking.training import training_run

root, when = Path(sys.argv[1]), sys.argv[2]
logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING, force=True)

def fill():
    with open(root / "filler", "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            print("full", error.errno, flush=True)

settings = Tracking(on_error="fail", patience=60)
if when == "before":
    fill()
try:
    with training_run(root, EXPERIMENT, settings, "key", PROVENANCE, {}) as run:
        if when == "midway":
            run._worker.wait(60)
            print("started", repr(run.failure), flush=True)
            fill()
        for count in (1, 2):
            run.submit(log_epochs, run, ROWS[:count], list(SAMPLES[:count]))
        print("result", flush=True)
except InputError as error:
    sys.exit(f"ERROR: {error}")
"""
MOUNT = 'mount -t tmpfs -o size=4m none "$1" && cp "$2" "$1/mlflow.db" && shift 2 && exec "$@"'
ISOLATED = ["unshare", "--user", "--map-root-user", "--mount"]


def can_mount(folder: Path) -> bool:
    """Return whether a process of this user may mount a file system."""
    if shutil.which("unshare") is None:
        return False
    command = [*ISOLATED, "mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("when", ["before", "midway"])
def test_a_full_disk_is_handled_as_a_failing_server(
    tmp_path: Path, empty_store: Path, when: str
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if not can_mount(disk):
        pytest.skip("needs `unshare` and user namespaces to mount a small file system")
    program = [sys.executable, "-c", FULL_DISK, str(disk), when]
    done = subprocess.run(
        [*ISOLATED, "sh", "-c", MOUNT, "sh", str(disk), str(empty_store), *program],
        cwd=tmp_path,
        env=environment(TMPDIR=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    # 28 is ENOSPC: no space left on device.
    assert any(line.startswith("full 28") for line in lines), done.stdout + done.stderr
    warnings = [line for line in done.stderr.splitlines() if line.startswith("WARNING: MLflow")]
    if when == "before":
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith("ERROR: MLflow: ")
        assert "result" not in lines
        assert warnings == []
    else:
        assert done.returncode == 0, done.stderr
        assert "result" in lines
        assert len(warnings) == 1, done.stderr
    assert "Traceback" not in done.stderr
