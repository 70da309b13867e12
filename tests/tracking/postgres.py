"""A PostgreSQL server for tests."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import ParamSpec
from urllib.parse import quote

import pytest
import sqlalchemy
from tiny_store import free_port

P = ParamSpec("P")
PASSWORD = "p@ss/w%rd"


def _find_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, which Debian does not add to the PATH."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


PROGRAMS = _find_programs()
needs_driver = pytest.mark.skipif(not find_spec("psycopg"), reason="psycopg is not installed")


def needs_postgres(test: Callable[P, None]) -> Callable[P, None]:
    """Skip a test if PostgreSQL or its driver is not installed."""
    skip = pytest.mark.skipif(PROGRAMS is None, reason="PostgreSQL is not installed")
    return skip(needs_driver(test))


def create_database(server: str, name: str) -> str:
    """Create an empty database, and return its address without the scheme."""
    engine = sqlalchemy.create_engine(f"postgresql://{server}", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server.removesuffix('postgres')}{name}"


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server with an empty database, and yield its address without the scheme."""
    assert PROGRAMS is not None
    # The server refuses to run as root.
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        for path in (folder, folder / "password"):
            os.chown(path, user.pw_uid, user.pw_gid)
        options = ("--username=vae", f"--pwfile={folder / 'password'}", "--auth=scram-sha-256")
        identity = {"user": user.pw_uid, "group": user.pw_gid, "cwd": folder}
        subprocess.run(
            [PROGRAMS / "initdb", "-D", folder / "data", "--no-sync", *options],
            check=True,
            capture_output=True,
            **identity,
        )
        server = subprocess.Popen(
            [PROGRAMS / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder, "-F"],
            stderr=subprocess.DEVNULL,
            **identity,
        )
        try:
            address = f"vae:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/postgres"
            _wait(server, f"postgresql://{address}")
            yield address
        finally:
            # Disconnects all clients.
            server.send_signal(signal.SIGINT)
            server.wait()


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    engine = sqlalchemy.create_engine(address)
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(sqlalchemy.exc.OperationalError), engine.connect():
            engine.dispose()
            return
        time.sleep(0.1)
    raise AssertionError("PostgreSQL does not answer")
