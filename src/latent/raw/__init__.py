"""The formats of raw data: IDX files, CelebA's tables, and image files in a folder or zip."""
