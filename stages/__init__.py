"""One entry point per stage of dvc.yaml: `python -m stages.train_vae faces`.

A stage reads params.yaml, calls `latent`, and writes its outs. It imports the library from beside
itself, so that an experiment that DVC runs in a copy of the tree runs the copy's code.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
