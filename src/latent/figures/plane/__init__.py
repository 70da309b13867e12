"""Figures of a latent space that can be drawn: two-dimensional, or its first two dimensions."""
