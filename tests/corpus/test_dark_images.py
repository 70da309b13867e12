"""Images whose values were not scaled to the full range are read, with one warning."""

import logging
from pathlib import Path

import numpy as np
import pytest
from making import COUNT, encode, file_name, stripes
from PIL import Image
from runs import run_faces, run_fashion

from latent.io.dataset import read_split
from latent.params import DownloadFaces, PreprocessFaces, load_params
from latent.preprocess.faces.preprocess import preprocess_faces
from latent.raw.idx import write_split

PARAMS = load_params(Path(__file__).parents[2] / "params.yaml")


def write_images(root: Path, white: int, *, bright: int | None = None) -> None:
    """Write PNG files of 16 bits whose highest value is `white`, except one image."""
    for number in range(COUNT):
        high = 65_535 if number == bright else white
        pixels = (stripes(number) // 255).astype(np.uint16) * high
        path = root / "mine" / f"class {number % 2}" / f"{file_name(number)}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(Image.fromarray(pixels), "PNG"))


def run(dataset: str, root: Path) -> Path:
    return run_faces(root, "folder", "mine") if dataset == "faces" else run_fashion(root, "mine")


def dark_warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [message for message in caplog.messages if "nearly black" in message]


@pytest.mark.parametrize("dataset", ["faces", "fashion"])
@pytest.mark.parametrize(("bits", "highest"), [(10, 4), (12, 16), (16, 255)])
def test_sixteen_bit_values_are_divided_by_257(
    dataset: str, bits: int, highest: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_images(tmp_path, (1 << bits) - 1)
    folder = run(dataset, tmp_path)
    assert max(read_split(folder, split).images.max() for split in ("train", "test")) == highest
    messages = dark_warnings(caplog)
    assert len(messages) == (bits < 16)
    for message in messages:
        assert message.isprintable()
        assert message.startswith(f"{tmp_path / 'raw'}")
        assert f"the highest value of all pixels is {highest}, white is 255" in message


@pytest.mark.parametrize("dataset", ["faces", "fashion"])
@pytest.mark.parametrize("number", range(1, COUNT, 6))
def test_one_bright_image_is_enough(
    dataset: str, number: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_images(tmp_path, 4095, bright=number)
    run(dataset, tmp_path)
    assert dark_warnings(caplog) == []


@pytest.mark.parametrize(("highest", "count"), [(1, 1), (31, 1), (32, 0)])
def test_idx_files_of_small_values(
    highest: int, count: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "mine").mkdir()
    for split in ("train", "test"):
        images = np.zeros((9, 8, 8), np.uint8)
        images[7, 3, 3] = highest
        write_split(tmp_path / "mine", split, images, np.arange(9, dtype=np.uint8) % 2)
    run_fashion(tmp_path, "mine")
    assert len(dark_warnings(caplog)) == count


def test_sample_is_not_checked(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_images(tmp_path, 4095)
    run("faces", tmp_path)
    assert len(dark_warnings(caplog)) == 1
    source: DownloadFaces = PARAMS.download.faces.model_copy(update={"source": "sample"})
    settings: PreprocessFaces = PARAMS.preprocess.faces
    with caplog.at_level(logging.WARNING):
        preprocess_faces(tmp_path / "raw/celeba.zip", source, settings, tmp_path / "again")
    assert len(dark_warnings(caplog)) == 1
