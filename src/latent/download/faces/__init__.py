"""Raw face images: the generated sample, CelebA from Kaggle or an archive, or your own."""
