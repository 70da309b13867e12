"""Edits whose flips are known by arithmetic: a linear decoder, a classifier that reads its pixels."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from latent.evaluate_edits.measure import (
    Pictures,
    edit_metrics,
    find_smallest_alphas,
    measure_edits,
)

AXES = np.eye(3, dtype=np.float32)
SCALE = 20  # levels of grey per unit of z


def decode(z: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return images of 1×3 pixels, of which each is a coordinate: 100 + 20 z."""
    return np.rint(100 + SCALE * z).astype(np.uint8).reshape(-1, 1, 3, 1)


def classifier(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which coordinates are above 0."""
    return images.reshape(-1, 3) > 100


def pictures(*points: list[float]) -> Pictures:
    z = np.array(points, np.float32)
    return Pictures(z, decode(z), classifier(decode(z)))


def vectors(*rows: list[float]) -> dict[str, NDArray[np.float32]]:
    return dict(zip("ABC", np.array(rows, np.float32), strict=True))


LADDER = pictures(*([-0.5 - step, 2, -2] for step in range(4)))


def test_an_edit_flips_what_is_nearer_than_alpha() -> None:
    # However long the vector is.
    edits = measure_edits(
        decode, classifier, LADDER, vectors(*(7 * AXES)), [1, 4, 2, 0, 3], 10, seed=0
    )
    found = edits[edits["attribute"] == "A"]
    assert found["alpha"].tolist() == [1, 2, 3, 4]
    assert found["images"].tolist() == [4] * 4
    assert found["flips"].tolist() == [0.25, 0.5, 0.75, 1]
    assert found["keeps"].tolist() == [1] * 4
    assert found["least_keeps"].tolist() == [1] * 4
    expected = [SCALE * alpha / 255 / np.sqrt(3) for alpha in (1, 2, 3, 4)]
    np.testing.assert_allclose(found["moves"], expected, rtol=1e-6)


def test_the_sign_of_alpha_says_which_images_are_edited() -> None:
    edits = measure_edits(decode, classifier, LADDER, vectors(*AXES), [-3, -1, 1, 3], 10, seed=0)
    images = edits.pivot(index="attribute", columns="alpha", values="images")
    assert images.loc["A"].tolist() == [0, 0, 4, 4]
    assert images.loc["B"].tolist() == [4, 4, 0, 0]
    removed = edits[(edits["attribute"] == "B") & (edits["alpha"] < 0)]
    assert removed["flips"].tolist() == [1, 0]
    assert removed["keeps"].tolist() == [1, 1]


def test_without_an_image_to_edit_the_shares_are_missing() -> None:
    edits = measure_edits(decode, classifier, LADDER, vectors(*AXES), [-1], 10, seed=0)
    row = edits[edits["attribute"] == "A"]
    assert row["images"].tolist() == [0]
    assert row[["flips", "keeps", "least_kept", "least_keeps", "moves"]].isna().all(axis=None)


def test_what_an_entangled_vector_changes_is_told() -> None:
    # Along A's vector, B falls twice as fast as A rises, and C stays.
    tilted = vectors([1, -2, 0], [0, 1, 0], [0, 0, 1])
    step = np.sqrt(5)
    edits = measure_edits(decode, classifier, LADDER, tilted, [0.8 * step, 1.2 * step], 10, seed=0)
    found = edits[edits["attribute"] == "A"]
    assert found["flips"].tolist() == [0.25, 0.25]
    assert found["keeps"].tolist() == [1, 0.5]
    assert found["least_kept"].tolist()[1] == "B"
    assert found["least_keeps"].tolist() == [1, 0]


def test_the_images_are_chosen_by_the_seed() -> None:
    # Those that A is missing from lie in order, the nearest first; two of the four are edited.
    flips = {
        tuple(
            measure_edits(decode, classifier, LADDER, vectors(*AXES), [1, 2, 3], 2, seed)["flips"][
                :3
            ]
        )
        for seed in range(20)
    }
    assert len(flips) > 1
    assert (0, 0, 0.5) in flips  # of the last two
    again = [measure_edits(decode, classifier, LADDER, vectors(*AXES), [2], 2, 3) for _ in range(2)]
    pd.testing.assert_frame_equal(*again)
    assert again[0]["images"].tolist() == [2, 0, 2]


def test_one_image_and_one_attribute() -> None:
    one = pictures([-1, 0, 0])
    one = Pictures(one.z, one.images, one.decisions[:, :1])
    edits = measure_edits(
        decode, lambda images: classifier(images)[:, :1], one, {"A": AXES[0]}, [0.5, 2], 10, seed=0
    )
    assert edits["images"].tolist() == [1, 1]
    assert edits["flips"].tolist() == [0, 1]
    assert edits[["keeps", "least_kept", "least_keeps"]].isna().all(axis=None)


@pytest.mark.parametrize(("some", "factors"), [({}, [1, 2]), (vectors(*AXES), [0])])
def test_nothing_to_edit_is_an_empty_table(
    some: dict[str, NDArray[np.float32]], factors: list[float]
) -> None:
    edits = measure_edits(decode, classifier, LADDER, some, factors, 10, seed=0)
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


def test_the_reach_is_the_shortest_edit_that_flips_nine_of_ten() -> None:
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
    # Where there is no other attribute, nothing else is lost.
    assert reach["holds"].tolist() == [False, True, False, False, False, True]


def test_metrics_count_attributes_not_directions() -> None:
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


def test_an_attribute_of_too_few_images_is_not_tried() -> None:
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


def test_what_vectors_keep_is_compared_with_chance_in_pairs() -> None:
    edits = make_edits(
        ("means", "A", -1, 50, 0.5, 0.9),
        ("means", "A", 1, 50, 0.5, 0.8),
        ("means", "B", -1, 50, 0.5, 0.7),
        # What one of them does not have is no pair.
        ("means", "B", 1, 50, 0.5, 0.1),
        ("means", "C", 1, 0, np.nan, np.nan),
        ("shuffled", "A", -1, 50, 0.5, 0.6),
        ("shuffled", "A", 1, 50, 0.5, 0.7),
        ("shuffled", "B", -1, 50, 0.5, 0.6),
        ("shuffled", "B", 1, 0, np.nan, np.nan),
        ("shuffled", "C", 1, 50, 0.5, 0.5),
    )
    metrics = edit_metrics(pd.DataFrame({"attribute": list("ABC")}), edits)
    # (0.3 + 0.1) / 2 of A, 0.1 of B.
    assert metrics["edits/keeps_gain"] == pytest.approx(0.15)
    assert metrics["edits/keeps_gain_error"] == pytest.approx(0.05)


def test_one_attribute_keeps_nothing_and_has_no_error() -> None:
    alone = make_edits(*((kind, "A", 1, 50, 1.0, np.nan) for kind in ("means", "shuffled")))
    metrics = edit_metrics(pd.DataFrame({"attribute": ["A"]}), alone)
    assert not [name for name in metrics if "keeps" in name]
    assert metrics["edits/means/selective"] == metrics["edits/means/flipped"] == 1
