"""In a browser, the report loads no other files and needs no horizontal scrolling."""

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

# Loads the page in frames of several widths and records its layout and its requests.
FRAMES = f"""<!doctype html><link rel="icon" href="data:,"><pre></pre><script>
const results = [];
for (const width of {list(WIDTHS)}) {{
  const frame = document.createElement("iframe");
  frame.style = `width: ${{width}}px; height: 800px; border: 0`;
  frame.src = "/page.html?" + width;
  frame.onload = () => {{
    const page = frame.contentDocument;
    results.push({{
      width,
      overflow: page.documentElement.scrollWidth - page.documentElement.clientWidth,
      requests: frame.contentWindow.performance.getEntriesByType("resource").map(e => e.name),
      brokenImages: [...page.images].filter(image => !image.naturalWidth).length,
      widest: Math.max(...[...page.images].map(image => image.clientWidth)),
    }});
    document.querySelector("pre").textContent = JSON.stringify(results);
  }};
  document.body.append(frame);
}}
</script>"""


class Server(ThreadingHTTPServer):
    """Serves one page and records the requested paths."""

    page = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[str] = []


class Handler(BaseHTTPRequestHandler):
    """Answers requests with the server's page."""

    server: Server

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
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


def load(server: Server, page: str, profile: Path) -> list[dict[str, Any]]:
    """Load a page in a browser and return the measurements at each width."""
    if BROWSER is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed")
    server.page = page
    process = subprocess.run(
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
    match = re.search(r"<pre>(.*)</pre>", process.stdout)
    assert match, process.stdout
    measurements: list[dict[str, Any]] = json.loads(unescape(match[1]))
    return sorted(measurements, key=lambda measured: measured["width"])


@pytest.fixture
def page(tmp_path: Path, params: Params) -> str:
    root = tmp_path / "run"
    write_run(root)
    write_figure(root, "ae_fashion/wide.png", size=(1800, 300))
    # Long parameter values must not widen the page.
    changed = edited(params, "figures.vae_faces.attributes", [f"Attribute_{n}" for n in range(40)])
    return render(collect(changed, root))


def test_page_is_self_contained_and_fits_each_width(
    server: Server, page: str, tmp_path: Path
) -> None:
    phone, desktop = load(server, page, tmp_path / "profile")
    assert sorted(server.requests) == ["/", "/page.html?1200", "/page.html?390"]
    assert phone["requests"] == desktop["requests"] == []
    assert phone["brokenImages"] == desktop["brokenImages"] == 0
    assert phone["overflow"] == desktop["overflow"] == 0
    assert phone["widest"] <= WIDTHS[0]
    assert 800 <= desktop["widest"] <= 960


def test_browser_check_detects_requests_and_overflow(
    server: Server, page: str, tmp_path: Path
) -> None:
    broken = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page).replace(
        "<main>", '<main><img src="/x.png" alt=""><div style="width: 2000px">wide</div>'
    )
    assert broken != page
    phone, desktop = load(server, broken, tmp_path / "profile")
    assert "/x.png" in server.requests
    assert phone["requests"]
    assert phone["brokenImages"] == 1
    assert phone["overflow"] > 0
    assert desktop["overflow"] > 0
