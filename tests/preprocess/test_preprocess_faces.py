"""Preprocessing of face images: rows, splits, skipped images and errors."""

import io
import logging
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from PIL import Image

from latent.download.faces.sample.archive import make_face
from latent.errors import InputError
from latent.io.dataset import read_record, read_split
from latent.params import DownloadFaces, PreprocessFaces, load_params
from latent.preprocess.faces import fill
from latent.preprocess.faces.preprocess import preprocess_faces

SOURCE = load_params(Path(__file__).parents[2] / "params.yaml").download.faces
COUNT = 25
PARTITIONS = ("train", "validation", "test")
IMAGES = "img_align_celeba/img_align_celeba"
OUTS = ["dataset.json", "test.npy", "test.parquet", "train.npy", "train.parquet"]

# The red, green and blue of an image encode its attribute, partition and number.
Colour = tuple[int, int, int]


def partition_of(number: int) -> int:
    return number * 7 % 3


def smiles(number: int) -> bool:
    return number * 5 % 4 < 2


def colour_of(number: int) -> Colour:
    return 200 if smiles(number) else 40, 30 + 80 * partition_of(number), 10 * number


def jpeg(mode: str, colour: int | tuple[int, ...], size: tuple[int, int] = (178, 218)) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def pack(
    path: Path,
    order: Sequence[int] = range(COUNT),
    changes: dict[int, bytes] | None = None,
    compression: int = 0,
) -> Path:
    """Write an archive of images of one colour each, and of tables in another order."""
    attributes, partition = ["image_id,Bald,Smiling"], ["image_id,partition"]
    with ZipFile(path, "w", compression) as archive:
        for number in order:
            content = (changes or {}).get(number, jpeg("RGB", colour_of(number)))
            archive.writestr(f"{IMAGES}/{number:06d}.jpg", content)
        for number in sorted(order, key=lambda number: number * 11 % 25):
            attributes.append(f"{number:06d}.jpg,-1,{1 if smiles(number) else -1}")
            partition.insert(1, f"{number:06d}.jpg,{partition_of(number)}")
        archive.writestr("list_attr_celeba.csv", "\n".join(attributes))
        archive.writestr("list_eval_partition.csv", "\n".join(partition))
    return path


def preprocess(
    archive: Path,
    size: int = 32,
    processes: int | None = None,
    name: str = "faces",
    max_bad_fraction: float = 0.01,
    source: DownloadFaces = SOURCE,
    shown: Sequence[str] = (),
) -> Path:
    folder = archive.parent / "processed" / name
    params = PreprocessFaces(image_size=size, fit="stretch", max_bad_fraction=max_bad_fraction)
    preprocess_faces(archive, source, params, folder, processes, shown)
    return folder


def test_unknown_attributes_of_figures_are_rejected_before_any_image_is_decoded(
    tmp_path: Path,
) -> None:
    # All images are bad, which would be the error if they were decoded.
    archive = pack(tmp_path / "celeba.zip", changes=dict.fromkeys(range(COUNT), b"no image"))
    with pytest.raises(InputError) as caught:
        preprocess(archive, shown=["Smiling", "smiling"])
    assert str(caught.value) == (
        "figures.vae_faces.attributes: 'smiling' is not an attribute of the dataset; allowed are "
        "Bald, Smiling"
    )


def test_user_supplied_images_may_lack_attributes_of_figures(tmp_path: Path) -> None:
    own = SOURCE.model_copy(update={"source": "folder"})
    folder = preprocess(pack(tmp_path / "celeba.zip"), source=own, shown=["Male"])
    assert len(read_split(folder, "train").images)


def test_archive_without_attributes_needs_none_for_figures(tmp_path: Path) -> None:
    archive = pack(tmp_path / "celeba.zip")
    with ZipFile(archive) as full, ZipFile(tmp_path / "plain.zip", "w") as plain:
        for name in full.namelist():
            if "attr" not in name:
                plain.writestr(name, full.read(name))
    own = SOURCE.model_copy(update={"source": "archive"})
    folder = preprocess(tmp_path / "plain.zip", source=own, shown=["Male"])
    assert list(read_split(folder, "train").table.columns) == ["image_id"]


