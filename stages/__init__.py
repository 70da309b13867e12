"""One entry point per stage of dvc.yaml: `python -m stages.train_vae faces`.

A stage reads params.yaml, calls `latent`, and writes its outs.
"""

import gc
import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

# DVC runs `python` as the shell finds it, which is another one if the environment is not active.
missing = [name for name in ("dvc", "keras", "mlflow", "simplejpeg") if find_spec(name) is None]
if missing:
    sys.exit(
        f"ERROR: {sys.executable}: lacks the packages {', '.join(missing)}: run "
        "`source .venv/bin/activate` first; `make setup` creates this environment"
    )
if os.environ.get("KERAS_BACKEND") == "jax" and find_spec("jax") is None:
    sys.exit(
        "ERROR: KERAS_BACKEND is jax, which is not installed: docs/accelerators.md has the command"
    )

# `dvc exp run --temp` and the experiment queue run a copy of the project. The copy must run its own
# library, not the one that is installed.
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

# Imported modules are never freed, and looking for garbage among them takes a third as long as the
# imports themselves. `stages.run.run` enables the collector again.
gc.disable()

# Ctrl-C during the imports ends the process at once, without a traceback from the middle of an
# import. `stages.run.run` restores Python's own handler.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

# `make repro` has started a process with the packages imported, which is forked for each stage.
if "LATENT_FORK_SERVER" in os.environ:
    from stages.fork_client import hand_over

    hand_over()
