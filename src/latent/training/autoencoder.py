"""The autoencoder: an encoder and a decoder trained to give their input back."""

import math
from typing import Any

import keras
from keras import KerasTensor as Tensor
from keras import ops

from latent.models.layers import Sampling, scale
from latent.models.losses import RECONSTRUCTION_LOSSES
from latent.models.networks import Shape, build_decoder, build_encoder
from latent.params import TrainDenoisingAE
from latent.training.image_model import ImageModel


class Autoencoder(ImageModel):
    """Minimises the reconstruction loss of decoder(encoder(x)) (examples 3-7 to 3-9).

    It takes uint8 images (N, H, W, C). `loss`, the mean over the images, is reported as
    `reconstruction_loss` too, under which name a VAE reports that part of its own.

    With a `noise_std` it is a denoising autoencoder: the encoder is given draws from
    N(x, noise_std² I), and the loss still asks for x (Vincent et al., Stacked Denoising
    Autoencoders, JMLR 11, 2010), of held-out images too. The noise is a layer of this model, and of
    neither part.

    Args:
        encoder: from float32 images in [0, 1] to z.
        decoder: from z to float32 images in [0, 1].
        loss: name of the reconstruction loss, a key of `RECONSTRUCTION_LOSSES`.
        noise_std: standard deviation of the noise, of pixels in [0, 1]; 0 for none.
        seed: of the noise.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        loss: str,
        noise_std: float = 0.0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.noise_std = noise_std
        self.noise = Sampling(seed) if noise_std else None
        if self.noise:
            self.noise.built = True  # it has no weights; Keras would warn that nobody built it
        self.reconstruction = RECONSTRUCTION_LOSSES[loss]
        self.reconstruction_tracker = keras.metrics.Mean(name="reconstruction_loss")

    def call(self, images: Tensor, training: bool | None = None) -> Tensor:
        """Return the reconstructions, float32 (N, H, W, C) in [0, 1].

        Keras trains what names `training` here; without it, batch normalisation would sleep.
        """
        x = scale(self.look_up(images))
        if self.noise:
            # Not clipped to [0, 1]: black pixels, which are most, would on average turn grey.
            x = self.noise([x, ops.full((1, 1, 1, 1), 2 * math.log(self.noise_std))])
        return self.decoder(self.encoder(x, training=training), training=training)

    def compute_loss(
        self, x: Tensor, y: Any = None, y_pred: Tensor = None, *args: Any, **options: Any
    ) -> Tensor:
        """Return the batch's mean loss and take its images into the epoch's means."""
        losses = self.reconstruction(scale(self.look_up(x)), y_pred)
        # One value per image: means of batches would give a short last batch too much weight.
        self.reconstruction_tracker.update_state(losses)
        return ops.mean(losses)


def build_autoencoder(params: TrainDenoisingAE, image_shape: Shape) -> Autoencoder:
    """Return an autoencoder with new weights, not compiled.

    Args:
        params: architecture, loss, and the noise with its seed.
        image_shape: H, W, C of the images.

    Raises:
        InputError: the encoder's blocks cannot halve images of that shape.
    """
    encoder, decoder = build_encoder(params, image_shape), build_decoder(params, image_shape)
    return Autoencoder(encoder, decoder, params.loss, params.noise_std, params.seed)
