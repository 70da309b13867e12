"""Autoencoders and variational autoencoders: data, models, evaluation, figures and tracking."""
