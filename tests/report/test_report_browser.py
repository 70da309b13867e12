"""A real browser shows the page, asks for nothing else, and has no need to scroll sideways."""

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tiny_run import edited, write_figure, write_run

from latent.params import Params
from latent.report.collect import collect
from latent.report.render import render

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for name in NAMES if (path := shutil.which(name))), None)
WIDTHS = (390, 1200)

# Shows the page at several widths, and writes down what became of it.
FRAMES = f"""<!doctype html><link rel="icon" href="data:,"><pre></pre><script>
const found = [];
for (const width of {list(WIDTHS)}) {{
  const frame = document.createElement("iframe");
  frame.style = `width: ${{width}}px; height: 800px; border: 0`;
  frame.src = "/page.html?" + width;
  frame.onload = () => {{
    const page = frame.contentDocument;
    found.push({{
      width,
      overflow: page.documentElement.scrollWidth - page.documentElement.clientWidth,
      asked: frame.contentWindow.performance.getEntriesByType("resource").map(e => e.name),
      blank: [...page.images].filter(image => !image.naturalWidth).length,
      widest: Math.max(...[...page.images].map(image => image.clientWidth)),
    }});
    document.querySelector("pre").textContent = JSON.stringify(found);
  }};
  document.body.append(frame);
}}
</script>"""


class Server(ThreadingHTTPServer):
    """Serves one page, and keeps what it was asked for."""

    page = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    """Answers from the server's page."""

    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = FRAMES if self.path == "/" else self.server.page
        self.send_response(200 if self.path == "/" or "page.html" in self.path else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def show(server: Server, page: str, profile: Path) -> list[dict[str, Any]]:
    """Open a page in a browser and return what became of it at each width."""
    if BROWSER is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed")
    server.page = page
    done = subprocess.run(
        [
            BROWSER,
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            *(f"--user-data-dir={profile}", "--virtual-time-budget=5000", "--dump-dom"),
            f"http://127.0.0.1:{server.server_port}/",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = re.search(r"<pre>(.*)</pre>", done.stdout)
    assert found, done.stdout
    shown: list[dict[str, Any]] = json.loads(unescape(found[1]))
    return sorted(shown, key=lambda view: view["width"])


@pytest.fixture
def page(tmp_path: Path, params: Params) -> str:
    root = tmp_path / "run"
    write_run(root)
    write_figure(root, "ae_fashion/wide.png", size=(1800, 300))
    # Long values must not widen the page either.
    changed = edited(params, "figures.vae_faces.attributes", [f"Attribute_{n}" for n in range(40)])
    return render(collect(changed, root))


def test_the_page_is_all_there_is_and_fits(server: Server, page: str, tmp_path: Path) -> None:
    phone, desk = show(server, page, tmp_path / "profile")
    assert sorted(server.asked) == ["/", "/page.html?1200", "/page.html?390"]
    assert phone["asked"] == desk["asked"] == []
    assert phone["blank"] == desk["blank"] == 0
    assert phone["overflow"] == desk["overflow"] == 0
    assert phone["widest"] <= WIDTHS[0]
    assert 800 <= desk["widest"] <= 960


def test_the_browser_would_tell(server: Server, page: str, tmp_path: Path) -> None:
    wrong = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page).replace(
        "<main>", '<main><img src="/x.png" alt=""><div style="width: 2000px">wide</div>'
    )
    assert wrong != page
    phone, desk = show(server, wrong, tmp_path / "profile")
    assert "/x.png" in server.asked
    assert phone["asked"]
    assert phone["blank"] == 1
    assert phone["overflow"] > 0
    assert desk["overflow"] > 0
