"""All figures of a model, drawn from its files."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from latent.errors import InputError
from latent.figures.common import style
from latent.figures.common.style import WIDTH, save_figure
from latent.figures.faces.vae_faces import draw_vae_faces, find_directions
from latent.figures.fashion.ae_fashion import NOISE_STD, denoised_figure, draw_ae_fashion
from latent.figures.fashion.vae_fashion import draw_vae_fashion
from latent.io.dataset import read_split, write_record
from latent.io.files import write_json
from latent.io.paths import ModelPaths, edit_figures
from latent.latent_space.attribute_vectors import (
    attribute_vectors,
    find_attribute_vectors,
    write_vectors,
)
from latent.models.inference import encode
from latent.models.networks import build_decoder, build_encoder, build_variational_encoder
from latent.models.storage import save_model
from latent.params import Architecture, FacesFigures, PlaneFigures
from latent.raw.classes import FASHION_MNIST

Draw = Callable[[ModelPaths, PlaneFigures], None]

TEST_IMAGES = 7
PLANE = PlaneFigures(embedded=5000, generated=4, grid=3, seed=0)
FACES = FacesFigures(
    reconstructed=10,
    histograms=50,
    generated=4,
    attributes=["Smiling", "Bald", "Young"],
    factors=[-1.0, 0.0, 1.0],
    edited=5,
    morph_steps=3,
    seed=0,
)
MODEL_FILES = {"samples_by_epoch.gif", "samples_by_epoch.png", "training_curves.png"}
AE_FILES = MODEL_FILES | {
    "3-02_embeddings.png",
    "3-03_items.png",
    "3-04_architecture.png",
    "3-06_reconstructions.png",
    "3-07_embeddings_by_label.png",
    "3-08_generated.png",
    "3-09_decoded_grid.png",
}
VAE_FILES = MODEL_FILES | {
    "3-10_architecture.png",
    "3-13_embeddings_and_samples.png",
    "3-14_by_label_and_p_values.png",
    "3-14_decoded_grid.png",
    "kl_per_dimension.png",
    "reconstructions.png",
}
FACES_FILES = MODEL_FILES | {
    "3-12_architecture.png",
    "3-15_faces.png",
    "3-16_reconstructions.png",
    "3-17_latent_histograms.png",
    "3-18_generated.png",
    "3-19_edit_Smiling.png",
    "3-19_edit_Young.png",
    "3-19_other_attributes.png",
    "3-20_morphs.png",
    "kl_per_dimension.png",
}


def make_dataset(folder: Path, channels: int, count: int = TEST_IMAGES) -> Path:
    """Write a dataset of noise. No face is Bald, every other one Smiling, one Young and Male."""
    folder.mkdir(parents=True)
    generator = np.random.default_rng(0)
    for split in ("train", "test"):
        shape = (count, 32, 32, channels)
        np.save(folder / f"{split}.npy", generator.integers(0, 256, shape, dtype=np.uint8))
        table = pd.DataFrame({"image_id": range(count)})
        if channels == 1:
            table["label"] = np.arange(count) % 10
        else:
            table["Smiling"] = np.arange(count) % 2 == 0
            table["Bald"] = False
            table["Young"] = np.arange(count) == 0
            table["Male"] = np.arange(count) == 0
        table.to_parquet(folder / f"{split}.parquet")
    record = {"name": "fashion", "classes": FASHION_MNIST} if channels == 1 else {"name": "faces"}
    write_record(folder, {**record, "source": "sample", "left_out": {}})
    return folder


def make_trained(
    root: Path,
    channels: int,
    latent_dim: int,
    *,
    variational: bool = True,
    count: int = TEST_IMAGES,
    noise_std: float = 0.0,
) -> ModelPaths:
    kind, name = "vae" if variational else "ae", "fashion" if channels == 1 else "faces"
    paths = ModelPaths(f"{kind}_{name}", root)
    dataset = make_dataset(paths.dataset.processed, channels, count)
    architecture = Architecture(
        filters=[4],
        block=["conv", "relu"],
        dense_block=[],
        output="conv",
        latent_dim=latent_dim,
        precision="float32",
    )
    shape = (32, 32, channels)
    if variational:
        encoder = build_variational_encoder(architecture, shape, seed=0)
    else:
        encoder = build_encoder(architecture, shape)
    for folder in (paths.model, paths.embeddings, paths.history.parent):
        folder.mkdir(parents=True)
    save_model(encoder, paths.model / "encoder.keras")
    save_model(build_decoder(architecture, shape), paths.model / "decoder.keras")
    samples = np.random.default_rng(1).integers(0, 256, (2, 3, *shape), dtype=np.uint8)
    np.save(paths.model / "samples.npy", samples)
    write_json(paths.model / "provenance.json", {"parameters": {NOISE_STD: noise_std}})
    terms = ("loss", "reconstruction_loss", "kl_loss")[: 3 if variational else 2]
    columns = {f"{part}/{term}": [2.0, 1.0] for part in ("train", "test") for term in terms}
    pd.DataFrame({"epoch": [1, 2], **columns}).to_csv(paths.history, index=False)
    outputs = next(encode(encoder, read_split(dataset, "test").images))
    for name, values in zip(("z_mean", "z_log_var"), outputs, strict=False):
        np.save(paths.embeddings / f"test_{name}.npy", values)
    return paths


def make_vectors(paths: ModelPaths) -> None:
    attributes = read_split(paths.dataset.processed, "test").table.drop(columns="image_id")
    z_mean = np.load(paths.embeddings / "test_z_mean.npy")
    table = attribute_vectors(z_mean, attributes)
    table["auc"] = [0.75, *[np.nan] * (len(table) - 1)]
    paths.attribute_vectors.mkdir(parents=True)
    table.to_parquet(paths.attribute_vectors / "attribute_vectors.parquet")


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def check_pages(folder: Path) -> None:
    for path in folder.iterdir():
        with Image.open(path) as image:
            assert image.width == (WIDTH if path.suffix == ".gif" else 2 * WIDTH)
            pixels = np.asarray(image.convert("L"))
        # The page has content and a light background.
        assert pixels.min() < 100
        assert np.median(pixels[:, :8]) == 255


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures with a quarter of the pixels, for tests that look only at the names of files."""
    monkeypatch.setattr(style, "PIXELS_PER_UNIT", 1)


