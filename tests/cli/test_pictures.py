"""The pictures have the pixels that the Python interface returns."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from latent_command import SIDE, Latent
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from latent import Model
from latent.api.sheets import GAP, LINE, enlarge

Images = NDArray[np.uint8]


@pytest.fixture(scope="module")
def faces(project: Path) -> Model:
    return Model.load("vae_faces", project)


def cells(path: Path, count: int, columns: int, lines: int = 1, top: int = 0) -> Images:
    """Return the images of a sheet at the size of the model, uint8 (count, H, W, 3)."""
    page = np.asarray(Image.open(path))
    side = enlarge(np.zeros((1, SIDE, SIDE, 3), np.uint8), columns).shape[1]
    factor = side // SIDE
    found = []
    for index in range(count):
        row, column = divmod(index, columns)
        left, upper = GAP + column * (side + GAP), GAP + top + row * (side + GAP + LINE * lines)
        cell = page[upper : upper + side, left : left + side]
        pixels = cell[::factor, ::factor]
        # Every pixel is a square of equal pixels.
        np.testing.assert_array_equal(pixels.repeat(factor, 0).repeat(factor, 1), cell)
        found.append(pixels)
    return np.stack(found)


def test_generate(latent: Latent, faces: Model, tmp_path: Path) -> None:
    path = tmp_path / "faces.png"
    result = latent("generate", "vae_faces", "--count", 13, "--seed", 1, "-o", path)
    assert result == (0, "", f"{path}: 13 images\n")
    expected = faces.generate(13, 1, as_arrays=True)
    np.testing.assert_array_equal(cells(path, 13, 10, lines=0), expected)


def test_grey_images_of_an_autoencoder(latent: Latent, project: Path, tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    assert latent("generate", "ae_fashion", "--count", 3, "-o", path).code == 0
    expected = Model.load("ae_fashion", project).generate(3, as_arrays=True)
    np.testing.assert_array_equal(cells(path, 3, 3, lines=0), expected.repeat(3, axis=3))


def test_reconstruct(latent: Latent, faces: Model, tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    assert latent("reconstruct", "vae_faces", "a.png", "-o", path).code == 0
    original, reconstruction = cells(path, 2, 2)
    np.testing.assert_array_equal(original, faces.prepare("a.png")[0])
    np.testing.assert_array_equal(reconstruction, faces.reconstruct("a.png", as_arrays=True)[0])


def test_edit(latent: Latent, faces: Model, tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    changes = ("Smiling=+3", "Eyeglasses=-2.5", "Hat=big=1")
    assert latent("edit", "vae_faces", "a.png", *changes, "-o", path).code == 0
    original, reconstruction, edited = cells(path, 3, 3, lines=3)
    np.testing.assert_array_equal(original, faces.prepare("a.png")[0])
    np.testing.assert_array_equal(reconstruction, faces.reconstruct("a.png", as_arrays=True)[0])
    expected = faces.edit("a.png", {"Smiling": 3, "Eyeglasses": -2.5, "Hat=big": 1}, as_arrays=True)
    np.testing.assert_array_equal(edited, expected)
    assert (edited != reconstruction).any()


@pytest.mark.parametrize(
    ("arguments", "factors"),
    [
        (["-4:4"], [-4, -3, -2, -1, 0, 1, 2, 3, 4]),
        (["2:−1.5", "--steps", "3"], [2, 0.25, -1.5]),  # with a typographic minus sign
    ],
)
def test_sweep(
    latent: Latent, faces: Model, tmp_path: Path, arguments: list[str], factors: list[float]
) -> None:
    path = tmp_path / "strip.png"
    options = ["--sweep", "Smiling", *arguments]
    assert latent("edit", "vae_faces", "a.png", *options, "-o", path).code == 0
    count = len(factors) + 1
    strip = cells(path, count, count, top=LINE)
    np.testing.assert_array_equal(strip[0], faces.prepare("a.png")[0])
    expected = faces.sweep("a.png", "Smiling", factors, as_arrays=True)
    np.testing.assert_array_equal(strip[1:], expected)


def test_morph_as_a_strip(latent: Latent, faces: Model, tmp_path: Path) -> None:
    path = tmp_path / "strip.PNG"
    assert latent("morph", "vae_faces", "a.png", "b.png", "--steps", 5, "-o", path).code == 0
    strip = cells(path, 7, 7)
    np.testing.assert_array_equal(strip[[0, 6]], faces.prepare(["a.png", "b.png"]))
    np.testing.assert_array_equal(strip[1:-1], faces.morph("a.png", "b.png", 5, as_arrays=True))


def test_morph_as_an_animation(latent: Latent, faces: Model, tmp_path: Path) -> None:
    path = tmp_path / "morph.gif"
    assert latent("morph", "vae_faces", "a.png", "b.png", "--steps", 5, "-o", path).code == 0
    expected = enlarge(faces.morph("a.png", "b.png", 5, as_arrays=True), 1)
    with Image.open(path) as animation:
        frames, durations = [], []
        for frame in ImageSequence.Iterator(animation):
            frames.append(np.asarray(frame.convert("RGB"), float))
            durations.append(frame.info["duration"])
        assert animation.info["loop"] == 0
    assert durations == [800, 100, 100, 100, 800]
    assert np.abs(frames - expected.astype(float)).mean() < 2  # 256 colours per frame


def test_nearest(latent: Latent, project: Path, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    result = latent("nearest", "vae_fashion", "a.png", "--count", 12, "-o", path)
    assert result.code == 0
    model = Model.load("vae_fashion", project)
    found = model.nearest("a.png", 12, as_arrays=True)
    head, *lines = result.out.splitlines()
    assert head.split() == ["distance", "image_id"]
    rows = [line.split() for line in lines]
    assert [row[1:] for row in rows] == [
        list(pair) for pair in zip(found.ids, found.labels, strict=True)
    ]
    np.testing.assert_allclose([float(row[0]) for row in rows], found.distances, rtol=1e-3)
    sheet = cells(path, 13, 11, lines=2)
    images: Any = found.images
    np.testing.assert_array_equal(sheet[0], model.prepare("a.png")[0].repeat(3, axis=2))
    np.testing.assert_array_equal(sheet[1:], images.repeat(3, axis=3))


def test_all_training_images_if_there_are_fewer(latent: Latent, tmp_path: Path) -> None:
    result = latent("nearest", "vae_faces", "a.png", "--count", 1000, "-o", tmp_path / "x.png")
    assert len(result.out.splitlines()) == 1 + 30


def test_a_folder_is_a_model(latent: Latent, project: Path, tmp_path: Path) -> None:
    for name, model in (("a.png", "vae_faces"), ("b.png", project / "models/vae_faces")):
        assert latent("generate", model, "--count", 4, "-o", tmp_path / name).code == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_default_output_is_replaced(
    latent: Latent, tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model = project / "models/vae_faces"
    assert latent("generate", model, "--count", 2).err == "latent_generate.png: 2 images\n"
    first = Path("latent_generate.png").read_bytes()
    latent("generate", model, "--count", 2)
    assert Path("latent_generate.png").read_bytes() == first
    latent("generate", model, "--count", 2, "--seed", 1)
    assert Path("latent_generate.png").read_bytes() != first
    assert [path.name for path in tmp_path.iterdir()] == ["latent_generate.png"]


def test_a_link_stays_a_link(latent: Latent, tmp_path: Path) -> None:
    link, target = tmp_path / "link.png", tmp_path / "target.png"
    target.touch()
    link.symlink_to(target)
    assert latent("generate", "vae_faces", "--count", 2, "-o", link).code == 0
    assert link.is_symlink()
    assert target.stat().st_size


def test_a_hundred_images_are_a_square(latent: Latent, tmp_path: Path) -> None:
    path = tmp_path / "square.png"
    assert latent("generate", "vae_faces", "--count", 400, "-o", path).code == 0
    width, height = Image.open(path).size
    assert width == height == 20 * (64 + GAP) + GAP
