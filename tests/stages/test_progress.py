"""The lines of `make repro` with the position of a stage and the time that is left."""

from pathlib import Path

import pytest

from latent.io.files import read_json, write_json
from latent.params import Params
from stages import progress
from stages.estimates import COSTS, estimate
from stages.progress import announce, duration, make_plan

SECONDS = {"first": 10.0, "second@x": 20.0, "third": 70.0}


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    monkeypatch.setenv(progress.PLAN, "")  # so that it is restored after `make_plan`
    return clock


@pytest.fixture
def plan(tmp_path: Path, clock: Clock) -> Path:
    path = tmp_path / "plan.json"
    assert make_plan(path, SECONDS) == 100
    return path


def line(stage: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what a stage prints when it begins."""
    monkeypatch.setenv("DVC_STAGE", stage)
    announce()
    return capsys.readouterr().out


def test_the_time_left_follows_the_speed_of_the_finished_stages(
    plan: Path, clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert line("first", capsys, monkeypatch) == "[1/3] first, about 2 min left\n"
    clock.now += 50  # instead of 10 seconds: together with the weight 60 instead of 20
    assert line("second@x", capsys, monkeypatch) == "[2/3] second@x, about 4 min left\n"
    clock.now += 20
    # 80 seconds instead of 40, and 70 are left.
    assert line("third", capsys, monkeypatch) == "[3/3] third, about 2 min left\n"
    assert read_json(plan)["slowness"] == 2


def test_the_next_run_begins_with_the_speed_of_the_last_one(plan: Path, clock: Clock) -> None:
    write_json(plan, {**read_json(plan), "slowness": 2.5})
    assert make_plan(plan, SECONDS) == 250
    assert read_json(plan)["ran"] == []


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"slowness": "x"}'])
def test_a_damaged_plan_of_the_last_run_is_replaced(plan: Path, clock: Clock, content: str) -> None:
    plan.write_text(content)
    assert make_plan(plan, SECONDS) == 100


def test_stages_that_dvc_restores_from_its_cache_do_not_count(
    plan: Path, clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now += 10
    # 20 seconds instead of 10 with the weight, and 70 are left.
    assert line("third", capsys, monkeypatch) == "[3/3] third, about 2 min left\n"


def test_a_stage_without_a_plan_prints_nothing(
    plan: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert line("other", capsys, monkeypatch) == ""
    plan.unlink()
    assert line("first", capsys, monkeypatch) == ""
    monkeypatch.delenv(progress.PLAN)
    assert line("first", capsys, monkeypatch) == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "10 s"),
        (14, "10 s"),
        (54, "50 s"),
        (55, "1 min"),
        (150, "2 min"),
        (5000, "83 min"),
        (5400, "1.5 h"),
        (90000, "25.0 h"),
    ],
)
def test_durations_are_rounded(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_estimates_follow_the_numbers_of_images_and_epochs(params: Params) -> None:
    content = params.model_dump()
    content["train_vae"]["faces"]["epochs"] *= 2
    content["download"]["faces"]["source"] = "kaggle"
    content["download"]["fashion"]["source"] = "folder"
    changed = Params.model_validate(content)
    before, after = (estimate([*COSTS, "added"], values) for values in (params, changed))
    growth = {stage: after[stage] / before[stage] for stage in before}
    assert 35 < growth["train_vae@faces"] < 41
    assert 15 < growth["download@faces"] < 21
    assert 1 < growth["train_ae@fashion"] < 1.3
    assert growth["figures_chapter"] == growth["added"] == 1
