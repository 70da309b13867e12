"""From raw files to the processed form of `latent.data.dataset`."""
