"""Uses of a trained model give the pixels of the pipeline's figures, and errors in one line."""

import doctest
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from own_project import Networks, differs
from PIL import Image
from untrained_models import write_model

import latent
from latent import Model
from latent.api import data, model, trained
from latent.errors import InputError
from latent.figures.faces import vae_faces
from latent.figures.fashion import ae_fashion, vae_fashion
from latent.io.dataset import read_array, read_record
from latent.io.files import write_json
from latent.io.paths import ModelPaths
from latent.latent_space.attribute_vectors import write_vectors
from latent.models.storage import load_model, save_model
from latent.params import Params

Pixels = NDArray[np.uint8]
SEED = 7


def dataset_of(model: Model) -> data.Dataset:
    assert model.dataset is not None
    return model.dataset


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Pixels]:
    """The images that figures decode, in order. The figures themselves are not drawn."""
    images: list[Pixels] = []
    for module in (vae_faces, vae_fashion, ae_fashion):
        original = module.decode

        def record(*arguments: Any, original: Any = original) -> Pixels:
            images.append(original(*arguments))
            return images[-1]

        monkeypatch.setattr(module, "decode", record)
        monkeypatch.setattr(module, "draw_model", lambda *arguments: None)
        monkeypatch.setattr(module, "save_figure", lambda *arguments: None)
    return images


def is_among(images: Pixels, found: list[Pixels]) -> bool:
    assert differs(images), "the test compares images of one colour"
    return any(np.array_equal(images, other) for other in found)


def test_the_pixels_are_those_of_the_figures_of_faces(
    faces: Model, copied: Path, decoded: list[Pixels], params: Params
) -> None:
    shown = ["Smiling", "Eyeglasses"]
    settings = params.figures.vae_faces.model_copy(update={"attributes": shown, "seed": SEED})
    vae_faces.draw_vae_faces(ModelPaths("vae_faces", copied), settings)
    images = dataset_of(faces).test.images
    assert is_among(faces.reconstruct(images[: settings.reconstructed], as_arrays=True), decoded)
    assert is_among(faces.generate(settings.generated, SEED, as_arrays=True), decoded)
    assert is_among(faces.morph(images[0], images[1], as_arrays=True), decoded)
    for name in shown:
        without = dataset_of(faces).test.table[name].to_numpy().argmin()
        sweep = faces.sweep(images[without], name, settings.factors, as_arrays=True)
        assert is_among(sweep, decoded)
        edited = faces.edit(images[without], {name: settings.factors[-1]}, as_arrays=True)
        np.testing.assert_array_equal(edited, sweep[-1])


@pytest.mark.parametrize("name", ["vae_fashion", "ae_fashion"])
def test_the_pixels_are_those_of_the_figures_of_fashion(
    project: Path, copied: Path, decoded: list[Pixels], params: Params, name: str
) -> None:
    section = params.figures.vae_fashion.model_copy(update={"seed": SEED})
    draw: dict[str, Callable[..., None]] = {
        "vae_fashion": vae_fashion.draw_vae_fashion,
        "ae_fashion": ae_fashion.draw_ae_fashion,
    }
    draw[name](ModelPaths(name, copied), section)
    loaded = Model.load(name, project)
    assert is_among(loaded.generate(section.generated, SEED, as_arrays=True), decoded)
    images = dataset_of(loaded).test.images[:8]
    assert is_among(loaded.reconstruct(images, as_arrays=True), decoded)


@pytest.mark.parametrize("name", ["faces", "garments", "autoencoder"])
def test_embeddings_have_the_bits_of_the_stage_embed(
    request: pytest.FixtureRequest, project: Path, name: str
) -> None:
    loaded: Model = request.getfixturevalue(name)
    images = dataset_of(loaded).train.images
    stored = read_array(ModelPaths(loaded.name, project).embeddings / "train_z_mean.npy")
    assert np.ptp(stored, axis=0).min() > 0
    np.testing.assert_array_equal(loaded.encode(images), stored)
    one_by_one = [loaded.encode(image)[0] for image in images]
    np.testing.assert_array_equal(one_by_one, stored)
    np.testing.assert_array_equal(loaded.embeddings("train"), stored)


