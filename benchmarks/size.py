"""Measures time and memory of the stages on a dataset as large as CelebA.

Run `python -m benchmarks.size`. It writes an archive of 202,599 JPEGs of 178×218 pixels with 40
attributes each, from 4,000 faces of the synthetic sample. It then runs the stages download (source
archive), preprocess, embed (with an untrained model) and attribute_vectors on this archive, each in
a new process. The result is results/size.json. README.md in this folder explains it.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks.archive import CELEBA, generate_faces, write_archive
from benchmarks.clone import ROOT, Project
from benchmarks.memory import run_watched
from benchmarks.results import describe_ratios, write_result

LIMIT_MB = 2000  # resident memory of a stage
STAGES = {
    "download": ("stages.download_faces",),
    "preprocess": ("stages.preprocess_faces",),
    "embed": ("stages.embed", "vae", "faces"),
    "attribute_vectors": ("stages.attribute_vectors", "faces"),
}


def prepare(folder: Path, count: int, size: int) -> Path:
    """Write an archive, params.yaml and an untrained model. Return the path of the archive."""
    archive = folder / "archive.zip"
    write_archive(archive, generate_faces(folder), count)
    shutil.copyfile(ROOT / "params.yaml", folder / "params.yaml")
    Project(folder).edit(
        {
            "download.faces.source": "archive",
            "download.faces.location": str(archive),
            "preprocess.faces.image_size": size,
        }
    )
    run_watched("benchmarks.untrained", str(folder / "models/vae_faces"), str(size))
    return archive


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description="Measure the stages at full size.")
    parser.add_argument("--images", type=int, default=CELEBA)
    parser.add_argument("--size", type=int, default=32, help="image width and height, in pixels")
    options = parser.parse_args()
    # Not in /tmp, which may be in memory.
    (ROOT / ".cache").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as temporary:
        folder = Path(temporary)
        archive = prepare(folder, options.images, options.size)
        stages = {}
        for stage, command in STAGES.items():
            done = run_watched(*command, folder=folder)
            stages[stage] = {
                "seconds": round(done.seconds, 1),
                "peak_memory_mb": round(done.peak / 1e6),
            }
        peaks = [stage["peak_memory_mb"] for stage in stages.values()]
        findings = {
            "against": f"the limit of {LIMIT_MB:,} MB, per stage",
            "unit": "peak resident memory",
            "better": "lower",
            **describe_ratios(peaks, [LIMIT_MB] * len(peaks)),
            "images": options.images,
            "image_size": options.size,
            "archive_mb": round(archive.stat().st_size / 1e6),
            "stages": stages,
        }
    write_result("size", findings, f"--images {options.images} --size {options.size}")


if __name__ == "__main__":
    main()
