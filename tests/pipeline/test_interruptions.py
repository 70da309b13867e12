"""Tests of stages that end early: kills, Ctrl-C, a second process, a full disk, a NaN loss."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import mlflow
import pytest
from mlflow.entities import Run as Entity

from benchmarks.clone import Project
from benchmarks.compare import differing_outs
from benchmarks.verify import MAKE_REPRO

LONG = {"train_vae.fashion.epochs": 40}
TRAIN = "train_vae@fashion"
# Copies a folder ($1) to a new file system of limited size ($2), mounts that in the folder's place,
# and runs the command in the remaining arguments there. Other processes do not see the mount.
ON_SMALL_DISK = """
mount -t tmpfs -o size=$2 tmpfs "$1.small" && cp -a "$1/." "$1.small/" &&
mount --move "$1.small" "$1" && cd "$1" && shift 2 && exec "$@"
"""
# Runs a command in which the folder $1 is read-only.
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


def wait_for_epoch(project: Project, number: int, process: subprocess.Popen[str]) -> None:
    """Wait for the checkpoint of an epoch, or of a later one."""
    while True:
        epochs = (project.folder / ".cache/training").glob("vae_fashion-*/epoch-*")
        if any(int(path.name[6:]) >= number for path in epochs):
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def runs_of(project: Project, experiment: str) -> list[Entity]:
    client = mlflow.MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    known = client.get_experiment_by_name(experiment)
    assert known is not None
    found: list[Entity] = client.search_runs([known.experiment_id])
    return found


@pytest.fixture(scope="module")
def never_killed(reproduced: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A clone in which the training with the parameters LONG has run without interruption."""
    copy = Project(tmp_path_factory.mktemp("never") / "copy")
    shutil.copytree(reproduced.folder, copy.folder, symlinks=True)
    copy.edit(LONG)
    done = copy.run("dvc", "repro", TRAIN)
    assert done.returncode == 0, done.stderr
    return copy


