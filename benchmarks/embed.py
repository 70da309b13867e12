"""Compares the embedding of faces with Keras, in images per second.

Run `python -m benchmarks.embed`. An untrained encoder with the architecture of params.yaml embeds
images of random pixels, in one process. The project memory-maps uint8 images, scales each batch and
writes the latent variables to disk. Keras' `predict` receives all images as float32 in [0, 1], as
in the chapter, and returns its results in memory. The scaling is timed in both cases. The result is
results/embed.json. README.md in this folder explains it.
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
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description="Compare embedding with Keras' predict.")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    params = load_params(ROOT / "params.yaml")
    section, size = params.train_vae.faces, params.preprocess.faces.image_size
    configure(params.runtime.threads, section.seed)
    encoder = build_variational_encoder(section, (size, size, 3), section.seed)
    project: list[float] = []
    keras: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generator = np.random.default_rng(section.seed)
        pixels = generator.integers(0, 256, (options.images, size, size, 3), np.uint8)
        np.save(folder / "images.npy", pixels)
        for _ in range(options.rounds + 1):
            images = read_array(folder / "images.npy")
            start = time.perf_counter()
            embed(encoder, images, params.embed.batch_size, folder, "test")
            middle = time.perf_counter()
            encoder.predict(images.astype(np.float32) / 255, verbose=0)
            end = time.perf_counter()
            project.append(options.images / (middle - start))
            keras.append(options.images / (end - middle))
    findings = {
        "against": "Keras' encoder.predict on the scaled float32 array",
        "unit": "images per second",
        "better": "higher",
        **describe_ratios(project[1:], keras[1:]),
        "images": options.images,
        "rounds": options.rounds,
        "threads": params.runtime.threads,
        "median": round(median(project[1:])),
        "median_against": round(median(keras[1:])),
    }
    write_result("embed", findings, f"--images {options.images} --rounds {options.rounds}")


if __name__ == "__main__":
    main()
