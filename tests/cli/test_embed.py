"""Embeddings of a folder as a table."""

import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from latent_command import Latent

from latent import Model


@pytest.fixture
def images(project: Path, tmp_path: Path) -> Path:
    """A folder with images in subfolders, a hidden file and a text file."""
    folder = tmp_path / "images"
    shutil.copytree(project / "photos", folder / "sub/sub")
    shutil.copy(project / "photos/a.png", folder / "B\u202fä.PNG")
    (folder / ".hidden.png").touch()
    (folder / "notes.txt").touch()
    return folder


def test_table(latent: Latent, images: Path, project: Path, tmp_path: Path) -> None:
    path = tmp_path / "all.parquet"
    result = latent("embed", "vae_faces", images, "-o", path)
    assert (result.code, result.out) == (0, "")
    warning, report = result.err.splitlines()
    assert warning.startswith(f"WARNING: {images}: ignored 1 files")
    assert report == f"{path}: 4 embeddings, 0 images skipped"
    table = pd.read_parquet(path)
    names = ["B\u202fä.PNG", "sub/sub/a.png", "sub/sub/b.png", "sub/sub/c.png"]
    assert table["image_id"].tolist() == names
    assert table.columns.tolist() == ["image_id", "z_mean_0", "z_mean_1"]
    z_mean = table[["z_mean_0", "z_mean_1"]].to_numpy()
    assert z_mean.dtype == np.float32
    model = Model.load("vae_faces", project)
    np.testing.assert_array_equal(z_mean, model.encode([images / name for name in names]))


def test_same_bytes_again(latent: Latent, images: Path, tmp_path: Path) -> None:
    for name in ("1.parquet", "2.parquet"):
        assert latent("embed", "ae_fashion", images, "-o", tmp_path / name).code == 0
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()


def test_many_images_are_written_in_parts(latent: Latent, project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(600):
        os.link(project / "photos/a.png", folder / f"{number}.png")
    path = tmp_path / "all.parquet"
    assert latent("embed", "vae_faces", folder, "-o", path).code == 0
    file = pq.ParquetFile(path)
    assert file.metadata.num_rows == 600
    sizes = [file.metadata.row_group(part).num_rows for part in range(file.num_row_groups)]
    assert len(sizes) > 1
    assert max(sizes) <= 256


def test_images_that_cannot_be_used_are_skipped(
    latent: Latent, images: Path, tmp_path: Path
) -> None:
    (images / "bad.jpg").write_text("no image")
    path = tmp_path / "all.parquet"
    arguments = ("embed", "vae_faces", images, "-o", path, "--max-bad-fraction")
    refused = latent(*arguments, 0.1)
    assert refused.code == 1
    assert not path.exists()
    reason = f"{images / 'bad.jpg'}: not a JPEG, PNG, WebP or BMP image"
    assert refused.err.splitlines()[-1] == (
        f"ERROR: {images}: of 5 images, more cannot be used than --max-bad-fraction 0.1 allows, "
        f"such as {reason}"
    )
    result = latent(*arguments, 0.2)
    assert result.code == 0
    assert result.err.splitlines()[1:] == [
        f"WARNING: {reason}; skipped",
        f"{path}: 4 embeddings, 1 images skipped",
    ]
    assert "bad.jpg" not in pd.read_parquet(path)["image_id"].tolist()


def test_only_some_of_many_bad_images_are_named(
    latent: Latent, images: Path, tmp_path: Path
) -> None:
    for number in range(300):
        (images / f"{number}.png").touch()
    path = tmp_path / "all.parquet"
    result = latent("embed", "vae_faces", images, "-o", path, "--max-bad-fraction", 1)
    assert result.code == 0
    assert result.err.count("; skipped\n") == 20
    assert result.err.endswith(f"{path}: 4 embeddings, 300 images skipped\n")


def test_name_that_is_not_utf8(latent: Latent, images: Path, tmp_path: Path) -> None:
    (images / os.fsdecode(b"\xff.png")).touch()
    result = latent("embed", "vae_faces", images, "-o", tmp_path / "all.parquet")
    assert result.code == 1
    assert result.err.splitlines()[-1].endswith("the file name is not valid UTF-8; rename the file")
