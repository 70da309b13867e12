"""CelebA's raw form: one archive of images, and tables that describe them."""
