"""The archive of face images: generated or user-supplied, or an error."""

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

# Files of the release by the authors of CelebA, in the folders of their website.
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
        for table, header, values in (
            ("list_attr_celeba.csv", "Smiling", (-1, -1, -1)),
            ("list_eval_partition.csv", "partition", (0, 2, 0)),
        ):
            rows_of_table = [f"{name},{value}" for name, value in zip(names, values, strict=False)]
            lines = [f"image_id,{header}", *rows_of_table]
            archive.writestr(table, "\n".join(lines))
    return path


def write_release(folder: Path) -> Path:
    """Write the release by the authors of CelebA."""
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
    """Parameters for a user-supplied archive, or for a sample of ten faces."""
    changes = {"source": "archive", "sample": FacesSample(images=10, seed=3)}
    return params.download.faces.model_copy(update=changes)


def download(faces: DownloadFaces, location: str, root: Path) -> Path:
    """Copy the archive at `location`, which may be relative to `root`."""
    params = faces.model_copy(update={"location": location})
    download_faces(params, root, root / "raw" / "faces")
    return root / "raw" / "faces"


def get_error(faces: DownloadFaces, location: str, root: Path) -> str:
    """Return the error for the archive at `location`, and check that no files are left."""
    with pytest.raises(InputError) as caught:
        download(faces, location, root)
    assert list((root / "raw").glob("*")) == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def forbid_clones(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def fail(source: str, target: str) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(disk, "reflink", fail)


class State(NamedTuple):
    """Properties of a user's file that must not change."""

    content: bytes
    modified: int
    mode: int


def state(path: Path) -> State:
    return State(path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode)


def test_sample_is_one_archive(faces: DownloadFaces, tmp_path: Path) -> None:
    params = faces.model_copy(update={"source": "sample", "location": "unused.zip"})
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        download_faces(params, tmp_path, folder)
        assert [path.name for path in folder.iterdir()] == ["celeba.zip"]
    with open_archive(first / "celeba.zip") as archive:
        layout = read_layout(archive)
    assert layout["partition"].tolist() == ["train"] * 8 + ["validation", "test"]
    assert (first / "celeba.zip").read_bytes() == (second / "celeba.zip").read_bytes()
    assert sorted(tmp_path.iterdir()) == [first, second]


# User-supplied archive


def test_archive_is_copied_and_source_unchanged(faces: DownloadFaces, tmp_path: Path) -> None:
    source = write_archive(tmp_path / "mine" / "archive (1).zip")
    source.chmod(0o444)
    before = state(source)
    folder = download(faces, str(source), tmp_path)
    assert [path.name for path in folder.iterdir()] == ["celeba.zip"]
    copy = folder / "celeba.zip"
    assert copy.read_bytes() == before.content
    assert not copy.is_symlink()
    assert state(source) == before
    shutil.rmtree(folder)
    assert state(source) == before


def test_archive_is_cloned_if_possible(
    faces: DownloadFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Path, target: Path) -> None:
        pytest.fail("copied")

    def clone(source: str, target: str) -> None:  # the disk of the tests may be unable to clone
        Path(target).write_bytes(Path(source).read_bytes())

    monkeypatch.setattr(disk, "reflink", clone)
    monkeypatch.setattr(shutil, "copyfile", fail)
    source = write_archive(tmp_path / "mine.zip")
    copy = download(faces, str(source), tmp_path) / "celeba.zip"
    assert copy.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EPERM, errno.ENOTSUP])
