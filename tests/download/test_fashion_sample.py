"""The synthetic Fashion-MNIST sample: the same bytes on all machines, in ten distinct classes."""

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray

from latent.download.fashion.sample.draw import draw_garments

Sample = tuple[NDArray[np.uint8], NDArray[np.uint8]]

GOLDEN = "ee6e654c123b6496008e7fa43f799957fe4982220bebe151f4fb6622000843cc"


@pytest.fixture(scope="module")
def train() -> Sample:
    return draw_garments(1000, seed=0, split=0)


@pytest.fixture(scope="module")
def unseen() -> Sample:
    return draw_garments(500, seed=0, split=1)


def test_shapes_and_types(train: Sample) -> None:
    images, labels = train
    assert images.shape == (1000, 28, 28)
    assert images.dtype == np.uint8
    assert labels.shape == (1000,)
    assert labels.dtype == np.uint8


def test_count_of_zero_gives_empty_arrays() -> None:
    images, labels = draw_garments(0, seed=0, split=0)
    assert images.shape == (0, 28, 28)
    assert labels.shape == (0,)


def test_same_arguments_give_same_bytes() -> None:
    np.random.seed(1)
    first = draw_garments(40, seed=3, split=1)
    np.random.seed(2)  # the global generator must have no influence
    second = draw_garments(40, seed=3, split=1)
    assert first[0].tobytes() == second[0].tobytes()
    assert first[1].tobytes() == second[1].tobytes()


@pytest.mark.parametrize("count", [1, 7, 10, 33])
def test_larger_sample_begins_with_smaller_one(train: Sample, count: int) -> None:
    images, labels = draw_garments(count, seed=0, split=0)
    np.testing.assert_array_equal(images, train[0][:count])
    np.testing.assert_array_equal(labels, train[1][:count])


@pytest.mark.parametrize(("seed", "split"), [(1, 0), (0, 1)])
def test_other_seed_or_split_gives_other_images(train: Sample, seed: int, split: int) -> None:
    images, labels = draw_garments(100, seed=seed, split=split)
    assert not np.array_equal(labels, train[1][:100])
    known = {image.tobytes() for image in train[0]}
    assert not any(image.tobytes() in known for image in images)


def test_each_block_of_ten_contains_all_classes_in_random_order(train: Sample) -> None:
    blocks = train[1].reshape(-1, 10)
    assert (np.sort(blocks, axis=1) == np.arange(10)).all()
    assert len({block.tobytes() for block in blocks}) > 90


def test_items_are_bright_on_black_and_fill_the_image(train: Sample) -> None:
    images, _ = train
    corners = images[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == 0).mean() > 0.85
    assert 0.25 < (images == 0).mean() < 0.75
    item = images > 0
    height, width = item.any(axis=2).sum(axis=1), item.any(axis=1).sum(axis=1)
    assert np.maximum(height, width).min() >= 26
    # Fashion-MNIST has a mean of 0.286 and a standard deviation of 0.353.
    assert abs(images.mean() / 255 - 0.286) < 0.03
    assert abs(images.std() / 255 - 0.353) < 0.03


def test_all_images_are_different(train: Sample) -> None:
    assert len({image.tobytes() for image in train[0]}) == len(train[0])


def test_classes_are_learnable(train: Sample, unseen: Sample) -> None:
    images, labels = train[0] / 255, train[1]
    means = np.stack([images[labels == label].mean(axis=0) for label in range(10)])
    distance = ((unseen[0][:, None] / 255 - means) ** 2).sum(axis=(2, 3))
    hits = distance.argmin(axis=1) == unseen[1]
    assert hits.mean() > 0.7
    assert min(hits[unseen[1] == label].mean() for label in range(10)) > 0.2


def test_clothes_are_tall_and_shoes_are_wide(train: Sample) -> None:
    images, labels = train
    item = images > 0
    height, width = item.any(axis=2).sum(axis=1), item.any(axis=1).sum(axis=1)
    clothes, shoes = np.isin(labels, [0, 1, 2, 3, 4, 6]), np.isin(labels, [5, 7, 9])
    assert (height > width)[clothes].mean() > 0.95
    assert (height < width)[shoes].mean() > 0.9


def test_toes_point_left(train: Sample) -> None:
    images, labels = train
    for label in (5, 7, 9):
        upper = images[labels == label][:, :12].astype(np.float64).sum(axis=(0, 1))
        assert upper[14:].sum() > 2 * upper[:14].sum()


def test_sample_matches_golden_checksum() -> None:
    images, labels = draw_garments(50, seed=0, split=0)
    assert hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest() == GOLDEN
