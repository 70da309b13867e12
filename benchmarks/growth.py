"""Time and memory of each stage as the sample grows: `python -m benchmarks.growth`.

Runs the stages of dvc.yaml, one after the other, on a base sample, four and sixteen times as large,
each in a clone of its own, and trains for one epoch. Writes results/growth.json, which README.md
beside this file explains.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import yaml

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


def resize(project: Project, factor: int) -> dict[str, int]:
    """Give the samples `factor` times the base's images, and each training one epoch."""
    params = yaml.safe_load((project.folder / "params.yaml").read_text(encoding="utf-8"))
    sizes = {}
    for key in SIZES:
        value: Any = params
        for part in key.split("."):
            value = value[part]
        sizes[key] = value * factor // BASE
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


def main() -> None:
    """Measure, and write down what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--factors", type=int, nargs="+", default=FACTORS)
    given = parser.parse_args()
    sizes: dict[str, dict[str, int]] = {}
    stages: dict[str, dict[str, dict[str, float]]] = {}
    (ROOT / ".cache").mkdir(exist_ok=True)
    for factor in given.factors:
        with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as folder:
            sizes[f"{factor}×"], found = measure(Path(folder, "clone"), factor)
        for stage, values in found.items():
            stages.setdefault(stage, {})[f"{factor}×"] = values
    smallest, *_, largest = sizes
    findings = {
        "against": f"the same stage at {smallest} the images, by stages",
        **describe_ratios(
            *(
                [values[size]["seconds"] for values in stages.values()]
                for size in (largest, smallest)
            )
        ),
        "unit": "seconds, and megabytes of resident memory of all processes, summed",
        "epochs": 1,
        "images": sizes,
        "stages": stages,
    }
    write_result("growth", findings, f"--factors {' '.join(map(str, given.factors))}")


if __name__ == "__main__":
    main()
