"""What a benchmark found, as benchmarks/results/<name>.json."""

import platform
import statistics
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from latent.io.files import write_json
from latent.preprocess.faces.parallel import count_cores

FOLDER = Path(__file__).parent / "results"
LIBRARIES = ("jax", "keras", "numpy", "pillow", "simplejpeg", "tensorflow", "tf_keras", "torch")


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
            **find_versions(LIBRARIES),
        },
    }
    path = FOLDER / f"{name}.json"
    write_json(path, {"name": name, **content, **machine})
    print(path.read_text(encoding="utf-8"))


def find_versions(libraries: Sequence[str]) -> dict[str, str]:
    """Return the versions of those that are installed."""
    versions = {}
    for library in libraries:
        with suppress(PackageNotFoundError):
            versions[library] = version(library)
    return versions


def describe_ratios(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """Return the first numbers over the second, by pairs: of rates, seconds, bytes.

    Whether more or less is better, a result says as `better`.
    """
    ratios = [first / second for first, second in zip(ours, theirs, strict=True)]
    return {
        "ratio_median": round(statistics.median(ratios), 3),
        "ratio_min": round(min(ratios), 3),
        "ratio_max": round(max(ratios), 3),
    }
