"""Training with the JAX backend if TensorFlow is not installed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from tiny_training import Z

from latent.models.inference import decode
from latent.models.storage import load_model
from latent.params import TrainVAE

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"

# The work of a training stage, in a process that cannot import TensorFlow.
SCRIPT = """
import json, sys
sys.modules["tensorflow"] = None
from pathlib import Path
import latent.models
import numpy as np
from latent.models.inference import decode
from latent.models.runtime import backend, configure
from latent.models.storage import save_model
from latent.params import TrainVAE
from tiny_training import Z, make_vae, run_training

folder, params = Path(sys.argv[1]), TrainVAE.model_validate_json(sys.argv[2])
configure(1, params.seed)
trained = run_training(make_vae(params), params, folder / "checkpoints")
save_model(trained.model.decoder, folder / "decoder.keras")
np.save(folder / "images.npy", decode(trained.model.decoder, Z))
print(json.dumps({"backend": backend(), "rows": trained.progress.rows}))
"""


def test_a_vae_trains_on_jax_without_tensorflow(
    tiny_architecture: TrainVAE, tmp_path: Path
) -> None:
    params = tiny_architecture.model_copy(update={"epochs": 3, "learning_rate": 0.02})
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("KERAS_", "TF_"))
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path), params.model_dump_json()],
        env={**environment, "PYTHONPATH": f"{SOURCE}{os.pathsep}{HERE}"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["backend"] == "jax"
    losses = [row["test/loss"] for row in result["rows"]]
    assert losses == sorted(losses, reverse=True)
    # TensorFlow, the backend of this process, decodes the same images with the saved model.
    tensorflow = decode(load_model(tmp_path / "decoder.keras"), Z)
    jax = np.load(tmp_path / "images.npy")
    np.testing.assert_allclose(tensorflow.astype(int), jax.astype(int), atol=1)
