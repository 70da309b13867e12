"""Benchmarks, described in README.md. Each one runs as `python -m benchmarks.NAME`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
