"""The command `latent`, in this process or in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from latent.io.files import write_json

COMMAND = Path(sys.executable).with_name("latent")
SET_BY_KERAS = ("TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS", "KERAS_BACKEND")
SIDE = 16  # of the tiny models' images, in pixels


class Result(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Latent = Callable[..., Result]  # the fixture `latent`


def start(
    *arguments: object, folder: Path, stdout: int = subprocess.PIPE, **variables: str
) -> subprocess.Popen[bytes]:
    """Start a command in a process of its own, with further environment variables."""
    return subprocess.Popen(
        [COMMAND, *map(str, arguments)],
        cwd=folder,
        env={**user_environment(), **variables},
        stdout=stdout,
        stderr=subprocess.PIPE,
    )


def user_environment() -> dict[str, str]:
    """Return the environment without what `latent.models` has set in it for this process."""
    return {key: value for key, value in os.environ.items() if key not in SET_BY_KERAS}


def write_lock(root: Path, evaluated: str) -> None:
    """Write a dvc.lock with the hashes of the faces model and of the model that was evaluated."""
    metrics = "reports/metrics/vae_faces"
    train = [{"path": "models/vae_faces", "md5": "a"}, {"path": f"{metrics}.json", "md5": "b"}]
    stages = {
        "train_vae@faces": {"deps": [], "outs": train},
        "evaluate@vae_faces": {
            "deps": [{"path": "models/vae_faces", "md5": evaluated}],
            "outs": [{"path": f"{metrics}_evaluation.json", "md5": "c"}],
        },
    }
    write_json(root / "dvc.lock", {"schema": "2.0", "stages": stages})
