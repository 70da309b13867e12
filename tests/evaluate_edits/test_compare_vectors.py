"""Attribute vectors of a linear decoder: which are recognized, and the effect of their edits."""

import logging

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from latent.evaluate_edits import compare_vectors as module
from latent.evaluate_edits.compare_vectors import EmbeddedSplit, compare_vectors
from latent.evaluate_edits.decisions import (
    NO_VECTOR,
    NOT_IN_REAL_IMAGES,
    NOT_IN_RECONSTRUCTIONS,
    RECOGNIZED,
)
from latent.evaluate_edits.measure import edit_metrics
from latent.latent_space.attribute_vectors import attribute_vectors
from latent.params import EvaluateEdits

PARAMS = EvaluateEdits(factors=[-4.0, -2.0, 2.0, 4.0], images=20, seed=0)
# Two attributes that change the embeddings, one that does not, one that all images have, and one
# that the classifier does not predict.
NAMES = ["Smiling", "Young", "Random", "Constant", "Unpredicted"]
OUTPUTS = pd.DataFrame({"output": NAMES[:3][::-1], "balanced_accuracy": [0.99, 0.98, 0.97]})


def make_split(count: int, seed: int) -> EmbeddedSplit:
    """Return points whose first two coordinates are 2 with an attribute and −2 without it."""
    generator = np.random.default_rng(seed)
    attributes = pd.DataFrame(generator.random((count, len(NAMES))) < 0.5, columns=NAMES)
    attributes["Constant"] = True
    z = generator.normal(0, 0.3, (count, 4)).astype(np.float32)
    z[:, :2] += np.where(attributes[["Smiling", "Young"]], 2, -2)
    return EmbeddedSplit(z, attributes)


TRAIN, TEST = make_split(400, seed=1), make_split(300, seed=2)
VECTORS = attribute_vectors(TRAIN.z_mean, TRAIN.attributes)


def decode(z: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(np.rint(128 + 16 * z), 0, 255).astype(np.uint8).reshape(-1, 2, 2, 1)


def predict(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a tenth of the third, second and first pixel: below 0.5, but in the right order."""
    return images.reshape(-1, 4)[:, [2, 1, 0]].astype(np.float32) / 2550


def run(**changes: object) -> module.EditTables:
    arguments = {
        "classifier": (predict, OUTPUTS),
        "vectors": VECTORS,
        "train": TRAIN,
        "test": TEST,
        "params": PARAMS,
    }
    return compare_vectors(decode, **{**arguments, **changes})  # type: ignore[arg-type]


def test_attributes_are_recognized_or_have_a_reason() -> None:
    table = run().attributes
    assert table["attribute"].tolist() == NAMES
    assert table["status"].tolist() == [
        RECOGNIZED,
        RECOGNIZED,
        NOT_IN_RECONSTRUCTIONS,
        NO_VECTOR,
        NOT_IN_REAL_IMAGES,
    ]
    np.testing.assert_array_equal(table["real"], [0.97, 0.98, 0.99, np.nan, np.nan])
    np.testing.assert_allclose(table["decoded"][:2], 1)
    assert table["decoded"][2] == pytest.approx(0.5, abs=0.1)
    # In the middle between the grey levels of 2 and −2.
    np.testing.assert_allclose(table["threshold"][:2], 0.05, atol=0.005)
    np.testing.assert_allclose(table["cosine"][:2], 1, atol=0.02)
    assert table[["own_share", "cosine"]][2:].isna().all(axis=None)


def test_edits_along_each_kind_of_vectors() -> None:
    edits = run().edits
    assert edits.columns[0] == "vectors"
    assert edits["vectors"].unique().tolist() == ["means", "orthogonal", "shuffled"]
    assert edits["attribute"].unique().tolist() == ["Smiling", "Young"]
    assert (edits["images"] == PARAMS.images).all()
    far = edits[edits["alpha"].abs() == 4].set_index("vectors")
    for kind in ("means", "orthogonal"):
        assert (far.loc[kind, "flips"] == 1).all()
        assert (far.loc[kind, "keeps"] == 1).all()
    assert (edits.loc[edits["alpha"].abs() == 2, "flips"] < 0.9).all()
    metrics = edit_metrics(run().attributes, edits)
    assert metrics["edits/recognized"] == metrics["edits/means/selective"] == 2
    assert metrics["edits/shuffled/flips"] < metrics["edits/means/flips"]


def test_cosines_include_all_attributes() -> None:
    cosines = run().cosines
    assert cosines.index.tolist() == cosines.columns.tolist() == NAMES
    assert cosines.loc["Constant"].isna().all()
    assert cosines.loc["Smiling", "Young"] == pytest.approx(0, abs=0.15)


def test_results_depend_on_the_seed_only() -> None:
    first, second = run(), run()
    for name in ("attributes", "edits", "cosines"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    other = run(params=PARAMS.model_copy(update={"seed": 1}))
    assert not other.edits.equals(first.edits)


def test_number_of_decoded_images_does_not_depend_on_the_dataset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_RECONSTRUCTIONS", 100)
    counts: list[int] = []

    def counting(z: NDArray[np.float32]) -> NDArray[np.uint8]:
        counts.append(len(z))
        return decode(z)

    for count in (200, 2000):
        train, test = make_split(count, seed=1), make_split(count, seed=2)
        vectors = attribute_vectors(train.z_mean, train.attributes)
        compare_vectors(counting, (predict, OUTPUTS), vectors, train, test, PARAMS)
    assert counts[: len(counts) // 2] == counts[len(counts) // 2 :]
    assert max(counts) == 100


@pytest.mark.parametrize("classifier", [None, (predict, OUTPUTS.assign(balanced_accuracy=0.6))])
def test_without_an_accurate_classifier_no_edits_are_evaluated(
    classifier: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        tables = run(classifier=classifier)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert tables.edits.empty
    assert tables.attributes["status"].tolist() == [
        *[NOT_IN_REAL_IMAGES] * 3,
        NO_VECTOR,
        NOT_IN_REAL_IMAGES,
    ]
    assert list(tables.attributes.columns) == list(run().attributes.columns)
    assert tables.cosines.notna().sum(axis=None) == 16
    assert edit_metrics(tables.attributes, tables.edits) == {
        "edits/attributes": 5,
        "edits/recognized": 0,
        "edits/tried": 0,
        "edits/tried_adds": 0,
        "edits/tried_removes": 0,
    }


def test_without_attributes_all_tables_are_empty() -> None:
    train, test = (EmbeddedSplit(split.z_mean, split.attributes[[]]) for split in (TRAIN, TEST))
    vectors = attribute_vectors(train.z_mean, train.attributes)
    tables = run(classifier=None, vectors=vectors, train=train, test=test)
    assert tables.attributes.empty
    assert tables.edits.empty
    assert tables.cosines.empty


def test_one_image_per_split_is_enough() -> None:
    train, test = (EmbeddedSplit(split.z_mean[:1], split.attributes[:1]) for split in (TRAIN, TEST))
    vectors = attribute_vectors(train.z_mean, train.attributes)
    tables = run(vectors=vectors, train=train, test=test)
    assert set(tables.attributes["status"]) == {NO_VECTOR}
    assert run(test=test).edits.empty
