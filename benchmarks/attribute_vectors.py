"""Compares the computation of attribute vectors with that of the chapter's notebook.

Run `python -m benchmarks.attribute_vectors`. It generates 162,770 random embeddings of 200
dimensions with 40 attributes, and stores them as the stages do. In each turn a new process computes
all vectors. Imports are not timed. The project reads the embeddings once. The notebook reads them
once per attribute, in batches, and sums the embeddings with and without the attribute. The notebook
also embeds the images again for each attribute, which is omitted here. The result is
results/attribute_vectors.json. README.md in this folder explains it.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.clone import ROOT
from benchmarks.results import describe_ratios, write_result
from benchmarks.turns import Turns
from latent.io.dataset import read_array, read_table
from latent.latent_space.attribute_vectors import attribute_vectors

ROWS, DIMENSIONS, ATTRIBUTES = 162_770, 200, 40  # CelebA's training images
BATCH = 500  # batch size in the notebook
POINTS, TABLE = "z_mean.npy", "attributes.parquet"


def write_points(folder: Path, rows: int) -> None:
    """Write random embeddings and attributes."""
    generator = np.random.default_rng(1)
    np.save(folder / POINTS, generator.standard_normal((rows, DIMENSIONS), np.float32))
    has = generator.random((rows, ATTRIBUTES)) < generator.uniform(0.02, 0.8, ATTRIBUTES)
    names = [f"attribute {number}" for number in range(ATTRIBUTES)]
    pd.DataFrame(has, columns=names).to_parquet(folder / TABLE)


def batch_by_batch(z_mean: NDArray[np.float32], table: pd.DataFrame) -> list[NDArray[np.float32]]:
    """Compute the vectors as the notebook does: one attribute and one batch at a time."""
    vectors = []
    for name in table:
        has = table[name].to_numpy()
        sum_with = np.zeros(z_mean.shape[1], np.float32)
        sum_without = np.zeros(z_mean.shape[1], np.float32)
        for start in range(0, len(z_mean), BATCH):
            points, mask = z_mean[start : start + BATCH], has[start : start + BATCH]
            sum_with += points[mask].sum(axis=0)
            sum_without += points[~mask].sum(axis=0)
        vectors.append(sum_with / has.sum() - sum_without / (~has).sum())
    return vectors


def take_turn(kind: str, folder: Path) -> None:
    """Compute the vectors, then print their number and the seconds of the computation."""
    z_mean, table = read_array(folder / POINTS), read_table(folder / TABLE)
    start = time.perf_counter()
    with threadpool_limits(1):
        vectors = (attribute_vectors if kind == "project" else batch_by_batch)(z_mean, table)
    print(len(vectors), time.perf_counter() - start)


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description="Compare two ways to compute attribute vectors.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs=2, metavar=("KIND", "FOLDER"), help="run a single turn")
    options = parser.parse_args()
    if options.only:
        take_turn(options.only[0], Path(options.only[1]))
        return
    # Not in /tmp, which may be in memory.
    (ROOT / ".cache").mkdir(exist_ok=True)
    project, chapter = Turns(), Turns()
    with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as folder:
        write_points(Path(folder), options.rows)
        for _ in range(options.rounds + 1):
            project.take("benchmarks.attribute_vectors", "--only", "project", folder)
            chapter.take("benchmarks.attribute_vectors", "--only", "chapter", folder)
    findings = {
        "against": "the notebook's method: one pass over the embeddings per attribute",
        "unit": "vectors per second",
        "better": "higher",
        **describe_ratios(project.rates[1:], chapter.rates[1:]),
        "rows": options.rows,
        "dimensions": DIMENSIONS,
        "attributes": ATTRIBUTES,
        "rounds": options.rounds,
        "seconds": round(ATTRIBUTES / project.median, 3),
        "seconds_against": round(ATTRIBUTES / chapter.median, 3),
        # Of the whole process, including its libraries and pages of the memory-mapped file.
        "peak_memory_mb": round(project.peak / 1e6),
        "peak_memory_mb_against": round(chapter.peak / 1e6),
        "data_mb": round(options.rows * DIMENSIONS * 4 / 1e6),
    }
    write_result("attribute_vectors", findings, f"--rows {options.rows} --rounds {options.rounds}")


if __name__ == "__main__":
    main()
