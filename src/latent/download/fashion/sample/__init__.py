"""The generated sample of Fashion-MNIST's ten classes."""
