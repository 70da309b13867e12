"""Reading files from a folder or a zip."""

import os
import zipfile
from pathlib import Path

import pytest

from latent.errors import InputError
from latent.raw.folder_or_zip import open_file_tree, printable
from latent.raw.random_split import hash_to_unit

FILES = {"b.png": b"b", "a/ü.png": b"u", "a/b/c.txt": b"", "a/ x\n.jpg": b"line"}
HIDDEN = (".a/b.png", "a/.b.png", "__MACOSX/a/._b.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*FILES, *HIDDEN):
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILES.get(name, b"hidden"))
    (tmp_path / "folder" / "empty.png").mkdir()
    return tmp_path / "folder"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (*FILES, *HIDDEN):
            archive.writestr(name, FILES.get(name, b"hidden"))
        archive.mkdir("empty.png")
    return tmp_path / "a.zip"


@pytest.mark.parametrize("kind", ["folder", "archive"])
def test_files_are_named_and_read(kind: str, request: pytest.FixtureRequest) -> None:
    with open_file_tree(request.getfixturevalue(kind)) as files:
        assert files.names == sorted(FILES)
        for name, content in FILES.items():
            assert files.read(name) == content
            assert files.read(name, len(content)) == content
            if content:
                with pytest.raises(InputError, match=f"larger than {len(content) - 1} bytes"):
                    files.read(name, len(content) - 1)


def test_links_are_followed_without_cycles(folder: Path) -> None:
    (folder / "link.png").symlink_to("b.png")
    (folder / "to").symlink_to("a")
    (folder / "a" / "up").symlink_to("..")
    (folder / "self").symlink_to("self")
    (folder / "gone.png").symlink_to("missing")
    with open_file_tree(folder) as files:
        assert set(FILES) < set(files.names)
        added = {"link.png", "to/ü.png", "to/b/c.txt", "to/ x\n.jpg", "self", "gone.png"}
        assert set(files.names) - set(FILES) == added
        assert files.read("to/ü.png") == b"u"
        for name in ("self", "gone.png"):
            with pytest.raises(InputError, match="cannot be read: "):
                files.read(name)


def test_named_pipe_is_rejected(folder: Path) -> None:
    os.mkfifo(folder / "pipe.png")
    with open_file_tree(folder) as files, pytest.raises(InputError, match="not a regular file"):
        files.read("pipe.png")
    with pytest.raises(InputError, match="no such"), open_file_tree(folder / "pipe.png"):
        pass


def test_deeply_nested_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    depth = 1200
    for _ in range(depth):
        os.mkdir("d")
        os.chdir("d")
    Path("x.png").write_bytes(b"x")
    try:
        with open_file_tree(tmp_path) as files:
            assert files.names == ["d/" * depth + "x.png"]
            assert files.read(files.names[0]) == b"x"
    finally:
        # shutil.rmtree is recursive and would fail.
        os.unlink("x.png")
        for _ in range(depth):
            os.chdir("..")
            os.rmdir("d")


@pytest.mark.parametrize(
    "name", ["/a.png", "../a.png", "a/../../b.png", "..\\a.png", "\\a.png", "C:\\a.png", "c:/a.png"]
)
def test_member_outside_zip_is_rejected(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, b"x")
    with (
        pytest.raises(InputError, match="points outside the archive"),
        open_file_tree(tmp_path / "a.zip"),
    ):
        pass


def test_duplicate_member_is_rejected(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for _ in range(2):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("warnings.warn", lambda *_, **__: None)
                archive.writestr("a.png", b"x")
    with (
        pytest.raises(InputError, match=r"contains a\.png 2 times"),
        open_file_tree(tmp_path / "a.zip"),
    ):
        pass


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a b/é.png", "a b/é.png"),
        ("a\nb", r"a\nb"),
        ("a\udce9", r"a\udce9"),
        ("\x1b[1m", r"\x1b[1m"),
    ],
)
def test_printable(name: str, expected: str) -> None:
    assert printable(name) == expected


def test_hash_is_uniform_and_depends_only_on_name_and_seed() -> None:
    numbers = [hash_to_unit(f"{index}.png", 42) for index in range(10_000)]
    assert all(0 <= number < 1 for number in numbers)
    assert sum(number < 0.2 for number in numbers) == pytest.approx(2000, abs=150)
    assert len(set(numbers)) == 10_000
    # Golden value: another hash would move images between splits.
    assert hash_to_unit("cup/1.png", 42) == pytest.approx(0.910036979797443)
    assert hash_to_unit("cup/1.png", 42) != hash_to_unit("cup/1.png", 43)
    assert hash_to_unit("\u00e9.png", 1) == hash_to_unit("e\u0301.png", 1)
    assert hash_to_unit("a\udce9", 1) != hash_to_unit("a", 1)
