"""Sections of params.yaml for models and their training."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from latent.params.section import Count, Epochs, Rate, Section, Seed

LayerName = Literal["conv", "batch_norm", "relu", "leaky_relu"]
LossName = Literal["bce", "mse"]
Filters = Annotated[list[Count], Field(min_length=1, max_length=8)]


class Architecture(Section):
    """The layers of an encoder and of the decoder that mirrors it."""

    filters: Filters
    block: list[LayerName]
    dense_block: list[Literal["batch_norm", "relu", "leaky_relu"]]
    output: Literal["conv", "conv_transpose"]
    latent_dim: Count
    precision: Literal["float32", "bfloat16"]

    @model_validator(mode="after")
    def one_convolution_per_block(self) -> Self:
        """Raise ValueError if a block does not contain exactly one convolution."""
        if self.block.count("conv") != 1:
            raise ValueError(f"block must name conv exactly once, not {self.block}")
        return self


class TrainAE(Architecture):
    """An autoencoder and its training."""

    loss: LossName
    learning_rate: Rate
    batch_size: Count
    epochs: Epochs
    samples: Count
    seed: Seed

    @model_validator(mode="after")
    def batch_norm_has_several_images(self) -> Self:
        """Raise ValueError if batch normalisation would have to use batches of one image."""
        if "batch_norm" in (*self.block, *self.dense_block) and self.batch_size == 1:
            raise ValueError(
                "batch_size must be at least 2 with batch_norm, not 1: it normalises by the "
                "variance of a batch"
            )
        return self


class TrainDenoisingAE(TrainAE):
    """An autoencoder, a denoising one if `noise_std` is positive, and its training."""

    noise_std: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class TrainVAE(TrainAE):
    """A variational autoencoder and its training."""

    reconstruction_weight: Rate


class TrainAEs(Section):
    """One section per dataset."""

    fashion: TrainDenoisingAE


class TrainVAEs(Section):
    """One section per dataset."""

    fashion: TrainVAE
    faces: TrainVAE


class TrainClassifier(Section):
    """A classifier, used to evaluate the autoencoders and VAEs, and its training."""

    filters: Filters
    features: Count
    learning_rate: Rate
    batch_size: Annotated[int, Field(ge=2)]  # for batch normalisation
    epochs: Epochs
    seed: Seed


class TrainClassifiers(Section):
    """One section per dataset."""

    fashion: TrainClassifier
    faces: TrainClassifier
