"""Measures the time of `make test` and `make check`.

Run `python -m benchmarks.tests`. The result is results/tests.json. README.md in this folder
explains it.
"""

import argparse
import re
import subprocess
import time

from benchmarks.clone import ROOT, clean_environment
from benchmarks.results import describe_ratios, write_result

# `make test` before its tests shared pipelines, servers and models. `make check` did not exist.
BEFORE = {"seconds": 529, "passed": 3305, "cores": 2}
# Variables of the `make` that may run this benchmark. They change what its own `make` prints.
INHERITED = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")


def run_target(target: str) -> tuple[float, int]:
    """Return the seconds that a target of the Makefile takes, and how many tests have passed.

    Raises:
        RuntimeError: The target failed. The message is the end of its output.
    """
    variables = clean_environment()
    start = time.monotonic()
    done = subprocess.run(
        ["make", target],
        cwd=ROOT,
        env={name: value for name, value in variables.items() if name not in INHERITED},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - start
    found = re.search(r"(\d+) passed", done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(f"make {target}: {done.stdout[-5000:]}")
    return seconds, int(found[1])


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description="Time `make test` and `make check`.")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    rounds = [(run_target("test"), run_target("check")) for _ in range(options.rounds)]
    tests, checks = ([round(seconds) for seconds, _ in runs] for runs in zip(*rounds, strict=True))
    (_, passed), (_, checked) = rounds[-1]
    findings = {
        "against": f"`make test` before: {BEFORE['seconds']} s on {BEFORE['cores']} cores",
        "unit": "seconds of `make test`",
        "better": "lower",
        **describe_ratios(tests, [BEFORE["seconds"]] * options.rounds),
        "rounds": options.rounds,
        "test": {"seconds": tests, "passed": passed},
        "check": {"seconds": checks, "passed": checked},
        "before": {"test": BEFORE},
    }
    write_result("tests", findings, f"--rounds {options.rounds}")


if __name__ == "__main__":
    main()
