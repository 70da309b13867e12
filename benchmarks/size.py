"""How long faces in CelebA's number take, and how much memory: `python -m benchmarks.size`.

Draws some thousands of faces, packs them as 202,599 JPEGs of 178×218 pixels with 40 attributes
each, and runs the stages on that archive as a user would: download (source archive), preprocess,
embed with a model that has learnt nothing, attribute_vectors; each is a process of its own.
Writes results/size.json, which README.md beside this file explains.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks.archive import CELEBA, draw_faces, write_archive
from benchmarks.clone import ROOT, Project
from benchmarks.memory import run_watched
from benchmarks.results import describe_ratios, write_result

LIMIT_MB = 2000  # of resident memory
STAGES = {
    "download": ("stages.download_faces",),
    "preprocess": ("stages.preprocess_faces",),
    "embed": ("stages.embed", "vae", "faces"),
    "attribute_vectors": ("stages.attribute_vectors", "faces"),
}


def prepare(folder: Path, count: int, size: int) -> Path:
    """Write an archive, and parameters that name it; return the archive's path."""
    archive = folder / "archive.zip"
    write_archive(archive, draw_faces(folder), count)
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
    """Measure, and write down what came out."""
    parser = argparse.ArgumentParser(description="Measure the stages at full size.")
    parser.add_argument("--images", type=int, default=CELEBA)
    parser.add_argument("--size", type=int, default=32, help="pixels")
    given = parser.parse_args()
    # In the project's scratch folder, as /tmp may be held in memory.
    (ROOT / ".cache").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as temporary:
        folder = Path(temporary)
        archive = prepare(folder, given.images, given.size)
        stages = {}
        for stage, command in STAGES.items():
            done = run_watched(*command, folder=folder)
            stages[stage] = {
                "seconds": round(done.seconds, 1),
                "peak_memory_mb": round(done.peak / 1e6),
            }
        peaks = [stage["peak_memory_mb"] for stage in stages.values()]
        findings = {
            "against": f"the limit of {LIMIT_MB:,} MB, by stages",
            "unit": "resident memory at its highest",
            "better": "less",
            **describe_ratios(peaks, [LIMIT_MB] * len(peaks)),
            "images": given.images,
            "image_size": given.size,
            "archive_mb": round(archive.stat().st_size / 1e6),
            "stages": stages,
        }
    write_result("size", findings, f"--images {given.images} --size {given.size}")


if __name__ == "__main__":
    main()