@pytest.mark.parametrize(
    ("draw", "variational", "expected"),
    [(draw_ae_fashion, False, AE_FILES), (draw_vae_fashion, True, VAE_FILES)],
)
def test_figures_of_fashion_models(
    tmp_path: Path, draw: Draw, variational: bool, expected: set[str]
) -> None:
    paths = make_trained(tmp_path, channels=1, latent_dim=2, variational=variational)
    drawn = []
    for _ in range(2):
        draw(paths, PLANE)
        drawn.append(read_files(paths.figures))
    assert set(drawn[0]) == expected
    assert drawn[0] == drawn[1]
    check_pages(paths.figures)


def test_a_denoising_autoencoder_has_a_figure_of_denoised_images(tmp_path: Path) -> None:
    paths = make_trained(tmp_path, 1, 2, variational=False, noise_std=0.25)
    draw_ae_fashion(paths, PLANE)
    assert set(read_files(paths.figures)) == AE_FILES | {"denoised.png"}
    check_pages(paths.figures)


def test_denoised_images_are_below_noisy_images_and_originals(tmp_path: Path) -> None:
    images, denoised = (np.full((2, 4, 4, 1), shade, np.uint8) for shade in (51, 102))
    noisy = np.tile(np.array([-0.5, 0.4, 0.6, 1.5], np.float32)[:, np.newaxis], (2, 4, 1, 1))
    drawn = []
    for name in ("a", "b"):
        figure = denoised_figure(images, noisy, denoised, 0.25, "source")
        canvas = figure.axes[0]
        shown = [np.asarray(image.get_array())[0].tolist() for image in canvas.images]
        assert shown == [[51] * 4] * 2 + [[0, 102, 153, 255]] * 2 + [[102] * 4] * 2
        texts = [text.get_text() for text in canvas.texts]
        assert {"original", "noisy", "denoised", "source"} <= set(texts)
        assert "standard deviation 0.25" in texts[0]
        save_figure(figure, tmp_path / name)
        drawn.append((tmp_path / name).read_bytes())
    assert drawn[0] == drawn[1]


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize(
    ("draw", "variational", "left_out"),
    [
        (draw_ae_fashion, False, "3-09_decoded_grid.png"),
        (draw_vae_fashion, True, "3-14_decoded_grid.png"),
    ],
)
@pytest.mark.parametrize("latent_dim", [1, 3])
def test_models_without_two_dimensions_have_no_grid(
    tmp_path: Path, draw: Draw, variational: bool, left_out: str, latent_dim: int
) -> None:
    paths = make_trained(tmp_path, channels=1, latent_dim=latent_dim, variational=variational)
    draw(paths, PLANE)
    expected = (VAE_FILES if variational else AE_FILES) - {left_out}
    assert set(read_files(paths.figures)) == expected