def get_error(archive: Path, max_bad_fraction: float = 0.01) -> str:
    """Return the error for an archive, and check that no files are left."""
    with pytest.raises(InputError) as caught:
        preprocess(archive, max_bad_fraction=max_bad_fraction)
    assert list((archive.parent / "processed").glob("*")) == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def check_rows(folder: Path, skipped: Sequence[int] = ()) -> None:
    """Check that the rows of array and table match, and that no image is missing."""
    for partition, split in ((0, "train"), (2, "test")):
        images, table = read_split(folder, split).images, read_split(folder, split).table
        numbers = [
            number
            for number in range(COUNT)
            if partition_of(number) == partition and number not in skipped
        ]
        assert table.columns.tolist() == ["image_id", "Bald", "Smiling"]
        assert table["image_id"].tolist() == [f"{number:06d}.jpg" for number in numbers]
        assert table["Smiling"].tolist() == [smiles(number) for number in numbers]
        assert not table["Bald"].any()
        assert table[["Bald", "Smiling"]].dtypes.astype(str).unique().tolist() == ["bool"]
        for number, image in zip(numbers, images, strict=True):
            distance = np.abs(image.astype(int) - colour_of(number))
            assert distance.max() <= 3


@pytest.mark.parametrize("limit", ["IMAGES", "BYTES", "PIXELS"])
@pytest.mark.parametrize("processes", [1, 3])
@pytest.mark.parametrize("compression", [0, ZIP_DEFLATED])
def test_table_rows_match_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, processes: int, compression: int
) -> None:
    monkeypatch.setattr(fill, limit, 3000)
    archive = pack(tmp_path / "faces.zip", compression=compression)
    check_rows(preprocess(archive, processes=processes))


@pytest.mark.parametrize(
    "bad",
    [
        [0],
        [24],
        [2, 3],
        [number for number in range(COUNT) if partition_of(number) == 0][1:],
        [number for number in range(COUNT) if partition_of(number) == 2][:-1],
        [3, 5, 6, 8, 9, 11, 23],
    ],
)
@pytest.mark.parametrize("processes", [1, 2])
def test_rows_stay_aligned_if_images_are_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: list[int], processes: int
) -> None:
    monkeypatch.setattr(fill, "IMAGES", 4)
    contents = (b"no image", b"", make_face(0, 0).jpeg[:5000])
    changes = {number: contents[number % 3] for number in bad}
    archive = pack(tmp_path / "faces.zip", changes=changes)
    folder = preprocess(archive, processes=processes, max_bad_fraction=1)
    used = [number for number in bad if partition_of(number) != 1]
    assert len(used) == len(bad)
    check_rows(folder, bad)
    record = read_record(folder)
    assert record["skipped"]["count"] == len(bad)
    assert list(record["skipped"]["images"]) == sorted(f"{number:06d}.jpg" for number in bad)
    assert record["images"]["train"] + record["images"]["test"] == 17 - len(bad)
    for split in ("train", "test"):  # the file contains nothing else
        array = np.load(folder / f"{split}.npy")
        np.save(tmp_path / "again.npy", array)
        assert (tmp_path / "again.npy").read_bytes() == (folder / f"{split}.npy").read_bytes()


