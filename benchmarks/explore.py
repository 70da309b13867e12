"""Measures the explorer's time from a request to the image, with one and with four clients.

Run `python -m benchmarks.explore`. Needs the models of `make repro`. The result is
results/explore.json. README.md in this folder explains it.
"""

import argparse
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import numpy as np

from benchmarks.clone import ROOT
from benchmarks.results import describe_ratios, write_result

SERVE = "import sys; from pathlib import Path; from latent.explorer.serve import serve; "
SERVE += "serve(Path(sys.argv[1]), 0, open_browser=False)"
CLIENTS = (1, 4)
LIMIT = 50.0  # ms
LEAST = 10  # requests per client and round, for many images
# What the page sends: a face at the pointer, both garments at the pointer, a morph, all strips.
CASES = {
    "face": [("vae_faces", 1)],
    "two garments": [("ae_fashion", 1), ("vae_fashion", 1)],
    "31 faces": [("vae_faces", 31)],
    "108 faces": [("vae_faces", 108)],
}

MAIN = ("face", 1)  # case and number of clients that are compared with the limit

Parts = list[tuple[int, str, int]]  # number of points, model and latent_dim


@contextmanager
def server() -> Iterator[int]:
    """Run the explorer as a process of its own, and yield its port."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(ROOT)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()  # Explorer: http://127.0.0.1:PORT (…)
        yield int(line.split()[1].rpartition(":")[2])
    finally:
        process.terminate()
        process.wait()


@contextmanager
def connect(port: int) -> Iterator[HTTPConnection]:
    """Yield a connection that stays open, as that of a browser does."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.connect()
    # As in a browser. Otherwise the body waits for an acknowledgement of the head.
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        yield connection
    finally:
        connection.close()


def get(connection: HTTPConnection, path: str) -> Any:
    """Return the JSON at a path."""
    connection.request("GET", path)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        sys.exit(f"ERROR: {path}: {content.decode()}")
    return json.loads(content)


def run_client(port: int, parts: Parts, count: int, seed: int) -> list[float]:
    """Send requests one after another, each with new points; return their times in ms.

    Args:
        port: port of the explorer.
        parts: number of points, name and latent_dim of each model.
        count: number of requests.
        seed: seed of the points.
    """
    generator = np.random.default_rng(seed)
    times = []
    with connect(port) as connection:
        for _ in range(count):
            body = {
                "parts": [
                    {"model": name, "z": generator.standard_normal((points, dim)).tolist()}
                    for points, name, dim in parts
                ]
            }
            content = json.dumps(body)
            start = time.perf_counter()
            connection.request("POST", "/api/decode", content, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            images = answer.read()
            times.append(1000 * (time.perf_counter() - start))
            if answer.status != 200 or not images:
                sys.exit(f"ERROR: {images.decode()}")
    return times


def run_clients(port: int, parts: Parts, clients: int, count: int) -> tuple[list[float], float]:
    """Run several clients at once; return the times of their requests in ms, and all seconds."""
    with ThreadPoolExecutor(clients) as pool:
        start = time.perf_counter()
        runs = pool.map(lambda seed: run_client(port, parts, count, seed), range(clients))
        times = [ms for run in runs for ms in run]
        return times, time.perf_counter() - start


def summarise(rounds: list[tuple[list[float], float]]) -> dict[str, float]:
    """Return the median, the 95th percentile and the rate of all rounds."""
    times = [ms for run, _ in rounds for ms in run]
    return {
        "median_ms": round(float(np.median(times)), 2),
        "p95_ms": round(percentile95(times), 2),
        "requests_per_second": round(len(times) / sum(seconds for _, seconds in rounds), 1),
    }


def percentile95(times: list[float]) -> float:
    """Return the time that 95 % of the requests do not exceed."""
    return float(np.percentile(times, 95))


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description="Measure the explorer's answers.")
    parser.add_argument("--requests", type=int, default=100, help="one image, per client and round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    keys = [(case, clients) for case in CASES for clients in CLIENTS]
    rounds: dict[tuple[str, int], list[tuple[list[float], float]]] = {key: [] for key in keys}
    with server() as port:
        with connect(port) as connection:
            names = {name for listed in CASES.values() for name, _ in listed}
            models = {name: get(connection, f"/api/models/{name}") for name in sorted(names)}
        for _ in range(options.rounds + 1):
            for case, clients in keys:
                parts = [(count, name, models[name]["latent_dim"]) for name, count in CASES[case]]
                count = max(LEAST, options.requests // parts[0][0])
                rounds[case, clients].append(run_clients(port, parts, clients, count))
    # The first round is a warm-up.
    p95 = [percentile95(times) for times, _ in rounds[MAIN][1:]]
    findings = {
        "against": f"{LIMIT:.0f} ms, the limit for the image at the pointer",
        "unit": "95th percentile of the time from the request to the image of a face, one client",
        "better": "lower",
        **describe_ratios(p95, [LIMIT] * len(p95)),
        "requests": options.requests,
        "rounds": options.rounds,
        "shapes": {name: model["shape"] for name, model in models.items()},
        "cases": {
            case: {clients: summarise(rounds[case, clients][1:]) for clients in CLIENTS}
            for case in CASES
        },
    }
    write_result("explore", findings, f"--requests {options.requests} --rounds {options.rounds}")


if __name__ == "__main__":
    main()
