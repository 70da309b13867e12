"""Tables of the metrics of the stages `evaluate` and `evaluate_edits`."""

import math

from latent.params import Evaluate, TrainAE, TrainVAE
from latent.report.claims import COLUMNS, check_claims, percent
from latent.report.collect import Model, Results
from latent.report.tables import Table, format_numbers

IMAGE_SOURCES = {
    "box": "sampled from the embeddings’ bounding box",
    "prior": "sampled from N(0, I)",
    "gaussian": "sampled from a normal distribution fitted to the embeddings",
    "mixture": "sampled from a Gaussian mixture",
    "reconstructions": "reconstructions of test images",
    "real_images": "training images (real)",
}
VECTORS = {
    "means": "differences of means (chapter)",
    "orthogonal": "orthogonal vectors",
    "shuffled": "random baseline",
}
MAX_DIMENSIONS = 20  # maximum number of dimensions that are listed
NO_CLASSIFIER = (
    "The decoded images of this model are not compared with real images. Either there are too few "
    "images, or no classifier could be trained: it needs at least two classes, or an attribute "
    "that some images have and others do not have."
)


def claims(results: Results) -> Table:
    """Return the chapter's claims, their measures, and whether they hold."""
    checked = check_claims({name: model.evaluation for name, model in results.models.items()})
    return Table(
        "Claims of the chapter",
        list(COLUMNS),
        [claim.row for claim in checked],
        sentences=True,
        note="All values are measured on test images. “Real” is the value of real images: training "
        "images, compared with test images in the same way as generated images. If a claim does "
        "not hold, the cause may be the dataset, the short training or the claim itself.",
    )


def likelihood(model: Model, section: TrainAE, params: Evaluate) -> Table:
    """Return the likelihood of the test images, independent of the weights in training."""
    pixels = {"bce": "Bernoulli variables", "mse": "Gaussian variables of variance 1"}[section.loss]
    rows = {"reconstruction": ("−log p(x | z)", f"reconstruction loss, with pixels as {pixels}")}
    if isinstance(section, TrainVAE):
        beta = f"{model.evaluation['evaluate/beta']:.4g}"
        images = f"{params.importance_images:,} images"
        rows |= {
            "kl": ("KL divergence", "of the images’ distributions from N(0, I)"),
            "elbo": ("ELBO", "minus the sum of the two rows above; higher is better"),
            "elbo_weighted": (
                "weighted ELBO",
                f"the same with {beta} times the KL divergence, as in training",
            ),
            "importance": (
                f"bound from {params.importance_samples:,} samples",
                f"importance-weighted bound (Burda et al. 2016), closer to log p(x); on {images}",
            ),
            "importance_elbo": (
                "ELBO of the same images",
                f"estimated from the same samples; on {images}",
            ),
        }
    # For a model trained with binary cross-entropy, this row would repeat the reconstruction loss.
    if section.loss != "bce":
        rows["bce"] = ("binary cross-entropy", "of the reconstructions")
    rows["bce_floor"] = (
        "minimum binary cross-entropy",
        "entropy of the pixel values, which no model can fall below",
    )
    nats = format_numbers(model.evaluation[f"evaluate/{key}_nats"] for key in rows)
    bits = format_numbers(model.evaluation[f"evaluate/{key}_bits"] for key in rows)
    note = "Each term has the weight 1, whatever its weight in training, unless stated otherwise."
    if section.loss == "bce":
        note += " Grey values are not binary, so this is a pseudo-likelihood."
    else:
        note += (
            " Densities refer to pixel values from 0 to 1. For 8-bit pixel values, add 8 bits per "
            "value."
        )
    return Table(
        "Likelihood of the test images",
        ["quantity", "nats per image", "bits per pixel value", "definition"],
        [
            [name, *pair, text]
            for (name, text), *pair in zip(rows.values(), nats, bits, strict=True)
        ],
        numeric=2,
        note=note,
    )


def latent_space(model: Model) -> Table:
    """Return how the latent space differs from N(0, I), and the share of holes in it."""
    metrics = {key.removeprefix("evaluate/"): value for key, value in model.evaluation.items()}
    total = f"of {metrics['latent_dim']:,.0f}"
    rows = [
        [
            "active dimensions",
            f"{metrics['active_units']:,.0f} {total}",
            "variance of z_mean above 0.01 (Burda et al. 2016)",
        ],
        [
            "dimensions unlike N(0, 1)",
            f"{metrics['unlike_prior']:,.0f} {total}",
            "Kolmogorov distance from N(0, 1) above 0.1" + _listed(model.unlike_prior),
        ],
        [
            "largest Kolmogorov distance",
            f"{metrics['kolmogorov_max']:.3f}",
            "largest difference between the cumulative distribution functions of a dimension and "
            "of N(0, 1)",
        ],
        ["largest absolute mean", f"{metrics['mean_abs_max']:.3f}", "of a dimension"],
        [
            "standard deviation",
            f"{metrics['std_min']:.3f} to {metrics['std_max']:.3f}",
            "smallest and largest of a dimension",
        ],
    ]
    titles = {"holes": "share of points in holes", "class_imbalance": "class imbalance of points"}
    for key, title in titles.items():
        rows += [
            [title, percent(metrics[f"{key}/{source}"]), IMAGE_SOURCES[source]]
            for source in ("prior", "box", "gaussian")
            if f"{key}/{source}" in metrics
        ]
    note = ""
    if "holes/radius" in metrics:
        note = (
            f"A point is in a hole if it is farther than {metrics['holes/radius']:.3g} from every "
            "embedding. 99 % of the embeddings have another embedding within this distance, so 1 % "
            "is expected without holes. The class of a point is that of its nearest embedding. "
            "Class imbalance is the share of points that would have to change class for each class "
            "to have the same share as among the images (total variation distance)."
        )
    return Table(
        "Latent space compared with N(0, I)",
        ["quantity", "value", "definition"],
        rows,
        numeric=1,
        note=note,
    )


