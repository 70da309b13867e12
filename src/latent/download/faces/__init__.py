"""Raw face images: synthetic sample, CelebA from Kaggle or an archive, or user-supplied."""
