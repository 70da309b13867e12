"""The generated sample of faces, in the layout of CelebA."""
