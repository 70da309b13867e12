"""CelebA's raw form: one archive of images, and the tables that describe them."""
