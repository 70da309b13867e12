"""What it costs to train with the same bits every time: the faces VAE, images per second.

Measured are TensorFlow's deterministic operations, against the same training without them; each
measurement is a process of its own, as the setting holds for a process.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.results import describe_ratios, write_result
from latent.models.networks import build_decoder, build_variational_encoder
from latent.models.runtime import configure
from latent.models.vae import VAE
from latent.params import load_params

# isort: split
# Behind `latent.models`, which starts them without their notices.
import keras
from tensorflow.python.framework import config

PAIRS = 6
STEPS = 15  # after as many that are not counted


def measure(deterministic: bool) -> float:
    """Return how many images a second a training takes, in this process."""
    params = load_params(Path(__file__).parents[1] / "params.yaml")
    section = params.train_vae.faces
    configure(params.runtime.threads, section.seed)
    if not deterministic:
        config.disable_op_determinism()
    shape = (params.preprocess.faces.image_size, params.preprocess.faces.image_size, 3)
    encoder = build_variational_encoder(section, shape, section.seed)
    decoder = build_decoder(section, shape)
    model = VAE(encoder, decoder, section.loss, section.reconstruction_weight)
    model.compile(optimizer=keras.optimizers.Adam(section.learning_rate))
    count = STEPS * section.batch_size
    images = np.random.default_rng(section.seed).integers(0, 256, (count, *shape), np.uint8)
    model.fit(images, batch_size=section.batch_size, verbose=0)
    begun = time.perf_counter()
    model.fit(images, batch_size=section.batch_size, verbose=0)
    return count / (time.perf_counter() - begun)


def in_a_process(kind: str) -> float:
    """Return what `measure` says in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.determinism", "--only", kind]
    # What `latent.models` has set for this process would keep it from a quiet start in another.
    settings = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=settings)
    return float(done.stdout)


def main() -> None:
    """Write benchmarks/results/determinism.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["on", "off"], help="print one measurement")
    only = parser.parse_args().only
    if only:
        print(measure(only == "on"))
        return
    pairs = [(in_a_process("on"), in_a_process("off")) for _ in range(PAIRS)]
    on, off = zip(*pairs, strict=True)
    findings = {
        "against": "the same training without deterministic operations",
        "unit": "images/s",
        **describe_ratios(on, off),
        "pairs": PAIRS,
        "median": round(median(on), 1),
        "median_against": round(median(off), 1),
    }
    write_result("determinism", findings)


if __name__ == "__main__":
    main()
