"""Comparison of a model's attribute vectors with orthogonal vectors and a random baseline."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.classifier.accuracy import sensitivity_specificity
from latent.evaluate_edits.decisions import (
    RECOGNIZED,
    Decisions,
    Images,
    Predict,
    prevalence_thresholds,
    recognition_status,
    threshold_classifier,
)
from latent.evaluate_edits.measure import Decode, DecodedImages, Points, measure_edits
from latent.evaluate_edits.vectors import (
    cosine_similarities,
    orthogonal_vectors,
    residual_norms,
    shuffled_vectors,
)
from latent.latent_space.arithmetic import has_direction
from latent.latent_space.points import some_rows
from latent.params import EvaluateEdits

log = logging.getLogger(__name__)

# Maximum number of images of each split whose reconstructions the classifier is tested on.
MAX_RECONSTRUCTIONS = 1000


@dataclass(frozen=True)
class EmbeddedSplit:
    """Embeddings and attributes of the images of a split.

    Attributes:
        z_mean: float32 (N, latent_dim), an array or a memory map.
        attributes: boolean table of N rows, a column per attribute.
    """

    z_mean: Points
    attributes: pd.DataFrame

    def sample(self, seed: int) -> "EmbeddedSplit":
        """Return a random subset of `MAX_RECONSTRUCTIONS` images, or all if there are fewer."""
        rows = some_rows(len(self.z_mean), MAX_RECONSTRUCTIONS, seed)
        return EmbeddedSplit(self.z_mean[rows], self.attributes.iloc[rows])

    def truth(self, attributes: Sequence[str]) -> Decisions:
        """Return which images have which of the named attributes, bool (N, A)."""
        return self.attributes[list(attributes)].to_numpy(bool)


@dataclass(frozen=True)
class EditTables:
    """Results of the evaluation of a model's attribute vectors.

    Attributes:
        attributes: a row per attribute. `attribute`: its name. `real` and `decoded`: balanced
            accuracy of the classifier on real images and on reconstructions. `threshold`: smallest
            probability of a positive decision on a decoded image. `status`: "recognized", or the
            reason why its edits are not evaluated. `own_share`, only if recognized: length of the
            unit vector's component outside the span of the other vectors, from 0 to 1. `cosine`,
            only if recognized: cosine between the vector and its orthogonal variant.
        edits: edits of the recognized attributes, as
            `latent.evaluate_edits.measure.measure_edits` returns them, with `vectors` as first
            column: "means", differences of means as in the chapter; "orthogonal" and "shuffled", a
            random baseline (both from `latent.evaluate_edits.vectors`).
        cosines: pairwise cosine similarity of all attribute vectors, NaN for attributes without a
            vector. Index and columns are the names of the attributes.
    """

    attributes: pd.DataFrame
    edits: pd.DataFrame
    cosines: pd.DataFrame


def compare_vectors(
    decode: Decode,
    classifier: tuple[Predict, pd.DataFrame] | None,
    vectors: pd.DataFrame,
    train: EmbeddedSplit,
    test: EmbeddedSplit,
    params: EvaluateEdits,
) -> EditTables:
    """Evaluate edits of test images along attribute vectors, orthogonal vectors and random vectors.

    Edits are evaluated for attributes that the classifier recognizes in reconstructions. The number
    of decoded images depends on the parameters and on the number of attributes, but not on the
    number of images.

    Args:
        decode: function from points to decoded images.
        classifier: function from images to probabilities, and a table with a row per column of
            these: `output`, the name of an attribute, and `balanced_accuracy` on real images. None
            if there is no classifier.
        vectors: columns `attribute` and `vector`, from
            `latent.latent_space.attribute_vectors.attribute_vectors`.
        train: training images, which the vectors were computed from.
        test: test images.
        params: `factors`, the number of `images` to edit, and the seed of their choice.
    """
    names = list(vectors["attribute"])
    directions = np.array(vectors["vector"].tolist(), np.float32)
    directions = directions.reshape(len(names), train.z_mean.shape[1])
    predict, outputs = classifier or NO_CLASSIFIER
    subsets = train.sample(params.seed), test.sample(params.seed)
    reconstructions, accuracy = _measure_recognition(decode, predict, outputs, *subsets)
    table = accuracy.reindex(names)
    table["status"] = recognition_status(
        has_direction(directions), table["real"].to_numpy(), table["decoded"].to_numpy()
    )
    recognized = table[table["status"] == RECOGNIZED].index
    if recognized.empty:
        log.warning(
            "the classifier recognizes no attribute in the reconstructions, so no edits are "
            "evaluated"
        )

    means = directions[table.index.isin(recognized)]
    kinds = {
        "means": means,
        "orthogonal": orthogonal_vectors(means),
        "shuffled": shuffled_vectors(train.z_mean, train.attributes[recognized], params.seed),
    }
    columns = accuracy.index.get_indexer(recognized)
    thresholds = accuracy.loc[recognized, "threshold"].to_numpy()
    classify = threshold_classifier(predict, columns, thresholds)
    reconstructions = replace(reconstructions, decisions=reconstructions.decisions[:, columns])
    edits = []
    for kind, rows in kinds.items():
        named = dict(zip(recognized, rows, strict=True))
        measured = measure_edits(
            decode, classify, reconstructions, named, params.factors, params.images, params.seed
        )
        measured.insert(0, "vectors", kind)
        edits.append(measured)
    table.loc[recognized, "own_share"] = residual_norms(means)
    table.loc[recognized, "cosine"] = np.diag(
        cosine_similarities(np.concatenate([means, kinds["orthogonal"]])), len(recognized)
    )
    return EditTables(
        table.rename_axis("attribute").reset_index(),
        pd.concat(edits, ignore_index=True),
        pd.DataFrame(cosine_similarities(directions), index=names, columns=names),
    )


def _measure_recognition(
    decode: Decode,
    predict: Predict,
    outputs: pd.DataFrame,
    train: EmbeddedSplit,
    test: EmbeddedSplit,
) -> tuple[DecodedImages, pd.DataFrame]:
    """Return reconstructions of the test images, and how well the classifier recognizes attributes.

    The table has a row per output of the classifier: `real`, `decoded` and `threshold`, as in
    `EditTables.attributes`.
    """
    names = list(outputs["output"])
    thresholds = prevalence_thresholds(predict(decode(train.z_mean)), train.truth(names))
    images = decode(test.z_mean)
    decisions = predict(images) >= thresholds
    accuracy = {
        "real": outputs["balanced_accuracy"].to_numpy(float),
        "decoded": sensitivity_specificity(decisions, test.truth(names)).mean(axis=0),
        "threshold": thresholds,
    }
    return DecodedImages(test.z_mean, images, decisions), pd.DataFrame(accuracy, index=names)


def _predict_nothing(images: Images) -> NDArray[np.float32]:
    return np.zeros((len(images), 0), np.float32)


NO_CLASSIFIER = (_predict_nothing, pd.DataFrame(columns=["output", "balanced_accuracy"]))
