"""Packing user-supplied face images into an archive."""

import hashlib
import logging
import os
import unicodedata
import zipfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pandas as pd
import pytest

from latent.download.faces import disk
from latent.download.faces.download import download_faces
from latent.errors import InputError
from latent.params import DownloadFaces, Params
from latent.raw.celeba.layout import open_archive, read_layout

COUNT = 40
EXTENSIONS = ("jpg", "JPEG", "png", "webp", "BMP")
NAMES = [f"{'abc'[number % 3]}/{number:02d}.{EXTENSIONS[number % 5]}" for number in range(COUNT)]


def content(name: str) -> bytes:
    return f"the content of {name}".encode()


def write_images(folder: Path, names: list[str] | None = None) -> Path:
    for name in NAMES if names is None else names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content(name))
    return folder


def pack(path: Path, folder: Path, prefix: str = "") -> Path:
    """Zip a folder as most programs do: deflated, with folders and times, in any order."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*"), reverse=True):
            archive.write(file, f"{prefix}{file.relative_to(folder)}")
    return path


@pytest.fixture
def faces(params: Params) -> DownloadFaces:
    return params.download.faces.model_copy(update={"source": "folder"})


def with_location(faces: DownloadFaces, location: str, **changes: object) -> DownloadFaces:
    folder = faces.folder.model_copy(update={"location": location, **changes})
    return faces.model_copy(update={"folder": folder})


def download(faces: DownloadFaces, root: Path, name: str = "faces") -> Path:
    """Return the path of the archive, and check that it is the only file in its folder."""
    folder = root / "data/raw" / name
    download_faces(faces, root, folder)
    assert [path.name for path in folder.iterdir()] == ["celeba.zip"]
    return folder / "celeba.zip"


def layout_of(archive: Path) -> pd.DataFrame:
    with open_archive(archive) as opened:
        return read_layout(opened)


def get_error(faces: DownloadFaces, root: Path) -> str:
    """Return the error message of a download, and check that no files are left."""
    with pytest.raises(InputError) as caught:
        download(faces, root)
    message = str(caught.value)
    assert message.isprintable()
    assert list((root / "data/raw").glob("*")) == []
    return message


def test_default_location(faces: DownloadFaces, tmp_path: Path) -> None:
    write_images(tmp_path / "images/faces")
    archive = download(faces, tmp_path)
    layout = layout_of(archive)
    assert layout["image_id"].tolist() == sorted(NAMES)
    assert list(layout) == ["image_id", "member", "partition"]
    assert set(layout["partition"]) == {"train", "test"}
    with ZipFile(archive) as opened:
        for name, member in zip(layout["image_id"], layout["member"], strict=True):
            assert opened.read(member) == content(name)
            assert opened.getinfo(member).compress_type == zipfile.ZIP_STORED
        assert not [name for name in opened.namelist() if "attr" in name]


def test_same_images_give_same_bytes(faces: DownloadFaces, tmp_path: Path) -> None:
    first = download(with_location(faces, str(write_images(tmp_path / "one"))), tmp_path, "first")
    write_images(tmp_path / "two", NAMES[::-1])
    os.utime(tmp_path / "two" / NAMES[0], (0, 0))
    (tmp_path / "two" / NAMES[1]).chmod(0o600)
    second = download(with_location(faces, "two"), tmp_path, "second")
    without_folder = pack(tmp_path / "without.zip", tmp_path / "one")
    with_folder = pack(tmp_path / "with.zip", tmp_path / "one", "my faces/")
    third = download(with_location(faces, str(without_folder)), tmp_path, "third")
    fourth = download(with_location(faces, str(with_folder)), tmp_path, "fourth")
    contents = {path.read_bytes() for path in (first, second, third, fourth)}
    assert len(contents) == 1


def test_bytes_do_not_depend_on_machine(faces: DownloadFaces, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images/faces", ["a.jpg", "b.png", "c.webp", "d/é.bmp"])
    (folder / "attributes.csv").write_text("image_id,Old,Big\nb.png,1,0\na.jpg,0,0\n"
                                           "c.webp,1,1\né.bmp,0,1\n")  # fmt: skip
    (folder / "partition.txt").write_text("a.jpg 0\nb.png 1\nc.webp 2\nd/é.bmp 0\n")
    archive = download(faces, tmp_path)
    with ZipFile(archive) as opened:
        assert opened.read("list_attr_celeba.csv").decode() == (
            "image_id,Old,Big\na.jpg,-1,-1\nb.png,1,-1\nc.webp,1,1\nd/é.bmp,-1,1\n"
        )
        assert opened.read("list_eval_partition.csv").decode() == (
            "image_id,partition\na.jpg,0\nb.png,1\nc.webp,2\nd/é.bmp,0\n"
        )
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert digest == "d6e659a8c5eb450460ab47a01633eb8a1cb084b1ac781477cfef2523bab74833"


@pytest.mark.parametrize("name", ["attributes.csv", "attributes.txt", "list_attr_celeba.txt"])
def test_attributes_are_joined_by_name(faces: DownloadFaces, tmp_path: Path, name: str) -> None:
    folder = write_images(tmp_path / "images/faces")
    rows = [f"{image}\t{int(image[0] == 'a')}\tFALSE" for image in NAMES[::-1]]
    (folder / name).write_text("\n".join(["image_id\tOf a\tNever", *rows]))
    layout = layout_of(download(faces, tmp_path))
    assert list(layout)[3:] == ["Of a", "Never"]
    assert layout["Of a"].tolist() == [image.startswith("a/") for image in sorted(NAMES)]
    assert not layout["Never"].any()


def test_partition_determines_split(faces: DownloadFaces, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images/faces")
    rows = [f"{image},{number % 3}" for number, image in enumerate(NAMES)]
    (folder / "partition.csv").write_text("\n".join(["image_id,partition", *rows[::-1]]))
    layout = layout_of(download(faces, tmp_path)).set_index("image_id")
    expected = [("train", "validation", "test")[number % 3] for number in range(COUNT)]
    assert layout["partition"][NAMES].tolist() == expected


def test_adding_images_moves_no_image_to_other_split(faces: DownloadFaces, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images/faces")
    before = layout_of(download(faces, tmp_path, "before")).set_index("image_id")["partition"]
    more = [f"{letter}/more {number}.png" for letter in "0bz" for number in range(20)]
    write_images(folder, more)
    after = layout_of(download(faces, tmp_path, "after")).set_index("image_id")["partition"]
    assert len(after) == COUNT + 60
    pd.testing.assert_series_equal(after[before.index], before)


def test_seed_and_fraction_determine_test_set(faces: DownloadFaces, tmp_path: Path) -> None:
    write_images(tmp_path / "images/faces", [f"{number}.jpg" for number in range(1000)])
    test_sets = {}
    for seed, fraction in ((1, 0.2), (2, 0.2), (1, 0.5)):
        own = with_location(faces, "images/faces", seed=seed, test_fraction=fraction)
        layout = layout_of(download(own, tmp_path))
        test_sets[seed, fraction] = set(layout["image_id"][layout["partition"] == "test"])
        # The tolerance is five standard deviations of a binomial distribution.
        assert abs(len(test_sets[seed, fraction]) - 1000 * fraction) < 80
    assert test_sets[1, 0.2] != test_sets[2, 0.2]
    assert test_sets[1, 0.2] < test_sets[1, 0.5]


def test_equal_file_names_in_different_folders_are_different_images(
    faces: DownloadFaces, tmp_path: Path
) -> None:
    names = [f"{folder}/1.jpg" for folder in "abcdefghij"]
    folder = write_images(tmp_path / "images/faces", names)
    (folder / "attributes.csv").write_text(
        "\n".join(["image_id,x", *(f"{name},{int(name < 'c')}" for name in names)])
    )
    layout = layout_of(download(faces, tmp_path))
    assert layout["x"].tolist() == [True] * 2 + [False] * 8


def test_other_files_are_ignored_with_one_warning(
    faces: DownloadFaces, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_images(tmp_path / "images/faces")
    expected = download(faces, tmp_path, "clean").read_bytes()
    hidden = (".DS_Store", "._01.jpg", "a/._02.jpg", ".hidden/03.jpg", "__MACOSX/04.jpg")
    write_images(folder, [*hidden])
    (folder / "folder.jpg").mkdir()
    (folder / "link.png").symlink_to(folder / "a")
    with caplog.at_level(logging.WARNING):
        layout = layout_of(download(faces, tmp_path, "hidden"))
    assert caplog.records == []
    assert set(layout["image_id"]) >= set(NAMES)
    (folder / "link.png").unlink()
    write_images(folder, [f"{number}.heic" for number in range(6)])
    assert download(faces, tmp_path, "others").read_bytes() == expected
    (record,) = caplog.records
    assert record.getMessage() == (
        f"{folder}: ignored 6 files without the extension of an image "
        "(.jpg, .jpeg, .jpe, .jfif, .png, .webp, .bmp): 6 .heic, such as 0.heic"
    )


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_source_stays_unchanged(faces: DownloadFaces, tmp_path: Path, kind: str) -> None:
    folder = write_images(tmp_path / "mine")
    location = folder if kind == "folder" else pack(tmp_path / "mine.zip", folder)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    before = [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in files]
    download(with_location(faces, str(location)), tmp_path)
    assert [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in files] == before


# Bad inputs


def test_missing_folder_is_rejected(faces: DownloadFaces, tmp_path: Path) -> None:
    message = get_error(faces, tmp_path)
    assert message == f"{tmp_path / 'images/faces'}: no such folder or zip file"


@pytest.mark.parametrize(
    ("names", "instead"),
    [([], ""), (["a.txt", "b.gif", "c.GIF", "d"], ", but 2 .gif, 1 .txt, 1 without extension")],
)
def test_folder_without_images_is_rejected(
    faces: DownloadFaces, tmp_path: Path, names: list[str], instead: str
) -> None:
    (tmp_path / "images/faces").mkdir(parents=True)
    write_images(tmp_path / "images/faces", names)
    assert get_error(faces, tmp_path).endswith(
        f"images/faces: contains no images (.jpg, .jpeg, .jpe, .jfif, .png, .webp, .bmp){instead}"
    )


def test_too_few_images_to_split_are_rejected(faces: DownloadFaces, tmp_path: Path) -> None:
    write_images(tmp_path / "images/faces", ["a.jpg"])
    message = get_error(faces, tmp_path)
    assert "none of 1 images is in the " in message
    assert "change download.faces.folder.test_fraction or .seed" in message


@pytest.mark.parametrize(
    ("name", "table", "problem"),
    [
        ("attributes.csv", "image_id,x\n00.jpg,1\n", "attributes.csv: has 1 rows for 40 images"),
        (
            "attributes.csv",
            "image_id,x\n99.jpg,1\n",
            "attributes.csv: line 2: contains a row for '99.jpg', but",
        ),
        (
            "attributes.csv",
            "image_id,x\n00.jpg,7\n",
            "attributes.csv: line 2: column x: 00.jpg has '7'",
        ),
        (
            "partition.csv",
            "image_id,x\n00.jpg,3\n",
            "partition.csv: line 2: 00.jpg has '3'; allowed",
        ),
        ("partition.txt", "00.jpg 0\n", "partition.txt: has 1 rows for 40 images"),
    ],
)
def test_bad_table_is_rejected(
    faces: DownloadFaces, tmp_path: Path, name: str, table: str, problem: str
) -> None:
    folder = write_images(tmp_path / "images/faces")
    (folder / name).write_text(table)
    assert get_error(faces, tmp_path).startswith(f"{folder}: {problem}")


def test_two_attribute_tables_are_rejected(faces: DownloadFaces, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images/faces")
    for name in ("attributes.csv", "list_attr_celeba.txt"):
        (folder / name).write_text("")
    message = get_error(faces, tmp_path)
    assert message.endswith(
        "contains both attributes.csv and list_attr_celeba.txt; only one is allowed"
    )


def test_same_name_in_two_unicode_forms_is_rejected(faces: DownloadFaces, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images/faces", ["é.jpg", "a.jpg"])
    if len(list(folder.iterdir())) > 2:
        pytest.skip("the file system normalises names")
    (folder / unicodedata.normalize("NFD", "é.jpg")).write_bytes(b"another")
    assert get_error(faces, tmp_path).endswith(
        "contains two files 'é.jpg', whose names differ only in their Unicode form; rename one of "
        "them"
    )


def test_name_that_is_not_utf8_is_rejected(faces: DownloadFaces, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images/faces")
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff.jpg")).write_bytes(b"")
    except OSError:
        pytest.skip("the file system allows only UTF-8 names")
    assert "the file name is not valid UTF-8" in get_error(faces, tmp_path)


def test_name_with_carriage_return_is_rejected(faces: DownloadFaces, tmp_path: Path) -> None:
    write_images(tmp_path / "images/faces", ["a.jpg", "b\r.jpg"])
    assert get_error(faces, tmp_path).endswith(
        "b\\r.jpg: the file name contains a carriage return; rename the file"
    )


@pytest.mark.parametrize("character", ["\n", "\t", "\u2028", "\u202f", '"'])
def test_names_with_unusual_characters_are_kept(
    character: str, faces: DownloadFaces, tmp_path: Path
) -> None:
    names = [f"{number}{character}.jpg" for number in range(COUNT)]
    write_images(tmp_path / "images/faces", names)
    assert sorted(layout_of(download(faces, tmp_path))["image_id"]) == sorted(names)


def test_damaged_image_in_zip_is_rejected(faces: DownloadFaces, tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    with ZipFile(path, "w") as archive:
        for name in NAMES:
            archive.writestr(name, content(name))
    path.write_bytes(path.read_bytes().replace(content(NAMES[3]), content(NAMES[3])[::-1]))
    message = get_error(with_location(faces, "mine.zip"), tmp_path)
    assert message.startswith(f"{path}: {NAMES[3]}: cannot be read: Bad CRC-32")


@pytest.mark.parametrize("name", ["../out.jpg", "/out.jpg", "a/../../out.jpg", "..\\out.jpg"])
def test_member_outside_zip_is_rejected(faces: DownloadFaces, tmp_path: Path, name: str) -> None:
    path = pack(tmp_path / "mine.zip", write_images(tmp_path / "mine"))
    with ZipFile(path, "a") as archive:
        archive.writestr(name, "out")
    assert get_error(with_location(faces, "mine.zip"), tmp_path).endswith(
        ": points outside the archive; only relative paths without '..' are allowed"
    )
    assert not list(tmp_path.rglob("out.jpg"))


def test_zip_larger_than_free_space_is_rejected(
    faces: DownloadFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name in NAMES:
            archive.writestr(name, bytes(1 << 16))
    usage = disk.shutil.disk_usage(tmp_path)._replace(free=COUNT << 16)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder: usage)
    download(with_location(faces, "bomb.zip"), tmp_path)
    usage = usage._replace(free=(COUNT << 16) - 1)
    with pytest.raises(InputError, match=r"bomb\.zip: needs 0\.00 GB, but the disk of"):
        download(with_location(faces, "bomb.zip"), tmp_path)
