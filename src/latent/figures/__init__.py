"""What the figures show, drawn from arrays."""
