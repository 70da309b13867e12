"""How decoded points of a latent space compare with real images, in the features of a classifier.

Where the points come from:

box              an autoencoder's: uniform in the bounding box of the training images' embeddings
                 (the chapter's way)
prior            a VAE's: N(0, I)
mixture          either's: a Gaussian mixture fitted to the training images' embeddings, as in Ghosh
                 et al., From variational to deterministic autoencoders, arXiv:1903.12436
reconstructions  the embeddings of the very test images that all are compared with
floor            no points: training images, which show what real images get

The numbers are of this classifier's features (`latent.classifier.network`) and of so many images: they compare
with each other, and with no FID of anybody else, which is of Inception's features.
"""

import logging
import warnings

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from latent.classifier.network import features
from latent.evaluate.frechet import fit_gaussian, frechet_distance
from latent.evaluate.likelihood import Posterior
from latent.evaluate.neighbours import compare, find_manifold
from latent.latent_space.points import sample_posteriors, some_rows
from latent.latent_space.sampling import sample_bounding_box, sample_prior
from latent.models.inference import BATCH_SIZE, decode
from latent.params import Evaluate

Images = NDArray[np.uint8]
Points = NDArray[np.float32]

MEASURES = ("frechet", "precision", "recall", "density", "coverage", "malformed")
# Of the embeddings, at most, that a mixture is fitted to: bounds its memory and time.
FITTED = 5000
# Up to so many dimensions a component has a full covariance; beyond, the thousands of numbers of
# each would be fitted to a few hundred points.
MOST_FULL = 16

log = logging.getLogger(__name__)


def compare_samples(
    decoder: keras.Model,
    classifier: keras.Model,
    train: tuple[Images, Posterior],
    test: tuple[Images, Posterior],
    params: Evaluate,
) -> pd.DataFrame:
    """Return how images decoded from each kind of points compare with test images.

    No more images than `params.images` take part, and as many of each kind, a batch of them in
    memory at a time: neither time nor memory grows with the data set.

    Args:
        decoder: from `latent.models.networks`.
        classifier: from `latent.classifier.network`.
        train: the training images, uint8 (N, H, W, C), and their embeddings.
        test: the test images, uint8 (M, H, W, C), and theirs.
        params: images, components, neighbours and seed.

    Returns:
        A row per kind, floor last: `kind`, `images` (their number), `frechet` (squared, as the FID
        is), `precision`, `recall`, `density`, `coverage` (`latent.evaluate.neighbours`), and
        `malformed`, the share of the samples that lie outside the real images' manifold, which is
        1 − precision. No row, and a log line, where there are too few images to compare.
    """
    count = min(params.images, len(train[0]), len(test[0]))
    if count <= params.neighbours:
        log.warning(
            "no samples are compared: %d images have no %d neighbours (evaluate.neighbours)",
            count,
            params.neighbours,
        )
        return pd.DataFrame(columns=["kind", "images", *MEASURES])
    rows = some_rows(len(test[0]), count, params.seed)
    real = features(classifier, test[0][rows])
    real_gaussian, real_manifold = fit_gaussian([real]), find_manifold(real, params.neighbours)
    points = draw_points(train[1], count, params) | {"reconstructions": test[1].mean[rows]}
    sets = {kind: _decoded_features(decoder, classifier, z) for kind, z in points.items()}
    sets["real_images"] = features(
        classifier, train[0][some_rows(len(train[0]), count, params.seed)]
    )
    table = []
    for kind, found in sets.items():
        comparison = compare(real_manifold, find_manifold(found, params.neighbours))
        distance = frechet_distance(fit_gaussian([found]), real_gaussian)
        malformed = 1.0 - comparison.precision
        row = {"kind": kind, "images": count, "frechet": distance}
        table.append({**row, **comparison._asdict(), "malformed": malformed})
    return pd.DataFrame(table)


def sample_metrics(table: pd.DataFrame) -> dict[str, float]:
    """Return a table of `compare_samples` as `prior/frechet`, `real_images/precision` and so on."""
    return {
        f"{row['kind']}/{measure}": float(row[measure])
        for _, row in table.iterrows()
        for measure in MEASURES
    }


def draw_points(embedded: Posterior, count: int, params: Evaluate) -> dict[str, Points]:
    """Return points by each way of drawing them that a space has, float32 (count, latent_dim).

    Args:
        embedded: where the training images lie.
        count: how many points.
        params: components of the mixture, and the seed.

    Returns:
        `box` of an autoencoder, `prior` of a VAE, and `mixture`.
    """
    if embedded.log_var is None:
        first = {"box": sample_bounding_box(embedded.mean, count, params.seed)}
    else:
        first = {"prior": sample_prior(count, embedded.mean.shape[1], params.seed)}
    z, _ = fit_mixture(embedded, params).sample(count)
    return first | {"mixture": z.astype(np.float32)}


def fit_mixture(embedded: Posterior, params: Evaluate) -> GaussianMixture:
    """Return a Gaussian mixture that is fitted to some of the embeddings, by the seed.

    Of a VAE's embeddings, points drawn from the images' distributions are fitted, for such points
    are what the decoder learnt from.

    Args:
        embedded: N images, two or more.
        params: `components`, of which there are no more than there are different points.
    """
    rows = some_rows(len(embedded.mean), FITTED, params.seed)
    z = embedded.mean[rows]
    if embedded.log_var is not None:
        z = sample_posteriors(z, embedded.log_var[rows], params.seed)
    mixture = GaussianMixture(
        min(params.components, len(np.unique(z, axis=0))),
        covariance_type="full" if z.shape[1] <= MOST_FULL else "diag",
        random_state=params.seed,
    )
    with warnings.catch_warnings():
        # A mixture that would move a little further is as good a place to draw from.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(z.astype(np.float64))


def _decoded_features(decoder: keras.Model, classifier: keras.Model, z: Points) -> Points:
    return np.concatenate(
        [
            features(classifier, decode(decoder, z[start : start + BATCH_SIZE]))
            for start in range(0, len(z), BATCH_SIZE)
        ]
    )
