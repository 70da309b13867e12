"""Evaluation of edits along attribute vectors, according to the classifier."""

# `latent.models` must start Keras, whichever module of this package is imported first.
import latent.models  # noqa: F401
