"""Helpers of the tests: small MLflow stores, outs to log, and servers that fail.

Processes that the tests start import this module. It imports neither Keras nor TensorFlow, which
would take seconds in each of them.
"""

import json
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.entities import Run as Entity
from PIL import Image

from latent.io.paths import ModelPaths
from latent.params import Tracking

SOURCE = Path(__file__).parents[2] / "src"
EXPERIMENT = "ae_fashion"
SHAPE = (8, 8, 1)
# Logging takes less than a second, but the machine may be busy.
FAIL = Tracking(on_error="fail", patience=120)
WARN = Tracking(on_error="warn", patience=120)
IMPATIENT = Tracking(on_error="warn", patience=2)
GRACE = 10  # seconds by which a wait may exceed its limit on a busy machine
NARROW = 50_000  # bytes per second of a slow connection
PIECE = 1 << 13  # bytes

PROVENANCE: dict[str, Any] = {
    "data": {
        "name": "fashion",
        "source": "sample",
        "digest": "0123456789abcdef" * 4,
        "images": {"train": 8, "test": 4},
        "shape": list(SHAPE),
    },
    "parameters": {"train_ae.fashion.latent_dim": 2, "train_ae.fashion.epochs": 2},
    "packages": {"python": "3.11", "keras": "3.15"},
    "device": "cpu",
}
ROWS = [
    {"epoch": 1, "train/loss": 0.1 + 0.2, "test/loss": 0.5},
    {"epoch": 2, "train/loss": 1e-7, "test/loss": 0.25},
]
SAMPLES = np.arange(2 * 3 * 64, dtype=np.uint8).reshape(2, 3, *SHAPE)
METRICS = {"train/loss": 1e-7, "test/loss": 0.25, "beta": 2.048, "parameters/encoder": 96770}
# The same metrics in MLflow, where only the losses per epoch have names with a slash.
LOGGED = {"train/loss": 1e-7, "test/loss": 0.25, "beta": 2.048, "parameters.encoder": 96770}


@contextmanager
def fresh_client(elsewhere: Path) -> Iterator[pytest.MonkeyPatch]:
    """Reset the state of MLflow's client, which is global, and change to the folder `elsewhere`."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        settings = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_EXPERIMENT_ID")
        for name in (*settings, "DVC_EXP_NAME"):
            monkeypatch.delenv(name, raising=False)
        # MLflow writes files without a configured location to the working folder.
        monkeypatch.chdir(elsewhere)
        # MLflow adds the code of the models that it loads to the path.
        monkeypatch.setattr(sys, "path", [*sys.path])
        yield monkeypatch
        mlflow.end_run()
        mlflow.set_tracking_uri(None)


def make_empty_store(folder: Path) -> Path:
    """Create a database without runs. Tests copy it, because MLflow takes seconds to create one."""
    path = folder / "mlflow.db"
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


def make_root(folder: Path, empty_store: Path) -> Path:
    """Create a project's folder with an empty store."""
    folder.mkdir(exist_ok=True)
    shutil.copy(empty_store, folder / "mlflow.db")
    return folder


def write_text(path: Path, content: str) -> None:
    """Write a text file, and create its folder if necessary."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def write_training(folder: Path, model: Path, name: str = EXPERIMENT) -> ModelPaths:
    """Write the outs of a training, with the networks from the folder `model`."""
    paths = ModelPaths(name, folder)
    shutil.copytree(model, paths.model)
    (paths.model / "summary.txt").write_text("a table", encoding="utf-8")
    np.save(paths.samples, SAMPLES)
    paths.provenance.write_text(json.dumps(PROVENANCE), encoding="utf-8")
    write_text(paths.history, pd.DataFrame(ROWS).to_csv(index=False))
    write_text(paths.training_metrics, json.dumps(METRICS))
    return paths


def write_embeddings(paths: ModelPaths, **metrics: float) -> None:
    """Write the outs of the stage embed that are logged to MLflow."""
    write_text(paths.embedding_metrics, json.dumps(metrics))


def write_attribute_vectors(paths: ModelPaths, **metrics: float) -> None:
    """Write the outs of the stage attribute_vectors that are logged to MLflow."""
    for kind in ("csv", "parquet"):
        write_text(paths.attribute_vectors / f"attribute_vectors.{kind}", f"{metrics}")
    write_text(paths.attribute_metrics, json.dumps(metrics))


def write_evaluation(paths: ModelPaths, **metrics: float) -> None:
    """Write the outs of the stage evaluate that are logged to MLflow."""
    write_text(paths.evaluation / "dimensions.csv", f"{metrics}")
    write_text(paths.evaluation_metrics, json.dumps(metrics))


def write_edits(paths: ModelPaths, **metrics: float) -> None:
    """Write the outs of the stage evaluate_edits that are logged to MLflow."""
    for path in (paths.edits / "edits.csv", paths.edit_figures / "flips.png"):
        write_text(path, f"{metrics}")
    write_text(paths.edit_metrics, json.dumps(metrics))


def write_figure(paths: ModelPaths, name: str = "3-08_generated.png", colour: str = "red") -> None:
    """Write a figure of one colour."""
    paths.figures.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (1200, 600), colour).save(paths.figures / name)


def runs(experiment: str = EXPERIMENT) -> list[Entity]:
    """Return the runs of an experiment in the current store, newest first."""
    found: list[Entity] = mlflow.search_runs(
        experiment_names=[experiment],
        order_by=["attributes.start_time DESC"],
        output_format="list",
    )
    return found


def series(run: Entity, name: str) -> list[tuple[int, float]]:
    """Return the logged steps and values of a metric."""
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, name)
    return [(point.step, point.value) for point in history]


def artifacts(run: Entity, folder: str) -> list[str]:
    """Return the names of a run's artifacts in a folder."""
    found = mlflow.MlflowClient().list_artifacts(run.info.run_id, folder)
    return sorted(file.path.removeprefix(f"{folder}/") for file in found)


