"""A model's attribute vectors, judged: what can be judged, by which vectors, and the outcome."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.classifier.classifier import right_shares
from latent.evaluate_edits.decisions import (
    RECOGNIZED,
    Decisions,
    Images,
    Predict,
    decide_by,
    find_thresholds,
    statuses,
)
from latent.evaluate_edits.measure import Decode, Pictures, Points, measure_edits
from latent.evaluate_edits.vectors import (
    cosines,
    have_direction,
    orthogonal_vectors,
    own_shares,
    shuffled_vectors,
)
from latent.latent_space.points import some_rows
from latent.params import EvaluateEdits

log = logging.getLogger(__name__)

RECONSTRUCTED = (
    1000  # images of each split, at most, on whose reconstructions the classifier is tried
)


@dataclass(frozen=True)
class Embedded:
    """Images of a split: where they lie, and what is true of them.

    Attributes:
        z_mean: float32 (N, latent_dim), an array or a memory map.
        attributes: N rows of booleans, a column per attribute.
    """

    z_mean: Points
    attributes: pd.DataFrame

    def some(self, seed: int) -> "Embedded":
        """Return at most `RECONSTRUCTED` of them, drawn by the seed."""
        rows = some_rows(len(self.z_mean), RECONSTRUCTED, seed)
        return Embedded(self.z_mean[rows], self.attributes.iloc[rows])

    def truth(self, attributes: Sequence[str]) -> Decisions:
        """Return which image has which of some attributes, bool (N, A)."""
        return self.attributes[list(attributes)].to_numpy(bool)


@dataclass(frozen=True)
class EditTables:
    """What was found out about a model's attribute vectors.

    Attributes:
        attributes: a row per attribute: `attribute`; `real`, the classifier's balanced accuracy on real
            images, and `decoded`, on reconstructions; `threshold`, the probability from which on it
            says yes to these; `status`, "recognized" or why not; and among the judged, `own_share` of
            the vector and `cosine` to its orthogonal variant (`latent.evaluate_edits.vectors`).
        edits: of the judged attributes, as `latent.evaluate_edits.measure.measure_edits` returns them, with
            `vectors` as first column: "means", the chapter's differences of means; "orthogonal" and
            "shuffled" (`latent.evaluate_edits.vectors`).
        cosines: between the vectors of all attributes, NaN where there is none; their names are
            index and columns.
    """

    attributes: pd.DataFrame
    edits: pd.DataFrame
    cosines: pd.DataFrame


def compare_vectors(
    decode: Decode,
    judging: tuple[Predict, pd.DataFrame] | None,
    vectors: pd.DataFrame,
    train: Embedded,
    test: Embedded,
    params: EvaluateEdits,
) -> EditTables:
    """Judge edits of test images along the attribute vectors of the training images.

    Attributes that cannot be judged have a row that says why, and no edits. What is decoded depends
    on the parameters and the number of attributes, and not on the number of images.

    Args:
        decode: points to pictures.
        judging: pictures to probabilities, and a row per column of these: `output`, an attribute's
            name, and `balanced_accuracy` on real images. None where there is no classifier.
        vectors: `attribute` and `vector`, as `latent.latent_space.attribute_vectors.attribute_vectors` has them.
        train: training images, from which the vectors are.
        test: held-out images.
        params: `factors`, how many `images` are edited, and the seed of their choice.
    """
    names = list(vectors["attribute"])
    directions = np.array(vectors["vector"].tolist(), np.float32)
    directions = directions.reshape(len(names), train.z_mean.shape[1])
    predict, outputs = judging or NO_CLASSIFIER
    some_train, some_test = (split.some(params.seed) for split in (train, test))
    pictures, trust = _try_classifier(decode, predict, outputs, some_train, some_test)
    table = trust.reindex(names)
    trusts = table["real"].to_numpy(), table["decoded"].to_numpy()
    table["status"] = statuses(have_direction(directions), *trusts)
    judged = table[table["status"] == RECOGNIZED].index
    if judged.empty:
        log.warning("no attribute can be judged in decoded images, so no edits of them are")

    means = directions[table.index.isin(judged)]
    kinds = {
        "means": means,
        "orthogonal": orthogonal_vectors(means),
        "shuffled": shuffled_vectors(train.z_mean, train.attributes[judged], params.seed),
    }
    columns = trust.index.get_indexer(judged)
    classifier = decide_by(predict, columns, trust.loc[judged, "threshold"].to_numpy())
    pictures = replace(pictures, decisions=pictures.decisions[:, columns])
    edits = []
    for kind, rows in kinds.items():
        named = dict(zip(judged, rows, strict=True))
        found = measure_edits(
            decode, classifier, pictures, named, params.factors, params.images, params.seed
        )
        found.insert(0, "vectors", kind)
        edits.append(found)
    table.loc[judged, "own_share"] = own_shares(means)
    table.loc[judged, "cosine"] = np.diag(
        cosines(np.concatenate([means, kinds["orthogonal"]])), len(judged)
    )
    return EditTables(
        table.rename_axis("attribute").reset_index(),
        pd.concat(edits, ignore_index=True),
        pd.DataFrame(cosines(directions), index=names, columns=names),
    )


def _try_classifier(
    decode: Decode, predict: Predict, outputs: pd.DataFrame, train: Embedded, test: Embedded
) -> tuple[Pictures, pd.DataFrame]:
    """Return reconstructions of test images, and how far the classifier can be trusted with them."""
    seen = list(outputs["output"])
    thresholds = find_thresholds(predict(decode(train.z_mean)), train.truth(seen))
    images = decode(test.z_mean)
    decisions = predict(images) >= thresholds
    trust = {
        "real": outputs["balanced_accuracy"].to_numpy(float),
        "decoded": right_shares(decisions, test.truth(seen)).mean(axis=0),
        "threshold": thresholds,
    }
    return Pictures(test.z_mean, images, decisions), pd.DataFrame(trust, index=seen)


def _see_nothing(images: Images) -> NDArray[np.float32]:
    return np.zeros((len(images), 0), np.float32)


NO_CLASSIFIER = (_see_nothing, pd.DataFrame(columns=["output", "balanced_accuracy"]))
