"""Runs every stage on a small sample, apart from the project's results: `make quick`.

The run is a copy of the project's code in .cache/quick, with its own parameters, outs, report and
MLflow store. It shows that the pipeline works here. Its results say nothing about the models, which
see too few images.
"""

import os
import shutil
import sys
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from latent.errors import InputError
from latent.io.paths import REPORT
from latent.locks import exclusive
from latent.params import load_params
from stages.repro import reproduce

FOLDER = Path(".cache/quick")
CODE = (".dvcignore", "dvc.yaml", "src", "stages")
# Addresses of the user's MLflow store, in which the newest models must stay those of `make repro`.
STORES = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")
DVC_CONFIG = "[core]\n    no_scm = true\n    analytics = false\n    check_update = false\n"
# The sample has the sizes of the chapter, whatever the user's own images have. There are just
# enough training steps for the moving averages of batch normalisation.
SMALL: dict[str, Any] = {
    "download.fashion.source": "sample",
    "download.fashion.sample.train_images": 1000,
    "download.fashion.sample.test_images": 300,
    "download.faces.source": "sample",
    "download.faces.sample.images": 600,
    "preprocess.fashion.padding": 2,
    "preprocess.faces.image_size": 32,
    "train_ae.fashion.epochs": 3,
    "train_vae.fashion.epochs": 3,
    "train_vae.faces.batch_size": 32,
    "train_vae.faces.epochs": 3,
    "train_classifier.fashion.epochs": 5,
    "train_classifier.faces.batch_size": 32,
    "train_classifier.faces.epochs": 3,
    "evaluate.images": 300,
    "evaluate.importance_images": 20,
    "evaluate_edits.images": 5,
    "figures.vae_faces.attributes": ["Smiling", "Eyeglasses", "Male"],
}


def prepare(folder: Path) -> None:
    """Write a copy of the project that runs on a small sample, and keep the results in it.

    Raises:
        InputError: params.yaml is invalid.
    """
    load_params(Path("params.yaml"))
    (folder / ".dvc").mkdir(parents=True, exist_ok=True)
    (folder / ".dvc/config").write_text(DVC_CONFIG, encoding="utf-8")
    for name in CODE:
        path, copy = Path(name), folder / name
        if path.is_dir():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(path, copy, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy2(path, copy)
    yaml = YAML()
    params = yaml.load(Path("params.yaml").read_text(encoding="utf-8"))
    for key, value in SMALL.items():
        *sections, name = key.split(".")
        reduce(getitem, sections, params)[name] = value
    with (folder / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(params, file)


def main() -> None:
    """Run the stages that are out of date in the copy, and name its report."""
    try:
        with exclusive(Path(".cache/locks").resolve(), "make quick"):
            prepare(FOLDER)
            os.chdir(FOLDER)
            for name in STORES:
                os.environ.pop(name, None)
            code = reproduce(smaller="")
    except (InputError, OSError) as error:
        sys.exit(f"ERROR: {error}")
    if code:
        sys.exit(code)
    sys.stdout.write(
        f"\nAll stages work. Open {FOLDER / REPORT}\n"
        "Its results say nothing about the models: the sample is too small. `make repro` is next.\n"
    )


if __name__ == "__main__":
    main()
