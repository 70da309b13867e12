"""Write small files that look like the results of a run of the pipeline."""

import json
from pathlib import Path
from typing import Any

from PIL import Image

from latent.params import Params
from latent.raw.classes import FASHION_MNIST
from latent.report.collect import MODELS

PARAMS_FILE = Path(__file__).parents[2] / "params.yaml"
DATASETS: dict[str, dict[str, Any]] = {
    "fashion": {
        "name": "fashion",
        "source": "sample",
        "classes": list(FASHION_MNIST),
        "left_out": {},
        "skipped": {"count": 0, "images": {}},
        "images": {"train": 10000, "test": 2000},
        "shape": [32, 32, 1],
        "digest": "f" * 64,
    },
    "faces": {
        "name": "faces",
        "source": "sample",
        "left_out": {"validation": 1000},
        "skipped": {"count": 0, "images": {}},
        "images": {"train": 8000, "test": 1000},
        "shape": [32, 32, 3],
        "digest": "a" * 64,
    },
}
COUNTS = {
    "parameters/encoder": 653584,
    "parameters/encoder_not_trainable": 1024,
    "parameters/decoder": 700803,
    "parameters/decoder_not_trainable": 2048,
}
AE = {
    "train/loss": 0.2534,
    "train/reconstruction_loss": 0.2534,
    "test/loss": 0.2508,
    "test/reconstruction_loss": 0.2508,
    "test/reconstruction_nats": 256.86,
    **COUNTS,
}
VAE = {
    "train/kl_loss": 5.09,
    "train/loss": 132.1,
    "train/reconstruction_loss": 127.01,
    "test/kl_loss": 5.05,
    "test/loss": 131.2,
    "test/reconstruction_loss": 126.15,
    "test/reconstruction_nats": 258.35,
    "test/elbo_nats": -263.4,
    "beta": 2.048,
    **COUNTS,
}
EMBEDDING = {"embedding/mean_norm": 0.306, "embedding/std": 0.301, "embedding/abs_max": 1.6688}
EVALUATION = {
    "evaluate/reconstruction_nats": 257.5,
    "evaluate/bce_nats": 257.5,
    "evaluate/bce_floor_nats": 190.25,
    "evaluate/reconstruction_bits": 0.3628,
    "evaluate/bce_bits": 0.3628,
    "evaluate/bce_floor_bits": 0.268,
    "evaluate/latent_dim": 2,
    "evaluate/active_units": 2,
    "evaluate/unlike_prior": 1,
    "evaluate/kolmogorov_max": 0.4,
    "evaluate/mean_abs_max": 4.9,
    "evaluate/std_min": 0.9,
    "evaluate/std_max": 3.1,
    "evaluate/holes/prior": 0.02,
    "evaluate/holes/box": 0.446,
    "evaluate/holes/gaussian": 0.215,
    "evaluate/holes/radius": 0.4,
    "evaluate/class_imbalance/prior": 0.05,
    "evaluate/class_imbalance/box": 0.166,
    "evaluate/class_imbalance/gaussian": 0.142,
}
DIMENSIONS = "dimension,mean,unlike_prior\n1,0.0,False\n2,4.9,True\n"
BOUNDS = {
    "evaluate/beta": 2.048,
    **{
        f"evaluate/{name}_{unit}": sign * size
        for name, sign in (
            ("kl", 1),
            ("elbo", -1),
            ("elbo_weighted", -1),
            ("importance", -1),
            ("importance_elbo", -1),
        )
        for unit, size in (("nats", 262.75), ("bits", 0.3702))
    },
}
SAMPLES = {
    "evaluate/classifier/accuracy": 0.912,
    "evaluate/compared": 1000,
    **{
        f"evaluate/{kind}/{measure}": 0.25
        for kind in ("box", "prior", "mixture", "reconstructions", "real_images")
        for measure in ("frechet", "precision", "recall", "density", "coverage", "malformed")
    },
}
EDITS = {
    "evaluate/edits/attributes": 40,
    "evaluate/edits/recognized": 20,
    "evaluate/edits/tried": 19,
    "evaluate/edits/tried_adds": 19,
    "evaluate/edits/tried_removes": 18,
    "evaluate/edits/means/flipped": 14,
    "evaluate/edits/means/flipped_adds": 11,
    "evaluate/edits/means/flipped_removes": 14,
    "evaluate/edits/means/selective": 11,
    "evaluate/edits/shuffled/flipped": 3,
    "evaluate/edits/shuffled/flipped_adds": 0,
    "evaluate/edits/shuffled/flipped_removes": 3,
    "evaluate/edits/shuffled/selective": 2,
    "evaluate/edits/shuffled/keeps": 0.9,
    "evaluate/edits/shuffled/moves": 0.05,
    "evaluate/edits/means/keeps": 0.876,
    "evaluate/edits/means/moves": 0.043,
    "evaluate/edits/keeps_gain": -0.024,
    "evaluate/edits/keeps_gain_error": 0.011,
}
SMALLEST_ALPHAS = """vectors,attribute,direction,tried,alpha
means,Blond_Hair,removes,True,-2.5
means,Blond_Hair,adds,True,
means,Male,removes,False,
means,Male,adds,True,3.0
shuffled,Male,adds,True,4.0
"""
ATTRIBUTES = {"mean_auc": 0.7, "auc/Male": 0.7, "auc/Smiling": 0.9, "auc/Young": 0.5}
SUMMARY = """encoder

layer      name   output_shape  parameters
InputLayer images 32×32×1           0
    Conv2D conv2d 16×16×32        320

320 parameters, 0 not trainable

decoder

layer name  output_shape  parameters
Dense dense 2048         6144

6,144 parameters, 0 not trainable
"""
FIGURES = (
    "ae_fashion/3-02_embeddings.png",
    "ae_fashion/3-09_decoded_grid.png",
    "ae_fashion/training_curves.png",
    "chapter/3-11_normal_densities.png",
    "chapter/ae_and_vae_embeddings.png",
    "vae_fashion/3-10_architecture.png",
    "vae_fashion/samples_by_epoch.gif",
    "vae_fashion/samples_by_epoch.png",
    "vae_faces/3-15_faces.png",
    "vae_faces/3-19_edit_Smiling.png",
    "vae_faces/3-19_edit_Black_Hair.png",
    "vae_faces/3-20_morphs.png",
)


