"""The variational autoencoder."""

from typing import Any

import keras
from keras import KerasTensor as Tensor
from keras import ops

from latent.models.layers import scale
from latent.models.losses import RECONSTRUCTION_LOSSES, kl_divergence
from latent.models.networks import Shape, build_decoder, build_variational_encoder
from latent.params import TrainVAE
from latent.training.image_model import ImageModel


class VAE(ImageModel):
    """Minimises `reconstruction_weight` · reconstruction loss + KL divergence (example 3-13).

    The input is uint8 images (N, H, W, C). The model reports `loss`, `reconstruction_loss`
    (weighted, as in `loss`) and `kl_loss`, each as the mean over the images. The losses of test
    images also use sampled z, as the evidence lower bound requires. `Sampling.restart` makes their
    noise the same in each epoch.

    Args:
        encoder: from float32 images in [0, 1] to z_mean, z_log_var and z.
        decoder: from z to float32 images in [0, 1].
        loss: name of the reconstruction loss, a key of `RECONSTRUCTION_LOSSES`.
        reconstruction_weight: factor of the reconstruction loss.
    """

    def __init__(
        self, encoder: keras.Model, decoder: keras.Model, loss: str, reconstruction_weight: float
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.reconstruction = RECONSTRUCTION_LOSSES[loss]
        self.reconstruction_weight = reconstruction_weight
        self.reconstruction_tracker = keras.metrics.Mean(name="reconstruction_loss")
        self.kl_tracker = keras.metrics.Mean(name="kl_loss")

    def call(self, images: Tensor, training: bool | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Return z_mean and z_log_var, (N, latent_dim), and the reconstructions, (N, H, W, C).

        Keras passes `training` only to a `call` that has this argument. Batch normalisation needs
        it.
        """
        z_mean, z_log_var, z = self.encoder(scale(self.get_images(images)), training=training)
        return z_mean, z_log_var, self.decoder(z, training=training)

    def compute_loss(
        self, x: Tensor, y: Any = None, y_pred: Any = None, *args: Any, **options: Any
    ) -> Tensor:
        """Return the mean loss of the batch and update the means of the epoch."""
        z_mean, z_log_var, reconstructions = y_pred
        reconstruction_losses = self.reconstruction_weight * self.reconstruction(
            scale(self.get_images(x)), reconstructions
        )
        kl_losses = kl_divergence(z_mean, z_log_var)
        # One value per image: a mean of batch means would give a short last batch too much weight.
        self.reconstruction_tracker.update_state(reconstruction_losses)
        self.kl_tracker.update_state(kl_losses)
        return ops.mean(reconstruction_losses + kl_losses)


def build_vae(params: TrainVAE, image_shape: Shape) -> VAE:
    """Return a VAE with initial weights, not compiled.

    Args:
        params: architecture, loss, reconstruction weight, and the seed of the sampling noise.
        image_shape: H, W, C of the images.

    Raises:
        InputError: the height or width cannot be halved once per block.
    """
    encoder = build_variational_encoder(params, image_shape, params.seed)
    decoder = build_decoder(params, image_shape)
    return VAE(encoder, decoder, params.loss, params.reconstruction_weight)
