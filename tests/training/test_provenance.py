"""The provenance of a model, and the key of a training."""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import pytest

from latent.training.provenance import describe_provenance, training_key

SOURCE = Path(__file__).parents[2] / "src"
RECORD = {
    "name": "faces",
    "source": "sample",
    "digest": "ab" * 32,
    "images": {"train": 80, "test": 20},
    "shape": [32, 32, 3],
    "preparation": {"fit": "crop", "padding": 0},
    "skipped": {"count": 0},
}
PARAMS = {"runtime.threads": 2, "train_vae.faces.filters": [4, 8]}

# Prints the key of the unchanged code, the key after a change of each file on the command line,
# and again the key of the unchanged code.
KEYS = """
import json, sys
from pathlib import Path
import latent.training.loop, latent.tracking.training
from latent.training import provenance
keys = [provenance.training_key({})]
for name in sys.argv[1:]:
    path = Path(provenance.__file__).parents[1] / name
    content = path.read_text(encoding="utf-8")
    path.write_text(content + "# a comment\\n", encoding="utf-8")
    keys.append(provenance.training_key({}))
    path.write_text(content, encoding="utf-8")
print(json.dumps([*keys, provenance.training_key({})]))
"""


def test_a_provenance_contains_data_parameters_and_packages() -> None:
    provenance = describe_provenance(RECORD, PARAMS)
    assert list(provenance) == ["data", "parameters", "packages", "device"]
    assert provenance["data"] == {name: RECORD[name] for name in RECORD if name != "skipped"}
    assert provenance["parameters"] == PARAMS
    packages = provenance["packages"]
    assert packages["python"] == f"{sys.version_info[0]}.{sys.version_info[1]}"
    for name in ("keras", "tensorflow", "numpy", "h5py"):
        assert packages[name] == version(name)


def test_a_provenance_contains_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training must not continue on another kind of device."""
    for devices, kind in ((["cpu:0"], "cpu"), (["cpu:0", "gpu:0", "gpu:1"], "gpu")):
        monkeypatch.setattr(keras.distribution, "list_devices", lambda found=devices: found)
        assert describe_provenance(RECORD, PARAMS)["device"] == kind


def test_a_provenance_does_not_depend_on_time_place_or_machine() -> None:
    provenance = describe_provenance(RECORD, PARAMS)
    assert json.loads(json.dumps(provenance)) == provenance
    text = json.dumps(provenance)
    for word in (str(Path.cwd()), str(Path.home()), os.uname().nodename):
        assert word not in text


def changed(section: str, **values: Any) -> dict[str, Any]:
    provenance = describe_provenance(RECORD, PARAMS)
    return {**provenance, section: {**provenance[section], **values}}


def test_a_key_is_the_same_for_the_same_training() -> None:
    provenance = describe_provenance(RECORD, PARAMS)
    key = training_key(provenance)
    assert len(key) == 64
    assert training_key(json.loads(json.dumps(provenance))) == key
    # The order of the parameters does not matter.
    assert training_key(describe_provenance(RECORD, dict(reversed(PARAMS.items())))) == key


@pytest.mark.parametrize(
    "other",
    [
        changed("data", digest="cd" * 32),
        changed("parameters", **{"runtime.threads": 3}),
        changed("parameters", **{"train_vae.faces.filters": [8, 4]}),
        changed("packages", keras="0.0"),
    ],
)
def test_different_trainings_have_different_keys(other: dict[str, Any]) -> None:
    assert training_key(other) != training_key(describe_provenance(RECORD, PARAMS))


def test_the_key_depends_on_code_that_can_change_a_model(tmp_path: Path) -> None:
    shutil.copytree(SOURCE, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    relevant = ["models/layers.py", "training/loop.py", "training/provenance.py"]
    # The last one is not loaded.
    irrelevant = ["tracking/background.py", "params/training.py", "serving.py", "report/render.py"]
    done = subprocess.run(
        [sys.executable, "-c", KEYS, *relevant, *irrelevant],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, *others, last = json.loads(done.stdout)
    assert last == first
    assert len({first, *others[: len(relevant)]}) == 1 + len(relevant)
    assert set(others[len(relevant) :]) == {first}
