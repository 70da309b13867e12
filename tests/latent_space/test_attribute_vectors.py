"""Attribute vectors and AUCs, compared with their definitions."""

import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from latent.errors import InputError
from latent.latent_space import attribute_vectors as module
from latent.latent_space.attribute_vectors import (
    attribute_aucs,
    attribute_vectors,
    find_attribute_vectors,
    vector_metrics,
    write_vectors,
)

COUNT, DIMENSIONS = 101, 7

Points = NDArray[np.float32]


@pytest.fixture
def z_mean() -> Points:
    return np.random.default_rng(1).normal(2, 3, (COUNT, DIMENSIONS)).astype(np.float32)


@pytest.fixture
def attributes() -> pd.DataFrame:
    """Common, rare, and constant attributes."""
    generator = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "Smiling": generator.random(COUNT) < 0.5,
            "Bald": np.arange(COUNT) == 17,
            "Always": np.full(COUNT, True),
            "Never": np.full(COUNT, False),
        }
    )


def difference_of_means(z_mean: Points, has: pd.Series) -> NDArray[np.float64]:
    z = z_mean.astype(np.float64)
    return np.asarray(z[has].mean(axis=0) - z[~has].mean(axis=0))


def test_vectors_are_differences_of_means(z_mean: Points, attributes: pd.DataFrame) -> None:
    vectors = attribute_vectors(z_mean, attributes)
    assert vectors.columns.tolist() == ["attribute", "with", "without", "norm", "vector"]
    assert vectors["attribute"].tolist() == attributes.columns.tolist()
    smiling = int(attributes["Smiling"].sum())
    assert vectors["with"].tolist() == [smiling, 1, COUNT, 0]
    assert vectors["without"].tolist() == [COUNT - smiling, COUNT - 1, 0, COUNT]
    for row in vectors.head(2).itertuples():
        expected = difference_of_means(z_mean, attributes[row.attribute])
        assert row.vector.dtype == np.float32
        np.testing.assert_allclose(row.vector, expected, rtol=1e-5)
        assert row.norm == pytest.approx(np.linalg.norm(expected))


def test_constant_attributes_have_no_vector(z_mean: Points, attributes: pd.DataFrame) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vectors = attribute_vectors(z_mean, attributes)
        aucs = attribute_aucs(vectors, z_mean, attributes)
    for vector in vectors["vector"][2:]:
        assert vector.shape == (DIMENSIONS,)
        assert np.isnan(vector).all()
    assert np.isnan(vectors["norm"][2:]).all()
    assert np.isnan(aucs[2:]).all()
    assert np.isfinite(aucs[:2]).all()


