"""What it costs to train with the same bits every time: the faces VAE, images per second.

Measured are TensorFlow's deterministic operations, against the same training without them; each
measurement is a process of its own, as the setting holds for a process.
"""

import argparse
import subprocess
import sys
import time
from statistics import median

import numpy as np

from benchmarks.clone import ROOT, clean_environment
from benchmarks.results import describe_ratios, write_result
from latent.models.feeding import feed
from latent.models.networks import build_decoder, build_variational_encoder
from latent.models.runtime import configure
from latent.params import load_params
from latent.training.loop import Batches
from latent.training.vae import VAE

# isort: split
# Behind `latent.models`, which starts them without their notices.
import keras
from tensorflow.python.framework import config

PAIRS = 6
STEPS = 15  # after as many that are not counted


def measure(deterministic: bool) -> float:
    """Return how many images a second a training takes, in this process."""
    params = load_params(ROOT / "params.yaml")
    section = params.train_vae.faces
    configure(params.runtime.threads, section.seed)
    if not deterministic:
        config.disable_op_determinism()
    shape = (params.preprocess.faces.image_size, params.preprocess.faces.image_size, 3)
    encoder = build_variational_encoder(section, shape, section.seed)
    decoder = build_decoder(section, shape)
    model = VAE(encoder, decoder, section.loss, section.reconstruction_weight)
    # Keras would let XLA compile the training wherever the operations need not be deterministic.
    model.compile(optimizer=keras.optimizers.Adam(section.learning_rate), jit_compile=False)
    count = STEPS * section.batch_size
    images = np.random.default_rng(section.seed).integers(0, 256, (count, *shape), np.uint8)
    batches = feed(Batches(images, section.batch_size, section.seed))
    model.fit(batches, shuffle=False, verbose=0)
    begun = time.perf_counter()
    model.fit(batches, shuffle=False, verbose=0)
    return count / (time.perf_counter() - begun)


def in_a_process(kind: str) -> float:
    """Return what `measure` says in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.determinism", "--only", kind]
    done = subprocess.run(
        command, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, text=True, check=True
    )
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
        "unit": "images per second",
        "better": "more",
        **describe_ratios(on, off),
        "pairs": PAIRS,
        "median": round(median(on), 1),
        "median_against": round(median(off), 1),
    }
    write_result("determinism", findings)


if __name__ == "__main__":
    main()
