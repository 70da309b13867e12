"""Edits with a known effect: the decoder is linear, and the classifier compares pixels."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from latent.evaluate_edits.measure import (
    DecodedImages,
    edit_metrics,
    find_smallest_alphas,
    measure_edits,
)

AXES = np.eye(3, dtype=np.float32)
SCALE = 20  # grey levels per unit of z


def decode(z: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return images of 1×3 pixels, one per coordinate: 100 + 20 z."""
    return np.rint(100 + SCALE * z).astype(np.uint8).reshape(-1, 1, 3, 1)


def classify(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which coordinates are above 0."""
    return images.reshape(-1, 3) > 100


def decoded_images(*points: list[float]) -> DecodedImages:
    z = np.array(points, np.float32)
    return DecodedImages(z, decode(z), classify(decode(z)))


def vectors(*rows: list[float]) -> dict[str, NDArray[np.float32]]:
    return dict(zip("ABC", np.array(rows, np.float32), strict=True))


LADDER = decoded_images(*([-0.5 - step, 2, -2] for step in range(4)))


def test_edit_flips_images_that_are_closer_than_alpha() -> None:
    # The length of the vector has no effect.
    edits = measure_edits(
        decode, classify, LADDER, vectors(*(7 * AXES)), [1, 4, 2, 0, 3], 10, seed=0
    )
    rows = edits[edits["attribute"] == "A"]
    assert rows["alpha"].tolist() == [1, 2, 3, 4]
    assert rows["images"].tolist() == [4] * 4
    assert rows["flips"].tolist() == [0.25, 0.5, 0.75, 1]
    assert rows["keeps"].tolist() == [1] * 4
    assert rows["least_keeps"].tolist() == [1] * 4
    expected = [SCALE * alpha / 255 / np.sqrt(3) for alpha in (1, 2, 3, 4)]
    np.testing.assert_allclose(rows["moves"], expected, rtol=1e-6)


def test_the_sign_of_alpha_selects_the_images() -> None:
    edits = measure_edits(decode, classify, LADDER, vectors(*AXES), [-3, -1, 1, 3], 10, seed=0)
    images = edits.pivot(index="attribute", columns="alpha", values="images")
    assert images.loc["A"].tolist() == [0, 0, 4, 4]
    assert images.loc["B"].tolist() == [4, 4, 0, 0]
    removed = edits[(edits["attribute"] == "B") & (edits["alpha"] < 0)]
    assert removed["flips"].tolist() == [1, 0]
    assert removed["keeps"].tolist() == [1, 1]


def test_without_images_to_edit_the_results_are_missing() -> None:
    edits = measure_edits(decode, classify, LADDER, vectors(*AXES), [-1], 10, seed=0)
    row = edits[edits["attribute"] == "A"]
    assert row["images"].tolist() == [0]
    assert row[["flips", "keeps", "least_kept", "least_keeps", "moves"]].isna().all(axis=None)


def test_effect_on_other_attributes() -> None:
    # Along the vector of A, B decreases twice as fast as A increases, and C is constant.
    tilted = vectors([1, -2, 0], [0, 1, 0], [0, 0, 1])
    step = np.sqrt(5)
    edits = measure_edits(decode, classify, LADDER, tilted, [0.8 * step, 1.2 * step], 10, seed=0)
    rows = edits[edits["attribute"] == "A"]
    assert rows["flips"].tolist() == [0.25, 0.25]
    assert rows["keeps"].tolist() == [1, 0.5]
    assert rows["least_kept"].tolist()[1] == "B"
    assert rows["least_keeps"].tolist() == [1, 0]


def test_the_seed_chooses_the_images() -> None:
    # Images without A are ordered by distance. Two of the four are edited.
    flips = {
        tuple(
            measure_edits(decode, classify, LADDER, vectors(*AXES), [1, 2, 3], 2, seed)["flips"][:3]
        )
        for seed in range(20)
    }
    assert len(flips) > 1
    assert (0, 0, 0.5) in flips  # the last two images
    again = [measure_edits(decode, classify, LADDER, vectors(*AXES), [2], 2, 3) for _ in range(2)]
    pd.testing.assert_frame_equal(*again)
    assert again[0]["images"].tolist() == [2, 0, 2]


def test_one_image_and_one_attribute() -> None:
    one = decoded_images([-1, 0, 0])
    one = DecodedImages(one.z, one.images, one.decisions[:, :1])
    edits = measure_edits(
        decode, lambda images: classify(images)[:, :1], one, {"A": AXES[0]}, [0.5, 2], 10, seed=0
    )
    assert edits["images"].tolist() == [1, 1]
    assert edits["flips"].tolist() == [0, 1]
    assert edits[["keeps", "least_kept", "least_keeps"]].isna().all(axis=None)


@pytest.mark.parametrize(("some", "factors"), [({}, [1, 2]), (vectors(*AXES), [0])])
def test_without_edits_the_table_is_empty(
    some: dict[str, NDArray[np.float32]], factors: list[float]
) -> None:
    edits = measure_edits(decode, classify, LADDER, some, factors, 10, seed=0)
    assert edits.empty
    edits.insert(0, "vectors", "means")
    assert find_smallest_alphas(edits).empty
    assert edit_metrics(pd.DataFrame({"attribute": ["A"]}), edits) == {
        "edits/attributes": 1,
        "edits/recognized": 0,
        "edits/tried": 0,
        "edits/tried_adds": 0,
        "edits/tried_removes": 0,
    }


def make_edits(*rows: tuple[str, str, float, int, float, float]) -> pd.DataFrame:
    names = ["vectors", "attribute", "alpha", "images", "flips", "keeps"]
    return pd.DataFrame(rows, columns=names).assign(moves=0.5)


EDITS = make_edits(
    ("means", "A", -2, 50, 0.91, 0.79),
    ("means", "A", -1, 50, 0.89, 0.9),
    ("means", "A", 1, 50, 0.9, 0.8),
    ("means", "A", 2, 50, 1.0, 0.1),
    ("means", "B", -1, 9, 1.0, 1.0),
    ("means", "B", 1, 50, 0.5, 1.0),
    ("orthogonal", "A", -1, 0, np.nan, np.nan),
    ("orthogonal", "A", 4, 10, 0.9, np.nan),
)


def test_smallest_alpha_flips_90_percent() -> None:
    reach = find_smallest_alphas(EDITS).set_index(["vectors", "attribute", "direction"])
    assert reach.index.tolist() == [
        ("means", "A", "removes"),
        ("means", "A", "adds"),
        ("means", "B", "removes"),
        ("means", "B", "adds"),
        ("orthogonal", "A", "removes"),
        ("orthogonal", "A", "adds"),
    ]
    np.testing.assert_array_equal(reach["alpha"], [-2, 1, np.nan, np.nan, np.nan, 4])
    np.testing.assert_array_equal(reach["keeps"], [0.79, 0.8, np.nan, np.nan, np.nan, np.nan])
    assert reach["tried"].tolist() == [True, True, False, True, False, True]
    # Without other attributes, an edit is always selective.
    assert reach["holds"].tolist() == [False, True, False, False, False, True]


def test_metrics_count_attributes_and_not_directions() -> None:
    metrics = edit_metrics(pd.DataFrame({"attribute": list("ABC")}), EDITS)
    assert metrics == pytest.approx(
        {
            "edits/attributes": 3,
            "edits/recognized": 2,
            "edits/tried": 2,
            "edits/tried_adds": 2,
            "edits/tried_removes": 1,
            "edits/means/flipped": 1,
            "edits/means/flipped_adds": 1,
            "edits/means/flipped_removes": 1,
            "edits/means/selective": 1,
            "edits/means/alpha": 1.5,
            "edits/means/flips": (0.91 + 0.89 + 0.9 + 1 + 1 + 0.5) / 6,
            "edits/means/keeps": (0.79 + 0.9 + 0.8 + 0.1 + 1 + 1) / 6,
            "edits/means/moves": 0.5,
            "edits/orthogonal/flipped": 1,
            "edits/orthogonal/flipped_adds": 1,
            "edits/orthogonal/flipped_removes": 0,
            "edits/orthogonal/selective": 1,
            "edits/orthogonal/alpha": 4,
            "edits/orthogonal/flips": 0.9,
            "edits/orthogonal/moves": 0.5,
        }
    )


def test_attributes_with_too_few_images_are_not_tried() -> None:
    edits = make_edits(
        ("means", "A", -1, 9, 1.0, 1.0),
        ("means", "A", 1, 9, 1.0, 1.0),
        ("means", "B", -1, 0, np.nan, np.nan),
        ("means", "B", 1, 10, 1.0, 1.0),
    )
    metrics = edit_metrics(pd.DataFrame({"attribute": ["A", "B"]}), edits)
    assert metrics["edits/recognized"] == 2
    tried = [metrics[f"edits/tried{way}"] for way in ("", "_adds", "_removes")]
    flipped = [metrics[f"edits/means/flipped{way}"] for way in ("", "_adds", "_removes")]
    assert tried == flipped == [1, 1, 0]


def test_vectors_are_compared_with_the_random_baseline_in_pairs() -> None:
    edits = make_edits(
        ("means", "A", -1, 50, 0.5, 0.9),
        ("means", "A", 1, 50, 0.5, 0.8),
        ("means", "B", -1, 50, 0.5, 0.7),
        # Without a pair.
        ("means", "B", 1, 50, 0.5, 0.1),
        ("means", "C", 1, 0, np.nan, np.nan),
        ("shuffled", "A", -1, 50, 0.5, 0.6),
        ("shuffled", "A", 1, 50, 0.5, 0.7),
        ("shuffled", "B", -1, 50, 0.5, 0.6),
        ("shuffled", "B", 1, 0, np.nan, np.nan),
        ("shuffled", "C", 1, 50, 0.5, 0.5),
    )
    metrics = edit_metrics(pd.DataFrame({"attribute": list("ABC")}), edits)
    # (0.3 + 0.1) / 2 for A, 0.1 for B.
    assert metrics["edits/keeps_gain"] == pytest.approx(0.15)
    assert metrics["edits/keeps_gain_error"] == pytest.approx(0.05)


def test_one_attribute_has_no_keeps_gain() -> None:
    alone = make_edits(*((kind, "A", 1, 50, 1.0, np.nan) for kind in ("means", "shuffled")))
    metrics = edit_metrics(pd.DataFrame({"attribute": ["A"]}), alone)
    assert not [name for name in metrics if "keeps" in name]
    assert metrics["edits/means/selective"] == metrics["edits/means/flipped"] == 1
