"""Conversion of raw files into the processed form of `latent.io.dataset`."""
