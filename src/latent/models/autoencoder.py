"""The autoencoder: an encoder and a decoder trained to give their input back."""

from typing import Any

import keras
from keras import KerasTensor as Tensor
from keras import ops

from latent.models.feeding import ImageModel
from latent.models.layers import scale
from latent.models.losses import RECONSTRUCTION_LOSSES


class Autoencoder(ImageModel):
    """Minimises the reconstruction loss of decoder(encoder(x)) (examples 3-7 to 3-9).

    It takes uint8 images (N, H, W, C). `loss`, the mean over the images, is reported as
    `reconstruction_loss` too, under which name a VAE reports that part of its own.

    Args:
        encoder: from float32 images in [0, 1] to z.
        decoder: from z to float32 images in [0, 1].
        loss: name of the reconstruction loss, a key of `RECONSTRUCTION_LOSSES`.
    """

    def __init__(self, encoder: keras.Model, decoder: keras.Model, loss: str) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.reconstruction = RECONSTRUCTION_LOSSES[loss]
        self.reconstruction_tracker = keras.metrics.Mean(name="reconstruction_loss")

    def call(self, images: Tensor, training: bool | None = None) -> Tensor:
        """Return the reconstructions, float32 (N, H, W, C) in [0, 1].

        Keras trains what names `training` here; without it, batch normalisation would sleep.
        """
        z = self.encoder(scale(self.look_up(images)), training=training)
        return self.decoder(z, training=training)

    def compute_loss(
        self, x: Tensor, y: Any = None, y_pred: Tensor = None, *args: Any, **options: Any
    ) -> Tensor:
        """Return the batch's mean loss and take its images into the epoch's means."""
        losses = self.reconstruction(scale(self.look_up(x)), y_pred)
        # One value per image: means of batches would give a short last batch too much weight.
        self.reconstruction_tracker.update_state(losses)
        return ops.mean(losses)
