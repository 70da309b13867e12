"""The formats of raw data: IDX files, CelebA's tables, image files in a folder or a zip."""
