"""The archive of faces: drawn, or one that the user has, or nothing at all."""

import errno
import os
import shutil
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from latent.download.faces import disk
from latent.download.faces.download import download_faces
from latent.errors import InputError
from latent.params import DownloadFaces, FacesSample, Params
from latent.raw.celeba.layout import open_archive, read_layout

# What the authors publish, in the folders of their site.
RELEASE = {
    "Anno/list_attr_celeba.txt": "2\nSmiling Bald\n000002.jpg 1 -1\n000001.jpg -1 -1\n",
    "Eval/list_eval_partition.txt": "000001.jpg 2\n000002.jpg 0\n",
    "README.txt": "CelebA",
}


def write_archive(path: Path, rows: int = 2) -> Path:
    """Write an archive of two images, with tables of `rows` rows."""
    names = [f"{number:06d}.jpg" for number in range(1, rows + 1)]
    path.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(path, "w") as archive:
        for name in ("000001.jpg", "000002.jpg"):
            archive.writestr(f"img_align_celeba/img_align_celeba/{name}", "a face")
        for table, header, value in (
            ("list_attr_celeba.csv", "Smiling", -1),
            ("list_eval_partition.csv", "partition", 0),
        ):
            lines = [f"image_id,{header}", *(f"{name},{value}" for name in names)]
            archive.writestr(table, "\n".join(lines))
    return path


def write_release(folder: Path) -> Path:
    """Write what the authors of CelebA publish."""
    for name, content in RELEASE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (folder / "Img").mkdir()
    with ZipFile(folder / "Img/img_align_celeba.zip", "w", ZIP_DEFLATED) as archive:
        for number in (1, 2):
            archive.writestr(f"img_align_celeba/00000{number}.jpg", f"face {number}")
    return folder


@pytest.fixture
def faces(params: Params) -> DownloadFaces:
    """Faces of an archive, or ten that are drawn."""
    changes = {"source": "archive", "sample": FacesSample(images=10, seed=3)}
    return params.download.faces.model_copy(update=changes)


def download(faces: DownloadFaces, location: str, root: Path) -> Path:
    """Take the user's archive at `location`, where relative paths count from `root`."""
    params = faces.model_copy(update={"location": location})
    download_faces(params, root, root / "raw" / "faces")
    return root / "raw" / "faces"


