"""Compares the reading of images with Keras, in images per second.

Run `python -m benchmarks.preprocess`. It writes 100,000 faces of 178×218 pixels of the synthetic
sample, to an archive for the project and to a folder for Keras. The two alternate, each turn in a
new process. A turn of the project reads the archive and writes an array to disk. A turn of Keras
reads the folder with `image_dataset_from_directory` into arrays in memory. Imports are not timed.
The first round fills the disk cache and is discarded. The result is results/preprocess.json.
README.md in this folder explains it.
"""

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.archive import generate_faces, name_faces, write_archive
from benchmarks.results import describe_ratios, write_result
from benchmarks.turns import Turns


def compare(faces: list[bytes], count: int, size: int, rounds: int, folder: Path) -> dict[str, Any]:
    """Alternate between the project and Keras, and return the results for one image size."""
    archive, unpacked = folder / "faces.zip", folder / "unpacked"
    if not archive.exists():
        write_archive(archive, faces, count)
        (unpacked / "faces").mkdir(parents=True)
        for name, face in name_faces(faces, count):
            (unpacked / "faces" / name).write_bytes(face)
    project, keras = Turns(), Turns()
    for _ in range(rounds + 1):
        project.take("benchmarks.read_archive", str(archive), str(size))
        keras.take("benchmarks.read_keras", str(unpacked), str(count), str(size))
    return {
        "image_size": size,
        **describe_ratios(project.rates[1:], keras.rates[1:]),
        "project": describe(project),
        "keras": describe(keras),
    }


def describe(turns: Turns) -> dict[str, int]:
    """Return the median rate and the peak memory."""
    return {
        "images_per_second": round(turns.median),
        "peak_memory_mb": round(turns.peak / 1e6),
    }


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description="Compare the reading of images with Keras.")
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[32, 64, 128])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        faces = generate_faces(folder)
        results = [
            compare(faces, options.images, size, options.rounds, folder) for size in options.sizes
        ]
    first, *others = results
    findings = {
        "against": "keras.utils.image_dataset_from_directory on the same files, unpacked",
        "unit": "images per second, from files to an array",
        "better": "higher",
        **first,
        "other_sizes": others,
        "images": options.images,
        "mean_bytes": round(statistics.mean(map(len, faces))),
        "rounds": options.rounds,
    }
    sizes = " ".join(map(str, options.sizes))
    arguments = f"--images {options.images} --rounds {options.rounds} --sizes {sizes}"
    write_result("preprocess", findings, arguments)


if __name__ == "__main__":
    main()
