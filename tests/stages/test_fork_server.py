"""The fork server of `make repro`: a stage runs in a forked process as it would run by itself."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks.clone import clean_environment
from stages import fork_server

ROOT = Path(__file__).parents[2]
# A stage that does what its argument says.
PROBE = """
import json, os, signal, sys, time
from pathlib import Path

def state():
    print(json.dumps({
        "parent": os.getppid(), "arguments": sys.argv, "command": sys.orig_argv[1:],
        "stage": os.environ.get("DVC_STAGE"), "folder": os.getcwd(), "input": sys.stdin.read(),
        "imported": sorted({"keras", "latent", "mlflow"} & set(sys.modules)),
    }))
    print("error", file=sys.stderr)

def sleep():
    Path("pid").write_text(str(os.getpid()))
    try:
        time.sleep(600)
    except KeyboardInterrupt:
        sys.exit("interrupted")

match sys.argv[1]:
    case "state":
        state()
    case "sleep":
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sleep()
    case "fail":
        raise RuntimeError("failure")
    case "text":
        sys.exit("ERROR: text")
    case code:
        sys.exit(int(code))
"""


@dataclass
class Served:
    """A folder with stages, and the process and the environment of its fork server."""

    folder: Path
    server: subprocess.Popen[bytes]
    environment: dict[str, str]

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start the stage `probe` as DVC does."""
        changes = options.pop("changes", {})
        return subprocess.Popen(
            [sys.executable, *options.pop("flags", ()), "-m", "stages.probe", *arguments],
            cwd=options.pop("cwd", self.folder),
            env={**self.environment, **changes},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *arguments: str, **options: Any) -> tuple[int, str, str]:
        """Return the exit code, the output and the errors of a stage."""
        process = self.start(*arguments, **options)
        output, errors = process.communicate("input", timeout=60)
        return process.returncode, output, errors

    def is_forked(self, **options: Any) -> bool:
        """Return whether the server forks for a stage that is started with these options."""
        return bool(json.loads(self.run("state", **options)[1])["parent"] == self.server.pid)

    def sleeping(self, **options: Any) -> tuple[subprocess.Popen[str], psutil.Process]:
        """Start a stage that sleeps. Return its client and its own process."""
        path = self.folder / "pid"
        path.unlink(missing_ok=True)
        client = self.start("sleep", **options)
        while not (path.exists() and path.read_text()):
            assert client.poll() is None, client.communicate()
            time.sleep(0.01)
        return client, psutil.Process(int(path.read_text()))


