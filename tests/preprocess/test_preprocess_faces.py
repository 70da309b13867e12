"""Faces as arrays: each row of the table describes its image, or nothing is made."""

import io
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from latent.data.dataset import read_record, read_split
from latent.data.faces.sample import make_face
from latent.errors import InputError
from latent.params import DownloadFaces, FacesSample, PreprocessFaces
from latent.preprocess import faces
from latent.preprocess.faces import preprocess_faces, read_image

SOURCE = DownloadFaces(source="sample", location=None, sample=FacesSample(images=10, seed=0))
COUNT = 25
PARTITIONS = ("train", "validation", "test")
IMAGES = "img_align_celeba/img_align_celeba"
OUTS = ["dataset.json", "test.npy", "test.parquet", "train.npy", "train.parquet"]

# What a picture says of itself, each in a colour of its own.
Shade = tuple[int, int, int]


def partition_of(number: int) -> int:
    return number * 7 % 3


def smiles(number: int) -> bool:
    return number * 5 % 4 < 2


def shade(number: int) -> Shade:
    return 200 if smiles(number) else 40, 30 + 80 * partition_of(number), 10 * number


def jpeg(mode: str, colour: int | tuple[int, ...], size: tuple[int, int] = (178, 218)) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def pack(
    path: Path,
    order: Sequence[int] = range(COUNT),
    changes: dict[int, bytes] | None = None,
) -> Path:
    """Write single-coloured faces, and tables in another order than theirs."""
    attributes, partition = ["image_id,Bald,Smiling"], ["image_id,partition"]
    with ZipFile(path, "w") as archive:
        for number in order:
            content = (changes or {}).get(number) or jpeg("RGB", shade(number))
            archive.writestr(f"{IMAGES}/{number:06d}.jpg", content)
        for number in sorted(order, key=lambda number: number * 11 % 25):
            attributes.append(f"{number:06d}.jpg,-1,{1 if smiles(number) else -1}")
            partition.insert(1, f"{number:06d}.jpg,{partition_of(number)}")
        archive.writestr("list_attr_celeba.csv", "\n".join(attributes))
        archive.writestr("list_eval_partition.csv", "\n".join(partition))
    return path


def preprocess(archive: Path, size: int = 32, threads: int = 2, name: str = "faces") -> Path:
    folder = archive.parent / "processed" / name
    preprocess_faces(archive, SOURCE, PreprocessFaces(image_size=size), threads, folder)
    return folder


def refuse(archive: Path) -> str:
    """Return why the archive is refused; that must leave nothing."""
    with pytest.raises(InputError) as caught:
        preprocess(archive)
    assert list((archive.parent / "processed").glob("*")) == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("chunk", [1, 3, 1024])
@pytest.mark.parametrize("threads", [1, 4])
def test_row_of_the_table_describes_the_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, threads: int
) -> None:
    monkeypatch.setattr(faces, "CHUNK", chunk)
    folder = preprocess(pack(tmp_path / "faces.zip"), threads=threads)
    for partition, split in ((0, "train"), (2, "test")):
        images, table = read_split(folder, split).images, read_split(folder, split).table
        numbers = [number for number in range(COUNT) if partition_of(number) == partition]
        assert table.columns.tolist() == ["image_id", "Bald", "Smiling"]
        assert table["image_id"].tolist() == [f"{number:06d}.jpg" for number in numbers]
        assert table["Smiling"].tolist() == [smiles(number) for number in numbers]
        assert not table["Bald"].any()
        assert table[["Bald", "Smiling"]].dtypes.astype(str).unique().tolist() == ["bool"]
        for number, image in zip(numbers, images, strict=True):
            distance = np.abs(image.astype(int) - shade(number))
            assert distance.max() <= 3


def test_validation_images_are_left_out_and_counted(tmp_path: Path) -> None:
    folder = preprocess(pack(tmp_path / "faces.zip"))
    counts = [partition_of(number) for number in range(COUNT)]
    record = read_record(folder)
    assert len(record.pop("digest")) == 64
    assert record == {
        "name": "faces",
        "source": "sample",
        "left_out": {"validation": counts.count(1)},
        "images": {"train": counts.count(0), "test": counts.count(2)},
        "shape": [32, 32, 3],
    }
    assert sorted(path.name for path in folder.iterdir()) == OUTS


@pytest.mark.parametrize("size", [32, 64, 128])
def test_images_have_the_size_that_was_asked_for(tmp_path: Path, size: int) -> None:
    folder = preprocess(pack(tmp_path / "faces.zip"), size)
    for split in ("train", "test"):
        images = np.load(folder / f"{split}.npy")
        assert images.shape[1:] == (size, size, 3)
        assert images.dtype == np.uint8
        assert images.flags.c_contiguous
    assert read_record(folder)["shape"] == [size, size, 3]


