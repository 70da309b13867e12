"""Final metrics of a training."""

import math
from typing import Any

import keras
import pandas as pd

from latent.models.batch_norm import too_few_steps
from latent.models.losses import beta, reconstruction_nats
from latent.models.storage import parameter_counts

# Nats. The KL term is an upper bound of the information that z holds about its image (Hoffman &
# Johnson, ELBO surgery, 2016). This threshold is a seventh of a bit: below it, the decoder returns
# almost the same image for every z.
COLLAPSED_BELOW = 0.1


def final_metrics(
    history: pd.DataFrame,
    encoder: keras.Model,
    decoder: keras.Model,
    loss: str,
    weight: float | None,
    steps: int,
) -> dict[str, Any]:
    """Return the losses of the last epoch, those of the test images also in nats, and model sizes.

    Args:
        history: a table from `latent.training.progress.Progress.history`.
        encoder: the trained encoder.
        decoder: the trained decoder.
        loss: "bce" or "mse".
        weight: factor of the reconstruction loss; None for an autoencoder.
        steps: number of training steps.

    Returns:
        A flat dictionary with the losses as trained, the numbers of parameters, and
        `test/reconstruction_nats`, −log p(x | z) per image. For a VAE also: `test/elbo_nats`, the
        evidence lower bound, unweighted; `beta`, the weight of the KL term that corresponds to
        `weight`; and `posterior_collapsed`, 1 or 0. If there were too few steps for batch
        normalisation (`latent.models.batch_norm`), also `too_few_steps`, which is 1.
    """
    last = {str(name): float(value) for name, value in history.iloc[-1].items()}
    del last["epoch"]
    values = math.prod(decoder.output_shape[1:])
    nats = reconstruction_nats(loss, last["test/reconstruction_loss"] / (weight or 1.0), values)
    metrics: dict[str, Any] = {**last, "test/reconstruction_nats": nats}
    few_steps = too_few_steps(steps, [*encoder.layers, *decoder.layers])
    if few_steps:
        metrics["too_few_steps"] = 1
    if weight is not None:
        metrics["test/elbo_nats"] = -(nats + last["test/kl_loss"])
        metrics["beta"] = beta(loss, weight, values)
        # With moving averages near their initial values, the test images may have a KL divergence
        # of almost 0 although the posteriors of the training images, in training, have not
        # collapsed.
        splits = ("train", "test") if few_steps else ("test",)
        kl_loss = max(last[f"{split}/kl_loss"] for split in splits)
        metrics["posterior_collapsed"] = int(is_collapsed(kl_loss))
    return {**metrics, **parameter_counts(encoder, decoder)}


def is_collapsed(kl_loss: float) -> bool:
    """Return whether the posteriors have collapsed to the prior.

    The latent vector z of an image then holds almost no information about the image.

    Args:
        kl_loss: mean KL divergence of the images, in nats.
    """
    return kl_loss < COLLAPSED_BELOW
