"""A stopped or killed training continues and ends with the same bytes as one without a stop."""

import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from tiny_training import (
    SHAPE,
    Images,
    Trained,
    Z,
    file_names,
    ignore,
    make_autoencoder,
    make_vae,
    run_training,
)

from latent.params import TrainVAE
from latent.training.checkpoints import Checkpoints
from latent.training.progress import Listener, Progress

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
EPOCHS = 3

# Trains a VAE and kills its own process at the moment that the command line names.
KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from latent.params import TrainVAE
from tiny_training import TRAIN_IMAGES, make_vae, run_training

params, folder, moment = TrainVAE.model_validate_json(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
epochs = 0

def kill():
    os.kill(os.getpid(), signal.SIGKILL)

def listener(rows, samples):
    global epochs
    epochs = len(rows)
    if moment == "between epochs" and epochs == 2:
        kill()

class Images(np.ndarray):
    def __getitem__(self, rows):
        if moment == "within an epoch" and epochs == 1 and len(rows) < 8:
            kill()
        return np.asarray(super().__getitem__(rows))

rename = os.replace
def replace(source, target):
    if moment == "while saving a checkpoint" and Path(target).name == "epoch-0002":
        kill()
    rename(source, target)

os.replace = replace
images = TRAIN_IMAGES.view(Images)
run_training(make_vae(params), params, folder, images=images, listener=listener)
"""
MOMENTS = ["between epochs", "within an epoch", "while saving a checkpoint"]


@pytest.fixture(scope="module")
def plain(tiny_architecture: TrainVAE) -> TrainVAE:
    return tiny_architecture.model_copy(update={"epochs": EPOCHS, "learning_rate": 0.02})


@pytest.fixture(scope="module")
def normalised(plain: TrainVAE) -> TrainVAE:
    """With batch normalisation, whose moving averages are not variables of the optimizer."""
    changes = {"block": ["conv", "batch_norm", "leaky_relu"], "dense_block": ["batch_norm"]}
    return plain.model_copy(update=changes)


@pytest.fixture(scope="module")
def reference(normalised: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A training of a VAE without a stop."""
    return run_training(make_vae(normalised), normalised, tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture(scope="module")
def plain_reference(plain: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A training of an autoencoder without a stop."""
    return run_training(make_autoencoder(plain), plain, tmp_path_factory.mktemp("checkpoints"))


def stop_after(epoch: int) -> Listener:
    """Return a listener that interrupts the training at the end of `epoch`."""

    def listener(rows: list[dict[str, float]], samples: list[Images]) -> None:
        if len(rows) == epoch:
            raise KeyboardInterrupt

    return listener


@pytest.mark.parametrize(
    ("kind", "uninterrupted", "make", "epoch"),
    [
        ("plain", "plain_reference", make_autoencoder, 2),
        ("normalised", "reference", make_vae, 1),
        ("normalised", "reference", make_vae, EPOCHS),
    ],
)
def test_a_stopped_training_ends_with_the_same_bytes(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    kind: str,
    uninterrupted: str,
    make: Callable[[TrainVAE], keras.Model],
    epoch: int,
) -> None:
    params: TrainVAE = request.getfixturevalue(kind)
    with pytest.raises(KeyboardInterrupt):
        run_training(make(params), params, tmp_path, listener=stop_after(epoch))
    epochs: list[int] = []
    resumed = run_training(
        make(params), params, tmp_path, listener=lambda rows, samples: epochs.append(len(rows))
    )
    assert resumed.results() == request.getfixturevalue(uninterrupted).results()
    # It resumed and did not start again. `epoch` is repeated, because a checkpoint is saved only
    # after the listener returns.
    assert epochs == list(range(epoch, EPOCHS + 1))


@pytest.fixture(scope="module")
def killed(normalised: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The checkpoint folders of three killed trainings, by the moment of the kill."""
    environment = {**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{HERE}"}
    folders = {moment: tmp_path_factory.mktemp("killed") for moment in MOMENTS}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", KILLED, normalised.model_dump_json(), str(folder), moment],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for moment, folder in folders.items()
    ]
    for process in processes:
        output, _ = process.communicate()
        assert process.returncode == -signal.SIGKILL, output
    return folders


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_training_ends_with_the_same_bytes(
    killed: dict[str, Path], moment: str, normalised: TrainVAE, reference: Trained
) -> None:
    folder = killed[moment]
    found = file_names(folder)
    incomplete = [name for name in found if not name.startswith("epoch-")]
    assert found == [*incomplete, "epoch-0001"]
    assert bool(incomplete) == (moment == "while saving a checkpoint")
    epochs: list[int] = []
    resumed = run_training(
        make_vae(normalised),
        normalised,
        folder,
        listener=lambda rows, samples: epochs.append(len(rows)),
    )
    assert epochs == [2, 3]
    assert resumed.results() == reference.results()
    assert file_names(folder) == ["epoch-0003"]


def test_a_training_killed_after_its_last_epoch_runs_no_more_epochs(
    plain: TrainVAE, plain_reference: Trained, tmp_path: Path
) -> None:
    run_training(make_autoencoder(plain), plain, tmp_path)

    def fail(rows: object, samples: object) -> None:
        pytest.fail("one more epoch was run")

    resumed = run_training(make_autoencoder(plain), plain, tmp_path, listener=fail)
    assert resumed.results() == plain_reference.results()


@pytest.mark.parametrize(
    ("every", "expected"),
    [(1, [[], ["epoch-0001"], ["epoch-0002"]]), (2, [[], [], ["epoch-0002"]])],
)
def test_only_the_latest_checkpoint_is_kept_and_the_last_epoch_always_has_one(
    plain: TrainVAE, tmp_path: Path, every: int, expected: list[list[str]]
) -> None:
    folder = tmp_path / "checkpoints"
    found: list[list[str]] = []

    def listener(rows: object, samples: object) -> None:
        # Called before the checkpoint of the current epoch is saved.
        found.append(file_names(folder) if folder.exists() else [])

    run_training(make_autoencoder(plain), plain, folder, every=every, listener=listener)
    assert found == expected
    assert file_names(folder) == [f"epoch-{EPOCHS:04}"]


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def write_zeros(path: Path) -> None:
    """Replace bytes in the middle by zeros, as a power failure may do."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)
    path.write_bytes(content)


def write_random_bytes(path: Path) -> None:
    path.write_bytes(np.random.default_rng(1).bytes(1000))


@pytest.fixture(scope="module")
def two_checkpoints(normalised: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder after a kill between saving a checkpoint and deleting the earlier one."""
    folder, copy = (tmp_path_factory.mktemp(name) for name in ("checkpoints", "copy"))

    def listener(rows: list[dict[str, float]], samples: object) -> None:
        if len(rows) == 2:
            shutil.copytree(folder / "epoch-0001", copy / "epoch-0001")
        if len(rows) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_training(make_vae(normalised), normalised, folder, listener=listener)
    shutil.copytree(copy / "epoch-0001", folder / "epoch-0001")
    assert file_names(folder) == ["epoch-0001", "epoch-0002"]
    return folder


@pytest.fixture(scope="module")
def untrained(normalised: TrainVAE) -> keras.Model:
    """A compiled and built model before training."""
    model = make_vae(normalised)
    model.compile(optimizer=keras.optimizers.Adam(normalised.learning_rate))
    model.build((None, *SHAPE))
    model.optimizer.build(model.trainable_variables)
    return model


def state(model: keras.Model) -> list[bytes]:
    variables = [*model.weights, *model.optimizer.variables]
    return [keras.ops.convert_to_numpy(variable).tobytes() for variable in variables]


def restore(model: keras.Model, folder: Path) -> tuple[int, Progress]:
    """Return the number of completed epochs and their progress."""
    progress = Progress(Z, ignore)
    return Checkpoints(folder, 1, progress).restore(model), progress


@pytest.mark.parametrize("damage", [truncate, empty, write_zeros, write_random_bytes, Path.unlink])
def test_a_damaged_checkpoint_is_ignored(
    two_checkpoints: Path,
    untrained: keras.Model,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    damage: Callable[[Path], None],
) -> None:
    caplog.set_level(logging.WARNING)
    assert restore(untrained, two_checkpoints)[0] == 2
    first = tmp_path / "first"
    shutil.copytree(two_checkpoints / "epoch-0001", first / "epoch-0001")
    assert restore(untrained, first)[0] == 1
    expected = state(untrained)

    files = file_names(two_checkpoints / "epoch-0002")
    assert len(files) == 3
    for name in files:
        if damage is write_zeros and name == "samples.npy":
            continue  # zeros are valid pixels
        folder = tmp_path / name
        shutil.copytree(two_checkpoints, folder)
        damage(folder / "epoch-0002" / name)
        assert restore(untrained, two_checkpoints)[0] == 2
        assert state(untrained) != expected
        caplog.clear()
        done, progress = restore(untrained, folder)
        assert done == len(progress.rows) == len(progress.samples) == 1
        assert state(untrained) == expected
        (warning,) = caplog.messages
        assert str(folder / "epoch-0002") in warning


def test_unusable_checkpoints_change_nothing(
    two_checkpoints: Path,
    untrained: keras.Model,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    before = state(untrained)
    for name in file_names(two_checkpoints / "epoch-0001"):
        folder = tmp_path / name
        shutil.copytree(two_checkpoints, folder)
        for checkpoint in folder.iterdir():
            truncate(checkpoint / name)
        caplog.clear()
        done, progress = restore(untrained, folder)
        assert (done, progress.rows, progress.samples) == (0, [], [])
        assert len(caplog.messages) == 2
        assert state(untrained) == before


def test_a_training_with_a_damaged_checkpoint_ends_with_the_same_bytes(
    two_checkpoints: Path, normalised: TrainVAE, reference: Trained, tmp_path: Path
) -> None:
    folder = tmp_path / "checkpoints"
    shutil.copytree(two_checkpoints, folder)
    for path in (folder / "epoch-0002").iterdir():
        truncate(path)
    epochs: list[int] = []
    resumed = run_training(
        make_vae(normalised),
        normalised,
        folder,
        listener=lambda rows, samples: epochs.append(len(rows)),
    )
    assert epochs == [2, 3]
    assert resumed.results() == reference.results()
    assert file_names(folder) == ["epoch-0003"]
