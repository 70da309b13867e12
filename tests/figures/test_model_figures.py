"""Figures of architecture, training curves, samples by epoch and KL divergences."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from latent.figures.common.style import BLUE, BOTTOM, PALE_GREY, TOP, WIDTH, save_figure
from latent.figures.model.architecture import architecture_figure
from latent.figures.model.curves import curves_figure
from latent.figures.model.epochs import ROWS, epoch_frames, epochs_figure
from latent.figures.model.graph import Box, Line, read_boxes
from latent.figures.model.kl import kl_figure
from latent.models.networks import build_decoder, build_encoder, build_variational_encoder
from latent.params import Architecture

PLAIN = Architecture(
    filters=[4, 8],
    block=["conv", "relu"],
    dense_block=[],
    output="conv",
    latent_dim=2,
    precision="float32",
)
FACES = Architecture(
    filters=[4, 4],
    block=["conv", "batch_norm", "leaky_relu"],
    dense_block=["batch_norm", "leaky_relu"],
    output="conv_transpose",
    latent_dim=6,
    precision="float32",
)
SHAPE = (8, 8, 3)
DEEP = Architecture(
    filters=[4] * 7,
    block=["batch_norm", "conv", "relu", "batch_norm"],
    dense_block=["relu"],
    output="conv",
    latent_dim=1,
    precision="float32",
)


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts if text.get_text()]


def test_boxes_of_a_plain_encoder_are_its_layers_in_order() -> None:
    boxes = read_boxes(build_encoder(PLAIN, SHAPE))
    assert boxes == [
        Box([Line("Input", "8×8×3", 0)], "images", [], 0),
        Box([Line("Conv2D, relu", "4×4×4", 112)], "", [0], 1),
        Box([Line("Conv2D, relu", "2×2×8", 296)], "", [1], 2),
        Box([Line("Flatten", "32", 0)], "", [2], 3),
        Box([Line("Dense", "2", 66)], "z", [3], 4),
    ]


def test_boxes_of_a_variational_encoder_have_two_branches() -> None:
    boxes = read_boxes(build_variational_encoder(FACES, SHAPE, seed=0))
    convolution = boxes[1]
    assert [line.layer for line in convolution.lines] == [
        "Conv2D",
        "BatchNormalization",
        "LeakyReLU",
    ]
    assert [line.parameters for line in convolution.lines] == [112, 16, 0]
    flat, mean, log_var, z = boxes[-4:]
    assert flat.lines[0].layer == "Flatten"
    assert [box.name for box in (mean, log_var, z)] == ["z_mean", "z_log_var", "z"]
    assert mean.parents == log_var.parents == [len(boxes) - 4]
    assert z.parents == [len(boxes) - 3, len(boxes) - 2]
    assert (mean.rank, log_var.rank, z.rank) == (4, 4, 5)


def test_normalisation_of_the_input_has_a_separate_box() -> None:
    images, normalised, convolution, *_ = read_boxes(build_encoder(DEEP, (128, 128, 1)))
    assert [line.layer for line in images.lines] == ["Input"]
    assert [line.layer for line in normalised.lines] == ["BatchNormalization"]
    assert [line.layer for line in convolution.lines][:2] == ["Conv2D, relu", "BatchNormalization"]


@pytest.mark.parametrize("architecture", [PLAIN, FACES, DEEP])
def test_boxes_contain_all_layers_and_parameters_of_a_model(architecture: Architecture) -> None:
    shape = (128, 128, 1)
    for model in (
        build_encoder(architecture, shape),
        build_variational_encoder(architecture, shape, seed=0),
        build_decoder(architecture, shape),
    ):
        lines = [line for box in read_boxes(model) for line in box.lines]
        assert len(lines) == len(model.layers)
        assert sum(line.parameters for line in lines) == model.count_params()


def box_places(canvas: Axes) -> list[tuple[float, float, float, float]]:
    """Return left, top, right and bottom of each box, in drawing order."""
    return [
        (p.get_x(), p.get_y(), p.get_x() + p.get_width(), p.get_y() + p.get_height())
        for p in canvas.patches
        if isinstance(p, FancyBboxPatch)
    ]


@pytest.mark.parametrize("architecture", [PLAIN, FACES, DEEP])
@pytest.mark.parametrize("variational", [True, False])
def test_boxes_fit_on_the_page_and_do_not_overlap(
    architecture: Architecture, variational: bool
) -> None:
    shape = (128, 128, 1)
    encoder = (
        build_variational_encoder(architecture, shape, seed=0)
        if variational
        else build_encoder(architecture, shape)
    )
    boxes = read_boxes(encoder), read_boxes(build_decoder(architecture, shape))
    canvas = architecture_figure(*boxes, "Title", "source").axes[0]
    places = box_places(canvas)
    assert len(places) == len(boxes[0]) + len(boxes[1])
    height = canvas.get_ylim()[0]
    for index, (left, top, right, bottom) in enumerate(places):
        assert 0 < left < right < WIDTH
        assert TOP < top < bottom < height - BOTTOM
        for other in places[:index]:
            assert left > other[2] or right < other[0] or top > other[3] or bottom < other[1]
    inside = [box for network in boxes for box in network]
    for (_, top, _, bottom), box in zip(places, inside, strict=True):
        assert bottom - top >= 16 * (len(box.lines) + bool(box.name))
    # One arrow per parent of a box, and one from the encoder to the decoder.
    assert len(canvas.texts) - len(texts(canvas)) == 1 + sum(len(box.parents) for box in inside)


def test_the_encoder_runs_downwards_and_the_decoder_upwards() -> None:
    boxes = read_boxes(build_encoder(PLAIN, SHAPE)), read_boxes(build_decoder(PLAIN, SHAPE))
    canvas = architecture_figure(*boxes, "Title", "source").axes[0]
    tops = [top for _, top, _, _ in box_places(canvas)]
    down, up = tops[: len(boxes[0])], tops[len(boxes[0]) :]
    assert down == sorted(down)
    assert up == sorted(up, reverse=True)
    assert down[0] == pytest.approx(up[-1])
    assert down[-1] == pytest.approx(up[0])
    assert "Encoder: 474 parameters" in texts(canvas)
    assert "z_mean" not in texts(canvas)


def make_history(epochs: int, *losses: str) -> pd.DataFrame:
    columns = {
        f"{split}/{loss}": np.arange(epochs) + offset
        for offset, loss in enumerate(losses)
        for split in ("train", "test")
    }
    return pd.DataFrame({"epoch": range(1, epochs + 1), **columns})


@pytest.mark.parametrize("epochs", [1, 2, 30])
def test_a_vae_has_a_panel_for_each_of_its_losses(epochs: int) -> None:
    history = make_history(epochs, "kl_loss", "loss", "reconstruction_loss")
    _, *panels = curves_figure(history, "source").axes
    assert [axes.get_title(loc="left") for axes in panels] == [
        "loss",
        "reconstruction loss",
        "KL loss",
    ]
    for axes, first in zip(panels, (1, 2, 0), strict=True):
        assert len(axes.lines) == 2
        for line in axes.lines:
            np.testing.assert_array_equal(line.get_xdata(), np.arange(1, epochs + 1))
            np.testing.assert_array_equal(line.get_ydata(), np.arange(epochs) + first)
        assert axes.get_xlim() == (0.5, epochs + 0.5)
        low, high = axes.get_ylim()
        assert -np.inf < low < first <= first + epochs - 1 < high < np.inf


def test_panels_of_curves_are_side_by_side_on_the_page() -> None:
    history = make_history(3, "loss", "reconstruction_loss", "kl_loss")
    figure = curves_figure(history, "source")
    boxes = [axes.get_position() for axes in figure.axes[1:]]
    assert boxes[0].x1 < boxes[1].x0 < boxes[1].x1 < boxes[2].x0 < boxes[2].x1 < 1


def test_an_autoencoder_has_one_panel() -> None:
    history = make_history(3, "loss", "reconstruction_loss")
    assert len(curves_figure(history, "source").axes) == 2


def make_samples(epochs: int, count: int) -> np.ndarray:
    """Return images of a single value: the index of the epoch."""
    colours = np.arange(epochs, dtype=np.uint8)[:, np.newaxis, np.newaxis, np.newaxis, np.newaxis]
    return np.broadcast_to(colours, (epochs, count, 8, 8, 3))


def shown(figure: Figure) -> list[int]:
    return [int(np.asarray(image.get_array())[0, 0, 0]) for image in figure.axes[0].images]


@pytest.mark.parametrize(("epochs", "count", "columns"), [(1, 1, 1), (3, 2, 2), (2, 12, 10)])
def test_each_epoch_has_a_row_with_its_number(epochs: int, count: int, columns: int) -> None:
    figure = epochs_figure(make_samples(epochs, count), "source")
    assert shown(figure) == [epoch for epoch in range(epochs) for _ in range(columns)]
    assert texts(figure.axes[0])[2:] == [f"epoch {n}" for n in range(1, epochs + 1)]


def test_many_epochs_are_reduced_and_include_the_first_and_the_last() -> None:
    figure = epochs_figure(make_samples(201, 1), "source")
    labels = texts(figure.axes[0])[2:]
    assert len(labels) == ROWS
    assert (labels[0], labels[-1]) == ("epoch 1", "epoch 201")
    assert shown(figure) == [int(label.removeprefix("epoch ")) - 1 for label in labels]


def test_each_epoch_is_a_frame_with_its_number() -> None:
    frames = list(epoch_frames(make_samples(3, 7), "source"))
    assert [shown(frame) for frame in frames] == [[n] * 7 for n in range(3)]
    titles = [texts(frame.axes[0])[0] for frame in frames]
    assert [title.rsplit("epoch ", 1)[1] for title in titles] == ["1 of 3", "2 of 3", "3 of 3"]
    assert len({frame.get_figheight() for frame in frames}) == 1


def test_kl_bars_are_sorted_labelled_and_coloured_by_activity() -> None:
    kl = np.array([0.005, 2.5, 0, 0.5])
    canvas, axes = kl_figure(kl, 1234, "source").axes
    assert [bar.get_height() for bar in axes.patches] == [2.5, 0.5, 0.005, 0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2", "4", "1", "3"]
    colours = [to_hex(bar.get_facecolor()) for bar in axes.patches]
    assert colours == [BLUE, BLUE, PALE_GREY, PALE_GREY]
    title, _, note = texts(canvas)
    assert "3.00 nats in total" in title or "3.01 nats in total" in title
    assert "1,234 test images" in note
    assert "more than 0.01 nats (2 of 4 dimensions)" in note


@pytest.mark.parametrize("kl", [np.zeros(1), np.zeros(200), np.ones(1), np.linspace(0, 9, 200)])
def test_the_axes_of_kl_bars_are_finite_and_include_all_bars(kl: np.ndarray) -> None:
    axes = kl_figure(kl, 1, "source").axes[1]
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    assert np.isfinite([left, right, bottom, top]).all()
    for bar in axes.patches:
        assert left <= bar.get_x()
        assert bar.get_x() + bar.get_width() <= right
        assert bottom == 0 <= bar.get_height() <= top
    assert top > 0


def test_equal_figures_have_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        encoder, decoder = build_encoder(PLAIN, SHAPE), build_decoder(PLAIN, SHAPE)
        figures = (
            architecture_figure(read_boxes(encoder), read_boxes(decoder), "Title", "source"),
            curves_figure(make_history(2, "loss"), "source"),
            epochs_figure(make_samples(2, 3), "source"),
            kl_figure(np.array([1.0, 0]), 3, "source"),
        )
        for index, figure in enumerate(figures):
            save_figure(figure, tmp_path / name / f"{index}.png")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
