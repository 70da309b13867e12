"""What every entry point needs: the project's folder, its parameters, and one way to fail."""

import gc
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from latent.errors import InputError
from latent.files import whole_file
from latent.locks import alone
from latent.params import Params, load_params
from latent.tracking.outs import Outs

# Under `dvc exp run --temp` the working folder is a copy of the tree; what belongs to the project
# and not to the copy (MLflow's store, a relative path of the user's) counts from the original.
ROOT = Path(os.environ.get("DVC_ROOT", ".")).resolve()

CACHE = Path(".cache")
# DVC writes the one in place after each stage; the other is as it was before, for `stages.mend`.
LOCK, KEPT_LOCK = Path("dvc.lock"), CACHE / "dvc.lock"


def read_params() -> Params:
    """Return the parameters of the tree that the stage runs in."""
    return load_params(Path("params.yaml"))


def processed(dataset: str) -> Path:
    """Return the folder of a processed data set."""
    return Path("data/processed", dataset)


def judge_of(dataset: str) -> Path:
    """Return the folder of the judge of a data set."""
    return Path("models", f"judge_{dataset}")


def outs_of(model: str) -> Outs:
    """Return where the stages leave what belongs to a model, "vae_faces"."""
    metrics = Path("reports/metrics")
    return Outs(
        name=model,
        model=Path("models", model),
        history=Path("reports/plots", model, "history.csv"),
        metrics=metrics / f"{model}.json",
        embeddings=Path("data/embeddings", model),
        embedding_metrics=metrics / f"{model}_embeddings.json",
        attributes=Path("data/attribute_vectors", model.split("_")[1]),
        attribute_metrics=metrics / f"{model}_attributes.json",
        evaluation=Path("reports/evaluation", model),
        evaluation_metrics=metrics / f"{model}_evaluation.json",
        edits=Path("reports/evaluation", f"{model}_edits"),
        edit_metrics=metrics / f"{model}_edits.json",
        edit_figures=Path("reports/figures", f"{model}_edits"),
        figures=Path("reports/figures", model),
        report=Path("reports/index.html"),
    )


def run(stage: Callable[..., None]) -> None:
    """Call `stage` with the words of the command line, and let it fail in one line.

    An `InputError` and what the system refuses (a full disk, a folder that is read-only) exit with
    code 1, Ctrl-C with 130, as shells expect. A second process of the same stage is refused.
    """
    # What was imported is looked at for garbage no more: not later on, and not at the end either,
    # where that takes a second with TensorFlow.
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Forced, since libraries that were imported by now may have made handlers of their own.
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING, force=True)
    logging.getLogger("latent").setLevel(logging.INFO)
    words = [Path(sys.argv[0]).stem, *sys.argv[1:]]
    try:
        with alone(CACHE / "locks", " ".join(words)):
            _keep_lock()
            stage(*sys.argv[1:])
    except InputError as error:
        sys.exit(f"ERROR: {error}")
    except OSError as error:
        # Of a full disk, the system does not say which file was too much, and NumPy not even that.
        reason = error.strerror or f"{error} (is the disk full?)"
        sys.exit(f"ERROR: {error.filename or Path.cwd()}: {reason}")
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted: run `dvc repro` again to go on\n")
        sys.exit(130)


def _keep_lock() -> None:
    if LOCK.exists():
        with whole_file(KEPT_LOCK) as path:
            shutil.copyfile(LOCK, path)
    else:
        KEPT_LOCK.unlink(missing_ok=True)
