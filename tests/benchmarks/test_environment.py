"""What of a user's settings reaches the processes of a benchmark."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks.clone import ROOT, Project, clean_environment
from benchmarks.memory import run_watched

TELL = "import json, os; print(json.dumps(dict(os.environ)))"
SET = {"MLFLOW_TRACKING_URI": "http://a.store", "TF_CPP_MIN_LOG_LEVEL": "0", "UNRELATED": "kept"}


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SET.items():
        monkeypatch.setenv(name, value)


def test_settings_of_libraries_are_left_out_and_the_rest_is_kept() -> None:
    found = clean_environment(TF_NUM_THREADS="2")
    assert {name: found[name] for name in SET if name in found} == {"UNRELATED": "kept"}
    assert found["TF_NUM_THREADS"] == "2"


def test_a_watched_stage_sees_no_store_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "tell.py").write_text(TELL, encoding="utf-8")
    found = json.loads(run_watched("tell", folder=tmp_path).output)
    assert "MLFLOW_TRACKING_URI" not in found
    assert found["PYTHONPATH"] == str(ROOT)


def test_a_clone_sees_no_store_of_the_user(tmp_path: Path) -> None:
    found = json.loads(Project(tmp_path).run(sys.executable, "-c", TELL).stdout)
    assert "MLFLOW_TRACKING_URI" not in found
    assert found["DVC_NO_ANALYTICS"] == "true"
