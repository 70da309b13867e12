"""Embedding of faces, images per second, against Keras: `python -m benchmarks.embed`.

The encoder of params.yaml, which has learnt nothing, on images of random pixels, in one process.
The project maps uint8 from disk, scales it batch by batch and writes the latent variables to disk.
Keras' `predict` is given all images as float32 in [0, 1], as in the chapter, and leaves its results
in memory; the scaling is counted for both. Writes results/embed.json, which README.md beside this
file explains.
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.clone import ROOT
from benchmarks.results import describe_ratios, write_result
from latent.io.dataset import read_array
from latent.latent_space.embedding import embed
from latent.models.networks import build_variational_encoder
from latent.models.runtime import configure
from latent.params import load_params


def main() -> None:
    """Measure, and write down what came out."""
    parser = argparse.ArgumentParser(description="Compare embedding with Keras' predict.")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    params = load_params(ROOT / "params.yaml")
    section, size = params.train_vae.faces, params.preprocess.faces.image_size
    configure(params.runtime.threads, section.seed)
    encoder = build_variational_encoder(section, (size, size, 3), section.seed)
    project: list[float] = []
    keras: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generator = np.random.default_rng(section.seed)
        pixels = generator.integers(0, 256, (given.images, size, size, 3), np.uint8)
        np.save(folder / "images.npy", pixels)
        for _ in range(given.rounds + 1):
            images = read_array(folder / "images.npy")
            begun = time.perf_counter()
            embed(encoder, images, params.embed.batch_size, folder, "test")
            middle = time.perf_counter()
            encoder.predict(images.astype(np.float32) / 255, verbose=0)
            ended = time.perf_counter()
            project.append(given.images / (middle - begun))
            keras.append(given.images / (ended - middle))
    findings = {
        "against": "Keras' encoder.predict on the scaled float32 array",
        "unit": "images per second",
        "better": "more",
        **describe_ratios(project[1:], keras[1:]),
        "images": given.images,
        "rounds": given.rounds,
        "threads": params.runtime.threads,
        "median": round(median(project[1:])),
        "median_against": round(median(keras[1:])),
    }
    write_result("embed", findings, f"--images {given.images} --rounds {given.rounds}")


if __name__ == "__main__":
    main()
