"""Targets of the classifier from the tables of images."""

import numpy as np
import pandas as pd
import pytest

from latent.classifier.targets import find_targets


def label_table(*labels: int) -> pd.DataFrame:
    return pd.DataFrame({"label": np.array(labels, np.uint8)})


def test_labels_are_one_hot() -> None:
    targets = find_targets(label_table(2, 0, 0), label_table(1), ["coat", "bag", "hat"])
    assert targets is not None
    assert (targets.kind, targets.names) == ("labels", ["coat", "bag", "hat"])
    assert targets.train.tolist() == [
        [False, False, True],
        [True, False, False],
        [True, False, False],
    ]
    assert targets.test.tolist() == [[False, True, False]]


def test_constant_attributes_are_ignored(caplog: pytest.LogCaptureFixture) -> None:
    train = pd.DataFrame({"image_id": ["a", "b"], "Never": [False] * 2, "Old": [True, False]})
    train["Here"] = [True, False]
    test = pd.DataFrame({"image_id": ["c", "d"], "Never": [True, False], "Old": [False, True]})
    test["Here"] = [True, True]
    targets = find_targets(train, test)
    assert targets is not None
    assert (targets.kind, targets.names) == ("attributes", ["Old"])
    assert targets.train.tolist() == [[True], [False]]
    assert targets.test.tolist() == [[False], [True]]
    assert "Never, Here" in caplog.text


def test_an_attribute_may_be_named_label() -> None:
    table = pd.DataFrame({"image_id": ["a", "b"], "label": [True, False]})
    targets = find_targets(table, table)
    assert targets is not None
    assert (targets.kind, targets.names) == ("attributes", ["label"])
    assert targets.train.tolist() == [[True], [False]]