def test_a_killed_training_continues_and_ends_with_the_same_bytes(
    copied: Project, never_killed: Project
) -> None:
    copied.edit(LONG)
    for number in (3, 9):
        process = copied.start("dvc", "repro", TRAIN)
        wait_for_epoch(copied, number, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert runs_of(copied, "vae_fashion")[0].info.status == "RUNNING"
    done = copied.run("dvc", "repro", TRAIN)
    assert done.returncode == 0, done.stderr
    assert "INFO: Resuming the training after epoch" in done.stderr
    assert "Epoch 9/40" not in done.stdout
    assert differing_outs(never_killed, copied) == []
    assert list((copied.folder / ".cache/training").glob("vae_*")) == []

    run = runs_of(copied, "vae_fashion")[0]
    # The other run is that of the fixture's training, with two epochs.
    assert len(runs_of(copied, "vae_fashion")) == 2
    assert run.info.status == "FINISHED"
    assert run.data.tags["latent.resumed"] == "2"
    client = mlflow.MlflowClient(f"sqlite:///{copied.folder / 'mlflow.db'}")
    points = client.get_metric_history(run.info.run_id, "test/loss")
    assert [point.step for point in points] == list(range(1, 41))


def test_a_training_with_a_changed_parameter_starts_from_the_beginning(copied: Project) -> None:
    copied.edit(LONG)
    process = copied.start("dvc", "repro", TRAIN)
    wait_for_epoch(copied, 2, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    copied.edit({"train_vae.fashion.epochs": 1})
    done = copied.run("dvc", "repro", TRAIN)
    assert done.returncode == 0, done.stderr
    assert "Resuming" not in done.stderr
    # The checkpoint of the killed training is kept, until that training is run again.
    assert len(list((copied.folder / ".cache/training").glob("vae_*"))) == 1


def test_ctrl_c_ends_a_training_without_a_traceback(copied: Project) -> None:
    copied.edit(LONG)
    process = copied.start("dvc", "repro", TRAIN)
    wait_for_epoch(copied, 2, process)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "Interrupted. Run the same command again to continue" in errors
    assert "Traceback" not in errors
    assert runs_of(copied, "vae_fashion")[0].info.status in ("KILLED", "RUNNING")
    assert not (copied.folder / "models/vae_fashion").exists()


def test_ctrl_c_during_the_imports_prints_no_traceback(copied: Project) -> None:
    process = copied.start("python", "-X", "importtime", "-m", "stages.embed", "vae", "faces")
    assert process.stderr is not None
    for line in process.stderr:
        if "pandas" in line:
            break
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert "Traceback" not in errors


def test_a_stage_that_is_already_running_is_refused(copied: Project) -> None:
    copied.edit({"train_vae.fashion.epochs": 4000})
    first = copied.start("dvc", "repro", TRAIN)
    wait_for_epoch(copied, 1, first)
    second = copied.run("dvc", "repro", TRAIN)
    assert second.returncode != 0
    assert "is busy" in second.stderr
    assert f"(PID {first.pid})" in second.stderr
    # After dvc is killed, its lock is free, but its stage still runs and holds a lock too.
    first.kill()
    first.wait()
    third = copied.run("dvc", "repro", TRAIN)
    assert third.returncode != 0
    assert "ERROR: train_vae fashion is already running as process " in third.stderr
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    # The checkpoint of the first process is kept.
    assert len(list((copied.folder / ".cache/training").glob("vae_*"))) == 1


def unshared(script: str, *arguments: str) -> list[str]:
    """Return a command that runs a shell script in a mount namespace of its own."""
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", *arguments]


def require_mounts(folder: Path) -> None:
    """Skip the test unless file systems can be mounted."""
    script = 'mount -t tmpfs tmpfs "$1"'
    try:
        done = subprocess.run(unshared(script, str(folder)), capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("needs `unshare` from util-linux")
    if done.returncode:
        pytest.skip("needs user namespaces to mount a small file system")


@pytest.mark.parametrize(
    ("stage", "out", "free"),
    [
        ("download_faces", "data/raw/faces", 100),
        ("preprocess_fashion", "data/processed/fashion", 50),
        ("preprocess_faces", "data/processed/faces", 50),
        ("train_vae faces", "models/vae_faces", 60),
        ("train_vae faces", "models/vae_faces", 400),
        ("embed vae faces", "data/embeddings/vae_faces", 0),
        ("figures_vae_fashion", "reports/figures/vae_fashion", 60),
        ("report", "reports/index.html", 100),
    ],
)
def test_a_full_disk(copied: Project, stage: str, out: str, free: int) -> None:
    require_mounts(copied.folder.parent)
    path = copied.folder / out
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(copied.folder / ".dvc/cache")
    Path(f"{copied.folder}.small").mkdir()
    fill = (
        "import os, sys; free = os.statvfs('.');"
        f"os.posix_fallocate(os.open('fill', os.O_RDWR | os.O_CREAT), 0, "
        f"free.f_bavail * free.f_bsize - {free} * 1024)"
    )
    command = f'python -c "{fill}" && python -m stages.{stage}; code=$?; ls -A {out}; exit $code'
    done = copied.run(*unshared(ON_SMALL_DISK, str(copied.folder), "60m", "sh", "-c", command))
    assert done.returncode == 1, done.stdout + done.stderr
    last = done.stderr.splitlines()[-2:]
    assert any(line.startswith("ERROR: ") for line in last), done.stderr
    assert "Traceback" not in done.stderr
    assert f"cannot access '{out}'" in done.stderr  # `ls` finds no partial out


def test_a_read_only_folder(copied: Project) -> None:
    require_mounts(copied.folder.parent)
    done = copied.run(
        *unshared(READ_ONLY, str(copied.folder), "python", "-m", "stages.embed", "vae", "faces")
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ERROR: ")
    assert "Read-only file system" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_nan_or_infinite_loss_ends_a_training_before_its_first_checkpoint(
    copied: Project,
) -> None:
    copied.edit({"train_vae.faces.learning_rate": 1e30})
    done = copied.run("dvc", "repro", "train_vae@faces")
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("ERROR: epoch 1")]
    assert "kl_loss" in line
    assert "smaller learning_rate" in line
    assert not (copied.folder / "models/vae_faces").exists()
    assert list((copied.folder / ".cache/training").glob("*/epoch-*")) == []
    assert runs_of(copied, "vae_faces")[0].info.status == "FAILED"


@pytest.mark.parametrize("length", [0, 12, 8192, -1])
def test_a_half_written_lock_file_is_restored(copied: Project, length: int) -> None:
    path = copied.folder / "dvc.lock"
    whole = path.read_bytes()
    path.write_bytes(whole[:length])
    repaired = copied.run("python", "-m", "stages.repair_lock")
    assert "dvc.lock was half-written" in repaired.stderr
    done = copied.run("dvc", "repro")
    assert done.returncode == 0, done.stderr
    ran = [line for line in done.stdout.splitlines() if line.startswith("Running stage")]
    # The copy was made when the report began, so it lacks the report's entry. DVC runs that stage
    # again, or restores the entry from its cache.
    assert ran in ([], ["Running stage 'report':"])
    assert path.read_bytes() == whole


def test_a_half_written_list_of_files_in_use_is_removed(copied: Project) -> None:
    path = copied.folder / ".dvc/tmp/rwlock"
    path.write_text('{"data/raw/faces": {"re')
    assert "JSON structure is corrupted" in copied.run("dvc", "repro").stderr
    done = copied.run(*MAKE_REPRO)
    assert (done.returncode, done.stdout) == (0, "Data and pipelines are up to date.\n")
    assert done.stderr == ".dvc/tmp/rwlock was half-written. Removed it.\n"
    assert copied.run("dvc", "repro").returncode == 0


def test_a_half_written_lock_file_without_a_copy_is_removed(fresh: Project) -> None:
    (fresh.folder / "dvc.lock").write_text("schema: '2.")
    assert "half-written" in fresh.run("python", "-m", "stages.repair_lock").stderr
    assert not (fresh.folder / "dvc.lock").exists()


def test_a_lock_file_with_conflict_markers_is_not_changed(fresh: Project) -> None:
    content = "schema: '2.0'\n<<<<<<< HEAD\nstages:\n=======\nstages: {}\n>>>>>>> other\n"
    (fresh.folder / "dvc.lock").write_text(content)
    done = fresh.run("python", "-m", "stages.repair_lock")
    assert done.returncode == 1
    assert done.stderr == (
        "ERROR: dvc.lock: has conflict markers of git; resolve the conflict first\n"
    )
    assert (fresh.folder / "dvc.lock").read_text() == content


def test_an_intact_lock_file_is_not_changed(copied: Project) -> None:
    whole = (copied.folder / "dvc.lock").read_bytes()
    repaired = copied.run("python", "-m", "stages.repair_lock")
    assert (repaired.returncode, repaired.stdout, repaired.stderr) == (0, "", "")
    assert (copied.folder / "dvc.lock").read_bytes() == whole
