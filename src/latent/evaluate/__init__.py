"""Evaluation of a model on test images: its likelihood, latent space and samples."""

# `latent.models` must start Keras, whichever module of this package is imported first.
import latent.models  # noqa: F401
