"""Summaries of measurements."""

import importlib.metadata

import pytest

from benchmarks.growth import Sizes, Stages, seconds_per_image
from benchmarks.kill import Outcome, summarise
from benchmarks.results import describe_ratios, find_versions

IMAGES: Sizes = {
    "1×": {"fashion": 10, "faces": 10},
    "4×": {"fashion": 40, "faces": 40},
    "16×": {"fashion": 160, "faces": 160},
}


def by_size(*seconds: float) -> dict[str, dict[str, float]]:
    return {size: {"seconds": value} for size, value in zip(IMAGES, seconds, strict=True)}


def test_growth_ratio_is_one_for_a_linear_stage() -> None:
    stages: Stages = {
        "linear": by_size(5, 8, 20),
        "quadratic": by_size(5, 20, 260),
        # Omitted, because an increase of half a second may be noise.
        "start-up": by_size(5, 5.5, 9),
    }
    large, small = seconds_per_image(stages, IMAGES)
    assert large == pytest.approx([12 / 240, 240 / 240])
    assert small == pytest.approx([3 / 60, 15 / 60])
    found = describe_ratios(large, small)
    assert [found["ratio_min"], found["ratio_max"]] == [1, 4]


def test_summary_counts_kills_with_a_visible_effect() -> None:
    good = Outcome(1.0, "embed", False, True, [], [], [], "")
    bad = Outcome(2.0, "embed", False, True, ["stage embed: outs differ"], [], [], "")
    found = summarise([good, good, bad])
    assert [found["kills"], found["same_lock"], found["nothing_left_over"]] == [3, 2, 2]
    assert [found["ratio_min"], found["ratio_max"]] == [0, 1]
    assert found["not_good"][0]["differing"] == bad.differing
    assert summarise([good, good])["ratio_min"] == 1


def test_versions_are_those_of_installed_libraries() -> None:
    expected = {"numpy": importlib.metadata.version("numpy")}
    assert find_versions(["no-such-library", "numpy"]) == expected