def write_json(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def write_figure(root: Path, name: str, size: tuple[int, int] = (40, 20)) -> Path:
    path = root / "reports/figures" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    # A different image for each name.
    shade = sum(name.encode()) % 256
    frames = [Image.new("RGB", size, (shade, level, 90)) for level in (10, 200)]
    if path.suffix == ".gif":
        frames[0].save(path, save_all=True, append_images=frames[1:])
    else:
        frames[0].save(path)
    return path


def evaluation_of(model: str) -> dict[str, float]:
    """Return the metrics of the stage `evaluate` for a model."""
    return {**EVALUATION, **SAMPLES, **(BOUNDS if model.startswith("vae") else {})}


def write_run(root: Path) -> None:
    """Write all files that the report reads into a folder."""
    for name, record in DATASETS.items():
        write_json(root / "data/processed" / name / "dataset.json", record)
    metrics = root / "reports/metrics"
    for model in MODELS:
        write_json(metrics / f"{model}.json", VAE if model.startswith("vae") else AE)
        write_json(metrics / f"{model}_embeddings.json", EMBEDDING)
        write_json(metrics / f"{model}_evaluation.json", evaluation_of(model))
        tables = root / "reports/evaluation" / model
        tables.mkdir(parents=True)
        (tables / "dimensions.csv").write_text(DIMENSIONS, encoding="utf-8")
        summary = root / "models" / model / "summary.txt"
        summary.parent.mkdir(parents=True)
        summary.write_text(SUMMARY, encoding="utf-8")
    write_json(metrics / "vae_faces_attributes.json", ATTRIBUTES)
    write_json(metrics / "vae_faces_edits.json", EDITS)
    alphas = root / "reports/evaluation/vae_faces_edits/smallest_alpha.csv"
    alphas.parent.mkdir()
    alphas.write_text(SMALLEST_ALPHAS, encoding="utf-8")
    for figure in FIGURES:
        write_figure(root, figure)


def edited(params: Params, key: str, value: Any) -> Params:
    """Return the parameters with one value changed, given its dotted name."""
    content = params.model_dump()
    *sections, name = key.split(".")
    section = content
    for part in sections:
        section = section[part]
    section[name] = value
    return Params.model_validate(content)
