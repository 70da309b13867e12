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

    It takes uint8 images (N, H, W, C), and reports `loss`, `reconstruction_loss` (weighted, as it
    enters the loss) and `kl_loss`, each the mean over the images. Held-out images are measured
    from sampled z too, as the bound demands; `Sampling.restart` gives them one noise every time.

    Args:
        encoder: from float32 images in [0, 1] to z_mean, z_log_var and z.
        decoder: from z to float32 images in [0, 1].
        loss: name of the reconstruction loss, a key of `RECONSTRUCTION_LOSSES`.
        reconstruction_weight: what the reconstruction loss is multiplied by.
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

        Keras trains what names `training` here; without it, batch normalisation would sleep.
        """
        z_mean, z_log_var, z = self.encoder(scale(self.look_up(images)), training=training)
        return z_mean, z_log_var, self.decoder(z, training=training)

    def compute_loss(
        self, x: Tensor, y: Any = None, y_pred: Any = None, *args: Any, **options: Any
    ) -> Tensor:
        """Return the batch's mean loss and take its images into the epoch's means."""
        z_mean, z_log_var, reconstructions = y_pred
        reconstruction_losses = self.reconstruction_weight * self.reconstruction(
            scale(self.look_up(x)), reconstructions
        )
        kl_losses = kl_divergence(z_mean, z_log_var)
        # One value per image: means of batches would give a short last batch too much weight.
        self.reconstruction_tracker.update_state(reconstruction_losses)
        self.kl_tracker.update_state(kl_losses)
        return ops.mean(reconstruction_losses + kl_losses)


def build_vae(params: TrainVAE, image_shape: Shape) -> VAE:
    """Return a VAE with new weights, not compiled.

    Args:
        params: architecture, loss, reconstruction weight and the seed of the noise.
        image_shape: H, W, C of the images.

    Raises:
        InputError: the encoder's blocks cannot halve images of that shape.
    """
    encoder = build_variational_encoder(params, image_shape, params.seed)
    decoder = build_decoder(params, image_shape)
    return VAE(encoder, decoder, params.loss, params.reconstruction_weight)
