"""Time and memory of each stage as the sample grows: `python -m benchmarks.growth`.

Runs the stages of dvc.yaml, one after the other, on a base sample, four and sixteen times as large,
each in a clone of its own, and trains for one epoch. Writes results/growth.json, which README.md
beside this file explains.
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
BASE = 8  # the part of the default sample that 1× is
SIZES = (
    "download.fashion.sample.train_images",
    "download.fashion.sample.test_images",
    "download.faces.sample.images",
)

SECOND = 1.0  # what a stage's seconds are to grow by at least, to tell growth from noise

Sizes = dict[str, dict[str, int]]
Stages = dict[str, dict[str, dict[str, float]]]


def resize(project: Project, factor: int) -> dict[str, int]:
    """Give the samples `factor` times the base's images, and each training one epoch."""
    params: Any = project.params()
    sizes = {key: reduce(getitem, key.split("."), params) * factor // BASE for key in SIZES}
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
    """Return the sample's sizes, and the seconds and the memory of each stage."""
    project = clone(folder)
    sizes = resize(project, factor)
    found = {}
    for stage, (_, _, *module) in project.commands().items():
        done = run_watched(*module, folder=folder)
        found[stage] = {"seconds": round(done.seconds, 1), "peak_memory_mb": round(done.peak / 1e6)}
        print(f"{factor}× {stage}: {found[stage]}", flush=True)
    return sizes, found


def costs_of_an_image(stages: Stages, images: Sizes) -> tuple[list[float], list[float]]:
    """Return the seconds that an image more takes, in large samples and in small ones, by stages.

    In large ones: from the second size to the third; in small ones: from the first to the second.
    Start-up is in neither. A stage that takes the second size hardly any longer than the first is
    left out.

    Args:
        stages: by stage and size, with their `seconds`.
        images: how many of each kind there are at each size, of three that grow.
    """
    few, more, most = (sum(kinds.values()) for kinds in images.values())
    large, small = [], []
    for sizes in stages.values():
        first, second, third = (sizes[size]["seconds"] for size in images)
        if second - first >= SECOND:
            large.append((third - second) / (most - more))
            small.append((second - first) / (more - few))
    return large, small


def main() -> None:
    """Measure, and write down what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--factors", type=int, nargs=3, default=FACTORS)
    given = parser.parse_args()
    sizes: Sizes = {}
    stages: Stages = {}
    (ROOT / ".cache").mkdir(exist_ok=True)
    for factor in given.factors:
        with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as folder:
            sizes[f"{factor}×"], found = measure(Path(folder, "clone"), factor)
        for stage, values in found.items():
            stages.setdefault(stage, {})[f"{factor}×"] = values
    few, more, most = sizes
    findings = {
        "against": f"the same from {few} to {more}: linear is 1",
        "unit": f"seconds that an image adds from {more} to {most}, of each stage that takes "
        f"{SECOND:g} s longer at {more} than at {few}",
        "better": "less",
        **describe_ratios(*costs_of_an_image(stages, sizes)),
        "epochs": 1,
        "images": sizes,
        "stages": stages,
    }
    write_result("growth", findings, f"--factors {' '.join(map(str, given.factors))}")


if __name__ == "__main__":
    main()
