"""Raw Fashion-MNIST images: synthetic sample, published dataset, or user-supplied."""
