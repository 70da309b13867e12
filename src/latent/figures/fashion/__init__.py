"""Figures of the autoencoder and the VAE of Fashion-MNIST, with two latent dimensions."""
