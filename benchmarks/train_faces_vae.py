"""Measures the training speed of the faces VAE: `python -m benchmarks.train_faces_vae`."""

from benchmarks.training.compare import main

if __name__ == "__main__":
    main("train_faces_vae", "faces", images=1_280, rounds=10)
