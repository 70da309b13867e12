"""Attribute vectors of CelebA's size, against the chapter's way: `python -m ….attribute_vectors`.

162,770 embeddings of 200 dimensions with 40 attributes are drawn and stored as the stages do. A
turn is a process that makes all vectors; its imports are not counted. The project goes through the
embeddings once. The chapter's notebook goes through them once for each attribute, batch by batch,
and adds up the points with it and without; it embeds the images anew each time, which is left out
here. Writes results/attribute_vectors.json, which README.md beside this file explains.
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
BATCH = 500  # of the notebook
POINTS, TABLE = "z_mean.npy", "attributes.parquet"


def write_points(folder: Path, rows: int) -> None:
    """Draw embeddings and attributes."""
    generator = np.random.default_rng(1)
    np.save(folder / POINTS, generator.standard_normal((rows, DIMENSIONS), np.float32))
    has = generator.random((rows, ATTRIBUTES)) < generator.uniform(0.02, 0.8, ATTRIBUTES)
    names = [f"attribute {number}" for number in range(ATTRIBUTES)]
    pd.DataFrame(has, columns=names).to_parquet(folder / TABLE)


def batch_by_batch(z_mean: NDArray[np.float32], table: pd.DataFrame) -> list[NDArray[np.float32]]:
    """Return the vectors as the notebook finds them: attribute by attribute, batch by batch."""
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
    """Print how many vectors there are, and how many seconds they took."""
    z_mean, table = read_array(folder / POINTS), read_table(folder / TABLE)
    begun = time.perf_counter()
    with threadpool_limits(1):
        found = (attribute_vectors if kind == "project" else batch_by_batch)(z_mean, table)
    print(len(found), time.perf_counter() - begun)


def main() -> None:
    """Measure, and write down what came out."""
    parser = argparse.ArgumentParser(description="Compare ways to find attribute vectors.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs=2, metavar=("KIND", "FOLDER"), help="take one turn")
    given = parser.parse_args()
    if given.only:
        take_turn(given.only[0], Path(given.only[1]))
        return
    # In the project's scratch folder, as /tmp may be held in memory.
    (ROOT / ".cache").mkdir(exist_ok=True)
    project, chapter = Turns(), Turns()
    with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as folder:
        write_points(Path(folder), given.rows)
        for _ in range(given.rounds + 1):
            project.take("benchmarks.attribute_vectors", "--only", "project", folder)
            chapter.take("benchmarks.attribute_vectors", "--only", "chapter", folder)
    findings = {
        "against": "the notebook's way: a pass over the embeddings for each attribute",
        "unit": "vectors per second",
        "better": "more",
        **describe_ratios(project.rates[1:], chapter.rates[1:]),
        "rows": given.rows,
        "dimensions": DIMENSIONS,
        "attributes": ATTRIBUTES,
        "rounds": given.rounds,
        "seconds": round(ATTRIBUTES / project.median, 3),
        "seconds_against": round(ATTRIBUTES / chapter.median, 3),
        # Of the process, with its libraries and the map of the file.
        "peak_memory_mb": round(project.peak / 1e6),
        "peak_memory_mb_against": round(chapter.peak / 1e6),
        "data_mb": round(given.rows * DIMENSIONS * 4 / 1e6),
    }
    write_result("attribute_vectors", findings, f"--rows {given.rows} --rounds {given.rounds}")


if __name__ == "__main__":
    main()
