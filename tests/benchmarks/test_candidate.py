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
print("a library's word")
worker.introduce(library="none", parameters=[int(sys.argv[1])], multiply_adds=12)
while True:
    worker.begin()
    worker.stop()
    worker.tell(loss=0.5, test_loss=0.75)
"""
TIDY = """
import sys
import tempfile
from benchmarks.training.worker import Worker

worker = Worker()
with tempfile.TemporaryDirectory() as folder:
    worker.introduce(folder=folder)
    while True:
        worker.begin()
        worker.tell()
"""
STUBBORN = """
import os
import time
from benchmarks.training.worker import Worker

worker = Worker()
worker.introduce(process=os.getpid())
worker.begin()
worker.tell()
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
    (tmp_path / "tidy_candidate.py").write_text(TIDY, encoding="utf-8")
    (tmp_path / "stubborn_candidate.py").write_text(STUBBORN, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def start(*words: str) -> Candidate:
        started.append(Candidate(*words))
        return started[-1]

    yield start
    for candidate in started:
        candidate.close()


def test_a_candidate_answers_each_turn_once(start: Start) -> None:
    candidate = start("good_candidate", "7")
    candidate.take_turn()
    candidate.take_turn()
    assert candidate.about == {"library": "none", "parameters": [7], "multiply_adds": 12}
    assert [turn["loss"] for turn in candidate.turns] == [0.5, 0.5]
    assert all(turn["seconds"] >= 0 for turn in candidate.turns)


def test_who_has_no_more_turns_tidies_up(start: Start) -> None:
    candidate = start("tidy_candidate")
    candidate.take_turn()
    assert Path(candidate.about["folder"]).exists()
    candidate.close()
    assert not Path(candidate.about["folder"]).exists()


def test_who_does_not_end_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.training.candidate.PATIENCE", 0.1)
    candidate = start("stubborn_candidate")
    candidate.take_turn()
    candidate.close()
    assert not psutil.pid_exists(candidate.about["process"])


def test_who_cannot_run_is_skipped_with_the_reason(start: Start) -> None:
    race = Race({"project": start("good_candidate", "7"), "torch": start("bad_candidate")})
    race.take_round()
    race.take_round()
    assert list(race.running) == ["project"]
    assert race.skipped == {"torch": "ModuleNotFoundError: No module named 'no_such_library'"}


def test_who_is_needed_must_run(start: Start) -> None:
    race = Race({"project": start("good_candidate", "7"), "chapter": start("bad_candidate")})
    with pytest.raises(InputError, match=r"chapter cannot run: .*no_such_library"):
        race.take_round()


def test_other_models_are_refused(start: Start) -> None:
    race = Race({"project": start("good_candidate", "7"), "keras3": start("good_candidate", "8")})
    race.take_round()
    with pytest.raises(InputError, match=r"'project': \[7\], 'keras3': \[8\]"):
        race.check_models()


def test_the_first_round_does_not_count(start: Start) -> None:
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
    # 100 images of 12 multiply-adds a second, where 2,400 are possible.
    assert project["fraction_of_matmul"] == 0.5
    assert found["candidates"]["chapter"]["against_chapter"]["ratio_max"] == 1
    assert found["matmul_multiply_adds_per_second"] == 2400
