"""Writes the results of benchmarks to benchmarks/results/<name>.json."""

import platform
import statistics
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from latent.io.files import write_json
from latent.raw.parallel import count_cores

FOLDER = Path(__file__).parent / "results"
LIBRARIES = ("jax", "keras", "numpy", "pillow", "simplejpeg", "tensorflow", "tf_keras", "torch")


def write_result(name: str, content: Mapping[str, Any], arguments: str = "") -> None:
    """Write and print the result of a benchmark, with the machine and the library versions.

    Args:
        name: Name of the benchmark's module.
        content: Measurements.
        arguments: Command-line arguments of the benchmark.
    """
    machine = {
        "command": f"python -m benchmarks.{name} {arguments}".strip(),
        "cores": count_cores(),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": {
            "python": platform.python_version(),
            **find_versions(LIBRARIES),
        },
    }
    path = FOLDER / f"{name}.json"
    write_json(path, {"name": name, **content, **machine})
    print(path.read_text(encoding="utf-8"))


def find_versions(libraries: Sequence[str]) -> dict[str, str]:
    """Return the versions of the installed ones among `libraries`."""
    versions = {}
    for library in libraries:
        with suppress(PackageNotFoundError):
            versions[library] = version(library)
    return versions


def describe_ratios(values: Sequence[float], references: Sequence[float]) -> dict[str, float]:
    """Return the median, minimum and maximum of `values` divided by `references`, pair by pair.

    The key `better` of a result states whether a higher or a lower ratio is better.
    """
    pairs = zip(values, references, strict=True)
    ratios = [value / reference for value, reference in pairs]
    return {
        "ratio_median": round(statistics.median(ratios), 3),
        "ratio_min": round(min(ratios), 3),
        "ratio_max": round(max(ratios), 3),
    }
