"""Measures the cost of reproducible training: the faces VAE, in images per second.

The benchmark compares training with TensorFlow's deterministic operations to the same training
without them. Each measurement runs in a new process, because the setting is global.
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
# After `latent.models`, which disables the start-up messages of both.
import keras
from tensorflow.python.framework import config

PAIRS = 6
STEPS = 15  # timed, after as many steps for warm-up


def measure(deterministic: bool) -> float:
    """Train in this process and return the images per second."""
    params = load_params(ROOT / "params.yaml")
    section = params.train_vae.faces
    configure(params.runtime.threads, section.seed)
    if not deterministic:
        config.disable_op_determinism()
    shape = (params.preprocess.faces.image_size, params.preprocess.faces.image_size, 3)
    encoder = build_variational_encoder(section, shape, section.seed)
    decoder = build_decoder(section, shape)
    model = VAE(encoder, decoder, section.loss, section.reconstruction_weight)
    # Without deterministic operations, Keras would compile the training with XLA.
    model.compile(optimizer=keras.optimizers.Adam(section.learning_rate), jit_compile=False)
    count = STEPS * section.batch_size
    images = np.random.default_rng(section.seed).integers(0, 256, (count, *shape), np.uint8)
    batches = feed(Batches(images, section.batch_size, section.seed))
    model.fit(batches, shuffle=False, verbose=0)
    start = time.perf_counter()
    model.fit(batches, shuffle=False, verbose=0)
    return count / (time.perf_counter() - start)


def measure_in_process(kind: str) -> float:
    """Return the result of `measure` in a new process, for `kind` "on" or "off"."""
    command = [sys.executable, "-m", "benchmarks.determinism", "--only", kind]
    done = subprocess.run(
        command, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    """Write benchmarks/results/determinism.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["on", "off"], help="run and print a single measurement")
    only = parser.parse_args().only
    if only:
        print(measure(only == "on"))
        return
    pairs = [(measure_in_process("on"), measure_in_process("off")) for _ in range(PAIRS)]
    on, off = zip(*pairs, strict=True)
    findings = {
        "against": "the same training without deterministic operations",
        "unit": "images per second",
        "better": "higher",
        **describe_ratios(on, off),
        "pairs": PAIRS,
        "median": round(median(on), 1),
        "median_against": round(median(off), 1),
    }
    write_result("determinism", findings)


if __name__ == "__main__":
    main()
