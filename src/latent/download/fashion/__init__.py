"""Raw Fashion-MNIST images: the generated sample, the published dataset, or your own."""