def test_archive_is_copied_if_it_cannot_be_cloned(
    faces: DownloadFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    forbid_clones(monkeypatch, code)
    source = write_archive(tmp_path / "mine.zip")
    copy = download(faces, str(source), tmp_path) / "celeba.zip"
    assert copy.read_bytes() == source.read_bytes()
    assert not copy.samefile(source)


def test_archive_is_not_copied_without_enough_space(
    faces: DownloadFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_clones(monkeypatch, errno.EXDEV)
    source = write_archive(tmp_path / "mine.zip")
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    message = get_error(faces, "mine.zip", tmp_path)
    assert message.startswith(f"{source}: needs 0.00 GB, but the disk of ")


def test_target_of_link_is_copied(faces: DownloadFaces, tmp_path: Path) -> None:
    source = write_archive(tmp_path / "mine.zip")
    (tmp_path / "link.zip").symlink_to(source)
    copy = download(faces, "link.zip", tmp_path) / "celeba.zip"
    assert not copy.is_symlink()
    assert copy.read_bytes() == source.read_bytes()


def test_relative_path_is_relative_to_root(
    faces: DownloadFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_archive(tmp_path / "mine" / "faces.zip")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    copy = download(faces, "mine/faces.zip", tmp_path) / "celeba.zip"
    assert copy.read_bytes() == source.read_bytes()


def test_path_in_home_folder(
    faces: DownloadFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_archive(tmp_path / "home" / "faces.zip")
    monkeypatch.setenv("HOME", str(source.parent))
    copy = download(faces, "~/faces.zip", tmp_path) / "celeba.zip"
    assert copy.read_bytes() == source.read_bytes()


def test_failed_download_keeps_previous_archive(faces: DownloadFaces, tmp_path: Path) -> None:
    source = write_archive(tmp_path / "faces.zip")
    folder = download(faces, "faces.zip", tmp_path)
    with pytest.raises(InputError):
        download(faces, "missing.zip", tmp_path)
    assert [path.name for path in folder.parent.iterdir()] == ["faces"]
    assert (folder / "celeba.zip").read_bytes() == source.read_bytes()


# The release by the authors of CelebA


def names_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def check_release(folder: Path) -> None:
    """Check that a folder consists of the archive and tables of the release."""
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


def test_release_in_its_folders(faces: DownloadFaces, tmp_path: Path) -> None:
    release = write_release(tmp_path / "release")
    folder = download(faces, "release", tmp_path)
    check_release(folder)
    images = release / "Img/img_align_celeba.zip"
    assert (folder / "celeba.zip").read_bytes() == images.read_bytes()


def test_release_with_tables_next_to_archive(faces: DownloadFaces, tmp_path: Path) -> None:
    release = write_release(tmp_path / "release")
    for name in RELEASE:
        (release / name).rename(release / "Img" / Path(name).name)
    check_release(download(faces, "release/Img/img_align_celeba.zip", tmp_path))


@pytest.mark.parametrize("packing", [ZIP_STORED, ZIP_DEFLATED], ids=["stored", "deflated"])
def test_release_in_zip(faces: DownloadFaces, tmp_path: Path, packing: int) -> None:
    release = write_release(tmp_path / "release")
    with ZipFile(tmp_path / "all.zip", "w", packing) as archive:
        for path in sorted(release.rglob("*")):
            archive.write(path, f"CelebA/{path.relative_to(release)}")
    check_release(download(faces, "all.zip", tmp_path))


def test_bad_table_of_release_is_rejected(faces: DownloadFaces, tmp_path: Path) -> None:
    release = write_release(tmp_path / "release")
    table = release / "Eval/list_eval_partition.txt"
    table.write_text("000001.jpg 2\n")
    problem = "has 1 rows for 2 images; 000002.jpg has no row"
    assert get_error(faces, "release", tmp_path) == f"{table}: {problem}"
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in sorted(release.rglob("*")):
            archive.write(path, path.relative_to(release))
    message = get_error(faces, "all.zip", tmp_path)
    assert message == f"{tmp_path / 'all.zip'}: list_eval_partition.txt: {problem}"


def test_damaged_archive_in_zip_is_rejected(faces: DownloadFaces, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("Img/img_align_celeba.zip", "no archive")
    message = get_error(faces, "all.zip", tmp_path)
    path = f"{tmp_path / 'all.zip'}: Img/img_align_celeba.zip"
    assert message.startswith(f"{path}: not a readable zip file: ")


def test_folder_without_release_is_rejected(faces: DownloadFaces, tmp_path: Path) -> None:
    (tmp_path / "faces").mkdir()
    message = get_error(faces, "faces", tmp_path)
    assert message == (
        f"{tmp_path / 'faces'}: contains no img_align_celeba.zip; exactly one such file is required"
    )


def test_zip_without_images_is_rejected(faces: DownloadFaces, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "faces.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert get_error(faces, "faces.zip", tmp_path) == (
        f"{tmp_path / 'faces.zip'}: contains no images (.jpg, .jpeg, .jpe, .jfif, .png, .webp, "
        ".bmp) and no img_align_celeba.zip; images or exactly one such file is required"
    )


# Bad archives


@pytest.mark.parametrize("location", ["missing.zip", "~unknown-user/faces.zip"])
def test_missing_archive_is_rejected(faces: DownloadFaces, tmp_path: Path, location: str) -> None:
    message = get_error(faces, location, tmp_path)
    assert message.startswith(f"{tmp_path / location}: not a readable zip file: ")
    assert "No such file" in message


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "; the file is empty"),
        (
            b"Rar!\x1a\x07\x00",
            "; the file is a RAR archive: unpack it, or pack it again as a zip",
        ),
        (b"a face", "; the file is a text: “a face”"),
        (
            b"<!DOCTYPE html>\n<head>\n<title>Google Drive &ndash;\nQuota exceeded</title>",
            "; the file is a web page: “Google Drive – Quota exceeded”",
        ),
        (b"<html><style>p {}</style><p>Sign <b>in</b></p>", "; the file is a web page: “Sign in”"),
    ],
)
def test_other_file_is_rejected_and_unchanged(
    faces: DownloadFaces, tmp_path: Path, content: bytes, problem: str
) -> None:
    source = tmp_path / "faces.zip"
    source.write_bytes(content)
    message = get_error(faces, "faces.zip", tmp_path)
    assert message.startswith(f"{source}: not a readable zip file: ")
    assert message.endswith(problem)
    assert source.read_bytes() == content


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (1, "has 1 rows for 2 images; 000002.jpg has no row"),
        (3, "line 4: contains a row for '000003.jpg', but there is no such image"),
    ],
)
def test_inconsistent_tables_are_rejected(
    faces: DownloadFaces, tmp_path: Path, rows: int, problem: str
) -> None:
    source = write_archive(tmp_path / "faces.zip", rows)
    before = state(source)
    message = get_error(faces, "faces.zip", tmp_path)
    assert message == f"{source}: list_eval_partition.csv: {problem}"
    assert state(source) == before
