"""Figures of the two-dimensional latent spaces of Fashion-MNIST."""
