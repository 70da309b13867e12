"""The installation of packages: with uv and pip's settings, else with pip."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from stages.install import DEFAULTS, translate

ROOT = Path(__file__).parents[2]
INSTALLER = ROOT / "stages/install.py"


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ([], {}),
        (["global.index-url='https://a/simple'"], {"UV_DEFAULT_INDEX": "https://a/simple"}),
        (
            ["global.extra-index-url='\\nhttps://a/simple\\nhttps://b/simple'"],
            {"UV_INDEX": "https://a/simple https://b/simple"},
        ),
        (["global.find-links='/a https://b'"], {"UV_FIND_LINKS": "/a,https://b"}),
        (["global.trusted-host='a\\nb:8'"], {"UV_INSECURE_HOST": "a b:8"}),
        (["global.cert='/my ca.pem'"], {"SSL_CERT_FILE": "/my ca.pem"}),
        (["global.proxy='http://p:1'"], {"ALL_PROXY": "http://p:1"}),
        ([":env:.default-timeout='60'"], {"UV_HTTP_TIMEOUT": "60"}),
        (["global.no-index='true'"], {"UV_NO_INDEX": "true"}),
        (["global.quiet='1'", "freeze.index-url='https://a'"], {}),
        (
            # The order in which pip lists them, which is not their order of precedence.
            [":env:.index-url='env'", "global.index-url='all'", "install.index-url='one'"],
            {"UV_DEFAULT_INDEX": "env"},
        ),
        (
            ["global.index-url='all'", "install.index-url='one'"],
            {"UV_DEFAULT_INDEX": "one"},
        ),
    ],
)
def test_settings_of_pip_are_translated(configuration: list[str], expected: dict[str, str]) -> None:
    assert translate(configuration) == {**DEFAULTS, **expected}


class Index(ThreadingHTTPServer):
    """A package index on 127.0.0.1 that has the package `tiny`, and records its clients."""

    def __init__(self, folder: Path) -> None:
        self.clients: set[str] = set()
        package = folder / "tiny"
        package.mkdir(parents=True)
        with zipfile.ZipFile(package / "tiny-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr("tiny.py", "")
            information = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
            wheel.writestr("tiny-1.0.dist-info/METADATA", information)
            tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            wheel.writestr("tiny-1.0.dist-info/WHEEL", tags)
            wheel.writestr("tiny-1.0.dist-info/RECORD", "")
        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(folder)))


class Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Index)
        self.server.clients.add(self.headers["User-Agent"].partition("/")[0])
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    server = Index(tmp_path / "index")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pip alone."""
    folder = tmp_path_factory.mktemp("environments") / "empty"
    venv.create(folder, with_pip=True)
    return folder


@pytest.fixture
def with_uv(empty: Path) -> Iterator[Path]:
    """The same environment, in which uv is installed."""
    (site_packages,) = empty.glob("lib/*/site-packages")
    link = site_packages / "uv.pth"
    link.write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    yield empty
    link.unlink()
    for path in site_packages.glob("tiny*"):
        subprocess.run(["rm", "-r", path], check=True)


def run(environment: Path, configuration: Path, **settings: str) -> tuple[int, list[str]]:
    """Install the package `tiny` and return the exit status and the lines of standard error."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "UV_")) and name.lower() not in ("http_proxy", "all_proxy")
    }
    done = subprocess.run(
        [environment / "bin/python", INSTALLER, "tiny==1.0"],
        env={
            **kept,
            "PIP_CONFIG_FILE": str(configuration),
            # Do not read other configuration files.
            "HOME": str(configuration.parent),
            "XDG_CONFIG_DIRS": str(configuration.parent),
            "PIP_RETRIES": "0",
            "UV_HTTP_RETRIES": "0",
            **settings,
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.splitlines()


def configure(folder: Path, port: int) -> Path:
    path = folder / "pip.conf"
    text = f"[global]\nindex-url = http://127.0.0.1:{port}\nextra-index-url =\nfind-links =\n"
    path.write_text(text, encoding="utf-8")
    return path


def is_installed(environment: Path) -> bool:
    command = [environment / "bin/python", "-c", "import tiny"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_uv_installs_from_the_index_of_pips_configuration(
    with_uv: Path, index: Index, tmp_path: Path
) -> None:
    assert run(with_uv, configure(tmp_path, index.server_port)) == (0, [])
    assert is_installed(with_uv)
    assert index.clients == {"uv"}


def test_pip_installs_if_uv_fails(with_uv: Path, index: Index, tmp_path: Path) -> None:
    configuration = configure(tmp_path, index.server_port)
    status, lines = run(with_uv, configuration, UV_OFFLINE="true", UV_CACHE_DIR=str(tmp_path))
    assert status == 0
    assert lines[0].startswith("uv: ")
    assert lines[1:] == ["Installing with pip, in a few minutes"]
    assert is_installed(with_uv)
    assert index.clients == {"pip"}


def test_one_line_says_that_the_index_is_not_reached(empty: Path, tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        port = server.server_port
    # Nothing listens on this port any more.
    status, (line,) = run(empty, configure(tmp_path, port), PIP_RETRIES="1")
    assert status == 1
    assert line == (
        f"ERROR: {empty}: packages are missing: no connection to the package index "
        "(NewConnectionError); check the network and pip's settings (`pip config list`), and run "
        "the same command again"
    )


def test_one_line_names_a_package_that_does_not_exist(
    empty: Path, index: Index, tmp_path: Path
) -> None:
    status, (line,) = run(empty, configure(tmp_path, index.server_port))
    assert status == 1
    assert "packages are missing: No matching distribution found for uv==" in line
    assert sys.prefix not in line
