"""Training of the autoencoder and the VAE: from a built model to files on disk."""

# `latent.models` must start Keras, whichever module of this package is imported first.
import latent.models  # noqa: F401