def test_images_are_pil_images_or_arrays(faces: Model, garments: Model) -> None:
    for loaded, mode in ((faces, "RGB"), (garments, "L")):
        arrays = loaded.generate(3, as_arrays=True)
        images = loaded.generate(3)
        assert [image.mode for image in images] == [mode] * 3
        shape = loaded.image_shape
        assert all(
            np.array_equal(np.asarray(image).reshape(shape), array)
            for image, array in zip(images, arrays, strict=True)
        )


def test_several_attributes_are_changed_at_once(faces: Model) -> None:
    photo = dataset_of(faces).test.images[0]
    table = faces.attributes.set_index("attribute")
    vectors = [table.loc[name, "vector"] for name in ("Smiling", "Eyeglasses")]
    units = [vector / np.linalg.norm(vector) for vector in vectors]
    z = faces.encode(photo)[0] + np.float32(3) * units[0] - np.float32(2) * units[1]
    changed = faces.edit(photo, {"Smiling": 3, "Eyeglasses": -2}, as_arrays=True)
    np.testing.assert_array_equal(changed, faces.decode([z], as_arrays=True)[0])
    unchanged = faces.edit(photo, {}, as_arrays=True)
    np.testing.assert_array_equal(unchanged, faces.reconstruct(photo, as_arrays=True)[0])
    assert (changed != unchanged).any()


def test_a_morph_begins_and_ends_with_the_reconstructions(faces: Model) -> None:
    images = dataset_of(faces).test.images
    morph = faces.morph(images[0], images[1], steps=2, as_arrays=True)
    np.testing.assert_array_equal(morph, faces.reconstruct(images[:2], as_arrays=True))


def test_attributes_are_sorted_by_auc(faces: Model) -> None:
    table = faces.attributes
    assert list(table) == ["attribute", "auc", "with", "without", "vector"]
    aucs = table["auc"].dropna()
    assert aucs.is_monotonic_decreasing
    assert len(aucs) == 2
    assert set(table["attribute"][2:]) == {"Everybody", "Nobody"}
    assert all(vector.dtype == np.float32 for vector in table["vector"])
    table["attribute"] = "changed"
    assert "Smiling" in set(faces.attributes["attribute"])


def test_nearest_images(faces: Model, garments: Model) -> None:
    for loaded in (faces, garments):
        train = dataset_of(loaded).train
        stored = loaded.embeddings("train")
        z = loaded.encode(dataset_of(loaded).test.images[0])[0]
        distances = np.linalg.norm(stored.astype(float) - z, axis=1)
        expected = np.argsort(distances, kind="stable")[:4]
        found = loaded.nearest(dataset_of(loaded).test.images[0], count=4, as_arrays=True)
        assert found.rows.tolist() == expected.tolist()
        np.testing.assert_allclose(found.distances, distances[expected])
        assert found.ids == train.table["image_id"].iloc[expected].tolist()
        np.testing.assert_array_equal(np.asarray(found.images), train.images[expected])
    assert faces.nearest(train.images[0]).labels == []
    assert set(garments.nearest(train.images[0]).labels) <= {"coat", "shoe"}
    assert isinstance(garments.nearest(train.images[0]).images[0], Image.Image)
    assert len(garments.nearest(train.images[0], count=10**6).rows) == len(train.images)


