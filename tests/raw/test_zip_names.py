"""Names of the members of a zip: encodings, separators and unusual zips."""

import logging
import zipfile
from pathlib import Path

import pytest

from latent.errors import InputError
from latent.raw.folder_or_zip import UNIX, open_file_tree

WINDOWS = 0


class Member(zipfile.ZipInfo):
    """A member with the name's bytes as given, not marked as UTF-8."""

    raw_name: bytes

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  (overrides zipfile)
        return self.raw_name, self.flag_bits


def write_zip(path: Path, names: list[str], encoding: str = "", system: int = WINDOWS) -> Path:
    """Write a zip of files that contain their own names, marked as UTF-8 without an encoding."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            member = Member("x") if encoding else zipfile.ZipInfo("x")
            member.filename, member.create_system = name, system
            if isinstance(member, Member):
                member.raw_name = name.encode(encoding)
            archive.writestr(member, name.encode())
    return path


def read_all(path: Path, encoding: str | None = None) -> dict[str, str]:
    """Return the contents by name."""
    with open_file_tree(path, encoding) as files:
        assert files.names == sorted(files.names)
        return {name: files.read(name).decode() for name in files.names}


def get_error(path: Path, encoding: str | None = None) -> str:
    with pytest.raises(InputError) as caught, open_file_tree(path, encoding):
        pass
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["", "utf-8"])
def test_names_in_utf_8_are_read_with_and_without_mark(
    tmp_path: Path, encoding: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_zip(tmp_path / "a.zip", ["Hüte/1.png", "帽子/1.png"], encoding)
    assert read_all(path) == {"Hüte/1.png": "Hüte/1.png", "帽子/1.png": "帽子/1.png"}
    assert not caplog.messages


@pytest.mark.parametrize(
    ("encoding", "folder"), [("gbk", "帽子"), ("shift_jis", "表ソ帽子"), ("cp850", "Ærøsløjfe")]
)
def test_names_in_other_encoding_are_read_with_parameter(
    tmp_path: Path, encoding: str, folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    names = [f"{folder}/1.png", "cup/1.png"]
    path = write_zip(tmp_path / "a.zip", names, encoding)
    assert read_all(path, encoding) == {name: name for name in names}
    assert not caplog.messages


def test_unknown_encoding_is_reported_and_splits_no_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # The second byte of this letter in Shift-JIS is a backslash.
    path = write_zip(tmp_path / "a.zip", ["cup/1.png", "cup/ソ.png"], "shift_jis")
    garbled = "cup/ソ.png".encode("shift_jis").decode("cp437")
    assert list(read_all(path)) == ["cup/1.png", garbled]
    (line,) = caplog.messages
    assert line == (
        f"{path}: file names in the zip are not valid UTF-8 and are read as cp437, such as "
        f"{garbled!r}; if they are wrong, set zip_encoding (for source folder) or pack the files "
        "again"
    )
    assert caplog.records[0].levelno == logging.WARNING


def test_wrong_encoding_is_rejected(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", ["cup/1.png", "Hüte/1.png"], "cp437")
    assert get_error(path, "ascii") == (
        f"{path}: the file name 'Hüte/1.png' in the zip is not valid ascii; change zip_encoding"
    )


def test_mark_of_utf_8_takes_precedence_over_parameter(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", ["Hüte/1.png"])
    assert list(read_all(path, "gbk")) == ["Hüte/1.png"]


@pytest.mark.parametrize(
    ("original", "system", "name"),
    [
        ("cup\\a\\1.png", WINDOWS, "cup/a/1.png"),
        ("cup\\1.png", UNIX, "cup/1.png"),
        ("cup/a\\1.png", WINDOWS, "cup/a/1.png"),
        ("cup/a\\1.png", UNIX, "cup/a\\1.png"),
        ("./cup/1.png", UNIX, "cup/1.png"),
        (".\\cup\\\\1.png", WINDOWS, "cup/1.png"),
        ("cup//./1.png", UNIX, "cup/1.png"),
        ("cup./1.png", UNIX, "cup./1.png"),
        ("cup /1.png ", UNIX, "cup /1.png "),
        ("./.hidden/1.png", UNIX, None),
        ("a\\__MACOSX\\1.png", WINDOWS, None),
        ("cup\\", WINDOWS, None),
        ("/", UNIX, None),
    ],
)
def test_separators(tmp_path: Path, original: str, system: int, name: str | None) -> None:
    path = write_zip(tmp_path / "a.zip", [original], system=system)
    assert read_all(path) == ({} if name is None else {name: original})


@pytest.mark.parametrize(
    "name", ["\\a.png", "\\\\host\\a.png", "a\\..\\..\\b.png", "a/..\\b.png", "c:\\a.png"]
)
@pytest.mark.parametrize("system", [UNIX, WINDOWS])
def test_backslashes_do_not_leave_the_archive(tmp_path: Path, name: str, system: int) -> None:
    path = write_zip(tmp_path / "a.zip", [name], system=system)
    assert "points outside the archive" in get_error(path)


@pytest.mark.parametrize("other", ["a\\b.png", "a//b.png", "./a/b.png"])
def test_names_of_same_path_are_rejected(tmp_path: Path, other: str) -> None:
    path = write_zip(tmp_path / "a.zip", ["a/b.png", other])

    assert get_error(path) == (
        f"{path}: contains both a/b.png and {other}, which are the same path; only one is allowed"
    )


def test_many_members(tmp_path: Path) -> None:
    count = 70_000  # more than a zip without the extension zip64 can contain
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            archive.writestr(f"a\\{number}.png", b"%d" % number)
    with open_file_tree(path) as files:
        assert len(files.names) == count
        assert files.read("a/69999.png") == b"69999"


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(17)])
def test_empty_file_is_no_zip(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    assert "neither a folder nor a readable zip file" in get_error(tmp_path / "a.zip")


def test_empty_zip_has_no_files(tmp_path: Path) -> None:
    assert read_all(write_zip(tmp_path / "a.zip", [])) == {}
