"""Alternates between implementations of the training of a VAE and compares their speeds."""

import argparse
import os
import random
import statistics
import sys
from dataclasses import dataclass, field
from typing import Any

from benchmarks.results import describe_ratios, write_result
from benchmarks.training.candidate import Candidate
from benchmarks.training.workload import EPOCHS, read_workload
from latent.errors import InputError

# Modules of this package and their arguments. The candidates in NEEDED are required. The others are
# skipped if their library or a compiler is missing.
NEEDED = {"project": ("project", "float32"), "chapter": ("chapter",), "matmul": ("matmul",)}
CANDIDATES = {
    **NEEDED,
    "project_bfloat16": ("project", "bfloat16"),
    "keras3": ("keras3",),
    "torch": ("pytorch", "eager"),
    "torch_compiled": ("pytorch", "compiled"),
}


@dataclass
class Race:
    """Candidates that alternate.

    Attributes:
        running: Candidates that run, by name.
        skipped: Reasons why other candidates cannot run, by name.
        orders: Random generator for the order of the candidates in each round.
    """

    running: dict[str, Candidate]
    skipped: dict[str, str] = field(default_factory=dict)
    orders: random.Random = field(default_factory=lambda: random.Random(42))

    def take_round(self) -> None:
        """Run one turn of each candidate, in random order.

        With a fixed order, a periodic disturbance of the machine could always affect the same
        candidate.

        Raises:
            InputError: A required candidate cannot run.
        """
        turns = list(self.running.items())
        self.orders.shuffle(turns)
        for name, candidate in turns:
            try:
                candidate.take_turn()
            except ChildProcessError as error:
                if name in NEEDED:
                    raise InputError(f"{name} cannot run: {error}") from None
                print(f"{name} is skipped: {error}", flush=True)
                self.skipped[name] = str(error)
                self.running.pop(name).close()

    def check_models(self) -> None:
        """Check that all candidates train the same model. Requires a round.

        Raises:
            InputError: The numbers of parameters differ.
        """
        sizes = {
            name: candidate.description["parameters"]
            for name, candidate in self.running.items()
            if name != "matmul"
        }
        if any(size != sizes["project"] for size in sizes.values()):
            raise InputError(f"different models: parameters of encoder and decoder are {sizes}")

    def describe(self, images: int) -> dict[str, Any]:
        """Return the results of all rounds except the first.

        Args:
            images: Number of images per turn.
        """
        rates = {
            name: [turn.get("multiply_adds", images) / turn["seconds"] for turn in candidate.turns]
            for name, candidate in self.running.items()
        }
        rates = {name: turns[1:] for name, turns in rates.items()}
        products = rates.pop("matmul")
        per_image = self.running["project"].description["multiply_adds"]
        findings = {
            name: {
                "library": self.running[name].description["library"],
                "images_per_second": round(statistics.median(turns), 1),
                "images_per_second_at_best": round(max(turns), 1),
                "against_chapter": describe_ratios(turns, rates["chapter"]),
                "fraction_of_matmul": round(
                    statistics.median(
                        rate * per_image / product
                        for rate, product in zip(turns, products, strict=True)
                    ),
                    3,
                ),
                "loss": round(self.running[name].turns[-1]["loss"], 2),
                "test_loss": round(self.running[name].turns[-1]["test_loss"], 2),
            }
            for name, turns in rates.items()
        }
        return {
            **describe_ratios(rates["project"], rates["chapter"]),
            "candidates": findings,
            "skipped": self.skipped,
            "multiply_adds_per_image": per_image,
            "matmul_multiply_adds_per_second": round(statistics.median(products)),
        }

    def close(self) -> None:
        """End all processes."""
        for candidate in self.running.values():
            candidate.close()


def compare(name: str, dataset: str, images: int, rounds: int) -> None:
    """Run the benchmark for the VAE of a dataset and write its result.

    Args:
        name: Name of the benchmark's module.
        dataset: "fashion" or "faces".
        images: Maximum number of images per epoch. It is rounded down to whole batches.
        rounds: Number of rounds, after one more for warm-up.

    Raises:
        InputError: An argument is out of range, the dataset is missing, the candidates do not
            train the same model, or a required candidate cannot run.
    """
    if not 0 < rounds < EPOCHS:
        raise InputError(f"--rounds is {rounds}: must be from 1 to {EPOCHS - 1}")
    workload = read_workload(dataset, images)
    count = len(workload.images)
    if hasattr(os, "sched_setaffinity"):
        # One core per thread, so that additional threads of a candidate slow it down.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: workload.threads])
    race = Race(
        {
            candidate: Candidate(f"benchmarks.training.{module}", dataset, str(count), *words)
            for candidate, (module, *words) in CANDIDATES.items()
        }
    )
    try:
        for number in range(rounds + 1):
            race.take_round()
            race.check_models()
            print(f"{name}: round {number} of {rounds}", flush=True)
        findings = race.describe(count)
    finally:
        race.close()
    write_result(
        name,
        {
            "against": "the chapter's code on Keras 2",
            "unit": "images per second",
            "better": "higher",
            **findings,
            "batch": workload.params.batch_size,
            "images": count,
            "rounds": rounds,
            "threads": workload.threads,
        },
        f"--images {images} --rounds {rounds}",
    )


def main(name: str, dataset: str, images: int, rounds: int) -> None:
    """Run `compare`. The command line overrides `images` and `rounds`."""
    parser = argparse.ArgumentParser(description=f"Compare ways to train the {dataset} VAE.")
    parser.add_argument("--images", type=int, default=images, help="maximum images per epoch")
    parser.add_argument("--rounds", type=int, default=rounds, help="rounds after the warm-up")
    options = parser.parse_args()
    try:
        compare(name, dataset, options.images, options.rounds)
    except InputError as error:
        sys.exit(f"ERROR: {error}")
