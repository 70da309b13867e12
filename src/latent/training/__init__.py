"""Training of the autoencoder and the VAE, from a built model to its files."""

# Imported first, because `latent.models` configures Keras before it is imported.
import latent.models  # noqa: F401
