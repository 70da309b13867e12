"""Tests of the pipeline with a user's own images, in all supported formats."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Project
from PIL import ExifTags, Image

SIZES = ((178, 218), (40, 40), (300, 90), (33, 64))
Save = Callable[[Image.Image, Path], None]


def save_rotated(image: Image.Image, path: Path) -> None:
    """Save an image rotated by 90°, with the EXIF tag that undoes the rotation."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    image.rotate(90, expand=True).save(path, quality=95, exif=exif)


def make_transparent(image: Image.Image) -> Image.Image:
    """Return the image with one transparent pixel, which no test compares."""
    image = image.convert("RGBA")
    image.putpixel((0, 0), (0, 0, 0, 0))
    return image


COLOURED: dict[str, Save] = {
    "rgb.jpg": lambda image, path: image.save(path, quality=95),
    "progressive.JPEG": lambda image, path: image.save(path, quality=95, progressive=True),
    "cmyk.jpg": lambda image, path: image.convert("CMYK").save(path, quality=95),
    "rotated.jpg": save_rotated,
    "rgb.png": lambda image, path: image.save(path),
    "palette.png": lambda image, path: image.quantize(8).save(path),
    "alpha.png": lambda image, path: make_transparent(image).save(path),
    "lossy.webp": lambda image, path: image.save(path, quality=95),
    "alpha.webp": lambda image, path: make_transparent(image).save(path, lossless=True),
    "rgb.bmp": lambda image, path: image.save(path),
    "palette.BMP": lambda image, path: image.quantize(8).save(path),
}
GREY: dict[str, Save] = {
    "grey.jpg": lambda image, path: image.convert("L").save(path, quality=95),
    "grey.png": lambda image, path: image.convert("L").save(path),
    "grey alpha.png": lambda image, path: make_transparent(image).convert("LA").save(path),
    "16 bit.png": lambda image, path: Image.fromarray(
        np.asarray(image.convert("L")).astype(np.uint16) * 257
    ).save(path),
    "grey.bmp": lambda image, path: image.convert("L").save(path),
}
FORMATS = {**COLOURED, **GREY}


def write_images(folder: Path, count: int = 96) -> None:
    """Write images in all formats, each of two colours, which its file name contains."""
    generator = np.random.default_rng(0)
    for number in range(count):
        suffix = list(FORMATS)[number % len(FORMATS)]
        shades = generator.integers(0, 256, 6)
        if suffix in GREY:
            shades = np.repeat(shades[::3], 3)
        top, bottom = (tuple(shades[half : half + 3].tolist()) for half in (0, 3))
        width, height = SIZES[number % len(SIZES)]
        image = Image.new("RGB", (width, height), top)
        image.paste(bottom, (0, height // 2, width, height))
        name = "".join(f"{shade:02x}" for shade in shades)
        path = folder / "abc"[number % 3] / f"{name} {suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        FORMATS[suffix](image, path)


@pytest.fixture
def own(fresh: Project) -> Project:
    """A clone with the user's images in the default folder, and one changed parameter."""
    write_images(fresh.folder / "images/faces")
    fresh.edit({"download.faces.source": "folder"})
    return fresh


def test_figures_of_user_supplied_images(own: Project) -> None:
    images = own.folder / "images/faces"
    before = {path: path.read_bytes() for path in images.rglob("*") if path.is_file()}
    done = own.run("dvc", "repro", "figures_vae_faces")
    assert done.returncode == 0, done.stderr
    warnings = [line for line in done.stderr.splitlines() if "WARNING" in line]
    # The short training may end with a warning about its number of steps.
    assert [warning for warning in warnings if "steps" not in warning] == [
        "WARNING: data/processed/faces: the images have no attributes, so there are no attribute "
        "vectors",
        "WARNING: the images have no attributes, so there are no figures of attribute edits",
    ]
    folder = own.folder / "data/processed/faces"
    record = json.loads((folder / "dataset.json").read_text())
    assert record["source"] == "folder"
    assert sum(record["images"].values()) == len(before)
    for split in ("train", "test"):
        table = pd.read_parquet(folder / f"{split}.parquet")
        assert list(table) == ["image_id"]
        for name, image in zip(table["image_id"], np.load(folder / f"{split}.npy"), strict=True):
            shades = bytes.fromhex(Path(name).name.split(" ")[0])
            for half, rows in ((shades[:3], image[4:13]), (shades[3:], image[19:28])):
                distance = np.abs(rows[:, 4:28].astype(int) - list(half))
                assert distance.max() <= 12, name
    figures = {path.name for path in (own.folder / "reports/figures/vae_faces").iterdir()}
    assert {"3-15_faces.png", "3-18_generated.png", "3-20_morphs.png"} <= figures
    assert not [name for name in figures if name.startswith("3-19")]
    assert {path: path.read_bytes() for path in before} == before
    # Without attributes there is no classifier. Metrics that do not need one are measured.
    done = own.run("dvc", "repro", "evaluate@vae_faces", "evaluate_edits@faces")
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if "WARNING" in line] == [
        "WARNING: the images have no attributes that differ, so no classifier is trained",
        "WARNING: the classifier recognizes no attribute in the reconstructions, so no edits are "
        "evaluated",
        "WARNING: 'reports/figures/vae_faces_edits' is empty.",  # DVC's own
    ]
    metrics = json.loads((own.folder / "reports/metrics/vae_faces_evaluation.json").read_text())
    assert "evaluate/importance_nats" in metrics
    assert "evaluate/prior/frechet" not in metrics
    # Another image size does not need another download.
    own.edit({"preprocess.faces.image_size": 64})
    done = own.run("dvc", "repro", "--dry", "figures_vae_faces")
    assert "Running stage 'preprocess@faces'" in done.stdout
    assert "Running stage 'download@faces'" not in done.stdout


def write_class_folders(folder: Path, classes: int, count: int = 120) -> None:
    """Write images in a folder per class. Each has one shade of grey, which is its file name."""
    for number in range(count):
        path = folder / f"kind {number % classes}" / f"{2 * number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", SIZES[number % len(SIZES)], 2 * number).save(path)


def test_figures_of_user_supplied_images_in_class_folders(fresh: Project) -> None:
    write_class_folders(fresh.folder / "images/fashion", classes=12)
    fresh.edit({"download.fashion.source": "folder", "preprocess.fashion.padding": 3})
    done = fresh.run("dvc", "repro", "figures@ae_fashion")
    assert "ERROR: download.fashion.folder.size is 28: images of 28×28 pixels" in done.stderr
    assert "with a padding of 3 cannot be halved 2 times" in done.stderr
    assert "set preprocess.fashion.padding to 2 or 4" in done.stderr
    assert "Traceback" not in done.stderr
    fresh.edit({"preprocess.fashion.padding": 2})
    done = fresh.run("dvc", "repro", "figures@ae_fashion")
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    folder = fresh.folder / "data/processed/fashion"
    record = json.loads((folder / "dataset.json").read_text())
    assert record["classes"] == sorted(f"kind {number}" for number in range(12))
    assert sum(record["images"].values()) == 120
    for split in ("train", "test"):
        table = pd.read_parquet(folder / f"{split}.parquet")
        for name, label, image in zip(
            table["image_id"], table["label"], np.load(folder / f"{split}.npy"), strict=True
        ):
            assert int(Path(name).stem) == image[16, 16, 0]
            assert name.startswith(f"{record['classes'][label]}/")
    figures = {path.name for path in (fresh.folder / "reports/figures/ae_fashion").iterdir()}
    assert {"3-03_items.png", "3-07_embeddings_by_label.png", "3-09_decoded_grid.png"} <= figures
