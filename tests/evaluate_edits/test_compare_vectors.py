"""Attribute vectors of a linear world: which can be judged, and what their edits do."""

import logging

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from latent.evaluate_edits import compare_vectors as module
from latent.evaluate_edits.compare_vectors import Embedded, compare_vectors
from latent.evaluate_edits.decisions import NO_VECTOR, RECOGNIZED, UNSEEN, UNSHOWN
from latent.evaluate_edits.measure import edit_metrics
from latent.latent_space.attribute_vectors import attribute_vectors
from latent.params import EvaluateEdits

PARAMS = EvaluateEdits(factors=[-4.0, -2.0, 2.0, 4.0], images=20, seed=0)
# What moves in the space, what does not, what all have; and what the classifier does not know.
NAMES = ["Smiling", "Young", "Lost", "Everybody", "Unseen"]
OUTPUTS = pd.DataFrame({"output": NAMES[:3][::-1], "balanced_accuracy": [0.99, 0.98, 0.97]})


def make_split(count: int, seed: int) -> Embedded:
    """Return points of which the first two coordinates are 2 with an attribute, and else −2."""
    generator = np.random.default_rng(seed)
    attributes = pd.DataFrame(generator.random((count, len(NAMES))) < 0.5, columns=NAMES)
    attributes["Everybody"] = True
    z = generator.normal(0, 0.3, (count, 4)).astype(np.float32)
    z[:, :2] += np.where(attributes[["Smiling", "Young"]], 2, -2)
    return Embedded(z, attributes)


TRAIN, TEST = make_split(400, seed=1), make_split(300, seed=2)
VECTORS = attribute_vectors(TRAIN.z_mean, TRAIN.attributes)


def decode(z: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(np.rint(128 + 16 * z), 0, 255).astype(np.uint8).reshape(-1, 2, 2, 1)


def predict(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a tenth of the third, second and first pixel: unsure, but in the right order."""
    return images.reshape(-1, 4)[:, [2, 1, 0]].astype(np.float32) / 2550


def run(**changes: object) -> module.EditTables:
    arguments = {
        "judging": (predict, OUTPUTS),
        "vectors": VECTORS,
        "train": TRAIN,
        "test": TEST,
        "params": PARAMS,
    }
    return compare_vectors(decode, **{**arguments, **changes})  # type: ignore[arg-type]


def test_what_can_be_judged_is_and_the_rest_says_why_not() -> None:
    table = run().attributes
    assert table["attribute"].tolist() == NAMES
    assert table["status"].tolist() == [RECOGNIZED, RECOGNIZED, UNSHOWN, NO_VECTOR, UNSEEN]
    np.testing.assert_array_equal(table["real"], [0.97, 0.98, 0.99, np.nan, np.nan])
    np.testing.assert_allclose(table["decoded"][:2], 1)
    assert table["decoded"][2] == pytest.approx(0.5, abs=0.1)
    # Half-way between the grey of 2 and of −2.
    np.testing.assert_allclose(table["threshold"][:2], 0.05, atol=0.005)
    np.testing.assert_allclose(table["cosine"][:2], 1, atol=0.02)
    assert table[["own_share", "cosine"]][2:].isna().all(axis=None)


def test_each_kind_of_vectors_is_edited_along() -> None:
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


def test_cosines_are_of_all_attributes() -> None:
    found = run().cosines
    assert found.index.tolist() == found.columns.tolist() == NAMES
    assert found.loc["Everybody"].isna().all()
    assert found.loc["Smiling", "Young"] == pytest.approx(0, abs=0.15)


def test_the_same_twice_and_other_images_by_another_seed() -> None:
    first, second = run(), run()
    for name in ("attributes", "edits", "cosines"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    other = run(params=PARAMS.model_copy(update={"seed": 1}))
    assert not other.edits.equals(first.edits)


def test_what_is_decoded_does_not_grow_with_the_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECONSTRUCTED", 100)
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


@pytest.mark.parametrize("judging", [None, (predict, OUTPUTS.assign(balanced_accuracy=0.6))])
def test_without_a_classifier_that_sees_nothing_is_judged(
    judging: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = run(judging=judging)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert found.edits.empty
    assert found.attributes["status"].tolist() == [UNSEEN, UNSEEN, UNSEEN, NO_VECTOR, UNSEEN]
    assert list(found.attributes.columns) == list(run().attributes.columns)
    assert found.cosines.notna().sum(axis=None) == 16
    assert edit_metrics(found.attributes, found.edits) == {
        "edits/attributes": 5,
        "edits/recognized": 0,
        "edits/tried": 0,
        "edits/tried_adds": 0,
        "edits/tried_removes": 0,
    }


def test_images_without_attributes_have_empty_tables() -> None:
    train, test = (Embedded(split.z_mean, split.attributes[[]]) for split in (TRAIN, TEST))
    vectors = attribute_vectors(train.z_mean, train.attributes)
    found = run(judging=None, vectors=vectors, train=train, test=test)
    assert found.attributes.empty
    assert found.edits.empty
    assert found.cosines.empty


def test_one_image_of_each_split_is_enough() -> None:
    train, test = (Embedded(split.z_mean[:1], split.attributes[:1]) for split in (TRAIN, TEST))
    vectors = attribute_vectors(train.z_mean, train.attributes)
    found = run(vectors=vectors, train=train, test=test)
    assert set(found.attributes["status"]) == {NO_VECTOR}
    assert run(test=test).edits.empty
