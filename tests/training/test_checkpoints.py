"""Trainings that were stopped or killed, and end with the bytes of one that never was."""

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
    make_autoencoder,
    make_vae,
    names,
    train_anew,
    warnings_of,
)

from latent.params import TrainVAE
from latent.training.checkpoints import Checkpoints
from latent.training.progress import Listener, Progress

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
EPOCHS = 3

# Trains a VAE, and dies where the command line says.
KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from latent.params import TrainVAE
from tiny_training import TRAIN_IMAGES, make_vae, train_anew

params, scratch, where = TrainVAE.model_validate_json(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
epochs = 0

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def tell(rows, samples):
    global epochs
    epochs = len(rows)
    if where == "between epochs" and epochs == 2:
        die()

class Images(np.ndarray):
    def __getitem__(self, rows):
        if where == "within an epoch" and epochs == 1 and len(rows) < 8:
            die()
        return np.asarray(super().__getitem__(rows))

rename = os.replace
def replace(source, target):
    if where == "in the middle of a checkpoint" and Path(target).name == "epoch-0002":
        die()
    rename(source, target)

os.replace = replace
images = TRAIN_IMAGES.view(Images)
train_anew(make_vae(params), params, scratch, images=images, tell=tell)
"""
PLACES = ["between epochs", "within an epoch", "in the middle of a checkpoint"]


@pytest.fixture(scope="module")
def plain(tiny_architecture: TrainVAE) -> TrainVAE:
    return tiny_architecture.model_copy(update={"epochs": EPOCHS, "learning_rate": 0.02})


@pytest.fixture(scope="module")
def normalised(plain: TrainVAE) -> TrainVAE:
    """With moving means, which no optimiser knows."""
    changes = {"block": ["conv", "batch_norm", "leaky_relu"], "dense_block": ["batch_norm"]}
    return plain.model_copy(update=changes)


@pytest.fixture(scope="module")
def reference(normalised: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A training that nothing stopped."""
    return train_anew(make_vae(normalised), normalised, tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def plain_reference(plain: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The same, of an autoencoder."""
    return train_anew(make_autoencoder(plain), plain, tmp_path_factory.mktemp("scratch"))


def stop_after(epoch: int) -> Listener:
    """Return a listener that interrupts the training when it hears of `epoch`."""

    def tell(rows: list[dict[str, float]], samples: list[Images]) -> None:
        if len(rows) == epoch:
            raise KeyboardInterrupt

    return tell


@pytest.mark.parametrize(
    ("kind", "whole", "make", "epoch"),
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
    whole: str,
    make: Callable[[TrainVAE], keras.Model],
    epoch: int,
) -> None:
    params: TrainVAE = request.getfixturevalue(kind)
    with pytest.raises(KeyboardInterrupt):
        train_anew(make(params), params, tmp_path, tell=stop_after(epoch))
    told: list[int] = []
    again = train_anew(
        make(params), params, tmp_path, tell=lambda rows, samples: told.append(len(rows))
    )
    assert again.everything() == request.getfixturevalue(whole).everything()
    # It did go on, and did not begin anew: the epoch that was told of is not kept yet.
    assert told == list(range(epoch, EPOCHS + 1))


@pytest.fixture(scope="module")
def killed(normalised: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The scratch folders of three trainings that were killed, by where they were."""
    environment = {**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{HERE}"}
    folders = {place: tmp_path_factory.mktemp("killed") for place in PLACES}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", KILLED, normalised.model_dump_json(), str(folder), place],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for place, folder in folders.items()
    ]
    for process in processes:
        said, _ = process.communicate()
        assert process.returncode == -signal.SIGKILL, said
    return folders


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_training_ends_with_the_same_bytes(
    killed: dict[str, Path], place: str, normalised: TrainVAE, reference: Trained
) -> None:
    scratch = killed[place]
    left = names(scratch)
    half_written = [name for name in left if not name.startswith("epoch-")]
    assert left == [*half_written, "epoch-0001"]
    assert bool(half_written) == (place == "in the middle of a checkpoint")
    told: list[int] = []
    again = train_anew(
        make_vae(normalised),
        normalised,
        scratch,
        tell=lambda rows, samples: told.append(len(rows)),
    )
    assert told == [2, 3]
    assert again.everything() == reference.everything()
    assert names(scratch) == ["epoch-0003"]


def test_a_training_killed_after_its_last_epoch_has_nothing_left_to_do(
    plain: TrainVAE, plain_reference: Trained, tmp_path: Path
) -> None:
    train_anew(make_autoencoder(plain), plain, tmp_path)

    def refuse(rows: object, samples: object) -> None:
        pytest.fail("an epoch more")

    again = train_anew(make_autoencoder(plain), plain, tmp_path, tell=refuse)
    assert again.everything() == plain_reference.everything()


@pytest.mark.parametrize(
    ("every", "expected"),
    [(1, [[], ["epoch-0001"], ["epoch-0002"]]), (2, [[], [], ["epoch-0002"]])],
)
def test_there_is_one_checkpoint_and_always_one_of_the_last_epoch(
    plain: TrainVAE, tmp_path: Path, every: int, expected: list[list[str]]
) -> None:
    scratch = tmp_path / "scratch"
    found: list[list[str]] = []

    def tell(rows: object, samples: object) -> None:
        # Before the checkpoint of the epoch that just ended.
        found.append(names(scratch) if scratch.exists() else [])

    train_anew(make_autoencoder(plain), plain, scratch, every=every, tell=tell)
    assert found == expected
    assert names(scratch) == [f"epoch-{EPOCHS:04}"]


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def blot(path: Path) -> None:
    """Leave zeros where the disk had not come to, as after a loss of power."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)
    path.write_bytes(content)


def fill_with_nonsense(path: Path) -> None:
    path.write_bytes(np.random.default_rng(1).bytes(1000))


@pytest.fixture(scope="module")
def two_checkpoints(normalised: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scratch as a kill leaves it between a checkpoint and the end of the one before."""
    scratch, aside = (tmp_path_factory.mktemp(name) for name in ("scratch", "aside"))

    def tell(rows: list[dict[str, float]], samples: object) -> None:
        if len(rows) == 2:
            shutil.copytree(scratch / "epoch-0001", aside / "epoch-0001")
        if len(rows) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_anew(make_vae(normalised), normalised, scratch, tell=tell)
    shutil.copytree(aside / "epoch-0001", scratch / "epoch-0001")
    assert names(scratch) == ["epoch-0001", "epoch-0002"]
    return scratch


@pytest.fixture(scope="module")
def untrained(normalised: TrainVAE) -> keras.Model:
    """A model as a training begins with it."""
    model = make_vae(normalised)
    model.compile(optimizer=keras.optimizers.Adam(normalised.learning_rate))
    model.build((None, *SHAPE))
    model.optimizer.build(model.trainable_variables)
    return model


def state(model: keras.Model) -> list[bytes]:
    variables = [*model.weights, *model.optimizer.variables]
    return [keras.ops.convert_to_numpy(variable).tobytes() for variable in variables]


def restore(model: keras.Model, scratch: Path) -> tuple[int, Progress, list[str]]:
    """Return the epochs that are done, what is known of them, and the warnings."""
    progress = Progress(Z, lambda rows, samples: None)
    with warnings_of("latent.training.checkpoints") as warnings:
        done = Checkpoints(scratch, 1, progress).restore(model)
    return done, progress, warnings


@pytest.mark.parametrize("damage", [truncate, empty, blot, fill_with_nonsense, Path.unlink])
def test_a_damaged_checkpoint_is_left_aside(
    two_checkpoints: Path,
    untrained: keras.Model,
    tmp_path: Path,
    damage: Callable[[Path], None],
) -> None:
    assert restore(untrained, two_checkpoints)[0] == 2
    first = tmp_path / "first"
    shutil.copytree(two_checkpoints / "epoch-0001", first / "epoch-0001")
    assert restore(untrained, first)[0] == 1
    expected = state(untrained)

    files = names(two_checkpoints / "epoch-0002")
    assert len(files) == 3
    for name in files:
        if damage is blot and name == "samples.npy":
            continue  # pixels may be black
        scratch = tmp_path / name
        shutil.copytree(two_checkpoints, scratch)
        damage(scratch / "epoch-0002" / name)
        assert restore(untrained, two_checkpoints)[0] == 2
        assert state(untrained) != expected
        done, progress, (warning,) = restore(untrained, scratch)
        assert done == len(progress.rows) == len(progress.samples) == 1
        assert state(untrained) == expected
        assert str(scratch / "epoch-0002") in warning


def test_a_checkpoint_that_cannot_be_used_changes_nothing(
    two_checkpoints: Path, untrained: keras.Model, tmp_path: Path
) -> None:
    before = state(untrained)
    for name in names(two_checkpoints / "epoch-0001"):
        scratch = tmp_path / name
        shutil.copytree(two_checkpoints, scratch)
        for checkpoint in scratch.iterdir():
            truncate(checkpoint / name)
        done, progress, warnings = restore(untrained, scratch)
        assert (done, progress.rows, progress.samples) == (0, [], [])
        assert len(warnings) == 2
        assert state(untrained) == before


def test_a_training_with_a_damaged_checkpoint_ends_with_the_same_bytes(
    two_checkpoints: Path, normalised: TrainVAE, reference: Trained, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    shutil.copytree(two_checkpoints, scratch)
    for path in (scratch / "epoch-0002").iterdir():
        truncate(path)
    told: list[int] = []
    again = train_anew(
        make_vae(normalised),
        normalised,
        scratch,
        tell=lambda rows, samples: told.append(len(rows)),
    )
    assert told == [2, 3]
    assert again.everything() == reference.everything()
    assert names(scratch) == ["epoch-0003"]
