"""The figures that belong to no model, and their files."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from latent.data.dataset import write_record
from latent.errors import InputError
from latent.figures.chapter import RADIUS, densities_figure, draw_chapter, pair_figure
from latent.figures.style import WIDTH
from latent.params import ChapterFigures

PARAMS = ChapterFigures(embedded=5000)
ROOT = Path(__file__).parents[2]


def make_files(root: Path, latent_dim: int = 2, count: int = 7) -> tuple[Path, Path]:
    dataset = root / "dataset"
    dataset.mkdir()
    for split in ("train", "test"):
        np.save(dataset / f"{split}.npy", np.zeros((count, 4, 4, 1), np.uint8))
        labels = pd.DataFrame({"image_id": range(count), "label": np.arange(count) % 10})
        labels.to_parquet(dataset / f"{split}.parquet")
    write_record(dataset, {"name": "fashion", "source": "sample", "left_out": {}})
    z = np.random.default_rng(0).standard_normal((count, latent_dim), dtype=np.float32)
    for name, scale in (("ae_fashion", 9), ("vae_fashion", 1)):
        (root / "embeddings" / name).mkdir(parents=True)
        np.save(root / "embeddings" / name / "test_z_mean.npy", z * np.float32(scale))
    return root / "embeddings", dataset


@pytest.mark.parametrize(("latent_dim", "count"), [(2, 7), (1, 7), (3, 7), (2, 1)])
def test_the_files_of_the_chapter_have_the_same_bytes(
    tmp_path: Path, latent_dim: int, count: int
) -> None:
    embeddings, dataset = make_files(tmp_path, latent_dim, count)
    drawn = []
    for name in ("a", "b"):
        draw_chapter(embeddings, dataset, PARAMS, tmp_path / name)
        drawn.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert set(drawn[0]) == {"3-11_normal_densities.png", "ae_and_vae_embeddings.png"}
    assert drawn[0] == drawn[1]
    for path in (tmp_path / "a").iterdir():
        with Image.open(path) as image:
            assert image.width == 2 * WIDTH


def test_a_missing_space_leaves_the_old_figures(tmp_path: Path) -> None:
    embeddings, dataset = make_files(tmp_path)
    (embeddings / "vae_fashion" / "test_z_mean.npy").unlink()
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="vae_fashion"):
        draw_chapter(embeddings, dataset, PARAMS, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_stage_starts_no_keras() -> None:
    check = "import stages.figures_chapter, sys; sys.exit('keras' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)


def test_the_spaces_stand_on_one_scale_that_is_the_same_on_all_axes() -> None:
    z = np.random.default_rng(0).standard_normal((50, 2))
    labels = np.arange(50) % 10
    canvas, *panels = pair_figure([z * 9 + 5, z], labels, "source").axes
    left, right = panels
    assert left.get_xlim() == pytest.approx(right.get_xlim())
    assert left.get_ylim() == pytest.approx(right.get_ylim())
    box = left.get_window_extent()
    assert np.ptp(left.get_xlim()) / box.width == pytest.approx(
        np.ptp(left.get_ylim()) / box.height
    )
    for axes, points in ((left, z * 9 + 5), (right, z)):
        np.testing.assert_allclose(np.asarray(axes.collections[0].get_offsets()), points)
        low, high = np.transpose([axes.get_xlim(), axes.get_ylim()])
        assert (np.minimum(points.min(axis=0), -RADIUS) >= low).all()
        assert (np.maximum(points.max(axis=0), RADIUS) <= high).all()
    shown = [text.get_text() for text in canvas.texts]
    assert {"autoencoder", "variational autoencoder", "Ankle boot", "source"} <= set(shown)


def test_a_space_of_more_dimensions_says_which_it_shows() -> None:
    z = np.zeros((1, 3))
    canvas = pair_figure([z[:, :2], z], np.zeros(1, int), "source").axes[0]
    shown = {text.get_text() for text in canvas.texts}
    assert {"autoencoder", "variational autoencoder, dimensions 1 and 2 of 3"} <= shown


def test_the_circle_holds_what_it_says() -> None:
    z = np.random.default_rng(0).standard_normal((100_000, 2))
    assert (np.hypot(*z.T) < RADIUS).mean() == pytest.approx(0.95, abs=0.005)


def test_the_densities_have_area_1_and_peak_at_their_means() -> None:
    axes = densities_figure().axes[1]
    curves = {}
    for line, text in zip(axes.lines, axes.texts, strict=True):
        z, heights = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
        assert np.isfinite(heights).all()
        peak = float(z[heights.argmax()])
        curves[text.get_text()] = (round(peak, 6), (heights * np.gradient(z)).sum())
    assert [peak for peak, _ in curves.values()] == [0, 0, 0, -2]
    assert "μ = −2, σ² = 0.5" in curves
    # The widest one reaches over the ends of the axis.
    assert all(area == pytest.approx(1, abs=0.03) for _, area in curves.values())
