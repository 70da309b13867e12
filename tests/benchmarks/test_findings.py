"""What is made of measurements."""

import importlib.metadata

import pytest

from benchmarks.growth import Sizes, Stages, costs_of_an_image
from benchmarks.kill import Outcome, summarise
from benchmarks.results import describe_ratios, find_versions

IMAGES: Sizes = {
    "1×": {"garments": 10, "faces": 10},
    "4×": {"garments": 40, "faces": 40},
    "16×": {"garments": 160, "faces": 160},
}


def grown(*seconds: float) -> dict[str, dict[str, float]]:
    return {size: {"seconds": taken} for size, taken in zip(IMAGES, seconds, strict=True)}


def test_a_stage_is_linear_where_each_image_more_costs_the_same() -> None:
    stages: Stages = {
        "linear": grown(5, 8, 20),
        "quadratic": grown(5, 20, 260),
        # Half a second more may be noise, and so would be the ratio.
        "start-up": grown(5, 5.5, 9),
    }
    large, small = costs_of_an_image(stages, IMAGES)
    assert large == pytest.approx([12 / 240, 240 / 240])
    assert small == pytest.approx([3 / 60, 15 / 60])
    found = describe_ratios(large, small)
    assert [found["ratio_min"], found["ratio_max"]] == [1, 4]


def test_a_kill_that_shows_is_told() -> None:
    good = Outcome(1.0, "embed", False, True, [], [], [], "")
    bad = Outcome(2.0, "embed", False, True, ["stage embed: outs differ"], [], [], "")
    found = summarise([good, good, bad])
    assert [found["kills"], found["same_lock"], found["nothing_left_over"]] == [3, 2, 2]
    assert [found["ratio_min"], found["ratio_max"]] == [0, 1]
    assert found["not_good"][0]["differing"] == bad.differing
    assert summarise([good, good])["ratio_min"] == 1


def test_versions_are_of_what_is_installed() -> None:
    expected = {"numpy": importlib.metadata.version("numpy")}
    assert find_versions(["no-such-library", "numpy"]) == expected
