"""Comparison of generated images with real images, in the features of the classifier.

The images are decoded from several sets of points. A set of training images is compared as well:

box              for an autoencoder: uniform in the bounding box of the training images' embeddings
                 (the chapter's method)
prior            for a VAE: N(0, I)
mixture          for either: a Gaussian mixture fitted to the training images' embeddings, as in
                 Ghosh et al., From variational to deterministic autoencoders, arXiv:1903.12436
reconstructions  the embeddings of the test images
real_images      no points: training images, which show the values of real images

All sets are compared with the same test images. The numbers depend on the number of images and on
the features (`latent.classifier.network`). They can be compared with each other, but not with
published FIDs, which use the features of Inception.
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
# Maximum number of embeddings that a mixture is fitted to: bounds the memory and time.
MAX_FITTED = 5000
# Maximum number of dimensions for components with full covariances. In more dimensions, a few
# hundred points per component cannot determine thousands of parameters.
MAX_FULL_DIMENSIONS = 16

log = logging.getLogger(__name__)


def compare_samples(
    decoder: keras.Model,
    classifier: keras.Model,
    train: tuple[Images, Posterior],
    test: tuple[Images, Posterior],
    params: Evaluate,
) -> pd.DataFrame:
    """Compare images decoded from each kind of points, and training images, with test images.

    All sets have the same number of images: `params.images`, or the size of the smaller split if
    that is less. Neither time nor memory grows with the dataset. One batch is decoded at a time.

    Args:
        decoder: from `latent.models.networks`.
        classifier: from `latent.classifier.network`.
        train: training images, uint8 (N, H, W, C), and their posterior.
        test: test images, uint8 (M, H, W, C), and their posterior.
        params: images, components, neighbours and seed.

    Returns:
        A row per set, real_images last: `kind`; `images`, the number of images; `frechet`, the
        squared Fréchet distance, as in the FID; `precision`, `recall`, `density` and `coverage`
        (`latent.evaluate.neighbours`); `malformed`, the share of images outside the manifold of the
        test images, 1 − precision. No rows, and a warning, if there are too few images.
    """
    count = min(params.images, len(train[0]), len(test[0]))
    if count <= params.neighbours:
        log.warning(
            "samples are not compared: %d images are too few for evaluate.neighbours=%d",
            count,
            params.neighbours,
        )
        return pd.DataFrame(columns=["kind", "images", *MEASURES])
    test_rows = some_rows(len(test[0]), count, params.seed)
    train_rows = some_rows(len(train[0]), count, params.seed)
    points = draw_points(train[1], count, params) | {"reconstructions": test[1].mean[test_rows]}
    sets = {kind: _decoded_features(decoder, classifier, z) for kind, z in points.items()}
    sets["real_images"] = features(classifier, train[0][train_rows])
    reference = features(classifier, test[0][test_rows])
    gaussian, manifold = fit_gaussian([reference]), find_manifold(reference, params.neighbours)
    table = []
    for kind, compared in sets.items():
        distance = frechet_distance(fit_gaussian([compared]), gaussian)
        comparison = compare(manifold, find_manifold(compared, params.neighbours))
        malformed = 1.0 - comparison.precision
        row = {"kind": kind, "images": count, "frechet": distance}
        table.append({**row, **comparison._asdict(), "malformed": malformed})
    return pd.DataFrame(table)


def sample_metrics(table: pd.DataFrame) -> dict[str, float]:
    """Return the table of `compare_samples` as metrics: `prior/frechet`, `box/recall` and so on."""
    return {
        f"{row['kind']}/{measure}": float(row[measure])
        for _, row in table.iterrows()
        for measure in MEASURES
    }


def draw_points(embedded: Posterior, count: int, params: Evaluate) -> dict[str, Points]:
    """Sample points from each distribution that suits the model.

    Args:
        embedded: posterior of the training images.
        count: number of points per distribution.
        params: components of the mixture, and the seed.

    Returns:
        float32 (count, latent_dim) for each distribution: `box` for an autoencoder or `prior` for a
        VAE, and `mixture`.
    """
    if embedded.log_var is None:
        points = {"box": sample_bounding_box(embedded.mean, count, params.seed)}
    else:
        points = {"prior": sample_prior(count, embedded.mean.shape[1], params.seed)}
    z, _ = fit_mixture(embedded, params).sample(count)
    return points | {"mixture": z.astype(np.float32)}


def fit_mixture(embedded: Posterior, params: Evaluate) -> GaussianMixture:
    """Fit a Gaussian mixture to a random subset of the embeddings.

    For a VAE it is fitted to points sampled from the posteriors, because the decoder is trained on
    such points.

    Args:
        embedded: posterior of N images, N > 1.
        params: `components`, the number of components, reduced to the number of distinct points;
            and the seed.
    """
    rows = some_rows(len(embedded.mean), MAX_FITTED, params.seed)
    z = embedded.mean[rows]
    if embedded.log_var is not None:
        z = sample_posteriors(z, embedded.log_var[rows], params.seed)
    mixture = GaussianMixture(
        min(params.components, len(np.unique(z, axis=0))),
        covariance_type="full" if z.shape[1] <= MAX_FULL_DIMENSIONS else "diag",
        random_state=params.seed,
    )
    with warnings.catch_warnings():
        # A mixture is good enough to sample from before it has fully converged.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(z.astype(np.float64))


def _decoded_features(decoder: keras.Model, classifier: keras.Model, z: Points) -> Points:
    return np.concatenate(
        [
            features(classifier, decode(decoder, z[start : start + BATCH_SIZE]))
            for start in range(0, len(z), BATCH_SIZE)
        ]
    )
