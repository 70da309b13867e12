"""Figures that every model has: its layers, its training, what it learnt to draw, and its KL."""
