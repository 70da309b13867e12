"""Figures of no single model, and their files."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from latent.errors import InputError
from latent.figures.common.style import WIDTH
from latent.figures.fashion.chapter import RADIUS, densities_figure, draw_chapter, pair_figure
from latent.figures.fashion.classes import Classes
from latent.io.dataset import write_record
from latent.params import ChapterFigures
from latent.raw.classes import FASHION_MNIST

PARAMS = ChapterFigures(embedded=5000)
ROOT = Path(__file__).parents[2]


def make_files(root: Path, latent_dim: int = 2, count: int = 7) -> None:
    dataset = root / "data/processed/fashion"
    dataset.mkdir(parents=True)
    for split in ("train", "test"):
        np.save(dataset / f"{split}.npy", np.zeros((count, 4, 4, 1), np.uint8))
        labels = pd.DataFrame({"image_id": range(count), "label": np.arange(count) % 10})
        labels.to_parquet(dataset / f"{split}.parquet")
    record = {"name": "fashion", "source": "sample", "classes": FASHION_MNIST, "left_out": {}}
    write_record(dataset, record)
    z = np.random.default_rng(0).standard_normal((count, latent_dim), dtype=np.float32)
    for name, scale in (("ae_fashion", 9), ("vae_fashion", 1)):
        (root / "data/embeddings" / name).mkdir(parents=True)
        np.save(root / "data/embeddings" / name / "test_z_mean.npy", z * np.float32(scale))


@pytest.mark.parametrize(("latent_dim", "count"), [(2, 7), (1, 7), (3, 7), (2, 1)])
def test_equal_inputs_give_equal_files(tmp_path: Path, latent_dim: int, count: int) -> None:
    make_files(tmp_path, latent_dim, count)
    drawn = []
    for name in ("a", "b"):
        draw_chapter(PARAMS, tmp_path / name, tmp_path)
        drawn.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert set(drawn[0]) == {"3-11_normal_densities.png", "ae_and_vae_embeddings.png"}
    assert drawn[0] == drawn[1]
    for path in (tmp_path / "a").iterdir():
        with Image.open(path) as image:
            assert image.width == 2 * WIDTH


def test_missing_embeddings_leave_the_old_figures(tmp_path: Path) -> None:
    make_files(tmp_path)
    (tmp_path / "data/embeddings/vae_fashion/test_z_mean.npy").unlink()
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="vae_fashion"):
        draw_chapter(PARAMS, tmp_path / "out", tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_the_stage_does_not_import_keras() -> None:
    check = "import stages.figures_chapter, sys; sys.exit('keras' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)


def test_both_spaces_have_the_same_axes_and_scale() -> None:
    z = np.random.default_rng(0).standard_normal((50, 2))
    labels = np.arange(50) % 10
    canvas, *panels = pair_figure([z * 9 + 5, z], Classes(labels, FASHION_MNIST), "source").axes
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


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        (FASHION_MNIST, 1),
        (["a"], 1),
        ([f"class {label}" for label in range(21)], 2),
        ([f"a rather long name {label}" for label in range(10)], 2),
        ([f"a rather long name {label}" for label in range(200)], 5),
    ],
)
def test_the_names_of_the_legend_do_not_overlap(names: list[str], rows: int) -> None:
    classes = Classes(np.arange(len(names)), names)
    z = np.random.default_rng(0).standard_normal((len(names), 2))
    canvas, left, _ = pair_figure([z, z], classes, "source").axes
    shown = [text for text in canvas.texts if text.get_text() in names]
    assert [text.get_text() for text in shown] == list(names)[:24]
    heights = sorted({text.get_position()[1] for text in shown})
    assert len(heights) == rows
    assert canvas.transData.transform((0, heights[-1]))[1] > left.get_window_extent().y1 + 24
    for one, other in pairwise(shown):
        if one.get_position()[1] == other.get_position()[1]:
            assert one.get_window_extent().x1 < other.get_window_extent().x0 - 20


def test_the_dimensions_shown_are_in_the_title() -> None:
    z = np.zeros((1, 3))
    canvas = pair_figure([z[:, :2], z], Classes(np.zeros(1, int), FASHION_MNIST), "source").axes[0]
    shown = {text.get_text() for text in canvas.texts}
    assert {"autoencoder", "variational autoencoder, dimensions 1 and 2 of 3"} <= shown


def test_the_circle_contains_the_stated_share() -> None:
    z = np.random.default_rng(0).standard_normal((100_000, 2))
    assert (np.hypot(*z.T) < RADIUS).mean() == pytest.approx(0.95, abs=0.005)


def test_the_densities_have_area_1_and_a_maximum_at_the_mean() -> None:
    axes = densities_figure().axes[1]
    curves = {}
    for line, text in zip(axes.lines, axes.texts, strict=True):
        z, heights = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
        assert np.isfinite(heights).all()
        peak = float(z[heights.argmax()])
        curves[text.get_text()] = (round(peak, 6), (heights * np.gradient(z)).sum())
    assert [peak for peak, _ in curves.values()] == [0, 0, 0, -2]
    assert "μ = −2, σ² = 0.5" in curves
    # The axis does not cover the whole of the widest density.
    assert all(area == pytest.approx(1, abs=0.03) for _, area in curves.values())
