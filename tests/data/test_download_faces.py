"""The archive of faces: drawn, or the user's own, or nothing at all."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from latent.data.celeba import open_archive, read_layout
from latent.data.faces.download import download_faces
from latent.errors import InputError
from latent.params import DownloadFaces, FacesSample

SAMPLE = FacesSample(images=10, seed=3)


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


def download(location: str, root: Path) -> Path:
    """Take the user's archive at `location`, where relative paths count from `root`."""
    params = DownloadFaces(source="archive", location=location, sample=SAMPLE)
    download_faces(params, root, root / "raw" / "faces")
    return root / "raw" / "faces"


def refuse(location: str, root: Path) -> str:
    """Return why the archive at `location` is not taken; it must leave nothing."""
    with pytest.raises(InputError) as caught:
        download(location, root)
    assert list((root / "raw").glob("*")) == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_sample_is_one_archive_and_nothing_else(tmp_path: Path) -> None:
    params = DownloadFaces(source="sample", location=None, sample=SAMPLE)
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        download_faces(params, tmp_path, folder)
        assert [path.name for path in folder.iterdir()] == ["celeba.zip"]
    with open_archive(first / "celeba.zip") as archive:
        layout = read_layout(archive)
    assert layout["partition"].tolist() == ["train"] * 8 + ["validation", "test"]
    assert (first / "celeba.zip").read_bytes() == (second / "celeba.zip").read_bytes()
    assert sorted(tmp_path.iterdir()) == [first, second]


def test_location_is_not_looked_at_for_the_sample(tmp_path: Path) -> None:
    params = DownloadFaces(source="sample", location="nowhere.zip", sample=SAMPLE)
    download_faces(params, tmp_path, tmp_path / "faces")
    assert (tmp_path / "faces" / "celeba.zip").exists()


def test_archive_is_copied_byte_for_byte(tmp_path: Path) -> None:
    source = write_archive(tmp_path / "mine" / "archive (1).zip")
    source.chmod(0o444)
    before = source.read_bytes(), source.stat().st_mtime_ns, source.stat().st_mode
    folder = download(str(source), tmp_path)
    assert [path.name for path in folder.iterdir()] == ["celeba.zip"]
    assert (folder / "celeba.zip").read_bytes() == before[0]
    assert (source.read_bytes(), source.stat().st_mtime_ns, source.stat().st_mode) == before


def test_copy_is_no_link(tmp_path: Path) -> None:
    source = write_archive(tmp_path / "mine.zip")
    copy = download(str(source), tmp_path) / "celeba.zip"
    assert not copy.is_symlink()
    assert not copy.samefile(source)


def test_relative_path_counts_from_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_archive(tmp_path / "mine" / "faces.zip")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    copy = download("mine/faces.zip", tmp_path) / "celeba.zip"
    assert copy.read_bytes() == source.read_bytes()


def test_path_below_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_archive(tmp_path / "home" / "faces.zip")
    monkeypatch.setenv("HOME", str(source.parent))
    copy = download("~/faces.zip", tmp_path) / "celeba.zip"
    assert copy.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("location", ["nowhere.zip", "~nobody-of-that-name/faces.zip"])
def test_missing_archive_is_refused(tmp_path: Path, location: str) -> None:
    message = refuse(location, tmp_path)
    assert message.startswith(f"{tmp_path / location}: is no readable zip file: ")
    assert "No such file" in message


def test_folder_in_the_place_of_an_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "faces").mkdir()
    message = refuse("faces", tmp_path)
    assert message.startswith(f"{tmp_path / 'faces'}: is no readable zip file: ")


@pytest.mark.parametrize("content", [b"", b"Rar!\x1a\x07\x00", b"a face"])
def test_other_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "faces.zip"
    source.write_bytes(content)
    message = refuse("faces.zip", tmp_path)
    assert message.startswith(f"{source}: is no readable zip file: ")
    assert source.read_bytes() == content


@pytest.mark.parametrize("rows", [1, 3])
def test_tables_that_do_not_fit_are_refused(tmp_path: Path, rows: int) -> None:
    source = write_archive(tmp_path / "faces.zip", rows)
    before = source.read_bytes()
    message = refuse("faces.zip", tmp_path)
    assert message.startswith(f"{source}: list_eval_partition.csv has {rows} rows for 2 images; ")
    assert source.read_bytes() == before


def test_archive_of_an_earlier_download_survives_a_failure(tmp_path: Path) -> None:
    source = write_archive(tmp_path / "faces.zip")
    folder = download("faces.zip", tmp_path)
    with pytest.raises(InputError):
        download("nowhere.zip", tmp_path)
    assert [path.name for path in folder.parent.iterdir()] == ["faces"]
    assert (folder / "celeba.zip").read_bytes() == source.read_bytes()
