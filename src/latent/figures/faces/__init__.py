"""Figures of the VAE of faces: images, latent histograms, attribute edits and morphs."""
