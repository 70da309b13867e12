"""Hands a stage over to the fork server of `make repro`, which starts it without its imports."""

import json
import os
import signal
import socket
import struct
import sys
from types import FrameType
from typing import Any, NoReturn

SERVER = "LATENT_FORK_SERVER"
"""Environment variable with the address of the fork server."""
# Variables that DVC and the shell set for each stage. No package reads them when it is imported.
OF_A_STAGE = ("_", "OLDPWD", "PATH", "PWD", "SHLVL")
PATIENCE = 3  # seconds that a stage waits for a server that is busy
STATUS = struct.Struct("i")  # a process id, then an exit status as `os.waitpid` returns it


def identity() -> list[Any]:
    """Return what must be the same in two processes, so that one can do the work of the other."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in OF_A_STAGE and not name.startswith("DVC_")
    }
    return [sys.executable, os.getcwd(), os.getpgrp(), environment]


def is_own(connection: socket.socket) -> bool:
    """Return whether the process at the other end belongs to the same user."""
    size = struct.calcsize("3i")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return bool(struct.unpack("3i", credentials)[1] == os.getuid())


def hand_over() -> None:
    """Have the fork server run the stage of this process, and end as the stage ends.

    Returns if there is no server, if it is not ready, or if it started with other settings. Then
    this process runs the stage.
    """
    match sys.orig_argv[1:]:
        case ["-m", str(module), *arguments] if module.startswith("stages."):
            pass
        case _:
            return
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE)
        try:
            connection.connect(f"\0{os.environ[SERVER]}")
            if not is_own(connection):
                return
            with connection.makefile() as lines:
                if json.loads(lines.readline() or "null") != identity():
                    return
        except (OSError, ValueError):  # the server was killed
            return
        connection.settimeout(None)
        socket.send_fds(connection, [b"0"], [0, 1, 2])
        request = {"module": module, "arguments": arguments, "environment": dict(os.environ)}
        connection.sendall(json.dumps(request).encode() + b"\n")
        _follow(connection)


def _follow(connection: socket.socket) -> NoReturn:
    """Pass signals on to the process of the stage, and end as it ends."""
    # Ctrl-C in a terminal reaches that process too. It decides how the stage ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    (process,) = _receive(connection)

    def forward(number: int, frame: FrameType | None) -> None:
        os.kill(process, number)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, forward)
    (status,) = _receive(connection)
    if os.WIFSIGNALED(status):
        killed_by = os.WTERMSIG(status)
        if killed_by != signal.SIGKILL:
            signal.signal(killed_by, signal.SIG_DFL)
        os.kill(os.getpid(), killed_by)
    os._exit(os.waitstatus_to_exitcode(status))


def _receive(connection: socket.socket) -> tuple[int]:
    content = connection.recv(STATUS.size)
    if not content:
        sys.exit("ERROR: the fork server was killed: run `make repro` again")
    (number,) = STATUS.unpack(content)
    return (number,)
