"""`make repro`: what it says, and its errors."""

import re

from conftest import Reproduced

from benchmarks.clone import Project
from benchmarks.verify import MAKE_REPRO
from stages.estimates import COSTS

LINE = re.compile(r"^\[(\d+)/(\d+)\] (\S+), about [\d.]+ (?:s|min|h) left$", re.MULTILINE)


def positions(output: str) -> list[tuple[str, ...]]:
    """Return the position, the number of stages and the name in each line with the time left."""
    return [match.groups() for match in LINE.finditer(output)]


def test_each_stage_says_its_position_and_the_time_left(reproduced: Reproduced) -> None:
    assert reproduced.log.startswith("22 stages are out of date: about ")
    names = re.findall(r"^Running stage '(.+)':$", reproduced.log, re.MULTILINE)
    assert sorted(names) == sorted(COSTS)
    expected = [(str(place), "22", name) for place, name in enumerate(names, 1)]
    assert positions(reproduced.log) == expected


def test_without_changes_one_line_is_printed(reproduced: Reproduced) -> None:
    done = reproduced.run(*MAKE_REPRO)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Data and pipelines are up to date.\n"


def test_only_the_stages_that_are_out_of_date_count(copied: Project) -> None:
    copied.edit({"figures.chapter.embedded": 20})
    done = copied.run(*MAKE_REPRO)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 stages are out of date: about ")
    assert positions(done.stdout) == [("1", "2", "figures_chapter"), ("2", "2", "report")]
    # DVC alone knows no plan.
    copied.edit({"figures.chapter.embedded": 25})
    assert positions(copied.run("dvc", "repro", "figures_chapter").stdout) == []


def test_errors_are_one_line_before_anything_runs(copied: Project) -> None:
    copied.edit({"train_vae.faces.latent_dim": 0})
    done = copied.run(*MAKE_REPRO)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("ERROR: params.yaml: train_vae.faces.latent_dim is 0")
    (copied.folder / "dvc.yaml").write_text("stages: [")
    done = copied.run(*MAKE_REPRO)
    assert done.returncode != 0
    assert "'./dvc.yaml' is invalid" in done.stderr
    assert "Traceback" not in done.stderr
