"""Estimates the seconds of each stage from the numbers of images and epochs."""

from typing import NamedTuple

from latent.params import Params

PUBLISHED = {"fashion": 70_000, "faces": 202_599}  # images of Fashion-MNIST and of CelebA
FOLDER = 10_000  # images of the user, whose number is unknown before they are read


class Cost(NamedTuple):
    """Seconds of a stage on two fast cores, measured by `benchmarks.overhead`.

    Attributes:
        fixed: Seconds that do not depend on the number of images.
        rate: Seconds per 1,000 images, and per epoch for a training.
        limit: The largest number of images that makes the stage slower.
    """

    fixed: float
    rate: float = 0
    limit: float = float("inf")


COSTS = {
    "download@fashion": Cost(1, 0.3),
    "download@faces": Cost(1, 2.4),
    "preprocess@fashion": Cost(1),
    "preprocess@faces": Cost(1, 0.1),
    "train_ae@fashion": Cost(4, 0.75),
    "train_vae@fashion": Cost(4, 0.75),
    "train_vae@faces": Cost(6, 2.9),
    "train_classifier@fashion": Cost(3, 0.1),
    "train_classifier@faces": Cost(3, 0.2),
    "embed@ae_fashion": Cost(2, 0.05),
    "embed@vae_fashion": Cost(2, 0.05),
    "embed@vae_faces": Cost(2, 0.2),
    "attribute_vectors@faces": Cost(1),
    "evaluate@ae_fashion": Cost(2, 0.4, 8_000),
    "evaluate@vae_fashion": Cost(2, 0.6, 8_000),
    "evaluate@vae_faces": Cost(2, 1.4, 10_000),
    "evaluate_edits@faces": Cost(2, 2.1, 10_000),
    "figures@ae_fashion": Cost(5),
    "figures@vae_fashion": Cost(5),
    "figures_vae_faces": Cost(9),
    "figures_chapter": Cost(2),
    "report": Cost(10),
}
OTHER = Cost(5)  # a stage that was added


def estimate(stages: list[str], params: Params) -> dict[str, float]:
    """Return the seconds of each stage on two fast cores."""
    fashion, faces = params.download.fashion, params.download.faces
    sample = fashion.sample.train_images + fashion.sample.test_images
    images = {
        "fashion": {"sample": sample, "folder": FOLDER}.get(fashion.source, PUBLISHED["fashion"]),
        "faces": {"sample": faces.sample.images, "folder": FOLDER}.get(
            faces.source, PUBLISHED["faces"]
        ),
    }
    seconds = {}
    for stage in stages:
        cost = COSTS.get(stage, OTHER)
        kind, _, item = stage.partition("@")
        dataset = "faces" if "faces" in stage else "fashion"
        rate = cost.rate
        if kind.startswith("train_"):
            rate *= params[kind][item].epochs
        if kind == "train_vae" and item == "faces":
            rate *= (params.preprocess.faces.image_size / 32) ** 2
        seconds[stage] = cost.fixed + rate * min(images[dataset], cost.limit) / 1000
    return seconds
