"""The clocks of the stages and the summary of their measurements."""

import functools
import importlib
import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.clone import ROOT, Project
from benchmarks.overhead import CLOCKS, KINDS, attribute, overhead, show

SITE = runpy.run_path(str(CLOCKS / "sitecustomize.py"))
PROCESSES: list[dict[str, Any]] = [
    {"stage": "first", "begun": 10.5, "ended": 14.5, "seconds": {"start-up": 1.0, "work": 3.0}},
    {"stage": "second", "begun": 15.0, "ended": 17.0, "seconds": {"saving": 0.5, "work": 1.5}},
]


def test_all_time_is_attributed_to_a_stage_or_to_dvc() -> None:
    seconds = attribute(PROCESSES, begun=10.0, ended=20.0)
    assert seconds == {
        "dvc": {"dvc": 0.5},
        "first": {"start-up": 1.0, "work": 3.0, "dvc": 0.5},
        "second": {"saving": 0.5, "work": 1.5, "dvc": 3.0},
    }
    assert overhead(seconds) == pytest.approx(1 - 4.5 / 10)


def test_show_has_a_line_per_stage_and_a_total() -> None:
    lines = show(attribute(PROCESSES, begun=10.0, ended=20.0)).splitlines()
    assert [line.split()[0] for line in lines] == ["seconds", "dvc", "first", "second", "total"]
    # The bar has 40 letters. DVC takes three of the five seconds of the second stage.
    assert lines[3].split()[2] == "d" * 24 + "w" * 4 + "·" * 12
    assert lines[-1].split()[1] == "10.0"


@pytest.mark.parametrize("module", SITE["CLOCKS"])
def test_timed_functions_exist(module: str) -> None:
    for name, kind in SITE["CLOCKS"][module].items():
        assert callable(functools.reduce(getattr, name.split("."), importlib.import_module(module)))
        assert kind in KINDS


def test_time_is_attributed_to_the_innermost_function() -> None:
    clock = SITE["Clock"]()
    inner = clock.wrap(lambda: dict(clock.seconds), "data")
    outer = clock.wrap(lambda: (inner(), dict(clock.seconds)), "work")
    before, after = outer()
    assert set(before) == {"start-up", "work"}
    assert set(after) == {"start-up", "work", "data"}
    assert set(clock.seconds) == {"start-up", "work", "data"}
    assert after["work"] == before["work"] <= clock.seconds["work"]


@pytest.mark.parametrize("watched", [True, False])
def test_stage_records_all_its_seconds_if_it_is_watched(tmp_path: Path, watched: bool) -> None:
    folder = tmp_path / "clocks"
    folder.mkdir()
    changes = {"LATENT_CLOCKS": str(folder)} if watched else {}
    path = f"{CLOCKS}:{ROOT}"
    done = Project(tmp_path).run(
        sys.executable, "-m", "stages.download_fashion", PYTHONPATH=path, **changes
    )
    assert "params.yaml" in done.stderr  # the file is missing
    records = [json.loads(file.read_text(encoding="utf-8")) for file in folder.iterdir()]
    assert [process["stage"] for process in records] == ["download_fashion"] * watched
    for process in records:
        duration = process["ended"] - process["begun"]
        assert sum(process["seconds"].values()) == pytest.approx(duration)
        assert process["seconds"].keys() == {"start-up", "work"}


FORK = """
import os, sys
if process := os.fork():
    os.waitpid(process, 0)
else:
    sys.orig_argv = [sys.executable, "-m", "stages.embed", "vae", "faces"]
"""


def test_a_forked_stage_is_recorded_and_its_server_is_not(tmp_path: Path) -> None:
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages/fork_server.py").write_text(FORK)
    (tmp_path / "clocks").mkdir()
    changes = {"PYTHONPATH": str(CLOCKS), "LATENT_CLOCKS": str(tmp_path / "clocks")}
    done = Project(tmp_path).run(sys.executable, "-m", "stages.fork_server", **changes)
    assert (done.returncode, done.stderr) == (0, "")
    (path,) = (tmp_path / "clocks").iterdir()
    assert json.loads(path.read_text(encoding="utf-8"))["stage"] == "embed vae faces"
