"""Compares implementations of the training of the chapter's VAEs, each in its own process."""
