"""Tests of experiments, which DVC runs in copies of the project."""

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image

from benchmarks.clone import Project
from latent.download.faces.sample.archive import write_sample


def experiments(project: Project) -> list[str]:
    """Return the git references of the experiments."""
    listed = project.run("git", "for-each-ref", "--format=%(refname)", "refs/exps")
    return [name for name in listed.stdout.split() if "/exec/" not in name]


def stage_of(process: subprocess.Popen[str]) -> psutil.Process | None:
    """Return the training that a `dvc` process runs, or None if it does not run yet."""
    for child in psutil.Process(process.pid).children(recursive=True):
        if "stages.train_vae" in child.cmdline() and "python" in child.name():
            return child
    return None


def start(project: Project, grid: int) -> subprocess.Popen[str]:
    """Start an experiment; `grid` changes none of its outs."""
    change = ("-S", f"figures.ae_fashion.grid={grid}", "-S", "train_vae.fashion.epochs=40")
    return project.start("dvc", "exp", "run", "--temp", *change, "train_vae@fashion")


def read_until(text: str, process: subprocess.Popen[str]) -> str:
    """Return the first line of a process's log that contains `text`."""
    assert process.stderr is not None
    return next((line for line in process.stderr if text in line), "")


def test_the_second_of_two_equal_trainings_waits_and_takes_the_result_of_the_first(
    committed: Project,
) -> None:
    first = start(committed, 5)
    while not list((committed.folder / ".cache/training").glob("*/epoch-*")):
        assert first.poll() is None, first.communicate()
        time.sleep(0.02)
    training = stage_of(first)
    assert training is not None
    training.suspend()
    second, third = start(committed, 6), start(committed, 7)
    expected = f"INFO: Waiting for process {training.pid}, which runs the same training vae_fashion"
    for process in (second, third):
        assert read_until("Waiting", process).startswith(expected), process.communicate()
    os.killpg(third.pid, signal.SIGINT)
    _, errors = third.communicate(timeout=30)
    assert third.returncode != 0
    assert "Interrupted. Run the same command again to continue" in errors
    assert "Traceback" not in errors
    training.resume()
    outputs = [process.communicate() for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), outputs
    assert "Epoch 40/40" in outputs[0][0]
    assert "INFO: Resuming the training after epoch 40" in outputs[1][1]
    assert "Epoch" not in outputs[1][0]
    assert list((committed.folder / ".cache/training").iterdir()) == []

    one, other = experiments(committed)
    results = ("dvc.lock", "reports/metrics/vae_fashion.json", "reports/plots/vae_fashion")
    assert committed.run("git", "diff", one, other, "--", "params.yaml").stdout
    assert committed.run("git", "diff", one, other, "--", *results).stdout == ""
    assert committed.run("git", "diff", "HEAD", one, "--", *results).stdout


def test_an_experiment_runs_the_code_of_its_copy(committed: Project) -> None:
    # The environment's package `latent` is installed from another folder.
    module = "src/latent/latent_space/attribute_vectors.py"
    with (committed.folder / module).open("a", encoding="utf-8") as file:
        file.write('\nprint("The code is in", __file__)\n')
    done = committed.run("dvc", "exp", "run", "--temp", "--single-item", "attribute_vectors@faces")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("The code is in ")]
    path = Path(line.removeprefix("The code is in "))
    assert path.is_relative_to(committed.folder / ".dvc/tmp/exps")
    assert path.match(module)


@pytest.mark.parametrize("source", ["faces.archive", "faces.folder", "fashion.folder"])
def test_a_location_in_the_home_folder_can_have_any_name(
    fresh: Project, tmp_path: Path, source: str
) -> None:
    dataset, _, kind = source.partition(".")
    home = tmp_path / "home"
    home.mkdir()
    # Experiments are commits, which need an author.
    (home / ".gitconfig").write_text("[user]\nname = Clone\nemail = clone@localhost\n")
    location = "~/My images (2024), größer = 1 #2"
    folder = home / location.removeprefix("~/")
    if kind == "archive":
        write_sample(folder, 20, seed=0)
    else:
        for number in range(20):
            path = folder / str(number % 2) / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (28, 28), number).save(path)
    key = f"download.{dataset}.folder.location" if kind == "folder" else "download.faces.location"
    change = ("-S", f"download.{dataset}.source={kind}", "-S", f'{key}="{location}"')
    done = fresh.run("dvc", "exp", "run", *change, f"download@{dataset}", HOME=str(home))
    assert done.returncode == 0, done.stderr
    assert list((fresh.folder / "data/raw" / dataset).iterdir())
