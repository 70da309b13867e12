"""Stages with bad inputs, run as `dvc repro` does: one line, exit code 1, little memory."""

import gzip
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from making import COUNT, Archive, ZipBytes, damage, file_name, image_bytes

pytestmark = [
    pytest.mark.usefixtures("patience"),
    pytest.mark.skipif(
        not Path("/proc/self/status").exists(), reason="needs Linux to measure memory"
    ),
]

ROOT = Path(__file__).parents[2]
MAX_MEMORY = 400_000  # kB, less than the content of the zip bombs
# Runs a stage as `python -m` does, then saves the statistics of the process.
SCRIPT = """
import runpy, sys
try:
    runpy.run_module(sys.argv.pop(), run_name="__main__")
finally:
    open("status", "w").write(open("/proc/self/status").read())
"""
BOMB_SIZE = 1 << 29  # uncompressed bytes


@dataclass
class Result:
    """Result of running a stage.

    Attributes:
        code: exit code.
        lines: output.
        memory: peak memory in kB.
    """

    code: int
    lines: list[str]
    memory: int


def run(folder: Path, stage: str, **changes: Any) -> Result:
    """Run a stage in `folder` with changed parameters, whose names have __ instead of dots."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for key, value in changes.items():
        *sections, name = key.split("__")
        section = params
        for part in sections:
            section = section[part]
        section[name] = value
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DVC_")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, f"stages.{stage}"],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", (folder / "status").read_text())
    return Result(done.returncode, done.stdout.splitlines(), int(peak))


def write_images(folder: Path) -> None:
    for number in range(200):
        path = folder / "images/fashion" / f"class {number % 3}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(image_bytes(number % COUNT))


def write_bad_images(folder: Path) -> None:
    write_images(folder)
    for number in range(3):
        (folder / "images/fashion" / f"class {number}" / f"{number}.jpg").write_bytes(b"\x1b[31m")


def write_idx_bomb(folder: Path) -> None:
    location = folder / "images/fashion"
    location.mkdir(parents=True)
    header = bytes.fromhex("00000803 0000000a 0000001c 0000001c")
    bomb = gzip.compress(header + bytes(BOMB_SIZE), 1)
    for split in ("train", "t10k"):
        (location / f"{split}-images-idx3-ubyte.gz").write_bytes(bomb)
        (location / f"{split}-labels-idx1-ubyte.gz").write_bytes(bomb)


def write_table_bomb(folder: Path) -> None:
    archive = Archive(methods={"list_attr_celeba.csv": zipfile.ZIP_DEFLATED})
    archive.tables["list_attr_celeba.csv"] = bytes(BOMB_SIZE)
    archive.write(folder / "mine.zip")


def write_image_bomb(folder: Path) -> None:
    archive = Archive(methods={file_name(n): zipfile.ZIP_DEFLATED for n in range(1)})
    archive.images[file_name(0)] = bytes(BOMB_SIZE)
    archive.write(folder / "data/raw/faces/celeba.zip")


def write_image_bomb_with_small_size(folder: Path) -> None:
    write_image_bomb(folder)

    def declare(archive: ZipBytes) -> None:
        archive.put(archive.central(file_name(0)) + 24, "I", 1000)

    damage(folder / "data/raw/faces/celeba.zip", declare)


def write_truncated_archive(folder: Path) -> None:
    path = folder / "data/raw/faces/celeba.zip"
    Archive().write(path)
    os.truncate(path, path.stat().st_size // 2)


FOLDER = {"download__fashion__source": "folder"}
ARCHIVE = {
    "download__faces__source": "archive",
    "download__faces__location": "mine.zip",
    "figures__vae_faces__attributes": ["Bit_0"],
}

FAILURES: dict[str, tuple[str, dict[str, Any], Callable[[Path], object], str]] = {
    "no folder": (
        "download_fashion",
        FOLDER,
        lambda folder: None,
        "images/fashion: no such folder",
    ),
    "bad images": ("download_fashion", FOLDER, write_bad_images, "3 of 200 images cannot be used"),
    "IDX bomb": ("download_fashion", FOLDER, write_idx_bomb, "contains more bytes of data"),
    "no raw files": ("preprocess_fashion", FOLDER, lambda folder: None, "classes.json"),
    "no archive": ("download_faces", ARCHIVE, lambda folder: None, "mine.zip: not a readable zip"),
    "named pipe": (
        "download_faces",
        ARCHIVE,
        lambda folder: os.mkfifo(folder / "mine.zip"),
        "mine.zip: not a readable zip file",
    ),
    "table bomb": ("download_faces", ARCHIVE, write_table_bomb, "larger than"),
    "truncated archive": (
        "preprocess_faces",
        ARCHIVE,
        write_truncated_archive,
        "celeba.zip: not a readable",
    ),
    "image bomb that declares a small size": (
        "preprocess_faces",
        ARCHIVE,
        write_image_bomb_with_small_size,
        "000000.jpg: damaged",
    ),
    "image bomb": ("preprocess_faces", ARCHIVE, write_image_bomb, "max_bad_fraction"),
    "unknown attribute": (
        "preprocess_faces",
        ARCHIVE | {"figures__vae_faces__attributes": ["Bit_0", "Smiling"]},
        lambda folder: Archive().write(folder / "data/raw/faces/celeba.zip"),
        "figures.vae_faces.attributes: 'Smiling' is not an attribute of the dataset",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_error_is_one_line(name: str, tmp_path: Path) -> None:
    stage, changes, make, problem = FAILURES[name]
    make(tmp_path)
    done = run(tmp_path, stage, **changes)
    assert done.code == 1
    (line,) = done.lines
    assert line.startswith("ERROR: ")
    assert line.isprintable()
    assert problem in line
    assert done.memory < MAX_MEMORY
    assert not list((tmp_path / "data/processed").glob("*"))


def test_skipped_image_is_warning(tmp_path: Path) -> None:
    write_bad_images(tmp_path)
    tolerant = {**FOLDER, "download__fashion__folder__max_bad_fraction": 0.02}
    done = run(tmp_path, "download_fashion", **tolerant)
    assert done.code == 0
    (line,) = done.lines
    assert line.startswith("WARNING: ")
    assert "3 of 200 images cannot be used and are skipped: class 0/0.jpg: not a JPEG" in line
    done = run(tmp_path, "preprocess_fashion", **tolerant)
    assert (done.code, done.lines) == (0, [])
