"""Conversion of face images in an archive into arrays, in parallel."""