def sample_images(run: Entity) -> list[tuple[int, str]]:
    """Return the epochs of a run's logged samples, and the file names of the images."""
    found = [
        re.search(r"samples\W+step\W+(\d+)\W.*\.png$", name) for name in artifacts(run, "images")
    ]
    return sorted((int(match[1]), match.string) for match in found if match)


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the warnings and errors that the project logged."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name.startswith("latent")
    ]


def environment(**changes: str) -> dict[str, str]:
    """Return the environment for a process that imports the project and this module."""
    settings = ("MLFLOW_", "DVC_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    path = f"{SOURCE}{os.pathsep}{Path(__file__).parent}"
    return {**inherited, "PYTHONPATH": path, **changes}


def start(code: str, *arguments: object, cwd: Path, **changes: str) -> subprocess.Popen[str]:
    """Start a Python process that runs `code` with these command-line arguments."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cwd,
        env=environment(**changes),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def free_port() -> int:
    """Return an unused port of 127.0.0.1."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def mlflow_server(folder: Path, empty_store: Path, artifacts: Path | None = None) -> Iterator[int]:
    """Run MLflow's own server, and yield its port.

    Args:
        folder: folder of the server's files.
        empty_store: database to copy.
        artifacts: folder to which the clients write the artifacts. None if the server does.
    """
    root = make_root(folder, empty_store)
    options = ["server", "--workers", "1", "--backend-store-uri", f"sqlite:///{root / 'mlflow.db'}"]
    if artifacts:
        options += ["--no-serve-artifacts", "--default-artifact-root", str(artifacts)]
    else:
        options += ["--artifacts-destination", str(root / "mlartifacts")]
    with mlflow_command(root, *options) as port:
        yield port


@contextmanager
def mlflow_command(folder: Path, *options: str, **changes: str) -> Iterator[int]:
    """Run a command of MLflow that serves HTTP, and yield its port.

    Args:
        folder: the working folder.
        options: the command's arguments.
        changes: environment variables.
    """
    port = free_port()
    command = [
        *(sys.executable, "-m", "mlflow", *options, "--host", "127.0.0.1", "--port", str(port)),
    ]
    # `mlflow models serve` calls `uvicorn`.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(PATH=path, **changes),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 120
        while not _answers(port):
            assert process.poll() is None, "the server has ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.2)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class FaultyProxy:
    """A TCP proxy of a server on 127.0.0.1 that can fail in several ways.

    Args:
        server: the server's port.
        mode: may be changed at any time. "open" forwards all data, "narrow" forwards 50 kB per
            second, "slow" delays each piece by a second, "silent" never answers, "cut" closes the
            connection, and "broken" answers with status 500.
    """

    def __init__(self, server: int, mode: str) -> None:
        self.server = server
        self.mode = mode
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Clients can send this number of bytes before the proxy has read any.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
        self._sockets = [self._listener]
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Close all connections, so that no thread of this process waits for an answer."""
        self.mode = "cut"
        for connection in list(self._sockets):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        answer = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 6\r\n\r\nbroken"
        server: socket.socket | None = None
        with suppress(OSError), client:
            while content := client.recv(PIECE):
                if self.mode == "cut":
                    break
                if self.mode == "silent":
                    continue
                if self.mode == "broken":
                    client.sendall(answer)
                    continue
                if self.mode == "slow":
                    time.sleep(1)
                if self.mode == "narrow":
                    time.sleep(len(content) / NARROW)
                if server is None:
                    server = socket.create_connection(("127.0.0.1", self.server))
                    self._sockets.append(server)
                    answers = threading.Thread(target=_copy, args=[server, client], daemon=True)
                    answers.start()
                server.sendall(content)
        if server is not None:
            server.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError), target:
        while content := source.recv(1 << 16):
            target.sendall(content)


def logged_params(provenance: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters as MLflow returns them."""
    return {name: str(value) for name, value in provenance["parameters"].items()}