def serve(folder: Path, imports: bool = False) -> Served:
    """Start a fork server, with or without its imports, and wait until it is ready."""
    shutil.copytree(ROOT / "stages", folder / "stages")
    if not imports:
        path = folder / "stages/fork_server.py"
        path.write_text(path.read_text().replace("    _prepare()\n", ""))
    (folder / "src").symlink_to(ROOT / "src")
    (folder / "stages/probe.py").write_text(PROBE)
    address = f"latent-test-{os.getpid()}-{folder.name}"
    environment = clean_environment(LATENT_FORK_SERVER=address)
    server = subprocess.Popen(
        [sys.executable, "-m", "stages.fork_server"],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
    )
    served = Served(folder, server, environment)
    while not served.is_forked():
        assert server.poll() is None
    return served


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A fork server for all tests that do not end it."""
    served = serve(tmp_path_factory.mktemp("shared"), imports=True)
    yield served
    served.server.communicate()


def test_a_forked_stage_has_the_arguments_variables_and_streams_of_its_client(
    shared: Served,
) -> None:
    code, output, errors = shared.run("state", "a b", changes={"DVC_STAGE": "probe@x"})
    assert (code, errors) == (0, "error\n")
    assert json.loads(output) == {
        "parent": shared.server.pid,
        "arguments": [str(shared.folder / "stages/probe.py"), "state", "a b"],
        "command": ["-m", "stages.probe", "state", "a b"],
        "stage": "probe@x",
        "folder": str(shared.folder),
        "input": "input",
        "imported": ["keras", "mlflow"],  # the packages, and nothing of the project
    }


def test_a_forked_stage_ends_as_it_would_by_itself(shared: Served) -> None:
    alone = {"LATENT_FORK_SERVER": "no server"}
    for argument in ("0", "3", "text"):
        assert shared.run(argument) == shared.run(argument, changes=alone)
    for changes in ({}, alone):
        code, output, errors = shared.run("fail", changes=changes)
        assert (code, output) == (1, "")
        assert errors.startswith("Traceback")
        assert errors.endswith("RuntimeError: failure\n")


def test_a_stage_with_other_settings_runs_by_itself(shared: Served, tmp_path: Path) -> None:
    (tmp_path / "stages").symlink_to(shared.folder / "stages")
    assert shared.is_forked(changes={"DVC_STAGE": "x", "PWD": "/"})
    assert not shared.is_forked(changes={"TF_ENABLE_ONEDNN_OPTS": "0"})
    assert not shared.is_forked(changes={"OMP_NUM_THREADS": "3"})
    assert not shared.is_forked(cwd=tmp_path)
    assert not shared.is_forked(flags=("-X", "dev"))
    assert not shared.is_forked(start_new_session=True)


def test_a_forked_stage_runs_the_code_as_it_is_then(shared: Served) -> None:
    path = shared.folder / "stages/probe.py"
    path.write_text("print('edited')")
    try:
        assert shared.run() == (0, "edited\n", "")
    finally:
        path.write_text(PROBE)


def test_a_signal_to_the_client_reaches_the_stage(shared: Served) -> None:
    client, stage = shared.sleeping()
    client.terminate()
    assert client.wait(60) == -signal.SIGTERM
    assert not stage.is_running()
    assert shared.is_forked()


def test_ctrl_c_ends_the_stage_and_its_client(shared: Served) -> None:
    client, stage = shared.sleeping()
    # As the terminal does: to all processes of the group, here without the tests.
    client.send_signal(signal.SIGINT)
    stage.send_signal(signal.SIGINT)
    shared.server.send_signal(signal.SIGINT)
    assert client.communicate(timeout=60) == ("", "interrupted\n")
    assert client.returncode == 1
    assert shared.is_forked()


def test_a_killed_client_takes_its_stage_with_it(shared: Served) -> None:
    client, stage = shared.sleeping()
    client.kill()
    client.wait(60)
    psutil.wait_procs([stage], timeout=60)
    assert not stage.is_running()
    assert shared.is_forked()


def test_a_killed_stage_ends_its_client_in_the_same_way(shared: Served) -> None:
    client, stage = shared.sleeping()
    stage.kill()
    assert client.wait(60) == -signal.SIGKILL
    assert shared.is_forked()


def test_a_second_stage_at_once_runs_by_itself(shared: Served) -> None:
    client, stage = shared.sleeping()
    assert not shared.is_forked()
    stage.kill()
    client.wait(60)
    assert shared.is_forked()


def test_the_server_ends_with_make_repro_and_after_its_stage(tmp_path: Path) -> None:
    served = serve(tmp_path)
    client, stage = served.sleeping()
    assert served.server.stdin is not None
    served.server.stdin.close()
    # As if only DVC was killed: its stage goes on, and the server waits for it.
    with pytest.raises(subprocess.TimeoutExpired):
        served.server.wait(0.2)
    stage.terminate()
    assert client.wait(60) == -signal.SIGTERM
    assert served.server.wait(60) == 0


def test_a_killed_server_takes_its_stage_with_it(tmp_path: Path) -> None:
    served = serve(tmp_path)
    client, stage = served.sleeping()
    served.server.kill()
    served.server.wait(60)
    _, errors = client.communicate(timeout=60)
    assert client.returncode == 1
    assert errors == "ERROR: the fork server was killed: run `make repro` again\n"
    psutil.wait_procs([stage], timeout=60)
    assert not stage.is_running()


def test_other_users_are_refused(shared: Served) -> None:
    if os.getuid():
        pytest.skip("only root can become another user")
    address = shared.environment["LATENT_FORK_SERVER"]
    process = os.fork()
    if not process:
        os.setuid(65534)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"\0{address}")
            os._exit(len(connection.recv(1)))
    assert os.waitpid(process, 0)[1] == 0
    assert shared.is_forked()


@pytest.mark.parametrize("where", ["another system", "another backend", "an accelerator"])
def test_no_server_starts_where_forking_is_not_safe(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fork_server, "Popen", lambda *arguments, **options: "a process")
    monkeypatch.setattr(fork_server, "ACCELERATORS", ())
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    monkeypatch.setenv(fork_server.SERVER, "")  # so that it is restored
    assert fork_server.start() == "a process"
    match where:
        case "another system":
            monkeypatch.setattr(sys, "platform", "darwin")
        case "another backend":
            monkeypatch.setenv("KERAS_BACKEND", "jax")
        case "an accelerator":
            monkeypatch.setattr(fork_server, "ACCELERATORS", ("/dev/null",))
    assert fork_server.start() is None