def test_record_and_warning_contain_skipped_images(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    changes = {21: b"no image", 5: b""}
    with caplog.at_level(logging.WARNING):
        folder = preprocess(pack(tmp_path / "faces.zip", changes=changes), max_bad_fraction=0.2)
    reasons = {"000005.jpg": "empty file", "000021.jpg": "not a JPEG, PNG, WebP or BMP image"}
    assert read_record(folder)["skipped"] == {"count": 2, "images": reasons}
    (message,) = caplog.messages
    assert "\n" not in message
    assert "2 of 17 images cannot be used and are skipped" in message
    assert message.endswith("first image: 000005.jpg: empty file")


def test_too_many_bad_images_are_rejected(tmp_path: Path) -> None:
    archive = pack(tmp_path / "faces.zip", changes={21: b"no image", 5: b""})
    assert preprocess(archive, max_bad_fraction=2 / 17).is_dir()
    (tmp_path / "again").mkdir()
    again = archive.rename(tmp_path / "again/faces.zip")
    message = get_error(again, max_bad_fraction=1.99 / 17)
    assert message == (
        f"{again}: 2 of 17 images cannot be used, more than preprocess.faces.max_bad_fraction "
        "(0.117059) allows; first image: 000005.jpg: empty file"
    )


def test_number_of_named_images_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latent.preprocess.faces.preprocess.MAX_NAMED", 2)
    changes = dict.fromkeys((23, 0, 5, 21), b"")
    folder = preprocess(pack(tmp_path / "faces.zip", changes=changes), max_bad_fraction=1)
    record = read_record(folder)["skipped"]
    assert record["count"] == 4
    assert list(record["images"]) == ["000000.jpg", "000005.jpg"]


def test_validation_images_are_left_out_and_counted(tmp_path: Path) -> None:
    folder = preprocess(pack(tmp_path / "faces.zip"))
    counts = [partition_of(number) for number in range(COUNT)]
    record = read_record(folder)
    assert len(record.pop("digest")) == 64
    assert record == {
        "name": "faces",
        "source": "sample",
        "preparation": {"fit": "stretch", "padding": 0},
        "left_out": {"validation": counts.count(1)},
        "skipped": {"count": 0, "images": {}},
        "images": {"train": counts.count(0), "test": counts.count(2)},
        "shape": [32, 32, 3],
    }
    assert sorted(path.name for path in folder.iterdir()) == OUTS


@pytest.mark.parametrize("size", [32, 64, 128])
def test_image_size(tmp_path: Path, size: int) -> None:
    folder = preprocess(pack(tmp_path / "faces.zip"), size)
    for split in ("train", "test"):
        images = np.load(folder / f"{split}.npy")
        assert images.shape[1:] == (size, size, 3)
        assert images.dtype == np.uint8
        assert images.flags.c_contiguous
    assert read_record(folder)["shape"] == [size, size, 3]


def test_bytes_do_not_depend_on_number_of_processes(tmp_path: Path) -> None:
    archive = pack(tmp_path / "faces.zip")
    one = preprocess(archive, processes=1, name="one")
    four = preprocess(archive, processes=4, name="four")
    for name in OUTS:
        assert (one / name).read_bytes() == (four / name).read_bytes()


def test_bytes_do_not_depend_on_order_of_archive(tmp_path: Path) -> None:
    other = np.random.default_rng(0).permutation(COUNT).tolist()
    assert other != sorted(other)
    first = preprocess(pack(tmp_path / "first.zip"), name="first")
    second = preprocess(pack(tmp_path / "second.zip", other), name="second")
    for name in OUTS:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_damaged_validation_image_is_ignored(tmp_path: Path) -> None:
    number = next(number for number in range(COUNT) if partition_of(number) == 1)
    first = preprocess(pack(tmp_path / "whole.zip"), name="first")
    damaged = pack(tmp_path / "damaged.zip", changes={number: b"no image"})
    second = preprocess(damaged, name="second")
    assert (first / "dataset.json").read_bytes() == (second / "dataset.json").read_bytes()


@pytest.mark.parametrize(("kept", "empty"), [(0, "test"), (2, "train")])
def test_split_without_images_is_rejected(tmp_path: Path, kept: int, empty: str) -> None:
    numbers = [number for number in range(COUNT) if partition_of(number) == kept]
    message = get_error(pack(tmp_path / "faces.zip", numbers))
    assert message.endswith(
        f"faces.zip: list_eval_partition.csv: assigns no images to the {empty} split; 0 is train "
        "and 2 is test"
    )


def test_missing_archive_is_rejected(tmp_path: Path) -> None:
    message = get_error(tmp_path / "faces.zip")
    assert message.startswith(f"{tmp_path / 'faces.zip'}: not a readable zip file: ")


def test_inconsistent_tables_are_rejected(tmp_path: Path) -> None:
    archive = pack(tmp_path / "faces.zip")
    with ZipFile(archive, "a") as opened:
        opened.writestr(f"{IMAGES}/000099.jpg", jpeg("RGB", (0, 0, 0)))
    message = get_error(archive)
    assert message.startswith(f"{archive}: list_eval_partition.csv: has 25 rows for 26 images; ")