def test_figures_of_faces(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    paths = make_trained(tmp_path, channels=3, latent_dim=6)
    make_vectors(paths)
    drawn = []
    for _ in range(2):
        with caplog.at_level(logging.WARNING):
            draw_vae_faces(paths, FACES)
        drawn.append(read_files(paths.figures))
    assert set(drawn[0]) == FACES_FILES
    assert drawn[0] == drawn[1]
    check_pages(paths.figures)
    assert "Bald has no vector and is skipped: no training image has it" in caplog.text


def test_the_warning_about_a_missing_vector_states_the_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    z_mean = np.array([[1, 0], [-1, 0], [0, 0], [0, 0]], np.float32)
    attributes = pd.DataFrame(
        {"None": [0, 0, 0, 0], "All": [1, 1, 1, 1], "Equal": [1, 1, 0, 0], "Left": [0, 1, 0, 0]},
        dtype=bool,
    )
    table = attribute_vectors(z_mean, attributes)
    assert list(find_directions(table, list(attributes), own=False)) == ["Left"]
    assert [record.getMessage() for record in caplog.records] == [
        "None has no vector and is skipped: no training image has it",
        "All has no vector and is skipped: all training images have it",
        "Equal has no vector and is skipped: the mean embeddings with it and without it are equal",
    ]


@pytest.mark.usefixtures("coarse")
def test_attributes_that_differ_in_case_have_their_own_figures(tmp_path: Path) -> None:
    paths = make_trained(tmp_path, channels=3, latent_dim=3)
    longest = "ḁ" * 100  # 300 bytes
    for split in ("train", "test"):
        path = paths.dataset.processed / f"{split}.parquet"
        table = pd.read_parquet(path).rename(columns={"Young": "smiling", "Male": longest})
        table.to_parquet(path, index=False)
    make_vectors(paths)
    params = FACES.model_copy(update={"attributes": ["Smiling", "smiling", longest]})
    draw_vae_faces(paths, params)
    drawn = [name for name in read_files(paths.figures) if name.startswith("3-19_edit")]
    assert len({name.casefold() for name in drawn}) == 3
    assert set(drawn) == set(edit_figures(params.attributes).values())
    assert {"3-19_edit_Smiling.png", "3-19_edit_smiling_2.png"} < set(drawn)


@pytest.mark.usefixtures("coarse")
def test_a_single_face_is_enough(tmp_path: Path) -> None:
    paths = make_trained(tmp_path, channels=3, latent_dim=3, count=1)
    make_vectors(paths)
    draw_vae_faces(paths, FACES)
    drawn = {name for name in FACES_FILES if not name.startswith("3-19")}
    assert drawn == set(read_files(paths.figures))


@pytest.mark.usefixtures("coarse")
def test_without_other_attributes_there_is_no_overview(tmp_path: Path) -> None:
    paths = make_trained(tmp_path, channels=3, latent_dim=3)
    make_vectors(paths)
    params = FACES.model_copy(update={"attributes": ["Smiling", "Bald", "Young", "Male"]})
    draw_vae_faces(paths, params)
    drawn = set(read_files(paths.figures))
    assert drawn == FACES_FILES - {"3-19_other_attributes.png"} | {"3-19_edit_Male.png"}


def test_an_unknown_attribute_is_an_error_before_drawing(tmp_path: Path) -> None:
    paths = make_trained(tmp_path, channels=3, latent_dim=3)
    make_vectors(paths)
    params = FACES.model_copy(update={"attributes": ["Smiling", "Smirking"]})
    with pytest.raises(
        InputError, match=r"'Smirking' is not an attribute.*Smiling, Bald"
    ) as caught:
        draw_vae_faces(paths, params)
    assert "\n" not in str(caught.value)
    assert not paths.figures.exists()


def mark_as_user_supplied(dataset: Path) -> None:
    """Change the source of a dataset to user-supplied images."""
    path = dataset / "dataset.json"
    path.write_text(path.read_text().replace('"sample"', '"folder"'))


@pytest.mark.usefixtures("coarse")
def test_attributes_missing_in_user_supplied_images_are_skipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paths = make_trained(tmp_path, channels=3, latent_dim=3)
    make_vectors(paths)
    mark_as_user_supplied(paths.dataset.processed)
    params = FACES.model_copy(update={"attributes": ["Eyeglasses", "Smiling", "Blond_Hair"]})
    with caplog.at_level(logging.WARNING):
        draw_vae_faces(paths, params)
    assert set(read_files(paths.figures)) == FACES_FILES - {"3-19_edit_Young.png"}
    (record,) = caplog.records
    assert record.getMessage() == (
        "figures.vae_faces.attributes: skipped, not in the dataset: Eyeglasses, Blond_Hair"
    )


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize("own", [False, True])
def test_without_attributes_there_are_no_edits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, own: bool
) -> None:
    paths = make_trained(tmp_path, channels=3, latent_dim=3)
    for split in ("train", "test"):
        path = paths.dataset.processed / f"{split}.parquet"
        pd.read_parquet(path)[["image_id"]].to_parquet(path)
    if own:
        mark_as_user_supplied(paths.dataset.processed)
    test = paths.embeddings / "test_z_mean.npy"
    shutil.copy(test, paths.embeddings / "train_z_mean.npy")
    with caplog.at_level(logging.WARNING):
        vectors = find_attribute_vectors(paths.embeddings, paths.dataset.processed)
        write_vectors(vectors, paths.attribute_vectors)
        draw_vae_faces(paths, FACES)
    drawn = {name for name in FACES_FILES if not name.startswith("3-19")}
    assert set(read_files(paths.figures)) == drawn
    dataset = paths.dataset.processed
    assert [record.getMessage() for record in caplog.records] == [
        f"{dataset}: the images have no attributes, so there are no attribute vectors",
        "the images have no attributes, so there are no figures of attribute edits",
    ]


@pytest.mark.parametrize(
    "broken",
    [
        "models/vae_fashion/encoder.keras",
        "models/vae_fashion/decoder.keras",
        "models/vae_fashion/samples.npy",
        "reports/plots/vae_fashion/history.csv",
    ],
)
def test_failed_figures_leave_the_old_ones(tmp_path: Path, broken: str) -> None:
    paths = make_trained(tmp_path, channels=1, latent_dim=2)
    (tmp_path / broken).write_bytes(b"broken")
    paths.figures.mkdir(parents=True)
    (paths.figures / "old.png").write_bytes(b"old")
    with pytest.raises(InputError, match=broken):
        draw_vae_fashion(paths, PLANE)
    assert read_files(paths.figures) == {"old.png": b"old"}
