"""Figures of a latent space of many dimensions: what it holds, edits and morphs."""
