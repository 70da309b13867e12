"""Garments: Fashion-MNIST, or a drawn sample in its format."""
