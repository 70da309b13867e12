"""Input that cannot be used: one line on standard error, and no file."""

import json
import shutil
import struct
import zlib
from pathlib import Path

import pytest
from latent_command import Latent
from PIL import Image

from latent.cli.main import main


def write_huge_png(path: Path, side: int) -> None:
    """Write the start of a PNG file of side × side pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    length, checksum = struct.pack(">I", 13), struct.pack(">I", zlib.crc32(header))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + length + header + checksum + b"\0\0\0\1IDAT\0")


@pytest.fixture
def photos(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a copy of the project, with images that can and cannot be used."""
    root = tmp_path / "copy"
    shutil.copytree(project, root)
    folder = root / "photos"
    (folder / "text.jpg").write_text("no image")
    (folder / "empty.png").touch()
    write_huge_png(folder / "huge.png", 20_000)
    Image.new("RGB", (64, 64)).save(folder / "whole.jpg")
    (folder / "truncated.jpg").write_bytes((folder / "whole.jpg").read_bytes()[:400])
    (folder / "sub").mkdir()
    (folder / "unreadable").mkdir()
    (folder / "unreadable/1.png").touch()
    shutil.rmtree(root / "models/vae_fashion")
    return folder


USAGE = [
    ("generat vae_faces", "No such command 'generat'. Did you mean 'generate'?; see"),
    ("generate", "Missing argument 'MODEL'; see `latent generate --help`"),
    ("generate vae_faces --count 0", "'--count'"),
    ("generate vae_faces --count 1001", "'--count'"),
    ("generate vae_faces --count many", "'--count'"),
    ("generate vae_faces --seed -1", "'--seed'"),
    ("generate vae_faces --colour red", "No such option: --colour"),
    ("morph vae_faces a.png b.png --steps 1", "'--steps'"),
    ("edit vae_faces a.png", "give changes, such as Smiling=+3, or --sweep Smiling -4:4"),
    ("edit vae_faces a.png Smiling=1 --sweep Smiling -4:4", "give changes"),
    ("edit vae_faces a.png Smiling=1 --steps 3", "--steps is allowed with --sweep only"),
    ("edit vae_faces a.png Smiling", "'Smiling': must be ATTRIBUTE=NUMBER, such as Smiling=+3"),
    ("edit vae_faces a.png =3", "'=3': must be ATTRIBUTE=NUMBER"),
    ("edit vae_faces a.png Smiling=much", "'much' is not a number"),
    ("edit vae_faces a.png Smiling=nan", "'nan' is not a number"),
    ("edit vae_faces a.png Smiling=inf", "'inf' is not a number"),
    ("edit vae_faces a.png Smiling=", "'' is not a number"),
    ("edit vae_faces a.png Smiling=1 Smiling=2", "Smiling is given twice"),
    ("edit vae_faces a.png --sweep Smiling 4", "'4': must be FIRST:LAST, such as -4:4"),
    ("edit vae_faces a.png --sweep Smiling -4:x", "'x' is not a number"),
    ("edit vae_faces a.png --sweep Smiling 2:2", "the ends of the range must differ"),
    ("embed vae_faces sub --max-bad-fraction 2", "'--max-bad-fraction'"),
    ("explore --port 70000", "'--port'"),
]
INPUT = [
    ("generate vae_face", "vae_face: no such model; allowed is one of ae_fashion, vae_faces"),
    ("generate vae_fashion", "vae_fashion: the model is not trained yet"),
    ("generate sub", "sub: contains no encoder.keras"),
    ("generate classifier_faces", "classifier_faces: no such model"),
    ("models vae_fashion", "vae_fashion: the model is not trained yet"),
    ("reconstruct vae_faces missing.png", "missing.png: cannot be read: No such file or directory"),
    ("reconstruct vae_faces sub", "sub: is a folder"),
    ("reconstruct vae_faces text.jpg", "text.jpg: not a JPEG, PNG, WebP or BMP image"),
    ("reconstruct vae_faces empty.png", "empty.png: empty file"),
    ("reconstruct vae_faces huge.png", "huge.png: more than 67,108,864 pixels"),
    ("reconstruct vae_faces truncated.jpg", "truncated.jpg: cannot be decoded"),
    ("edit vae_faces a.png Smilling=1", "did you mean Smiling?"),
    ("edit vae_faces a.png Height=1", "allowed are Eyeglasses, Hat=big, Smiling"),
    ("edit vae_faces a.png Smiling=1e39", "finite"),
    ("edit ae_fashion a.png Smiling=1", "no attribute vectors"),
    ("embed vae_faces missing", "missing: no such folder"),
    ("embed vae_faces sub", "sub: contains no images"),
    ("embed vae_faces unreadable", "unreadable/1.png: empty file"),
    ("generate vae_faces -o faces.tiff", "faces.tiff: the name must end with .png"),
    ("generate vae_faces -o faces", "faces: the name must end with .png"),
    ("generate vae_faces -o faces.gif", "faces.gif: the name must end with .png"),
    ("morph vae_faces a.png b.png -o m.mp4", "m.mp4: the name must end with .png or .gif"),
    ("embed vae_faces . -o all.csv", "all.csv: the name must end with .parquet"),
    ("generate vae_faces -o new/faces.png", "the folder new does not exist; create it first"),
    ("generate vae_faces -o folder.png", "folder.png: is a folder"),
    ("generate models:/vae_faces_decoder@newest", "mlflow.db: no such MLflow store"),
]


