from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks.training.candidate import Candidate
from benchmarks.training.compare import Race
from latent.errors import InputError

GOOD = """
import sys
from benchmarks.training.worker import Worker

worker = Worker()
print("output of a library")
worker.describe(library="none", parameters=[int(sys.argv[1])], multiply_adds=12)
while True:
    worker.begin()
    worker.stop()
    worker.report(loss=0.5, test_loss=0.75)
"""
TEMPORARY = """
import sys
import tempfile
from benchmarks.training.worker import Worker

worker = Worker()
with tempfile.TemporaryDirectory() as folder:
    worker.describe(folder=folder)
    while True:
        worker.begin()
        worker.report()
"""
HANGING = """
import os
import time
from benchmarks.training.worker import Worker

worker = Worker()
worker.describe(process=os.getpid())
worker.begin()
worker.report()
time.sleep(600)
"""
BAD = "import no_such_library"

LOSSES = {"loss": 0.25, "test_loss": 0.5}

Start = Callable[..., Candidate]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: None) -> Iterator[Start]:
    started = []
    (tmp_path / "good_candidate.py").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad_candidate.py").write_text(BAD, encoding="utf-8")
    (tmp_path / "temporary_candidate.py").write_text(TEMPORARY, encoding="utf-8")
    (tmp_path / "hanging_candidate.py").write_text(HANGING, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def start(*command: str) -> Candidate:
        started.append(Candidate(*command))
        return started[-1]

    yield start
    for candidate in started:
        candidate.close()


def test_candidate_reports_each_turn_once(start: Start) -> None:
    candidate = start("good_candidate", "7")
    candidate.take_turn()
    candidate.take_turn()
    assert candidate.description == {"library": "none", "parameters": [7], "multiply_adds": 12}
    assert [turn["loss"] for turn in candidate.turns] == [0.5, 0.5]
    assert all(turn["seconds"] >= 0 for turn in candidate.turns)


def test_close_lets_the_candidate_remove_its_temporary_files(start: Start) -> None:
    candidate = start("temporary_candidate")
    candidate.take_turn()
    assert Path(candidate.description["folder"]).exists()
    candidate.close()
    assert not Path(candidate.description["folder"]).exists()


def test_close_kills_a_candidate_that_does_not_end(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.training.candidate.TIMEOUT", 0.1)
    candidate = start("hanging_candidate")
    candidate.take_turn()
    candidate.close()
    assert not psutil.pid_exists(candidate.description["process"])


def test_optional_candidate_that_cannot_run_is_skipped_with_the_reason(start: Start) -> None:
    race = Race({"project": start("good_candidate", "7"), "torch": start("bad_candidate")})
    race.take_round()
    race.take_round()
    assert list(race.running) == ["project"]
    assert race.skipped == {"torch": "ModuleNotFoundError: No module named 'no_such_library'"}


def test_required_candidate_that_cannot_run_raises_an_error(start: Start) -> None:
    race = Race({"project": start("good_candidate", "7"), "chapter": start("bad_candidate")})
    with pytest.raises(InputError, match=r"chapter cannot run: .*no_such_library"):
        race.take_round()


def test_different_models_raise_an_error(start: Start) -> None:
    race = Race({"project": start("good_candidate", "7"), "keras3": start("good_candidate", "8")})
    race.take_round()
    with pytest.raises(InputError, match=r"'project': \[7\], 'keras3': \[8\]"):
        race.check_models()


def test_first_round_is_discarded(start: Start) -> None:
    names = ("project", "chapter", "matmul")
    race = Race({name: start("good_candidate", "7") for name in names})
    race.take_round()
    seconds = {"project": [99, 1, 2, 1], "chapter": [1, 2, 2, 4], "matmul": [1, 1, 1, 1]}
    for name, candidate in race.running.items():
        work = {"multiply_adds": 2400} if name == "matmul" else LOSSES
        candidate.turns = [{"seconds": turn, **work} for turn in seconds[name]]
    found = race.describe(images=100)
    ratios = [found["ratio_min"], found["ratio_median"], found["ratio_max"]]
    assert ratios == [1, 2, 4]
    project = found["candidates"]["project"]
    assert project["images_per_second"] == project["images_per_second_at_best"] == 100
    assert {name: project[name] for name in LOSSES} == LOSSES
    # 100 images per second with 12 multiply-adds each, at a matrix-multiply rate of 2,400.
    assert project["fraction_of_matmul"] == 0.5
    assert found["candidates"]["chapter"]["against_chapter"]["ratio_max"] == 1
    assert found["matmul_multiply_adds_per_second"] == 2400
