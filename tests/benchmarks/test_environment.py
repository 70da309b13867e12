"""Environment variables of the processes that benchmarks start."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks.clone import ROOT, Project, clean_environment
from benchmarks.memory import run_watched

PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"
VARIABLES = {
    "MLFLOW_TRACKING_URI": "http://store",
    "TF_CPP_MIN_LOG_LEVEL": "0",
    "UNRELATED": "kept",
}


@pytest.fixture(autouse=True)
def user_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)


def test_variables_of_libraries_are_removed_and_others_are_kept() -> None:
    found = clean_environment(TF_NUM_THREADS="2")
    assert {name: found[name] for name in VARIABLES if name in found} == {"UNRELATED": "kept"}
    assert found["TF_NUM_THREADS"] == "2"


def test_run_watched_does_not_inherit_the_store_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "print_environment.py").write_text(PRINT_ENVIRONMENT, encoding="utf-8")
    found = json.loads(run_watched("print_environment", folder=tmp_path).output)
    assert "MLFLOW_TRACKING_URI" not in found
    assert found["PYTHONPATH"] == str(ROOT)


def test_clone_does_not_inherit_the_store_of_the_user(tmp_path: Path) -> None:
    found = json.loads(Project(tmp_path).run(sys.executable, "-c", PRINT_ENVIRONMENT).stdout)
    assert "MLFLOW_TRACKING_URI" not in found
    assert found["DVC_NO_ANALYTICS"] == "true"
