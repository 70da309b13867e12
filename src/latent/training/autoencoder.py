"""The autoencoder and the denoising autoencoder."""

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

    The input is uint8 images (N, H, W, C). `loss`, the mean over the images, is also reported as
    `reconstruction_loss`, the name of the corresponding term of a VAE's loss.

    With a positive `noise_std` the model is a denoising autoencoder (Vincent et al., Stacked
    Denoising Autoencoders, JMLR 11, 2010): the encoder receives samples of N(x, noise_std² I), and
    the loss compares the reconstructions with x. This also applies to the test images. The noise
    layer belongs to this model, not to the encoder or the decoder.

    Args:
        encoder: from float32 images in [0, 1] to z.
        decoder: from z to float32 images in [0, 1].
        loss: name of the reconstruction loss, a key of `RECONSTRUCTION_LOSSES`.
        noise_std: standard deviation of the noise, for pixels in [0, 1]; 0 adds no noise.
        seed: seed of the noise.
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
            self.noise.built = True  # it has no weights; otherwise Keras would warn
        self.reconstruction = RECONSTRUCTION_LOSSES[loss]
        self.reconstruction_tracker = keras.metrics.Mean(name="reconstruction_loss")

    def call(self, images: Tensor, training: bool | None = None) -> Tensor:
        """Return the reconstructions, float32 (N, H, W, C) in [0, 1].

        Keras passes `training` only to a `call` that has this argument. Batch normalisation needs
        it.
        """
        x = scale(self.get_images(images))
        if self.noise:
            # Not clipped to [0, 1]: clipping would make black pixels, the majority, brighter.
            x = self.noise([x, ops.full((1, 1, 1, 1), 2 * math.log(self.noise_std))])
        return self.decoder(self.encoder(x, training=training), training=training)

    def compute_loss(
        self, x: Tensor, y: Any = None, y_pred: Tensor = None, *args: Any, **options: Any
    ) -> Tensor:
        """Return the mean loss of the batch and update the mean of the epoch."""
        losses = self.reconstruction(scale(self.get_images(x)), y_pred)
        # One value per image: a mean of batch means would give a short last batch too much weight.
        self.reconstruction_tracker.update_state(losses)
        return ops.mean(losses)


def build_autoencoder(params: TrainDenoisingAE, image_shape: Shape) -> Autoencoder:
    """Return an autoencoder with initial weights, not compiled.

    Args:
        params: architecture, loss, standard deviation of the noise, and its seed.
        image_shape: H, W, C of the images.

    Raises:
        InputError: the height or width cannot be halved once per block.
    """
    encoder, decoder = build_encoder(params, image_shape), build_decoder(params, image_shape)
    return Autoencoder(encoder, decoder, params.loss, params.noise_std, params.seed)
