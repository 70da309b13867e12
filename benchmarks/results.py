"""What a benchmark found, as benchmarks/results/<name>.json."""

import platform
import statistics
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from latent.files import write_json
from latent.preprocess.faces.parallel import count_cores

FOLDER = Path(__file__).parent / "results"
LIBRARIES = ("keras", "numpy", "pillow", "simplejpeg", "tensorflow")


def write_result(name: str, content: Mapping[str, Any], arguments: str = "") -> None:
    """Write what a benchmark found, with the machine and the versions that it was found with.

    Args:
        name: of the benchmark's module.
        content: the findings.
        arguments: of its command line.
    """
    machine = {
        "command": f"python -m benchmarks.{name} {arguments}".strip(),
        "cores": count_cores(),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": {
            "python": platform.python_version(),
            **{library: version(library) for library in LIBRARIES},
        },
    }
    path = FOLDER / f"{name}.json"
    write_json(path, {"name": name, **content, **machine})
    print(path.read_text(encoding="utf-8"))


def describe_ratios(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """Return how much higher the first rates are than the second, measured in turns, by pairs."""
    ratios = [first / second for first, second in zip(ours, theirs, strict=True)]
    return {
        "ratio_median": round(statistics.median(ratios), 3),
        "ratio_min": round(min(ratios), 3),
        "ratio_max": round(max(ratios), 3),
    }
