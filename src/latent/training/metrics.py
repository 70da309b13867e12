"""What is left of a training as a few numbers."""

from typing import Any

import keras
import pandas as pd

from latent.models.losses import beta, reconstruction_nats
from latent.models.storage import parameter_counts

# Nats. The KL term bounds from above how much z tells of its image (Hoffman & Johnson, ELBO
# surgery, 2016): below this it is a seventh of a bit, and the decoder draws one image for all.
COLLAPSED_BELOW = 0.1


def final_metrics(
    history: pd.DataFrame,
    encoder: keras.Model,
    decoder: keras.Model,
    loss: str,
    weight: float | None,
) -> dict[str, Any]:
    """Return the last epoch's losses, the held-out ones in nats as well, and the model's size.

    Args:
        history: as `latent.training.progress.Progress` keeps it.
        encoder: the trained encoder.
        decoder: the trained decoder.
        loss: "bce" or "mse".
        weight: what the reconstruction loss was multiplied by; None for an autoencoder.

    Returns:
        A flat dictionary. Losses are as trained. `test/reconstruction_nats` is −log p(x | z) per
        image; for a VAE, `test/elbo_nats` is the evidence lower bound, unweighted, `beta` what the
        weight means for the KL term, and `posterior_collapsed` 1 or 0.
    """
    last = {str(name): float(value) for name, value in history.iloc[-1].items()}
    del last["epoch"]
    values = int(decoder.output_shape[1] * decoder.output_shape[2] * decoder.output_shape[3])
    nats = reconstruction_nats(loss, last["test/reconstruction_loss"] / (weight or 1.0), values)
    metrics: dict[str, Any] = {**last, "test/reconstruction_nats": nats}
    if weight is not None:
        metrics["test/elbo_nats"] = -(nats + last["test/kl_loss"])
        metrics["beta"] = beta(loss, weight, values)
        metrics["posterior_collapsed"] = int(is_collapsed(last["test/kl_loss"]))
    return {**metrics, **parameter_counts(encoder, decoder)}


def is_collapsed(kl_loss: float) -> bool:
    """Say whether the posteriors have become the prior: z tells next to nothing of its image.

    Args:
        kl_loss: mean KL divergence of held-out images, in nats.
    """
    return kl_loss < COLLAPSED_BELOW
