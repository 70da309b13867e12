"""All figures of a model, from its files to the PNG files."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from latent.data.dataset import read_split, write_record
from latent.data.fashion.classes import FASHION_MNIST
from latent.errors import InputError
from latent.figures.ae_fashion import NOISE_STD, denoised_figure, draw_ae_fashion
from latent.figures.style import WIDTH, save_figure
from latent.figures.vae_faces import draw_vae_faces
from latent.figures.vae_fashion import draw_vae_fashion
from latent.files import write_json
from latent.models.inference import encode
from latent.models.networks import build_decoder, build_encoder, build_variational_encoder
from latent.models.storage import save_model
from latent.params import Architecture, FacesFigures, PlaneFigures
from latent.space.attributes import attribute_vectors, find_attribute_vectors, write_vectors

Draw = Callable[[Path, Path, Path, Path, PlaneFigures, Path], None]

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


@dataclass
class Trained:
    """The folders that the figures are drawn from."""

    model: Path
    history: Path
    embeddings: Path
    dataset: Path


def make_dataset(folder: Path, channels: int, count: int = TEST_IMAGES) -> Path:
    """A data set of noise; no face is Bald, every other one Smiling, the first Young and Male."""
    folder.mkdir()
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
) -> Trained:
    dataset = make_dataset(root / "dataset", channels, count)
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
    trained = Trained(root / "model", root / "history.csv", root / "embeddings", dataset)
    trained.model.mkdir()
    save_model(encoder, trained.model / "encoder.keras")
    save_model(build_decoder(architecture, shape), trained.model / "decoder.keras")
    samples = np.random.default_rng(1).integers(0, 256, (2, 3, *shape), dtype=np.uint8)
    np.save(trained.model / "samples.npy", samples)
    write_json(trained.model / "provenance.json", {"parameters": {NOISE_STD: noise_std}})
    terms = ("loss", "reconstruction_loss", "kl_loss")[: 3 if variational else 2]
    columns = {f"{part}/{term}": [2.0, 1.0] for part in ("train", "test") for term in terms}
    pd.DataFrame({"epoch": [1, 2], **columns}).to_csv(trained.history, index=False)
    trained.embeddings.mkdir()
    outputs = next(encode(encoder, read_split(dataset, "test").images))
    for name, values in zip(("z_mean", "z_log_var"), outputs, strict=False):
        np.save(trained.embeddings / f"test_{name}.npy", values)
    return trained


def make_vectors(root: Path, trained: Trained) -> Path:
    attributes = read_split(trained.dataset, "test").table.drop(columns="image_id")
    z_mean = np.load(trained.embeddings / "test_z_mean.npy")
    (root / "vectors").mkdir()
    table = attribute_vectors(z_mean, attributes)
    table["auc"] = [0.75, *[np.nan] * (len(table) - 1)]
    table.to_parquet(root / "vectors" / "attribute_vectors.parquet")
    return root / "vectors"


def draw_faces(trained: Trained, vectors: Path, folder: Path, params: FacesFigures = FACES) -> None:
    draw_vae_faces(
        trained.model,
        trained.history,
        trained.embeddings,
        vectors,
        trained.dataset,
        params,
        folder,
    )


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def check_pages(folder: Path) -> None:
    for path in folder.iterdir():
        with Image.open(path) as image:
            assert image.width == (WIDTH if path.suffix == ".gif" else 2 * WIDTH)
            pixels = np.asarray(image.convert("L"))
        # Something is drawn, on a light page.
        assert pixels.min() < 100
        assert np.median(pixels[:, :8]) == 255


@pytest.mark.parametrize(
    ("draw", "variational", "expected"),
    [(draw_ae_fashion, False, AE_FILES), (draw_vae_fashion, True, VAE_FILES)],
)
def test_garments(tmp_path: Path, draw: Draw, variational: bool, expected: set[str]) -> None:
    trained = make_trained(tmp_path, channels=1, latent_dim=2, variational=variational)
    drawn = []
    for name in ("a", "b"):
        folder = tmp_path / name
        draw(trained.model, trained.history, trained.embeddings, trained.dataset, PLANE, folder)
        drawn.append(read_files(folder))
    assert set(drawn[0]) == expected
    assert drawn[0] == drawn[1]
    check_pages(tmp_path / "a")


def test_an_autoencoder_that_was_trained_with_noise_shows_what_it_does_with_it(
    tmp_path: Path,
) -> None:
    trained = make_trained(tmp_path, 1, 2, variational=False, noise_std=0.25)
    folder = tmp_path / "out"
    draw_ae_fashion(
        trained.model, trained.history, trained.embeddings, trained.dataset, PLANE, folder
    )
    assert set(read_files(folder)) == AE_FILES | {"denoised.png"}
    check_pages(folder)


def test_denoised_images_stand_below_noisy_ones_below_their_originals(tmp_path: Path) -> None:
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


@pytest.mark.parametrize(
    ("draw", "variational", "left_out"),
    [
        (draw_ae_fashion, False, "3-09_decoded_grid.png"),
        (draw_vae_fashion, True, "3-14_decoded_grid.png"),
    ],
)
@pytest.mark.parametrize("latent_dim", [1, 3])
def test_garments_in_no_plane_have_no_grid(
    tmp_path: Path, draw: Draw, variational: bool, left_out: str, latent_dim: int
) -> None:
    trained = make_trained(tmp_path, channels=1, latent_dim=latent_dim, variational=variational)
    draw(
        trained.model, trained.history, trained.embeddings, trained.dataset, PLANE, tmp_path / "out"
    )
    expected = (VAE_FILES if variational else AE_FILES) - {left_out}
    assert set(read_files(tmp_path / "out")) == expected


def test_faces(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    trained = make_trained(tmp_path, channels=3, latent_dim=6)
    vectors = make_vectors(tmp_path, trained)
    drawn = []
    for name in ("a", "b"):
        folder = tmp_path / name
        with caplog.at_level(logging.WARNING):
            draw_faces(trained, vectors, folder)
        drawn.append(read_files(folder))
    assert set(drawn[0]) == FACES_FILES
    assert drawn[0] == drawn[1]
    check_pages(tmp_path / "a")
    assert "Bald has no vector" in caplog.text


def test_a_single_face_is_enough(tmp_path: Path) -> None:
    trained = make_trained(tmp_path, channels=3, latent_dim=3, count=1)
    vectors = make_vectors(tmp_path, trained)
    draw_faces(trained, vectors, tmp_path / "out")
    drawn = {name for name in FACES_FILES if not name.startswith("3-19")}
    assert drawn == set(read_files(tmp_path / "out"))


def test_there_is_no_sheet_of_other_attributes_where_each_has_its_figure(tmp_path: Path) -> None:
    trained = make_trained(tmp_path, channels=3, latent_dim=3)
    vectors = make_vectors(tmp_path, trained)
    params = FACES.model_copy(update={"attributes": ["Smiling", "Bald", "Young", "Male"]})
    draw_faces(trained, vectors, tmp_path / "out", params)
    drawn = set(read_files(tmp_path / "out"))
    assert drawn == FACES_FILES - {"3-19_other_attributes.png"} | {"3-19_edit_Male.png"}


def test_an_unknown_attribute_is_named_before_anything_is_drawn(tmp_path: Path) -> None:
    trained = make_trained(tmp_path, channels=3, latent_dim=3)
    vectors = make_vectors(tmp_path, trained)
    params = FACES.model_copy(update={"attributes": ["Smiling", "Smirking"]})
    with pytest.raises(
        InputError, match=r"'Smirking' is not an attribute.*Smiling, Bald"
    ) as caught:
        draw_faces(trained, vectors, tmp_path / "out", params)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def call_own(dataset: Path) -> None:
    """Make a data set one of the user's own images."""
    path = dataset / "dataset.json"
    path.write_text(path.read_text().replace('"sample"', '"folder"'))


