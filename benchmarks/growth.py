"""Measures how the time and memory of each stage grow with the size of the sample.

Run `python -m benchmarks.growth`. It runs the stages of dvc.yaml on a base sample and on samples
four and sixteen times as large, each in a new clone. Models are trained for one epoch. The result
is results/growth.json. README.md in this folder explains it.
"""

import argparse
import tempfile
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from benchmarks.clone import ROOT, Project, clone
from benchmarks.memory import run_watched
from benchmarks.results import describe_ratios, write_result

FACTORS = (1, 4, 16)
BASE_DIVISOR = 8  # 1× is the default sample divided by this
SIZES = (
    "download.fashion.sample.train_images",
    "download.fashion.sample.test_images",
    "download.faces.sample.images",
)

MIN_GROWTH = 1.0  # seconds; less growth cannot be distinguished from noise

Sizes = dict[str, dict[str, int]]
Stages = dict[str, dict[str, dict[str, float]]]


def resize(project: Project, factor: int) -> dict[str, int]:
    """Set the sizes of the samples to `factor` times the base, and all epochs to 1."""
    params: Any = project.params()
    sizes = {key: reduce(getitem, key.split("."), params) * factor // BASE_DIVISOR for key in SIZES}
    epochs = {
        f"{stage}.{dataset}.epochs": 1
        for stage, datasets in params.items()
        if stage.startswith("train_")
        for dataset, section in datasets.items()
        if "epochs" in section
    }
    project.edit({**sizes, **epochs})
    return sizes


def measure(folder: Path, factor: int) -> tuple[dict[str, int], dict[str, dict[str, float]]]:
    """Run all stages in a clone. Return the sizes of the samples and the measurements."""
    project = clone(folder)
    sizes = resize(project, factor)
    stages = {}
    for stage, (_, _, *module) in project.commands().items():
        done = run_watched(*module, folder=folder)
        peak_memory_mb = round(done.peak / 1e6)
        stages[stage] = {"seconds": round(done.seconds, 1), "peak_memory_mb": peak_memory_mb}
        print(f"{factor}× {stage}: {stages[stage]}", flush=True)
    return sizes, stages


def seconds_per_image(stages: Stages, images: Sizes) -> tuple[list[float], list[float]]:
    """Return the seconds per additional image of each stage, for large and for small samples.

    The values for large samples are the increase from the second to the third size, divided by the
    number of additional images. Those for small samples are the increase from the first to the
    second size. The start-up time cancels out. Stages whose increase from the first to the second
    size is less than `MIN_GROWTH` are omitted.

    Args:
        stages: Measurements by stage and size, with the key `seconds`.
        images: Number of images of each kind, for three increasing sizes.
    """
    few, more, most = (sum(kinds.values()) for kinds in images.values())
    large, small = [], []
    for sizes in stages.values():
        first, second, third = (sizes[size]["seconds"] for size in images)
        if second - first >= MIN_GROWTH:
            large.append((third - second) / (most - more))
            small.append((second - first) / (more - few))
    return large, small


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--factors", type=int, nargs=3, default=FACTORS)
    options = parser.parse_args()
    sizes: Sizes = {}
    stages: Stages = {}
    (ROOT / ".cache").mkdir(exist_ok=True)
    for factor in options.factors:
        with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as folder:
            sizes[f"{factor}×"], found = measure(Path(folder, "clone"), factor)
        for stage, values in found.items():
            stages.setdefault(stage, {})[f"{factor}×"] = values
    few, more, most = sizes
    findings = {
        "against": f"the same between {few} and {more}: 1 means linear growth",
        "unit": f"seconds per additional image between {more} and {most}, by stage, for stages "
        f"that take at least {MIN_GROWTH:g} s longer at {more} than at {few}",
        "better": "lower",
        **describe_ratios(*seconds_per_image(stages, sizes)),
        "epochs": 1,
        "images": sizes,
        "stages": stages,
    }
    write_result("growth", findings, f"--factors {' '.join(map(str, options.factors))}")


if __name__ == "__main__":
    main()
