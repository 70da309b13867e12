"""From raw files to the processed form of `latent.io.dataset`."""
