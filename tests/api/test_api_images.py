"""Images of any kind are prepared as the pipeline prepared the training images."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from own_project import draw_photo
from PIL import ExifTags, Image, ImageCms

from latent import Model
from latent.api.images import prepare_images
from latent.api.provenance import Preparation, TrainingData
from latent.errors import InputError
from latent.io.paths import DatasetPaths
from latent.params import DownloadFashion, PreprocessFashion
from latent.preprocess.fashion import preprocess_fashion
from latent.raw.classes import Classes, write_classes
from latent.raw.idx import images_file, read_idx, write_split

PHOTO = Image.fromarray(np.random.default_rng(1).integers(0, 256, (9, 7, 4), np.uint8)).resize(
    (70, 90), Image.Resampling.BICUBIC
)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("name", ["faces", "garments"])
def test_a_file_becomes_the_row_that_the_pipeline_made_of_it(
    request: pytest.FixtureRequest, project: Path, name: str, split: str
) -> None:
    model: Model = request.getfixturevalue(name)
    assert model.dataset is not None
    data = getattr(model.dataset, split)
    images, table = data.images, data.table
    folder = project / "images" / model.provenance.data.name
    paths = [folder / image_id for image_id in table["image_id"]]
    assert len({path.suffix for path in paths}) == 2
    np.testing.assert_array_equal(model.prepare(paths), images)
    np.testing.assert_array_equal(model.prepare([path.read_bytes() for path in paths]), images)
    np.testing.assert_array_equal(model.prepare(str(paths[0])), images[:1])


def test_a_raw_grey_image_becomes_the_row_that_the_pipeline_made_of_it(
    garments: Model, project: Path
) -> None:
    raw = read_idx(DatasetPaths("fashion", project).raw / images_file("train"), 3)
    assert garments.dataset is not None
    np.testing.assert_array_equal(garments.prepare(list(raw)), garments.dataset.train.images)


@pytest.mark.parametrize(("height", "width"), [(30, 20), (20, 30), (24, 24)])
def test_raw_images_that_are_not_square(tmp_path: Path, height: int, width: int) -> None:
    images = np.random.default_rng(1).integers(1, 256, (6, height, width), np.uint8)
    for split in ("train", "test"):
        write_split(tmp_path, split, images, np.zeros(6, np.uint8))
    write_classes(tmp_path, Classes(classes=["one"]))
    source = DownloadFashion.model_construct(source="folder")
    folder = tmp_path / "fashion"
    preprocess_fashion(tmp_path, source, PreprocessFashion(padding=2), 0, folder)
    rows = np.load(folder / "train.npy")
    data = TrainingData(
        name="fashion",
        source="folder",
        digest="",
        images={},
        shape=rows.shape[1:],
        preparation=Preparation(fit="pad", padding=2),
    )
    np.testing.assert_array_equal(prepare_images(list(images), 1, data), rows)
    # A white image of another shape keeps its aspect ratio, and touches two opposite sides.
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    for photo in (Image.new("L", (80, 40), 255), encoded(Image.new("L", (40, 80), 255), exif=exif)):
        (prepared,) = prepare_images([photo], 1, data)
        assert isinstance(prepared, np.ndarray)
        rows_used, columns_used = np.nonzero(prepared[..., 0])
        size = np.ptp(rows_used) + 1, np.ptp(columns_used) + 1
        assert size in ((height, height * 2), (width // 2, width))


@pytest.mark.parametrize(
    "mode",
    ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "HSV", "LAB"],
)
def test_a_pil_image_is_prepared_as_a_lossless_file(
    faces: Model, garments: Model, mode: str
) -> None:
    photo = PHOTO if mode in ("RGBA", "LA") else PHOTO.convert("RGB")
    via = {"PA": "P", "RGBa": "RGBA", "HSV": "RGB", "LAB": "RGB"}.get(mode)
    image = _to_mode(photo, via, mode)
    lossless = image if mode in ("1", "L", "LA", "P", "RGB", "RGBA") else None
    if lossless is None:
        lossless = image.convert("RGBA" if mode in ("PA", "RGBa") else "RGB")
    for model in (faces, garments):
        np.testing.assert_array_equal(model.prepare(image), model.prepare(encoded(lossless)))


def _to_mode(photo: Image.Image, via: str | None, mode: str) -> Image.Image:
    if mode == "LAB":
        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(photo, *profiles, outputMode="LAB")
        assert converted is not None
        return converted
    return (photo.convert(via) if via else photo).convert(mode)


def test_the_transparent_colour_of_a_palette_is_white(faces: Model) -> None:
    image = Image.new("P", (8, 8))
    image.putpalette([9, 9, 9])
    image.info["transparency"] = 0
    assert (faces.prepare(image) == 255).all()


def test_a_pil_image_of_16_bits(garments: Model) -> None:
    levels = np.linspace(0, 65535, 784).astype(np.uint16).reshape(28, 28)
    prepared = garments.prepare(Image.fromarray(levels))
    np.testing.assert_array_equal(prepared[0, 2:-2, 2:-2, 0], np.rint(levels / 257))


def test_a_pil_image_is_turned_upright(faces: Model) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    content = encoded(PHOTO.convert("RGB"), exif=exif)
    with Image.open(io.BytesIO(content)) as image:
        prepared = faces.prepare(image)
    np.testing.assert_array_equal(prepared, faces.prepare(content))
    expected = faces.prepare(PHOTO.convert("RGB").transpose(Image.Transpose.ROTATE_270))
    # The pipeline resizes first. The sums of another direction are rounded differently.
    np.testing.assert_allclose(prepared.astype(int), expected.astype(int), atol=1)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_an_array_is_prepared_as_the_pil_image(faces: Model, garments: Model, mode: str) -> None:
    image = PHOTO.convert(mode)
    pixels = np.asarray(image)
    for model in (faces, garments):
        np.testing.assert_array_equal(model.prepare(pixels), model.prepare(image))
        if mode == "L":
            expected = model.prepare(image)
            np.testing.assert_array_equal(model.prepare(pixels[..., np.newaxis]), expected)


def test_an_array_of_the_models_shape_counts_as_prepared(garments: Model) -> None:
    assert garments.dataset is not None
    rows = garments.dataset.test.images
    assert garments.prepare(rows) == pytest.approx(rows)
    np.testing.assert_array_equal(garments.prepare(rows[0]), rows[:1])
    # A grey image of the same size is fitted into 28×28 pixels, as the pipeline does.
    assert (garments.prepare(rows[0, :, :, 0]) != rows[:1]).any()


def test_images_may_come_from_an_iterator_and_may_be_none(faces: Model) -> None:
    assert faces.prepare(PHOTO for _ in range(3)).shape == (3, 32, 32, 3)
    assert faces.prepare([]).shape == (0, 32, 32, 3)
    assert faces.encode([]).shape == (0, 4)
    assert faces.reconstruct([]) == []


@pytest.fixture(scope="module")
def bad_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    jpeg = encoded(draw_photo(0), "JPEG")
    (folder / "cut.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    (folder / "empty.png").touch()
    (folder / "text.png").write_text("not an image")
    (folder / "large.png").write_bytes(encoded(Image.new("1", (20_000, 20_000))))
    (folder / "folder.png").mkdir()
    os.mkfifo(folder / "pipe.png")
    return folder


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("cut.jpg", "cannot be decoded: "),
        ("empty.png", "empty file"),
        ("text.png", "not a JPEG, PNG, WebP or BMP image"),
        ("large.png", "more than 67,108,864 pixels"),
        ("folder.png", "is a folder; an image file is needed"),
        ("pipe.png", "is not a regular file"),
        ("missing.png", "cannot be read: No such file or directory"),
        ("~no such user/a.png", "cannot be read: No such file or directory"),
        ("a\0b.png", "cannot be read: embedded null byte"),
        ("a\nb.png", "cannot be read: No such file or directory"),
    ],
)
@pytest.mark.usefixtures("patience")
def test_a_bad_file_is_named(
    faces: Model, garments: Model, bad_files: Path, name: str, problem: str
) -> None:
    for model in (faces, garments):
        with pytest.raises(InputError) as caught:
            model.encode([PHOTO, bad_files / name])
        message = str(caught.value)
        assert message.isprintable()
        assert f"{name[-4:]}: {problem}" in message


NO_TYPE = "is of the type list; allowed are a path, the bytes of an image file, a PIL image and"
BAD_VALUES: list[tuple[Any, str]] = [
    (b"", "empty file"),
    (np.full((8, 8), np.nan), "has the type float64; allowed is uint8, from 0 to 255"),
    (np.zeros((8, 8), np.int64), "has the type int64; allowed is uint8, from 0 to 255"),
    (np.zeros((32, 32, 3), np.float32), "has the type float32; allowed is uint8, from 0 to 255"),
    (np.zeros((8, 8, 2), np.uint8), "has the shape (8, 8, 2); allowed are (H, W) and"),
    (np.zeros(8, np.uint8), "has the shape (8,); allowed are (H, W) and (H, W, 1, 3 or 4)"),
    (np.zeros((0, 8), np.uint8), "has the shape (0, 8), which contains no pixels"),
    (Image.new("F", (8, 8)), "has the mode 'F'; convert it to RGB or L"),
    (Image.new("I", (8, 8)), "has the mode 'I'; convert it to RGB or L"),
    (Image.new("1", (20_000, 20_000)), "20000×20000 pixels; at most 67,108,864 are allowed"),
    (Image.new("RGB", (0, 8)), "contains no pixels"),
    ([[1, 2]], NO_TYPE),
]


@pytest.mark.parametrize(("image", "problem"), BAD_VALUES)
def test_a_bad_image_is_named_by_its_number(faces: Model, image: Any, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        faces.prepare([PHOTO, image])
    assert str(caught.value).startswith(f"image 2: {problem}")


def test_a_damaged_pil_image(faces: Model, bad_files: Path) -> None:
    with Image.open(bad_files / "cut.jpg") as image, pytest.raises(InputError) as caught:
        faces.prepare(image)
    assert str(caught.value).startswith("image 1: cannot be decoded: ")


def test_an_image_that_is_not_read_yet_occurs_several_times(faces: Model, project: Path) -> None:
    path = sorted((project / "images/faces").glob("*.jpg"))[0]
    with Image.open(path) as image:
        expected = faces.prepare(image)
    with Image.open(path) as image:
        assert (faces.prepare([image] * 16) == expected).all()


def test_a_value_that_is_no_image_and_no_iterable_is_named(faces: Model) -> None:
    with pytest.raises(InputError, match="image 1: is of the type NoneType; allowed are "):
        faces.prepare(None)  # type: ignore[arg-type]


def test_batches_leave_bad_images_out(faces: Model, bad_files: Path, project: Path) -> None:
    good = sorted((project / "images/faces").glob("*.jpg"))[:5]
    paths = [good[0], bad_files / "empty.png", *good[1:], bad_files / "text.png"]
    batches = list(faces.encode_batches(paths, batch_size=3))
    assert [batch.images for batch in batches] == [good[:2], good[2:5], []]
    assert [len(batch.errors) for batch in batches] == [1, 0, 1]
    found: NDArray[np.float32] = np.concatenate([batch.z_mean for batch in batches])
    np.testing.assert_array_equal(found, faces.encode(good))


def test_batches_are_read_when_they_are_needed(faces: Model) -> None:
    taken = []

    def images() -> Any:
        for number in range(100):
            taken.append(number)
            yield PHOTO

    batches = faces.encode_batches(images(), batch_size=4)
    assert taken == []
    next(batches)
    assert len(taken) == 4
