"""Faces: CelebA, or a drawn sample in its layout."""