@pytest.mark.parametrize(
    ("code", "command", "message"),
    [(2, *case) for case in USAGE] + [(1, *case) for case in INPUT],
)
def test_error_is_one_line(
    latent: Latent,
    photos: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    command: str,
    message: str,
) -> None:
    monkeypatch.chdir(photos)
    (photos / "folder.png").mkdir()
    before = sorted(photos.rglob("*"))
    result = latent(*command.split())
    assert message in result.err
    assert result.err.startswith("ERROR: ")
    assert result.err.count("\n") == 1
    assert result.err.endswith("\n")
    assert (result.code, result.out) == (code, "")
    assert sorted(photos.rglob("*")) == before


def test_line_break_in_the_name_of_a_file(latent: Latent) -> None:
    result = latent("reconstruct", "vae_faces", "a\nb.png")
    assert result.code == 1
    assert result.err.count("\n") == 1


def test_existing_file_is_kept_if_the_command_fails(
    latent: Latent, tmp_path: Path, project: Path
) -> None:
    path = tmp_path / "all.parquet"
    path.write_text("before")
    folder = tmp_path / "images"
    shutil.copytree(project / "photos", folder)
    (folder / "z.png").write_text("no image")
    assert latent("embed", "vae_faces", folder, "-o", path).code == 1
    assert path.read_text() == "before"


def test_model_that_was_not_trained_on_the_processed_data(
    latent: Latent, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(photos)
    record = photos.parent / "data/processed/faces/dataset.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"digest": "0" * 64}))
    assert latent("reconstruct", "vae_faces", "a.png").code == 0
    result = latent("nearest", "vae_faces", "a.png", "-o", "sheet.png")
    assert result.code == 1
    assert result.err.startswith("ERROR: ")
    assert "data" in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("name", ["encoder.keras", "decoder.keras", "provenance.json"])
@pytest.mark.parametrize("damage", ["missing", "truncated"])
def test_damaged_model(
    latent: Latent, photos: Path, monkeypatch: pytest.MonkeyPatch, name: str, damage: str
) -> None:
    monkeypatch.chdir(photos)
    path = photos.parent / "models/vae_faces" / name
    content = path.read_bytes()
    path.unlink()
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    result = latent("generate", "vae_faces", "-o", "faces.png")
    assert result.code == 1
    assert result.err.startswith("ERROR: ")
    assert result.err.count("\n") == 1
    assert not Path("faces.png").exists()


def test_full_disk(latent: Latent, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # /dev/full reports a full disk when something is written.
    monkeypatch.setattr("sys.stdout", open("/dev/full", "w"))  # noqa: SIM115
    result = latent("generate", "vae_faces", "--count", 1, "-o", "-")
    assert result.code == 1
    assert result.err.endswith("No space left on device\n")
    assert result.err.count("\n") == 1


def test_interruption_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupt(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("latent.cli.main._run", interrupt)
    with pytest.raises(SystemExit) as ended:
        main(["models"])
    assert ended.value.code == 130
    assert capfd.readouterr().err == "Interrupted.\n"
