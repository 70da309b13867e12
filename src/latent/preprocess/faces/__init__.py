"""Faces: images in an archive to arrays, many at a time."""