@pytest.mark.parametrize("chunk", [1, 50, COUNT - 1, COUNT, COUNT + 1])
def test_result_does_not_depend_on_the_chunks(
    z_mean: Points, attributes: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(module, "CHUNK", chunk)
    vectors = attribute_vectors(z_mean, attributes)
    for row in vectors.head(2).itertuples():
        np.testing.assert_allclose(
            row.vector, difference_of_means(z_mean, attributes[row.attribute]), rtol=1e-5
        )


def test_means_are_computed_in_float64() -> None:
    """In float32, a sum of 20,000 values near 1,000 is not precise enough for the difference."""
    has = np.arange(20_000) % 2 == 0
    z_mean = np.where(has, 1000.0, 1000.0 + 2**-10).astype(np.float32)[:, np.newaxis]
    vectors = attribute_vectors(z_mean, pd.DataFrame({"Smiling": has}))
    np.testing.assert_allclose(vectors["vector"][0], [-(2**-10)], rtol=1e-6)


def test_embeddings_are_not_copied(tmp_path: Path) -> None:
    np.save(tmp_path / "z_mean.npy", np.ones((50_000, 20), np.float32))
    z_mean = np.load(tmp_path / "z_mean.npy", mmap_mode="r")
    attributes = pd.DataFrame({"Smiling": np.arange(len(z_mean)) % 2 == 0})
    tracemalloc.start()
    try:
        attribute_vectors(z_mean, attributes)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < z_mean.nbytes / 4


def one_vector(*elements: float) -> pd.DataFrame:
    return pd.DataFrame({"attribute": ["Smiling"], "vector": [np.array(elements, np.float32)]})


@pytest.mark.parametrize(
    ("along", "expected"),
    [
        ([0, 1, 2, 3], 1.0),  # all smiling faces are after all others
        ([3, 2, 1, 0], 0.0),
        ([5, 5, 5, 5], 0.5),  # no order
        ([0, 2, 1, 3], 0.75),  # three of four pairs are in order
    ],
)
def test_auc_by_hand(along: list[float], expected: float) -> None:
    attributes = pd.DataFrame({"Smiling": [False, False, True, True]})
    z_mean = np.column_stack([along, [9, -9, 9, -9]]).astype(np.float32)
    aucs = attribute_aucs(one_vector(2.0, 0.0), z_mean, attributes)
    assert aucs.dtype == np.float64
    np.testing.assert_allclose(aucs, [expected])


def test_auc_of_random_embeddings_is_one_half() -> None:
    generator = np.random.default_rng(3)
    z_mean = generator.standard_normal((4_000, 2), np.float32)
    attributes = pd.DataFrame({"Smiling": generator.random(4_000) < 0.5})
    (auc,) = attribute_aucs(one_vector(1.0, 1.0), z_mean, attributes)
    # Five standard errors: √((n₁ + n₂ + 1) / (12 n₁ n₂)), with n₁ = n₂ = 2,000.
    assert abs(auc - 0.5) < 5 * 0.0091


def test_aucs_equal_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(4)
    # Few different values, so many scores are equal.
    z_mean = generator.integers(-2, 3, (500, 3)).astype(np.float32)
    attributes = pd.DataFrame(generator.random((500, 2)) < [0.5, 0.01], columns=["A", "B"])
    vectors = attribute_vectors(z_mean, attributes)
    vectors["vector"] = [np.array(v, np.float32) for v in ([1, 1, 0], [0, -1, 1])]
    expected = [
        roc_auc_score(attributes[name], z_mean @ vector)
        for name, vector in zip(vectors["attribute"], vectors["vector"], strict=True)
    ]
    np.testing.assert_allclose(attribute_aucs(vectors, z_mean, attributes), expected, rtol=1e-12)


@pytest.mark.parametrize("smiling", [True, False])
def test_auc_of_a_constant_attribute_is_nan(smiling: bool) -> None:
    attributes = pd.DataFrame({"Smiling": [smiling] * 3})
    z_mean = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert np.isnan(attribute_aucs(one_vector(1.0, 0.0), z_mean, attributes)).all()


def test_aucs_match_attributes_by_name() -> None:
    attributes = pd.DataFrame({"Other": [True, False, True], "Smiling": [False, False, True]})
    z_mean = np.array([[0, 0], [1, 0], [2, 0]], np.float32)
    np.testing.assert_allclose(attribute_aucs(one_vector(1.0, 0.0), z_mean, attributes), [1.0])


def write_split(folder: Path, split: str, z_mean: Points, attributes: pd.DataFrame) -> None:
    """Write embeddings and the table of the dataset into one folder."""
    np.save(folder / f"{split}_z_mean.npy", z_mean)
    table = attributes.assign(image_id=[f"{i:06}.jpg" for i in range(len(attributes))])
    table.to_parquet(folder / f"{split}.parquet", index=False)


def test_vectors_come_from_training_images_and_aucs_from_test_images(
    tmp_path: Path, z_mean: Points, attributes: pd.DataFrame
) -> None:
    write_split(tmp_path, "train", z_mean[:60], attributes[:60])
    write_split(tmp_path, "test", z_mean[60:], attributes[60:])
    table = find_attribute_vectors(tmp_path, tmp_path)
    assert table.columns.tolist() == ["attribute", "with", "without", "norm", "auc", "vector"]
    assert table["attribute"].tolist() == attributes.columns.tolist()  # without image_id
    vectors = attribute_vectors(z_mean[:60], attributes[:60])
    pd.testing.assert_frame_equal(table.drop(columns="auc"), vectors)
    aucs = attribute_aucs(vectors, z_mean[60:], attributes[60:])
    np.testing.assert_array_equal(table["auc"], aucs)
    # Bald is true for training image 17 only: it has a vector, but no AUC.
    assert np.isnan(table["auc"][1])
    assert np.isfinite(table["norm"][1])


@pytest.mark.parametrize("short", ["train", "test"])
def test_embeddings_and_tables_of_different_length_are_errors(
    tmp_path: Path, z_mean: Points, attributes: pd.DataFrame, short: str
) -> None:
    for split in ("train", "test"):
        rows = attributes[:-1] if split == short else attributes
        write_split(tmp_path, split, z_mean, rows)
    with pytest.raises(InputError) as caught:
        find_attribute_vectors(tmp_path, tmp_path)
    message = str(caught.value)
    assert "101 embeddings for 100 rows" in message
    assert f"{short}.parquet" in message
    assert "\n" not in message


@pytest.mark.parametrize("missing", ["train_z_mean.npy", "test.parquet"])
def test_error_of_a_missing_file_is_one_line(
    tmp_path: Path, z_mean: Points, attributes: pd.DataFrame, missing: str
) -> None:
    for split in ("train", "test"):
        write_split(tmp_path, split, z_mean, attributes)
    (tmp_path / missing).unlink()
    with pytest.raises(InputError, match=missing) as caught:
        find_attribute_vectors(tmp_path, tmp_path)
    assert "\n" not in str(caught.value)


def test_dataset_without_attributes_has_no_vectors(tmp_path: Path, z_mean: Points) -> None:
    for split in ("train", "test"):
        write_split(tmp_path, split, z_mean, pd.DataFrame(index=range(COUNT)))
    table = find_attribute_vectors(tmp_path, tmp_path)
    assert len(table) == 0
    assert vector_metrics(table) == {}


def test_written_files_are_reproducible(
    tmp_path: Path, z_mean: Points, attributes: pd.DataFrame
) -> None:
    vectors = attribute_vectors(z_mean, attributes)
    vectors.insert(4, "auc", attribute_aucs(vectors, z_mean, attributes))
    for name in ("first", "second"):
        write_vectors(vectors, tmp_path / name)
    files = ["attribute_vectors.csv", "attribute_vectors.parquet"]
    assert sorted(path.name for path in (tmp_path / "first").iterdir()) == files
    for name in files:
        first, second = (tmp_path / folder / name for folder in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


def test_written_vectors_can_be_read(
    tmp_path: Path, z_mean: Points, attributes: pd.DataFrame
) -> None:
    vectors = attribute_vectors(z_mean, attributes)
    vectors.insert(4, "auc", attribute_aucs(vectors, z_mean, attributes))
    write_vectors(vectors, tmp_path / "vectors")
    read = pd.read_parquet(tmp_path / "vectors" / "attribute_vectors.parquet")
    pd.testing.assert_frame_equal(read.drop(columns="vector"), vectors.drop(columns="vector"))
    stacked = np.stack(read["vector"].tolist())
    assert stacked.dtype == np.float32
    np.testing.assert_array_equal(stacked, np.stack(vectors["vector"].tolist()))
    text = pd.read_csv(tmp_path / "vectors" / "attribute_vectors.csv")
    pd.testing.assert_frame_equal(text, vectors.drop(columns="vector"))


def test_metrics_ignore_attributes_without_auc() -> None:
    vectors = pd.DataFrame({"attribute": ["A", "B", "C"], "auc": [0.5, np.nan, 1.0]})
    assert vector_metrics(vectors) == {"mean_auc": 0.75, "auc/A": 0.5, "auc/C": 1.0}


def test_an_attribute_may_have_the_name_of_a_metric() -> None:
    vectors = pd.DataFrame({"attribute": ["mean", "mean_auc", "auc"], "auc": [0.5, 0.75, 1.0]})
    assert vector_metrics(vectors) == {
        "mean_auc": 0.75,
        "auc/mean": 0.5,
        "auc/mean_auc": 0.75,
        "auc/auc": 1.0,
    }


@pytest.mark.parametrize("aucs", [[], [np.nan], [np.nan, np.nan]], ids=str)
def test_without_aucs_there_are_no_metrics(aucs: list[float]) -> None:
    names = [f"attribute {number}" for number in range(len(aucs))]
    assert vector_metrics(pd.DataFrame({"attribute": names, "auc": aucs})) == {}
