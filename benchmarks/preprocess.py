"""Images per second from an archive to an array, against Keras from the same files, unpacked.

`python -m benchmarks.preprocess` draws and packs 100,000 faces of 178×218 pixels, unpacks them for
Keras, and lets the two take turns, each in a process of its own. A turn is the images' way to a
uint8 array, imports not counted: for the project from the archive's directory to the array on disk,
for Keras from the folder's listing, through `image_dataset_from_directory`, to arrays in memory.
The first round warms the disk's cache and is thrown away. Writes results/preprocess.json, which
README.md beside this file explains.
"""

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.archive import draw_faces, name_faces, write_archive
from benchmarks.results import describe_ratios, write_result
from benchmarks.turns import Turns


def compare(faces: list[bytes], count: int, size: int, rounds: int, folder: Path) -> dict[str, Any]:
    """Let the two take turns, and return how they did."""
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
    """Return the median rate, and the highest peak."""
    return {
        "images_per_second": round(turns.median),
        "peak_memory_mb": round(turns.peak / 1e6),
    }


def main() -> None:
    """Measure, and write down what came out."""
    parser = argparse.ArgumentParser(description="Compare reading images with Keras.")
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[32, 64, 128])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        faces = draw_faces(folder)
        results = [compare(faces, given.images, size, given.rounds, folder) for size in given.sizes]
    first, *others = results
    findings = {
        "against": "keras.utils.image_dataset_from_directory from the same files, unpacked",
        "unit": "images per second, from files to an array",
        "better": "more",
        **first,
        "other_sizes": others,
        "images": given.images,
        "mean_bytes": round(statistics.mean(map(len, faces))),
        "rounds": given.rounds,
    }
    sizes = " ".join(map(str, given.sizes))
    arguments = f"--images {given.images} --rounds {given.rounds} --sizes {sizes}"
    write_result("preprocess", findings, arguments)


if __name__ == "__main__":
    main()
