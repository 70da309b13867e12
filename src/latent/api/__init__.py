"""The Python interface to trained models: `latent.api.model.Model`."""
