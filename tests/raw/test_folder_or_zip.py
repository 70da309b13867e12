"""The files of a folder or a zip: the same names and contents, and never one from elsewhere."""

import os
import zipfile
from pathlib import Path

import pytest

from latent.errors import InputError
from latent.raw.folder_or_zip import one_line, open_collection
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
    with open_collection(request.getfixturevalue(kind)) as files:
        assert files.names == sorted(FILES)
        for name, content in FILES.items():
            assert files.read(name) == content
            assert files.read(name, len(content)) == content
            if content:
                with pytest.raises(InputError, match=f"is larger than {len(content) - 1} bytes"):
                    files.read(name, len(content) - 1)


def test_links_are_followed_and_loops_are_not(folder: Path) -> None:
    (folder / "link.png").symlink_to("b.png")
    (folder / "to").symlink_to("a")
    (folder / "a" / "up").symlink_to("..")
    (folder / "self").symlink_to("self")
    (folder / "gone.png").symlink_to("nowhere")
    with open_collection(folder) as files:
        assert set(FILES) < set(files.names)
        added = {"link.png", "to/ü.png", "to/b/c.txt", "to/ x\n.jpg", "self", "gone.png"}
        assert set(files.names) - set(FILES) == added
        assert files.read("to/ü.png") == b"u"
        for name in ("self", "gone.png"):
            with pytest.raises(InputError, match="cannot be read: "):
                files.read(name)


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.png")
    with open_collection(folder) as files, pytest.raises(InputError, match="no regular file"):
        files.read("pipe.png")
    with pytest.raises(InputError, match="no such"), open_collection(folder / "pipe.png"):
        pass


def test_a_deep_folder_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    depth = 1200
    for _ in range(depth):
        os.mkdir("d")
        os.chdir("d")
    Path("x.png").write_bytes(b"x")
    try:
        with open_collection(tmp_path) as files:
            assert files.names == ["d/" * depth + "x.png"]
            assert files.read(files.names[0]) == b"x"
    finally:
        # One by one, since what else removes folders calls itself for each.
        os.unlink("x.png")
        for _ in range(depth):
            os.chdir("..")
            os.rmdir("d")


@pytest.mark.parametrize(
    "name", ["/a.png", "../a.png", "a/../../b.png", "..\\a.png", "\\a.png", "C:\\a.png", "c:/a.png"]
)
def test_a_member_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(InputError, match="leads out"), open_collection(tmp_path / "a.zip"):
        pass


def test_a_member_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for _ in range(2):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("warnings.warn", lambda *_, **__: None)
                archive.writestr("a.png", b"x")
    with (
        pytest.raises(InputError, match=r"holds a\.png 2 times"),
        open_collection(tmp_path / "a.zip"),
    ):
        pass


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a b/é.png", "a b/é.png"),
        ("a\nb", r"a\nb"),
        ("a\udce9", r"a\udce9"),
        ("\x1b[1m", r"\x1b[1m"),
    ],
)
def test_a_name_is_shown_in_one_line(name: str, shown: str) -> None:
    assert one_line(name) == shown


def test_places_are_even_and_depend_on_name_and_seed_alone() -> None:
    places = [hash_to_unit(f"{number}.png", 42) for number in range(10_000)]
    assert all(0 <= place < 1 for place in places)
    assert sum(place < 0.2 for place in places) == pytest.approx(2000, abs=150)
    assert len(set(places)) == 10_000
    # Written down: another rule would move images between splits.
    assert hash_to_unit("cup/1.png", 42) == pytest.approx(0.910036979797443)
    assert hash_to_unit("cup/1.png", 42) != hash_to_unit("cup/1.png", 43)
    assert hash_to_unit("\u00e9.png", 1) == hash_to_unit("e\u0301.png", 1)
    assert hash_to_unit("a\udce9", 1) != hash_to_unit("a", 1)
