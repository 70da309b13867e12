"""Figures, drawn from arrays and from the files of a model."""
