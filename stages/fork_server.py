"""Imports the packages of the stages once, for `make repro`: `python -m stages.fork_server`.

Starting Keras takes seconds. This process imports packages, but starts no thread and touches no
device. For each stage it forks, and the child process runs the stage with the arguments, variables
and standard streams of the client (`stages.fork_client`), which waits for it. The process ends when
its standard input is closed. The stages' own code is imported in the child process.
"""

import atexit
import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import traceback
import warnings
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from select import select
from subprocess import PIPE, Popen
from typing import Any, NoReturn

from stages.fork_client import SERVER, STATUS, identity, is_own

# The packages of the project come first. They only set up Keras and MLflow.
PACKAGES = """
latent.models latent.tracking mlflow mlflow.data.code_dataset_source mlflow.data.meta_dataset
mlflow.models mlflow.store.model_registry.sqlalchemy_store mlflow.store.tracking.sqlalchemy_store
matplotlib.backends.backend_agg matplotlib.figure matplotlib.style pandas pyarrow.parquet
scipy.cluster.hierarchy scipy.ndimage scipy.spatial scipy.stats sklearn.metrics sklearn.mixture
PIL.ImageDraw jinja2 pydantic simplejpeg threadpoolctl
"""
# A driver must not be initialised before a fork.
ACCELERATORS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg", "/dev/accel0", "/dev/vfio/0")
PR_SET_PDEATHSIG = 1


def start() -> Popen[bytes] | None:
    """Start a fork server, for which the stages find the address in the environment.

    Returns:
        The process, or None where forking is not safe.
    """
    if (
        sys.platform != "linux"
        or (os.environ.get("KERAS_BACKEND") or "tensorflow") != "tensorflow"
        or find_spec("tensorflow") is None
        or any(Path(device).exists() for device in ACCELERATORS)
    ):
        return None
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):  # a kernel before 5.3
        return None
    os.environ[SERVER] = f"latent-{os.getpid()}-{os.urandom(8).hex()}"
    return Popen([sys.executable, "-m", "stages.fork_server"], stdin=PIPE)


def main() -> None:
    """Import the packages, and run a stage in each forked process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    same = json.dumps(identity()).encode() + b"\n"
    _prepare()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0{os.environ[SERVER]}")
        listener.listen()
        request = _serve(listener, same)
    _run(request["module"], request["arguments"])


def _prepare() -> None:
    for name in PACKAGES.split():
        importlib.import_module(name)
    # What SQLAlchemy and MLflow otherwise do once in each process, in half a second each.
    importlib.import_module("sqlalchemy.orm").configure_mappers()
    importlib.import_module(
        "mlflow.utils.requirements_utils"
    ).warn_dependency_requirement_mismatches(["mlflow"])
    # Each stage imports the code of the project as it is then.
    for name in [name for name in sys.modules if name.partition(".")[0] == "latent"]:
        del sys.modules[name]
    gc.freeze()


def _serve(listener: socket.socket, same: bytes) -> dict[str, Any]:
    """Fork for each client. Return its request in the child process."""
    while True:
        if 0 in select([0, listener.fileno()], [], [])[0]:
            os._exit(0)
        connection = listener.accept()[0]
        with connection:
            if not is_own(connection):
                continue
            try:
                connection.sendall(same)
                _, streams, _, _ = socket.recv_fds(connection, 1, 3)
                with connection.makefile() as lines:
                    request: dict[str, Any] = json.loads(lines.readline() or "null")
            except (OSError, ValueError):  # the client was killed
                continue
            if not request:  # the client runs the stage itself
                continue
            with warnings.catch_warnings():
                # Python warns of threads, such as those of OpenBLAS, which can be forked.
                warnings.simplefilter("ignore", DeprecationWarning)
                process = os.fork()
            if not process:
                _become(request["environment"], streams)
                return request
            for stream in streams:
                os.close(stream)
            _wait(process, connection)


def _become(environment: dict[str, str], streams: list[int]) -> None:
    """Make this child process the one that the client would have been."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.environ.update(environment)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())  # type: ignore[union-attr]


def _wait(process: int, connection: socket.socket) -> None:
    """Wait for a child process, and kill it if its client is killed."""
    ended = os.pidfd_open(process)
    with suppress(OSError):
        connection.sendall(STATUS.pack(process))
    if ended not in select([ended, connection.fileno()], [], [])[0]:
        os.kill(process, signal.SIGKILL)
    os.close(ended)
    status = os.waitpid(process, 0)[1]
    with suppress(OSError):
        connection.sendall(STATUS.pack(status))


def _run(module: str, arguments: list[str]) -> NoReturn:
    """Run a stage in this child process, and end it."""
    sys.argv = ["-m", *arguments]
    sys.orig_argv = [sys.executable, "-m", module, *arguments]
    code: Any = None
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
    # A normal exit would free the packages one by one, which takes longer than the fork.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else bool(code))


if __name__ == "__main__":
    main()
