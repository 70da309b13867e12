"""How long faces in CelebA's number take, and how much memory: `python -m benchmarks.size`.

Draws some thousands of faces, packs them as 202,599 JPEGs of 178×218 pixels with 40 attributes
each, and runs the stages on that archive as a user would: download (source archive), preprocess,
embed with a model that has learnt nothing, attribute_vectors; each is a process of its own.
Writes results/size.json, which README.md beside this file explains.
"""

import argparse
import tempfile
from pathlib import Path

from ruamel.yaml import YAML

from benchmarks.archive import CELEBA, draw_faces, write_archive
from benchmarks.clone import ROOT
from benchmarks.memory import run_watched
from benchmarks.results import write_result

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
    yaml = YAML()
    params = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["download"]["faces"]["source"] = "archive"
    params["download"]["faces"]["location"] = str(archive)
    params["preprocess"]["faces"]["image_size"] = size
    with (folder / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(params, file)
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
        findings = {
            "images": given.images,
            "image_size": given.size,
            "archive_mb": round(archive.stat().st_size / 1e6),
            "stages": stages,
        }
    write_result("size", findings)


if __name__ == "__main__":
    main()
