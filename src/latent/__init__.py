"""Variational autoencoders: data, models, latent-space arithmetic, figures and tracking."""
