"""The classifier by which generated images are evaluated."""

# `latent.models` must start Keras, whichever module of this package is imported first.
import latent.models  # noqa: F401