def samples(model: Model) -> Table | None:
    """Return how decoded images compare with real images; None if they were not compared."""
    metrics = model.evaluation
    measures = ("frechet", "precision", "recall", "density", "coverage", "malformed")
    sources = [source for source in IMAGE_SOURCES if f"evaluate/{source}/frechet" in metrics]
    if not sources:
        return None
    accuracy = metrics["evaluate/classifier/accuracy"]
    count = metrics["evaluate/compared"]
    return Table(
        "Decoded images compared with real images",
        ["images", "Fréchet distance", *measures[1:]],
        [
            [
                IMAGE_SOURCES[source],
                *(f"{metrics[f'evaluate/{source}/{name}']:.3f}" for name in measures),
            ]
            for source in sources
        ],
        numeric=len(measures),
        note=f"Each row compares {count:,.0f} images with the same number of test images. Sampled "
        "images are decoded from sampled points; the mixture is fitted to the embeddings. The "
        "comparison uses the features of a classifier trained on the real training images, whose "
        f"accuracy on test images is {percent(accuracy)}. Fréchet distance: lower is better. "
        "Precision: share of decoded images that are similar to real ones. Recall: share of real "
        "images that are similar to decoded ones (Kynkäänniemi et al. 2019). Density and coverage "
        "measure the same, but are less sensitive to outliers (Naeem et al. 2020). Higher is "
        "better for these four. Malformed: 1 − precision. Half of the classifier’s training images "
        "were blurred, because decoded images are blurred. The classifier therefore overlooks "
        "blur, the main defect of a VAE, and precision says little about it. The Fréchet distance "
        "cannot be compared with an FID, which uses the features of the Inception network.",
    )


def edits(model: Model) -> Table | None:
    """Return the effect of attribute edits; None if the classifier recognizes no attribute."""
    metrics = {
        key.removeprefix("evaluate/edits/"): value for key, value in model.evaluation.items()
    }
    kinds = [kind for kind in VECTORS if f"{kind}/flipped" in metrics]
    if not kinds:
        return None
    total = f"of {metrics['tried']:.0f}"
    return Table(
        "Edits of attributes according to the classifier",
        [
            "attribute vectors",
            "changed",
            "changed selectively",
            "other decisions kept",
            "pixel change",
        ],
        [
            [
                VECTORS[kind],
                f"{metrics[f'{kind}/flipped']:.0f} {total}",
                f"{metrics[f'{kind}/selective']:.0f} {total}",
                # Missing if there is no other attribute, or no image to edit.
                percent(metrics[f"{kind}/keeps"]) if f"{kind}/keeps" in metrics else "–",
                f"{metrics[f'{kind}/moves']:.3f}" if f"{kind}/moves" in metrics else "–",
            ]
            for kind in kinds
        ],
        numeric=4,
        note=f"The classifier recognizes {metrics['recognized']:.0f} of "
        f"{metrics['attributes']:.0f} attributes in reconstructions. {metrics['tried']:.0f} of "
        "these can be added to, or removed from, at least 10 images. Changed: attributes for which "
        "some α changes the classifier’s decision on at least 90 % of the images. Changed "
        "selectively: the smallest such α also keeps at least 80 % of the decisions on other "
        "attributes. The last two columns are means over all edits: the share of decisions on "
        "other attributes that stay the same, and the root mean square change of the pixel values, "
        "which range from 0 to 1. Orthogonal vectors: the orthogonal vectors closest to the "
        "chapter’s. Random baseline: attribute vectors of randomly permuted attributes.",
    )


def smallest_alphas(model: Model) -> Table | None:
    """Return the smallest effective α of each attribute; None if no attribute is recognized."""
    if not model.smallest_alphas:
        return None
    return Table(
        "Smallest α that changes an attribute",
        ["attribute", "α to add it", "α to remove it"],
        [
            [name.replace("_", " "), *(_alpha(alphas.get(way)) for way in ("adds", "removes"))]
            for name, alphas in model.smallest_alphas.items()
        ],
        numeric=2,
        note="Smallest tested |α| along the chapter’s attribute vectors that changes the "
        "classifier’s decision on at least 90 % of the images. “none”: no tested α does. “–”: "
        "fewer than 10 images to edit.",
    )


def denoising(model: Model) -> Table | None:
    """Return the PSNR before and after denoising; None if the model was not trained to denoise."""
    if "evaluate/psnr_noisy" not in model.evaluation:
        return None
    rows = {
        "noisy": "test images with the same noise as in training",
        "denoised": "reconstructions of the noisy images",
        "reconstructed": "reconstructions of the test images without noise",
    }
    return Table(
        "Denoising",
        ["images", "PSNR in dB", "definition"],
        [[name, f"{model.evaluation[f'evaluate/psnr_{name}']:.2f}", rows[name]] for name in rows],
        numeric=1,
        note="Peak signal-to-noise ratio (PSNR) relative to the images without noise; higher is "
        "better.",
    )


def _listed(dimensions: list[str]) -> str:
    if not dimensions:
        return ""
    more = len(dimensions) - MAX_DIMENSIONS
    listed = ", ".join(dimensions[:MAX_DIMENSIONS]) + (f" and {more} more" if more > 0 else "")
    return f" (dimensions: {listed})"


def _alpha(alpha: float | None) -> str:
    if alpha is None:
        return "–"
    return "none" if math.isinf(alpha) else f"{alpha:g}".replace("-", "−")
