"""Measures the training speed of the fashion VAE: `python -m benchmarks.train_fashion_vae`."""

from benchmarks.training.compare import main

if __name__ == "__main__":
    main("train_fashion_vae", "fashion", images=2_000, rounds=10)
