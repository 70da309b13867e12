"""Latent spaces: getting there, drawing points in them, and arithmetic with them."""