def test_images_of_ones_own_need_not_have_the_attributes_that_faces_have(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trained = make_trained(tmp_path, channels=3, latent_dim=3)
    vectors = make_vectors(tmp_path, trained)
    call_own(trained.dataset)
    params = FACES.model_copy(update={"attributes": ["Eyeglasses", "Smiling", "Blond_Hair"]})
    with caplog.at_level(logging.WARNING):
        draw_faces(trained, vectors, tmp_path / "out", params)
    assert set(read_files(tmp_path / "out")) == FACES_FILES - {"3-19_edit_Young.png"}
    (record,) = caplog.records
    assert record.getMessage() == (
        "figures.vae_faces.attributes: the images have no Eyeglasses, Blond_Hair; left out"
    )


@pytest.mark.parametrize("own", [False, True])
def test_without_attributes_there_are_no_edits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, own: bool
) -> None:
    trained = make_trained(tmp_path, channels=3, latent_dim=3)
    for split in ("train", "test"):
        path = trained.dataset / f"{split}.parquet"
        pd.read_parquet(path)[["image_id"]].to_parquet(path)
    if own:
        call_own(trained.dataset)
    test = trained.embeddings / "test_z_mean.npy"
    shutil.copy(test, trained.embeddings / "train_z_mean.npy")
    with caplog.at_level(logging.WARNING):
        vectors = find_attribute_vectors(trained.embeddings, trained.dataset)
        write_vectors(vectors, tmp_path / "vectors")
        draw_faces(trained, tmp_path / "vectors", tmp_path / "out")
    drawn = {name for name in FACES_FILES if not name.startswith("3-19")}
    assert set(read_files(tmp_path / "out")) == drawn
    assert [record.getMessage() for record in caplog.records] == [
        f"the images of {trained.dataset} have no attributes, so there are no vectors of any",
        "the images have no attributes, so no figure shows edits of them",
    ]


@pytest.mark.parametrize(
    "broken", ["model/encoder.keras", "model/decoder.keras", "model/samples.npy", "history.csv"]
)
def test_figures_that_cannot_be_drawn_leave_the_old_ones(tmp_path: Path, broken: str) -> None:
    trained = make_trained(tmp_path, channels=1, latent_dim=2)
    (tmp_path / broken).write_bytes(b"broken")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.png").write_bytes(b"old")
    with pytest.raises(InputError, match=broken):
        draw_vae_fashion(
            trained.model,
            trained.history,
            trained.embeddings,
            trained.dataset,
            PLANE,
            tmp_path / "out",
        )
    assert read_files(tmp_path / "out") == {"old.png": b"old"}