def refuse(faces: DownloadFaces, location: str, root: Path) -> str:
    """Return why the archive at `location` is not taken; it must leave nothing."""
    with pytest.raises(InputError) as caught:
        download(faces, location, root)
    assert list((root / "raw").glob("*")) == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def refuse_links(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refuse_link(source: str, target: str) -> None:
        raise OSError(code, os.strerror(code))

    for way in ("reflink", "hardlink"):
        monkeypatch.setattr(disk, way, refuse_link)


class State(NamedTuple):
    """What may not change of a user's file."""

    content: bytes
    changed: int
    mode: int


def state(path: Path) -> State:
    return State(path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode)


def test_sample_is_one_archive_and_nothing_else(faces: DownloadFaces, tmp_path: Path) -> None:
    params = faces.model_copy(update={"source": "sample", "location": "not looked at.zip"})
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        download_faces(params, tmp_path, folder)
        assert [path.name for path in folder.iterdir()] == ["celeba.zip"]
    with open_archive(first / "celeba.zip") as archive:
        layout = read_layout(archive)
    assert layout["partition"].tolist() == ["train"] * 8 + ["validation", "test"]
    assert (first / "celeba.zip").read_bytes() == (second / "celeba.zip").read_bytes()
    assert sorted(tmp_path.iterdir()) == [first, second]


# An archive that the user has


def test_archive_is_taken_and_left_as_it_is(faces: DownloadFaces, tmp_path: Path) -> None:
    source = write_archive(tmp_path / "mine" / "archive (1).zip")
    source.chmod(0o444)
    before = state(source)
    folder = download(faces, str(source), tmp_path)
    assert [path.name for path in folder.iterdir()] == ["celeba.zip"]
    taken = folder / "celeba.zip"
    assert taken.read_bytes() == before.content
    assert not taken.is_symlink()
    assert state(source) == before
    shutil.rmtree(folder)
    assert state(source) == before


def test_archive_takes_no_room_where_the_disk_can_link(
    faces: DownloadFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_copy(source: Path, target: Path) -> None:
        pytest.fail("copied")

    monkeypatch.setattr(shutil, "copyfile", refuse_copy)
    source = write_archive(tmp_path / "mine.zip")
    taken = download(faces, str(source), tmp_path) / "celeba.zip"
    assert taken.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("refusal", [errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK])
def test_archive_is_copied_where_the_disk_cannot(
    faces: DownloadFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: int
) -> None:
    refuse_links(monkeypatch, refusal)
    source = write_archive(tmp_path / "mine.zip")
    taken = download(faces, str(source), tmp_path) / "celeba.zip"
    assert taken.read_bytes() == source.read_bytes()
    assert not taken.samefile(source)


def test_archive_is_not_copied_where_there_is_no_room(
    faces: DownloadFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_links(monkeypatch, errno.EXDEV)
    source = write_archive(tmp_path / "mine.zip")
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    message = refuse(faces, "mine.zip", tmp_path)
    assert message.startswith(f"{source}: takes 0.00 GB, and the disk of ")


def test_a_linked_archive_is_taken_itself(faces: DownloadFaces, tmp_path: Path) -> None:
    source = write_archive(tmp_path / "mine.zip")
    (tmp_path / "link.zip").symlink_to(source)
    taken = download(faces, "link.zip", tmp_path) / "celeba.zip"
    assert not taken.is_symlink()
    assert taken.read_bytes() == source.read_bytes()


def test_relative_path_counts_from_the_root(
    faces: DownloadFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_archive(tmp_path / "mine" / "faces.zip")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    copy = download(faces, "mine/faces.zip", tmp_path) / "celeba.zip"
    assert copy.read_bytes() == source.read_bytes()


def test_path_below_the_home_folder(
    faces: DownloadFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_archive(tmp_path / "home" / "faces.zip")
    monkeypatch.setenv("HOME", str(source.parent))
    copy = download(faces, "~/faces.zip", tmp_path) / "celeba.zip"
    assert copy.read_bytes() == source.read_bytes()


def test_archive_of_an_earlier_download_survives_a_failure(
    faces: DownloadFaces, tmp_path: Path
) -> None:
    source = write_archive(tmp_path / "faces.zip")
    folder = download(faces, "faces.zip", tmp_path)
    with pytest.raises(InputError):
        download(faces, "nowhere.zip", tmp_path)
    assert [path.name for path in folder.parent.iterdir()] == ["faces"]
    assert (folder / "celeba.zip").read_bytes() == source.read_bytes()


# The original release


def names_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def check_release(folder: Path) -> None:
    """Check that what was taken is the release, and needs nothing else."""
    assert names_of(folder) == [
        "celeba.zip",
        "list_attr_celeba.txt",
        "list_eval_partition.txt",
    ]
    with open_archive(folder / "celeba.zip") as archive:
        layout = read_layout(archive)
    assert layout.drop(columns="member").to_dict("list") == {
        "image_id": ["000001.jpg", "000002.jpg"],
        "partition": ["test", "train"],
        "Smiling": [False, True],
        "Bald": [False, False],
    }


def test_the_original_release_is_taken_from_its_folders(
    faces: DownloadFaces, tmp_path: Path
) -> None:
    release = write_release(tmp_path / "release")
    folder = download(faces, "release", tmp_path)
    check_release(folder)
    images = release / "Img/img_align_celeba.zip"
    assert (folder / "celeba.zip").read_bytes() == images.read_bytes()


def test_the_original_release_is_taken_with_its_tables_beside_it(
    faces: DownloadFaces, tmp_path: Path
) -> None:
    release = write_release(tmp_path / "release")
    for name in RELEASE:
        (release / name).rename(release / "Img" / Path(name).name)
    check_release(download(faces, "release/Img/img_align_celeba.zip", tmp_path))


@pytest.mark.parametrize("packing", [ZIP_STORED, ZIP_DEFLATED], ids=["stored", "deflated"])
def test_the_original_release_is_taken_from_a_zip_of_its_folders(
    faces: DownloadFaces, tmp_path: Path, packing: int
) -> None:
    release = write_release(tmp_path / "release")
    with ZipFile(tmp_path / "all.zip", "w", packing) as archive:
        for path in sorted(release.rglob("*")):
            archive.write(path, f"CelebA/{path.relative_to(release)}")
    check_release(download(faces, "all.zip", tmp_path))


def test_a_table_of_the_release_that_does_not_fit_is_named(
    faces: DownloadFaces, tmp_path: Path
) -> None:
    release = write_release(tmp_path / "release")
    table = release / "Eval/list_eval_partition.txt"
    table.write_text("000001.jpg 2\n")
    said = "has 1 rows for 2 images, and none for 000002.jpg"
    assert refuse(faces, "release", tmp_path) == f"{table}: {said}"
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in sorted(release.rglob("*")):
            archive.write(path, path.relative_to(release))
    message = refuse(faces, "all.zip", tmp_path)
    assert message == f"{tmp_path / 'all.zip'}: list_eval_partition.txt: {said}"


def test_a_damaged_archive_in_a_zip_is_named(faces: DownloadFaces, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("Img/img_align_celeba.zip", "no archive")
    message = refuse(faces, "all.zip", tmp_path)
    place = f"{tmp_path / 'all.zip'}: Img/img_align_celeba.zip"
    assert message.startswith(f"{place}: is no readable zip file: ")


def test_folder_without_the_release_is_refused(faces: DownloadFaces, tmp_path: Path) -> None:
    (tmp_path / "faces").mkdir()
    message = refuse(faces, "faces", tmp_path)
    assert message == f"{tmp_path / 'faces'}: holds no img_align_celeba.zip"


def test_zip_without_images_is_refused(faces: DownloadFaces, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "faces.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert refuse(faces, "faces.zip", tmp_path) == (
        f"{tmp_path / 'faces.zip'}: holds no image (.jpg, .jpeg, .png, .webp, .bmp) and no "
        "img_align_celeba.zip"
    )


# What is no archive


@pytest.mark.parametrize("location", ["nowhere.zip", "~nobody-of-that-name/faces.zip"])
def test_missing_archive_is_refused(faces: DownloadFaces, tmp_path: Path, location: str) -> None:
    message = refuse(faces, location, tmp_path)
    assert message.startswith(f"{tmp_path / location}: is no readable zip file: ")
    assert "No such file" in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "; it is empty"),
        (b"Rar!\x1a\x07\x00", "File is not a zip file"),
        (b"a face", "; it is a text that says “a face”"),
        (
            b"<!DOCTYPE html>\n<head>\n<title>Google Drive &ndash;\nQuota exceeded</title>",
            "; it is a web page that says “Google Drive – Quota exceeded”",
        ),
        (b"<html><style>p {}</style><p>Sign <b>in</b></p>", "a web page that says “Sign in”"),
    ],
)
def test_other_file_is_refused_and_left_alone(
    faces: DownloadFaces, tmp_path: Path, content: bytes, said: str
) -> None:
    source = tmp_path / "faces.zip"
    source.write_bytes(content)
    message = refuse(faces, "faces.zip", tmp_path)
    assert message.startswith(f"{source}: is no readable zip file: ")
    assert message.endswith(said)
    assert source.read_bytes() == content


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (1, "has 1 rows for 2 images, and none for 000002.jpg"),
        (3, "names '000003.jpg', and there is no such image"),
    ],
)
def test_tables_that_do_not_fit_are_refused(
    faces: DownloadFaces, tmp_path: Path, rows: int, said: str
) -> None:
    source = write_archive(tmp_path / "faces.zip", rows)
    before = state(source)
    message = refuse(faces, "faces.zip", tmp_path)
    assert message == f"{source}: list_eval_partition.csv: {said}"
    assert state(source) == before
