"""A user's files at any location: they are found, copied and never changed, linked or damaged."""

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote
from zipfile import ZipFile

import numpy as np
import pytest
import yaml
from PIL import Image

from latent.download.faces.download import download_faces
from latent.download.fashion import published
from latent.download.fashion.download import download_fashion
from latent.errors import InputError
from latent.params import Params
from latent.raw.classes import read_classes
from latent.raw.idx import write_idx

pytestmark = pytest.mark.usefixtures("patience")

ROOT = Path(__file__).parents[2]
NAMES = tuple(published.CONTENT_SHA256)
COUNT = 12


def write_image(path: Path, value: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (value, value, value)).save(path)


def write_archive(path: Path) -> None:
    """Write an archive of images with a partition."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(path, "w") as archive:
        for number in range(2):
            write_image(path.with_name("image.png"), 99 * number)
            archive.write(path.with_name("image.png"), f"img_align_celeba/{number}.png")
        archive.writestr("list_eval_partition.csv", "image_id,partition\n0.png,0\n1.png,2\n")
    path.with_name("image.png").unlink()


def write_folder(path: Path) -> None:
    """Write images in two class folders."""
    for number in range(COUNT):
        write_image(path / f"class {number % 2}" / f"{number}.png", 20 * number)


def write_published(path: Path) -> None:
    """Write four small files with the names of Fashion-MNIST."""
    path.mkdir(parents=True)
    for number, name in enumerate(NAMES):
        write_idx(path / name, np.full((2, 2, 2), number, np.uint8))


@pytest.fixture(autouse=True)
def small_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the small files pass as the published ones."""
    write_published(tmp_path / "published")
    for name in NAMES:
        digest = published._content_sha256(tmp_path / "published" / name, name)
        monkeypatch.setitem(published.CONTENT_SHA256, name, digest)
    shutil.rmtree(tmp_path / "published")


# Each source: what it reads, and a function that downloads from a location.
Download = Callable[[Params, str, Path], Path]


def from_archive(params: Params, location: str, root: Path) -> Path:
    changes = {"source": "archive", "location": location}
    download_faces(params.download.faces.model_copy(update=changes), root, root / "raw")
    return root / "raw/celeba.zip"


def from_faces_folder(params: Params, location: str, root: Path) -> Path:
    own = params.download.faces.folder.model_copy(update={"location": location})
    changes = {"source": "folder", "folder": own}
    download_faces(params.download.faces.model_copy(update=changes), root, root / "raw")
    return root / "raw/celeba.zip"


def from_fashion_folder(params: Params, location: str, root: Path) -> Path:
    own = params.download.fashion.folder.model_copy(update={"location": location})
    changes = {"source": "folder", "folder": own}
    download_fashion(params.download.fashion.model_copy(update=changes), root, root / "raw")
    assert sum(map(len, read_classes(root / "raw").images.values())) == COUNT
    return root / "raw" / NAMES[0]


def from_published(params: Params, location: str, root: Path) -> Path:
    changes = {"source": "fashion_mnist", "location": location}
    download_fashion(params.download.fashion.model_copy(update=changes), root, root / "raw")
    return root / "raw" / NAMES[3]


SOURCES: dict[str, tuple[Callable[[Path], None], Download]] = {
    "archive": (write_archive, from_archive),
    "faces folder": (write_folder, from_faces_folder),
    "fashion folder": (write_folder, from_fashion_folder),
    "published": (write_published, from_published),
}

