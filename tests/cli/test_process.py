"""What only a process of its own shows: imports, pipes, terminals and signals."""

import io
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

import pytest
from latent_command import start
from PIL import Image

# Importing one of these takes longer than all that `latent --help` needs.
SLOW = {"numpy", "pandas", "PIL", "pyarrow", "keras", "tensorflow", "mlflow", "fastapi", "rich"}


@pytest.fixture
def folder(project: Path) -> Path:
    return project / "photos"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["edit", "--help"], ["generate", "--count", "x"]]
)
def test_help_and_usage_errors_import_nothing_slow(arguments: list[str], folder: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "latent.cli.main", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    imported = set(re.findall(r"import time:.*\| +(\w+)", process.stderr))
    assert {"typer", "latent"} <= imported
    assert not imported & SLOW


def test_without_arguments_it_helps(folder: Path) -> None:
    process = start(folder=folder)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    for command in ("generate", "reconstruct", "edit", "morph", "embed", "nearest", "models"):
        assert re.search(rf"^  {command} +[A-Z]", out.decode(), re.MULTILINE)


def test_version(folder: Path) -> None:
    process = start("--version", folder=folder)
    assert process.communicate(timeout=60) == (f"latent {version('latent')}\n".encode(), b"")


def test_standard_output_has_the_picture_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    process = start("nearest", "vae_faces", "a.png", "-o", "-", folder=folder)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0
    # The table, without a message of TensorFlow.
    assert err.decode().splitlines()[0].split() == ["distance", "image_id"]
    assert len(err.splitlines()) == 11
    image = Image.open(io.BytesIO(out))
    image.load()
    assert image.format == "PNG"


def test_terminal_is_refused(folder: Path) -> None:
    controller, terminal = pty.openpty()
    process = start("generate", "vae_faces", "-o", "-", folder=folder, stdout=terminal)
    _, err = process.communicate(timeout=60)
    os.close(terminal)
    os.close(controller)
    assert process.returncode == 1
    assert err == (
        b"ERROR: -o -: standard output is a terminal; redirect it to a file or into a pipe\n"
    )


@pytest.mark.parametrize("arguments", [["models"], ["generate", "vae_faces", "-o", "-"]])
def test_broken_pipe_is_quiet(arguments: list[str], folder: Path) -> None:
    process = start(*arguments, folder=folder)
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    assert process.stderr.read() == b""
    assert process.wait(timeout=300) == 1


def wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until a process creates a file."""
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def test_interrupted_embedding_leaves_no_file(folder: Path, tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for number in range(20_000):
        os.link(folder / "a.png", images / f"{number}.png")
    output = tmp_path / "out"
    output.mkdir()
    process = start("embed", "vae_faces", images, "-o", output / "all.parquet", folder=folder)
    wait_for(output / ".all.parquet.partial", process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"Interrupted.\n")
    assert list(output.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs Linux")
@pytest.mark.parametrize("library", ["_multiarray_umath", "libtensorflow_cc"])
def test_interrupted_import_is_one_line(library: str, folder: Path) -> None:
    process = start("generate", "vae_faces", "-o", "x.png", folder=folder)
    while library not in Path(f"/proc/{process.pid}/maps").read_text():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"Interrupted.\n")


def test_explorer(project: Path, folder: Path) -> None:
    process = start("explore", "--port", 0, "--no-browser", folder=folder)
    assert process.stdout
    address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline().decode())
    assert address
    with urllib.request.urlopen(address[0], timeout=60) as response:
        assert b"<html" in response.read()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")


def test_port_in_use(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = start("explore", "--port", port, "--no-browser", folder=folder)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, b"")
    assert err.decode().startswith(f"ERROR: port {port}: Address already in use; ")
    assert err.count(b"\n") == 1


def test_encoding_without_all_characters(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    process = start("models", folder=folder)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert b"?    cpu" in out  # the dash of a metric that the model lacks


def test_backend_that_is_not_installed(folder: Path) -> None:
    process = start("generate", "vae_faces", folder=folder, KERAS_BACKEND="torch")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, b"")
    assert err.decode().startswith("ERROR: the package torch is not installed: KERAS_BACKEND may ")
    assert err.count(b"\n") == 1


def test_full_disk_at_standard_output(folder: Path) -> None:
    with open("/dev/full", "wb") as full:
        process = start("generate", "vae_faces", "-o", "-", folder=folder, stdout=full.fileno())
        _, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (1, b"ERROR: standard output: No space left on device\n")


def test_working_folder_outside_of_a_project(tmp_path: Path) -> None:
    # The project is the one that the command is installed from.
    process = start("generate", "vae_fac", folder=tmp_path)
    _, err = process.communicate(timeout=60)
    assert b"vae_fac: no such model" in err
    process = start("models", folder=tmp_path)
    _, err = process.communicate(timeout=60)
    assert str(tmp_path).encode() not in err


def test_project_without_models(tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").touch()
    process = start("models", folder=tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, b"")
    assert err.decode() == f"ERROR: {tmp_path / 'models'}: no trained models; run `make repro`\n"
