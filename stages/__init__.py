"""One entry point per stage of dvc.yaml: `python -m stages.train_vae faces`.

A stage reads params.yaml, calls `latent`, and writes its outs. It imports the library from beside
itself, so that an experiment that DVC runs in a copy of the tree runs the copy's code.
"""

import gc
import signal
import sys
from pathlib import Path

# What is imported stays: to look for garbage among it, over and over, takes a third as long as the
# imports themselves. `stages.common.run` takes over.
gc.disable()

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

# While a stage imports what it needs there is nothing to tidy up: Ctrl-C ends it at once, and not
# in the middle of some import with a traceback. `stages.common.run` takes over.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