LOCATIONS = [
    "plain",
    "with space/and (parentheses) [1]",
    "hash #1",
    "ünïcödé 日本 😀",
    "50 % & more; it's $HOME?",
    "colon: here",
    "many.dots/.hidden",
    "../outside/x",
]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("location", LOCATIONS)
@pytest.mark.parametrize("kind", ["relative", "absolute", "home"])
def test_location_is_found(
    source: str,
    location: str,
    kind: str,
    params: Params,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write, download = SOURCES[source]
    root = tmp_path / "project"
    write(root / location)
    monkeypatch.setenv("HOME", str(root))
    prefix = {"relative": "", "absolute": f"{root}/", "home": "~/"}[kind]
    assert download(params, f"{prefix}{location}", root).stat().st_size > 0


@pytest.mark.parametrize("location", LOCATIONS)
@pytest.mark.parametrize("encode", [quote, str])
def test_file_url_is_found(
    location: str, encode: Callable[[str], str], params: Params, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    write_published(root / location)
    if encode is str and "%" in location:
        location = location.replace("%", "%25")
    assert from_published(params, f"file://{encode(str(root))}/{encode(location)}", root).exists()


# Locations of the wrong kind


def write_incomplete_zip(path: Path) -> None:
    write_archive(path)
    os.truncate(path, path.stat().st_size // 2)


def write_tar(path: Path) -> None:
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("class/1.png"))


def write_login_page(path: Path) -> None:
    path.write_text("<!DOCTYPE html>\n<html><head>\n<title>Login | Kaggle</title></head></html>")


FOLDER = "not a folder; a folder with the files train-images"

# What is at the location, and the problem: for an archive, for own images, for Fashion-MNIST.
WRONG: dict[str, tuple[Callable[[Path], object], str, str, str]] = {
    "missing": (lambda path: None, "No such file", "no such folder", "No such file"),
    "path below a file": (
        lambda path: path.parent.write_text("x"),
        "Not a directory",
        "no such folder",
        "Not a directory",
    ),
    "empty folder": (
        lambda path: path.mkdir(parents=True),
        "contains no img_align_celeba.zip",
        "no images",
        "No such file",
    ),
    "file": (
        lambda path: write_archive(path) or path.write_bytes(b"\x89PNG\r\n"),
        "not a readable zip file",
        "neither a folder nor a readable zip file",
        FOLDER,
    ),
    "broken link": (
        lambda path: link(path, "gone"),
        "No such file",
        "no such folder",
        "No such file",
    ),
    "named pipe": (
        lambda path: path.parent.mkdir() or os.mkfifo(path),
        "not a regular file",
        "no such folder",
        FOLDER,
    ),
    "device": (lambda path: link(path, "/dev/zero"), "not a regular file", "no such", FOLDER),
    "empty file": (
        lambda path: path.parent.mkdir() or path.touch(),
        "the file is empty",
        "the file is empty",
        FOLDER,
    ),
    "incomplete zip": (write_incomplete_zip, "incomplete", "incomplete", FOLDER),
    "tar": (
        lambda path: path.parent.mkdir() or write_tar(path),
        "the file is a gzip archive",
        "the file is a gzip archive",
        FOLDER,
    ),
    "login page": (
        lambda path: path.parent.mkdir() or write_login_page(path),
        "a web page: “Login | Kaggle”",
        "a web page: “Login | Kaggle”",
        FOLDER,
    ),
}


def link(path: Path, target: str) -> None:
    path.parent.mkdir()
    path.symlink_to(target)


def get_error(download: Download, params: Params, location: str, root: Path) -> str:
    """Return the error, and check that it is one line and that no files are left."""
    with pytest.raises(InputError) as caught:
        download(params, location, root)
    assert str(caught.value).isprintable()
    assert "None" not in str(caught.value)
    assert not list(root.glob("*raw*"))
    return str(caught.value)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", WRONG)
def test_wrong_location_is_rejected(source: str, name: str, params: Params, tmp_path: Path) -> None:
    write, archive, own, fashion_mnist = WRONG[name]
    write(tmp_path / "data/mine.zip.part")
    problem = {"archive": archive, "published": fashion_mnist}.get(source, own)
    message = get_error(SOURCES[source][1], params, "data/mine.zip.part", tmp_path)
    assert message.startswith(f"{tmp_path}/data/mine.zip.part")
    assert problem in message


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_published_file_that_is_not_a_file_is_rejected(
    make: Callable[[Path], None], params: Params, tmp_path: Path
) -> None:
    write_published(tmp_path / "mine")
    (tmp_path / "mine" / NAMES[2]).unlink()
    make(tmp_path / "mine" / NAMES[2])
    message = get_error(from_published, params, "mine", tmp_path)
    assert message == f"{tmp_path / 'mine' / NAMES[2]}: cannot be copied: not a regular file"


# Interruptions

# Downloads like a stage, and kills its own process when the archive or the first file is complete.
KILLED = """
import os, signal, sys
from pathlib import Path
import test_user_files
from latent.params import load_params
os.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
_, download = test_user_files.SOURCES[sys.argv[1]]
download(load_params(Path(sys.argv[2])), "mine", Path(sys.argv[3]))
"""


def run(script: str, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, (ROOT, ROOT / "src", Path(__file__).parent)))
    environment = {name: value for name, value in os.environ.items() if "DVC" not in name}
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=cwd,
        env={**environment, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("source", ["archive", "faces folder", "fashion folder"])
def test_incomplete_download_of_killed_process_is_removed(
    source: str, params: Params, tmp_path: Path
) -> None:
    write, download = SOURCES[source]
    write(tmp_path / "mine")
    done = run(KILLED, source, ROOT / "params.yaml", tmp_path, cwd=tmp_path)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"mine", ".raw.partial"}
    first = download(params, "mine", tmp_path).read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"mine", "raw"}
    assert not [path for path in (tmp_path / "raw").iterdir() if path.name.startswith(".")]
    assert download(params, "mine", tmp_path).read_bytes() == first


# DVC


@pytest.mark.parametrize("kind", ["hardlink", "symlink", "reflink,copy"])
def test_dvc_does_not_link_to_the_archive(kind: str, params: Params, tmp_path: Path) -> None:
    """Run the stage in a repository of DVC whose cache contains links."""
    archive = tmp_path / "mine.zip"
    write_archive(archive)
    archive.chmod(0o644)
    before = archive.read_bytes()
    project = tmp_path / "project"
    project.mkdir()
    changed = params.model_dump()
    changed["download"]["faces"] |= {"source": "archive", "location": str(archive)}
    (project / "params.yaml").write_text(yaml.safe_dump(changed))
    stage = {"cmd": f"{sys.executable} -m stages.download_faces", "outs": ["data/raw/faces"]}
    (project / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"download": stage}}))
    for command in (
        ["init", "--no-scm", "-q"],
        ["config", "cache.type", kind],
        ["config", "core.analytics", "false"],
        ["repro"],
    ):
        done = run("from dvc.cli import main; import sys; sys.exit(main())", *command, cwd=project)
        assert done.returncode == 0, done.stderr
    assert stat.filemode(archive.stat().st_mode) == "-rw-r--r--"
    assert archive.stat().st_nlink == 1
    archive.write_bytes(b"changed in place")
    copy = project / "data/raw/faces/celeba.zip"
    assert copy.read_bytes() == before
    digest = hashlib.md5(before).hexdigest()
    cached = project / ".dvc/cache/files/md5" / digest[:2] / digest[2:]
    assert cached.read_bytes() == before
    if kind == "hardlink":
        assert copy.samefile(cached)
