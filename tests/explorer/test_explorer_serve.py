"""Starting and stopping the explorer."""

import signal
import socket
import sys
import time
from pathlib import Path

import pytest
from explorer_process import run_explorer

from latent.errors import InputError
from latent.explorer.serve import serve

BROWSER = """
import sys
from pathlib import Path
from urllib.request import urlopen
page = urlopen(sys.argv[2]).read()
part = Path(sys.argv[1] + ".part")
part.write_bytes(page)
part.rename(sys.argv[1])
"""


@pytest.mark.usefixtures("patience")
def test_a_port_in_use_is_an_error_of_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputError) as error:
            serve(tmp_path, port, open_browser=False)
    expected = (
        f"port {port}: Address already in use; choose another --port, or --port 0 for a free one"
    )
    assert str(error.value) == expected


@pytest.mark.usefixtures("patience")
def test_ctrl_c_ends_the_explorer_quietly(project: Path) -> None:
    with run_explorer(project) as explorer:
        for name, dim in (("ae_fashion", 2), ("vae_fashion", 2), ("vae_faces", 6)):
            for count in (1, 3, 5):
                body = {"parts": [{"model": name, "z": [[0.0] * dim] * count}]}
                assert explorer.post("/api/decode", body).status == 200
        explorer.process.send_signal(signal.SIGINT)
        assert explorer.process.communicate() == ("", "")
        assert explorer.process.returncode == 0


@pytest.mark.usefixtures("patience")
def test_ctrl_c_during_an_upload_ends_the_explorer_quietly(tmp_path: Path) -> None:
    head = (
        "POST /api/decode HTTP/1.1",
        "Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        "Content-Length: 1000",
        "Expect: 100-continue",
    )
    with run_explorer(tmp_path) as explorer, socket.socket() as client:
        client.connect(("127.0.0.1", explorer.port))
        client.sendall("\r\n".join((*head, "", "")).format(port=explorer.port).encode())
        # The server says so when it begins to read the body, of which nothing more is sent.
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")
        explorer.process.send_signal(signal.SIGINT)
        assert explorer.process.communicate() == ("", "")
        assert explorer.process.returncode == 0


@pytest.mark.usefixtures("patience")
def test_the_browser_opens_when_the_server_answers(tmp_path: Path) -> None:
    script, page = tmp_path / "browser.py", tmp_path / "page.html"
    script.write_text(BROWSER, encoding="utf-8")
    environment = {"BROWSER": f"{sys.executable} {script} {page} %s"}
    with run_explorer(tmp_path, browser=True, environment=environment):
        while not page.exists():
            time.sleep(0.05)
    assert "<title>Explorer" in page.read_text(encoding="utf-8")


@pytest.mark.usefixtures("patience")
def test_the_server_is_reached_from_this_machine_only(tmp_path: Path) -> None:
    with run_explorer(tmp_path) as explorer, socket.socket() as client:
        # All of 127.0.0.0/8 is this machine. A server on all addresses would answer there, too.
        assert client.connect_ex(("127.0.0.2", explorer.port)) != 0