def test_of_equally_near_images_the_first_is_the_nearest(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if they are in different chunks."""
    folder = ModelPaths("vae_faces", copied).dataset.processed
    images = np.load(folder / "train.npy")
    images[[3, 9, 20]] = images[0]
    np.save(folder / "train.npy", images)
    loaded = Model.load("vae_faces", copied)
    np.save(ModelPaths("vae_faces", copied).embeddings / "train_z_mean.npy", loaded.encode(images))
    for chunk in (2, 10, 100):
        monkeypatch.setattr(data, "CHUNK", chunk)
        assert loaded.nearest(images[0], count=3).rows.tolist() == [0, 3, 9]


WRONG: list[tuple[Callable[[Model, Pixels], object], str]] = [
    (
        lambda m, x: m.edit(x, {"Smilng": 1}),
        "Smilng: not an attribute of the model; did you mean S",
    ),
    (
        lambda m, x: m.edit(x, {"eyeglasses": 1}),
        "eyeglasses: not an attribute of the model; did you",
    ),
    (lambda m, x: m.edit(x, {"zzz": 1}), "zzz: not an attribute of the model; allowed are Every"),
    (
        lambda m, x: m.edit(x, {"Smiling": float("nan")}),
        "Smiling: α is nan; must be a finite numbe",
    ),
    (lambda m, x: m.edit(x, {"Smiling": "much"}), "Smiling: α is 'much'; must be a finite number"),  # type: ignore[dict-item]
    (lambda m, x: m.sweep(x, "Smiling", [0, 1e300]), "Smiling: α is 1e+300; must be a finite numb"),
    (
        lambda m, x: m.edit(x, {"Nobody": 1}),
        "Nobody: has no attribute vector, because no training ",
    ),
    (
        lambda m, x: m.edit(x, {"Everybody": 1}),
        "Everybody: has no attribute vector, because all tr",
    ),
    (lambda m, x: m.edit(np.stack([x, x]), {}), "2 images; allowed is one"),
    (lambda m, x: m.morph(x, x, steps=1), "steps is 1; must be an integer of at least 2"),
    (lambda m, x: m.generate(-1), "count is -1; must be an integer of at least 0"),
    (lambda m, x: m.generate(1.5), "count is 1.5; must be an integer of at least 0"),  # type: ignore[call-overload]
    (lambda m, x: m.generate(1, seed=-1), "seed is -1; must be an integer of at least 0"),
    (lambda m, x: m.nearest(x, count=0), "count is 0; must be an integer of at least 1"),
    (lambda m, x: m.decode([0, 0, 0, 0]), "z: has the shape (4,); allowed is (N, 4)"),
    (lambda m, x: m.decode([[0, 0]]), "z: has the shape (1, 2); allowed is (N, 4)"),
    (lambda m, x: m.decode([[0, 0, 0, np.inf]]), "z: must be finite numbers of type float32"),
    (lambda m, x: m.decode([[0, 0, 0, 1e300]]), "z: must be finite numbers of type float32"),
    (lambda m, x: m.decode([["a"]]), "z: must be numbers (N, 4)"),
    (lambda m, x: m.decode([[1], [1, 2]]), "z: must be numbers (N, 4)"),
]


@pytest.mark.parametrize(("use", "message"), WRONG)
def test_errors_are_one_line(
    faces: Model, use: Callable[[Model, Pixels], object], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        use(faces, dataset_of(faces).test.images[0])
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_points_for_which_the_decoder_overflows(copied: Path) -> None:
    path = copied / "models/vae_faces/decoder.keras"
    decoder = load_model(path)
    decoder.set_weights([1e30 * weights for weights in decoder.get_weights()])
    save_model(decoder, path)
    with pytest.raises(InputError, match="z: too large, the decoder's computations overflow"):
        Model.load("vae_faces", copied).decode([[1e10, -1e10, 0, 0]])


def test_a_model_without_attributes(garments: Model) -> None:
    assert garments.attributes.empty
    with pytest.raises(InputError, match="Smiling: the model has no attribute vectors"):
        garments.edit(dataset_of(garments).test.images[0], {"Smiling": 1})


def test_a_model_whose_dataset_is_not_in_the_project(copied: Path, faces: Model) -> None:
    photo = dataset_of(faces).test.images[0]
    record = read_record(copied / "data/processed/faces")
    write_json(copied / "data/processed/faces/dataset.json", record | {"digest": "other"})
    for _ in range(2):
        loaded = Model.load("vae_faces", copied)
        np.testing.assert_array_equal(loaded.encode(photo), faces.encode(photo))
        edited = loaded.edit(photo, {"Smiling": 3}, as_arrays=True)
        np.testing.assert_array_equal(edited, faces.edit(photo, {"Smiling": 3}, as_arrays=True))
        assert loaded.dataset is None
        with pytest.raises(InputError, match=r"faces: not the data that .*; run `dvc repro`"):
            loaded.nearest(photo)
        shutil.rmtree(copied / "data/processed", ignore_errors=True)


def test_an_autoencoder_needs_embeddings_to_generate(copied: Path, autoencoder: Model) -> None:
    shutil.rmtree(copied / "data/embeddings")
    loaded = Model.load("ae_fashion", copied)
    assert loaded.reconstruct(dataset_of(autoencoder).test.images[:1])
    with pytest.raises(InputError, match=r"z_mean.npy: missing, or not of the .*`dvc repro`"):
        loaded.generate(1)


def test_outs_of_an_earlier_model_are_refused(copied: Path, networks: Networks) -> None:
    for part in ("embeddings", "attribute_vectors"):
        shutil.copytree(copied / "data" / part, copied / "earlier" / part)
    write_model(ModelPaths("vae_faces", copied), networks.vae, seed=2)
    shutil.copytree(copied / "earlier", copied / "data", dirs_exist_ok=True)
    loaded = Model.load("vae_faces", copied)
    photo = dataset_of(loaded).test.images[0]
    assert loaded.reconstruct(photo)
    for use in (loaded.nearest, lambda image: loaded.edit(image, {"Smiling": 1})):
        with pytest.raises(InputError, match="not of the current vae_faces; run `dvc repro`"):
            use(photo)


def test_vectors_of_another_latent_dim_are_refused(copied: Path, faces: Model) -> None:
    vectors = faces.attributes.assign(norm=1.0, vector=[np.ones(9, np.float32)] * 4)
    write_vectors(vectors, ModelPaths("vae_faces", copied).attribute_vectors)
    shutil.rmtree(copied / "data/embeddings")
    with pytest.raises(InputError, match="not of the current vae_faces; run `dvc repro`"):
        _ = Model.load("vae_faces", copied).attributes


def test_vectors_of_earlier_embeddings_are_refused(copied: Path, faces: Model) -> None:
    vectors = faces.attributes.assign(norm=1.0)
    turned = [-vector for vector in vectors["vector"]]
    write_vectors(vectors.assign(vector=turned), ModelPaths("vae_faces", copied).attribute_vectors)
    with pytest.raises(InputError, match="not of the current vae_faces; run `dvc repro`"):
        _ = Model.load("vae_faces", copied).attributes


def test_a_folder_elsewhere_does_not_get_the_vectors_of_the_projects_model(copied: Path) -> None:
    folder = shutil.copytree(copied / "models/vae_faces", copied / "of a friend")
    assert len(Model.load(folder, copied).attributes)  # the same model
    record = read_record(copied / "data/processed/faces")
    write_json(copied / "data/processed/faces/dataset.json", record | {"digest": "other"})
    with pytest.raises(InputError, match="not of the current vae_faces; run `dvc repro`"):
        _ = Model.load(folder, copied).attributes


def test_embeddings_of_fewer_images_are_refused(copied: Path) -> None:
    path = ModelPaths("vae_faces", copied).embeddings / "train_z_mean.npy"
    np.save(path, np.load(path)[:-1])
    with pytest.raises(InputError, match="not of the current dataset; run `dvc repro`"):
        Model.load("vae_faces", copied).embeddings("train")


def test_locations(project: Path, faces: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    z = faces.sample(2)
    expected = faces.decode(z, as_arrays=True)
    for location in ("vae_faces", "models/vae_faces", project / "models/vae_faces"):
        loaded = Model.load(location)
        np.testing.assert_array_equal(loaded.decode(z, as_arrays=True), expected)
        assert loaded.dataset is not None
    monkeypatch.chdir(project / "models/vae_faces")
    assert Model.load(".").dataset is not None
    assert repr(loaded) == "<Model vae_faces: 32×32×3, latent_dim 4, user-supplied images>"
    assert not loaded.is_sample


def test_a_folder_alone_is_enough_to_use_a_photo(
    project: Path, tmp_path: Path, faces: Model
) -> None:
    folder = shutil.copytree(project / "models/vae_faces", tmp_path / "of a friend")
    photo = sorted((project / "images/faces").iterdir())[0]
    loaded = Model.load(folder, tmp_path)
    assert loaded.name == "vae_faces"
    np.testing.assert_array_equal(loaded.encode(photo), faces.encode(photo))
    assert loaded.attributes.empty


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


CHANGES: list[tuple[Callable[[Path], object], str]] = [
    (lambda folder: cut(folder / "encoder.keras"), "encoder.keras: not a complete .keras file"),
    (lambda folder: (folder / "decoder.keras").unlink(), "decoder.keras: cannot be loaded as a K"),
    (lambda folder: (folder / "encoder.keras").unlink(), "vae_faces: contains no encoder.keras, s"),
    (lambda folder: (folder / "provenance.json").unlink(), "provenance.json: cannot be read: No "),
    (
        lambda folder: cut(folder / "provenance.json"),
        "provenance.json: cannot be read: Unterminated",
    ),
    (
        lambda folder: (folder / "provenance.json").write_text('{"data": {"name": "faces"}}'),
        "provenance.json: data.source: Field required; run `dvc repro` to train the model again",
    ),
    (shutil.rmtree, "vae_faces: the model is not trained yet; run `dvc repro train_vae@faces`, or"),
    (
        lambda folder: cut(
            folder.parents[1] / "data/attribute_vectors/faces/attribute_vectors.parquet"
        ),
        "attribute_vectors.parquet: cannot be read: ",
    ),
]


@pytest.mark.parametrize(("change", "message"), CHANGES)
def test_damaged_models(copied: Path, change: Callable[[Path], object], message: str) -> None:
    change(copied / "models/vae_faces")
    with pytest.raises(InputError) as caught:
        Model.load("vae_faces", copied)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("location", ["vae_face", "classifier_faces", "models:vae", "/nowhere"])
def test_unknown_models(project: Path, location: str) -> None:
    with pytest.raises(InputError) as caught:
        Model.load(location, project)
    assert "no such model; allowed is one of ae_fashion, vae_fashion, vae_faces" in str(
        caught.value
    )


def test_a_provenance_of_before_preparations_were_recorded(copied: Path) -> None:
    path = copied / "models/vae_faces/provenance.json"
    content = json.loads(path.read_text())
    del content["data"]["preparation"]
    write_json(path, content)
    with pytest.raises(InputError, match=r"data\.preparation: Field required; run `dvc repro`"):
        Model.load("vae_faces", copied)


@pytest.mark.parametrize("module", [model, trained])
def test_the_examples_in_the_docstrings(module: Any, faces: Model, project: Path) -> None:
    names = {
        "Model": Model,
        "Image": Image,
        "np": np,
        "project": project,
        "model": faces,
        "photo": project / "images/faces/01.jpg",
    }
    results = doctest.testmod(module, extraglobs=names)
    assert results.failed == 0
    public = [
        name for name in vars(module.__dict__.get("TrainedModel")) if not name.startswith("_")
    ]
    assert results.attempted >= len(public) - 1


def test_importing_the_package_does_not_start_keras() -> None:
    code = "import sys, latent; assert 'keras' not in sys.modules; latent.Model"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="module 'latent' has no attribute 'model'"):
        _ = latent.model
