"""Where images come from and what they look like on disk."""
