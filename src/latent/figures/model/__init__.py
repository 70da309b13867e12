"""Figures of every model: architecture, training curves, samples by epoch and KL divergences."""