@pytest.mark.parametrize("size", [32, 64, 128])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_resized_face_is_that_of_a_full_decoding(size: int, number: int) -> None:
    content = make_face(0, number).jpeg
    with Image.open(io.BytesIO(content)) as image:
        full = image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
    distance = np.abs(read_image(content, size).astype(int) - np.asarray(full))
    assert distance.mean() < 1
    assert distance.max() <= 12
    assert np.asarray(full).std() > 20  # there is something that could differ


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [("L", 100, (100, 100, 100)), ("CMYK", (20, 60, 200, 30), (207, 172, 49))],
)
def test_grey_and_cmyk_images_become_rgb(
    tmp_path: Path, mode: str, colour: int | tuple[int, ...], expected: Shade
) -> None:
    changes = {0: jpeg(mode, colour)}
    images = read_split(preprocess(pack(tmp_path / "faces.zip", changes=changes)), "train").images
    assert np.abs(images[0].astype(int) - expected).max() <= 3
    assert np.abs(images[1].astype(int) - shade(3)).max() <= 3


def test_image_of_another_shape_is_stretched_whole() -> None:
    wide = np.zeros((100, 400, 3), np.uint8)
    wide[:, 200:] = 255
    buffer = io.BytesIO()
    Image.fromarray(wide).save(buffer, "JPEG", quality=95)
    image = read_image(buffer.getvalue(), 32)
    assert image.shape == (32, 32, 3)
    assert image[:, :15].max() < 10
    assert image[:, 17:].min() > 245


def test_bytes_do_not_depend_on_the_number_of_threads(tmp_path: Path) -> None:
    archive = pack(tmp_path / "faces.zip")
    one = preprocess(archive, threads=1, name="one")
    four = preprocess(archive, threads=4, name="four")
    for name in OUTS:
        assert (one / name).read_bytes() == (four / name).read_bytes()


def test_bytes_do_not_depend_on_the_order_of_the_archive(tmp_path: Path) -> None:
    other = np.random.default_rng(0).permutation(COUNT).tolist()
    assert other != sorted(other)
    first = preprocess(pack(tmp_path / "first.zip"), name="first")
    second = preprocess(pack(tmp_path / "second.zip", other), name="second")
    for name in OUTS:
        assert (first / name).read_bytes() == (second / name).read_bytes()


@pytest.mark.parametrize("number", [0, 2])
def test_what_is_no_image_is_refused(tmp_path: Path, number: int) -> None:
    assert partition_of(number) in (0, 2)
    archive = pack(tmp_path / "faces.zip", changes={number: b"no image"})
    assert refuse(archive) == f"{archive}: {IMAGES}/{number:06d}.jpg: is no image"


@pytest.mark.parametrize("number", [0, 2])
def test_truncated_image_is_refused(tmp_path: Path, number: int) -> None:
    content = make_face(0, 0).jpeg
    archive = pack(tmp_path / "faces.zip", changes={number: content[: len(content) // 2]})
    message = refuse(archive)
    assert message.startswith(f"{archive}: {IMAGES}/{number:06d}.jpg: cannot be decoded: ")
    assert "truncated" in message


def test_image_that_is_far_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = pack(tmp_path / "faces.zip", changes={3: jpeg("RGB", (1, 2, 3), (400, 400))})
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 200 * 220)
    message = refuse(archive)
    assert message.startswith(f"{archive}: {IMAGES}/000003.jpg: cannot be decoded: ")


def test_image_that_the_archive_lost_is_refused(tmp_path: Path) -> None:
    archive = pack(tmp_path / "faces.zip")
    name = f"{IMAGES}/000003.jpg"
    with ZipFile(archive) as opened:
        start = opened.getinfo(name).header_offset + 30 + len(name)
    content = bytearray(archive.read_bytes())
    content[start + 100] ^= 0xFF
    archive.write_bytes(content)
    assert refuse(archive).startswith(f"{archive}: {name}: cannot be read: ")


def test_damaged_validation_image_costs_nothing(tmp_path: Path) -> None:
    number = next(number for number in range(COUNT) if partition_of(number) == 1)
    first = preprocess(pack(tmp_path / "whole.zip"), name="first")
    damaged = pack(tmp_path / "damaged.zip", changes={number: b"no image"})
    second = preprocess(damaged, name="second")
    assert (first / "dataset.json").read_bytes() == (second / "dataset.json").read_bytes()


@pytest.mark.parametrize(("kept", "empty"), [(0, "test"), (2, "train")])
def test_split_without_images_is_refused(tmp_path: Path, kept: int, empty: str) -> None:
    numbers = [number for number in range(COUNT) if partition_of(number) == kept]
    message = refuse(pack(tmp_path / "faces.zip", numbers))
    assert message == f"sample: no image is left in the {empty} split"


def test_missing_archive_is_refused(tmp_path: Path) -> None:
    message = refuse(tmp_path / "faces.zip")
    assert message.startswith(f"{tmp_path / 'faces.zip'}: is no readable zip file: ")


def test_tables_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    archive = pack(tmp_path / "faces.zip")
    with ZipFile(archive, "a") as opened:
        opened.writestr(f"{IMAGES}/000099.jpg", jpeg("RGB", (0, 0, 0)))
    message = refuse(archive)
    assert message.startswith(f"{archive}: list_eval_partition.csv has 25 rows for 26 images; ")
