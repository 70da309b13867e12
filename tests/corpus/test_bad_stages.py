"""The stages themselves, as `dvc repro` runs them: one line, exit code 1, and little memory."""

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
from making import COUNT, Archive, Bytes, damage, file_name, picture

pytestmark = [
    pytest.mark.usefixtures("patience"),
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux says what it took"),
]

ROOT = Path(__file__).parents[2]
MEMORY = 400_000  # kB: less than what the bombs hold
# Runs a stage as `python -m` does, then writes what Linux says of the process.
MEASURED = """
import runpy, sys
try:
    runpy.run_module(sys.argv.pop(), run_name="__main__")
finally:
    open("status", "w").write(open("/proc/self/status").read())
"""
BOMB = 1 << 29


@dataclass
class Done:
    """What a stage left behind.

    Attributes:
        code: that it exited with.
        lines: that it wrote.
        memory: in kB, at its peak.
    """

    code: int
    lines: list[str]
    memory: int


def run(folder: Path, stage: str, **changes: Any) -> Done:
    """Run a stage in `folder`, with parameters, named with __ for dots, changed."""
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
        [sys.executable, "-c", MEASURED, f"stages.{stage}"],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", (folder / "status").read_text())
    return Done(done.returncode, done.stdout.splitlines(), int(peak))


def garments(folder: Path) -> None:
    for number in range(200):
        path = folder / "images/fashion" / f"class {number % 3}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(number % COUNT))


def bad_garments(folder: Path) -> None:
    garments(folder)
    for number in range(3):
        (folder / "images/fashion" / f"class {number}" / f"{number}.jpg").write_bytes(b"\x1b[31m")


def bomb_of_pixels(folder: Path) -> None:
    place = folder / "images/fashion"
    place.mkdir(parents=True)
    header = bytes.fromhex("00000803 0000000a 0000001c 0000001c")
    bomb = gzip.compress(header + bytes(BOMB), 1)
    for split in ("train", "t10k"):
        (place / f"{split}-images-idx3-ubyte.gz").write_bytes(bomb)
        (place / f"{split}-labels-idx1-ubyte.gz").write_bytes(bomb)


def bomb_of_a_table(folder: Path) -> None:
    archive = Archive(methods={"list_attr_celeba.csv": zipfile.ZIP_DEFLATED})
    archive.tables["list_attr_celeba.csv"] = bytes(BOMB)
    archive.write(folder / "mine.zip")


def bomb_of_an_image(folder: Path) -> None:
    archive = Archive(methods={file_name(n): zipfile.ZIP_DEFLATED for n in range(1)})
    archive.images[file_name(0)] = bytes(BOMB)
    archive.write(folder / "data/raw/faces/celeba.zip")


def bomb_that_declares_less(folder: Path) -> None:
    bomb_of_an_image(folder)

    def declare(archive: Bytes) -> None:
        archive.put(archive.central(file_name(0)) + 24, "I", 1000)

    damage(folder / "data/raw/faces/celeba.zip", declare)


def half_an_archive(folder: Path) -> None:
    path = folder / "data/raw/faces/celeba.zip"
    Archive().write(path)
    os.truncate(path, path.stat().st_size // 2)


FOLDER = {"download__fashion__source": "folder"}
ARCHIVE = {"download__faces__source": "archive", "download__faces__location": "mine.zip"}

FAILURES: dict[str, tuple[str, dict[str, Any], Callable[[Path], object], str]] = {
    "no folder": (
        "download_fashion",
        FOLDER,
        lambda folder: None,
        "images/fashion: no such folder",
    ),
    "bad garments": ("download_fashion", FOLDER, bad_garments, "3 of 200 images were skipped"),
    "a bomb of pixels": ("download_fashion", FOLDER, bomb_of_pixels, "holds more bytes of data"),
    "no garments": ("preprocess_fashion", FOLDER, lambda folder: None, "classes.json"),
    "no archive": ("download_faces", ARCHIVE, lambda folder: None, "mine.zip: is no readable zip"),
    "a pipe": (
        "download_faces",
        ARCHIVE,
        lambda folder: os.mkfifo(folder / "mine.zip"),
        "mine.zip: is no readable zip file",
    ),
    "a bomb of a table": ("download_faces", ARCHIVE, bomb_of_a_table, "is larger than"),
    "half an archive": ("preprocess_faces", ARCHIVE, half_an_archive, "celeba.zip: is no readable"),
    "a bomb that declares less": (
        "preprocess_faces",
        ARCHIVE,
        bomb_that_declares_less,
        "000000.jpg, which is damaged",
    ),
    "a bomb of an image": ("preprocess_faces", ARCHIVE, bomb_of_an_image, "max_bad_fraction"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_stage_ends_in_one_line(name: str, tmp_path: Path) -> None:
    stage, changes, make, said = FAILURES[name]
    make(tmp_path)
    done = run(tmp_path, stage, **changes)
    assert done.code == 1
    (line,) = done.lines
    assert line.startswith("ERROR: ")
    assert line.isprintable()
    assert said in line
    assert done.memory < MEMORY
    assert not list((tmp_path / "data/processed").glob("*"))


def test_a_skipped_garment_is_a_warning(tmp_path: Path) -> None:
    bad_garments(tmp_path)
    loose = {**FOLDER, "download__fashion__folder__max_bad_fraction": 0.02}
    done = run(tmp_path, "download_fashion", **loose)
    assert done.code == 0
    (line,) = done.lines
    assert line.startswith("WARNING: ")
    assert "3 of 200 images were skipped: class 0/0.jpg is no JPEG, PNG, WebP or BMP image" in line
    done = run(tmp_path, "preprocess_fashion", **loose)
    assert (done.code, done.lines) == (0, [])
