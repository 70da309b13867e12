"""Batches and numbers of training steps that suit batch normalisation."""

import keras
import pytest

from latent.errors import InputError
from latent.models.batch_norm import (
    MIN_STEPS,
    SMALL_BATCH,
    batch_slices,
    few_steps_warning,
    too_few_steps,
)
from latent.models.layers import MOMENTUM, BatchNormalization


def sizes(images: int, batch_size: int, batch_norm: bool = True) -> list[int]:
    slices = batch_slices(images, batch_size, batch_norm)
    rows = [row for part in slices for row in range(images)[part]]
    assert rows == list(range(images))  # every image once, in order
    return [part.stop - part.start for part in slices]


@pytest.mark.parametrize(
    ("images", "batch_size", "expected"),
    [
        (129, 128, [64, 65]),
        (143, 128, [71, 72]),
        (257, 128, [85, 86, 86]),
        (101, 100, [50, 51]),
        (8 * 3 + 1, 8, [6, 6, 6, 7]),
        (4, 3, [2, 2]),
        (5, 2, [2, 3]),
        (3, 2, [3]),
    ],
)
def test_a_small_rest_is_spread_over_all_batches(
    images: int, batch_size: int, expected: list[int]
) -> None:
    assert sizes(images, batch_size) == expected


@pytest.mark.parametrize(
    ("images", "batch_size", "expected"),
    [
        (6000, 100, [100] * 60),  # the default of Fashion-MNIST
        (8000, 100, [100] * 80),
        (8000, 128, [128] * 62 + [64]),  # the default of faces
        (128, 128, [128]),
        (144, 128, [128, 16]),
        (20, 8, [8, 8, 4]),
        (6, 2, [2, 2, 2]),
        (5, 128, [5]),
        (2, 128, [2]),
    ],
)
def test_other_batches_are_the_same_as_without_batch_normalisation(
    images: int, batch_size: int, expected: list[int]
) -> None:
    assert sizes(images, batch_size) == expected
    assert sizes(images, batch_size, batch_norm=False) == expected


def test_without_batch_normalisation_the_last_batch_may_have_one_image() -> None:
    assert sizes(129, 128, batch_norm=False) == [128, 1]
    assert sizes(3, 1, batch_norm=False) == [1, 1, 1]
    assert sizes(1, 128, batch_norm=False) == [1]


@pytest.mark.parametrize("batch_size", [2, 3, 4, 31, 32, 33, 100])
def test_no_batch_is_small(batch_size: int) -> None:
    for images in range(2, 4 * batch_size):
        found = sizes(images, batch_size)
        assert max(found) <= max(batch_size, 3)
        if images >= batch_size:
            assert min(found) >= max(2, min(SMALL_BATCH, batch_size / 2))


def test_one_image_is_not_enough() -> None:
    with pytest.raises(InputError, match="1 training image is not enough"):
        batch_slices(1, 128, batch_norm=True)


def test_the_moving_averages_settle_after_a_minimum_number_of_steps() -> None:
    assert MOMENTUM**MIN_STEPS <= 0.01 < MOMENTUM ** (MIN_STEPS - 1)
    layers = [keras.layers.Dense(3), BatchNormalization()]
    assert too_few_steps(MIN_STEPS - 1, layers)
    assert not too_few_steps(MIN_STEPS, layers)
    assert not too_few_steps(1, layers[:1])


def test_the_warning_contains_the_number_of_steps_and_what_to_do() -> None:
    warning = few_steps_warning(5)
    assert "only 5 steps" in warning
    assert "59% of their initial values" in warning  # 0.9⁵ = 0.590
    assert "at least 44 steps: raise epochs or lower batch_size" in warning
