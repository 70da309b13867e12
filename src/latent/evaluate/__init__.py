"""What the chapter claims of its models, measured on images that they were not trained on."""

# Keras must start as `latent.models` has it, whichever module here imports it first.
import latent.models  # noqa: F401
