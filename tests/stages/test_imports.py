"""Tests of the stages' imports: a stage does not import slow packages that it does not use."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SLOW = ("keras", "matplotlib", "mlflow", "sklearn")
LIST = f"import sys, stages.{{}}; print(*[name for name in {SLOW} if name in sys.modules])"

NOT_IMPORTED = {
    "attribute_vectors": SLOW,
    "download_faces": SLOW,
    "download_fashion": SLOW,
    "embed": ("mlflow",),
    "figures_chapter": ("keras", "mlflow", "sklearn"),
    "preprocess_faces": SLOW,
    "preprocess_fashion": SLOW,
    "report": ("keras", "matplotlib", "sklearn"),
}


def run_python(code: str, folder: Path = ROOT) -> str:
    """Return what a Python process that runs `code` in `folder` prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("stage", NOT_IMPORTED)
def test_a_stage_does_not_import_slow_packages_that_it_does_not_use(stage: str) -> None:
    assert not set(run_python(LIST.format(stage)).split()) & set(NOT_IMPORTED[stage])


def test_the_garbage_collector_is_enabled_after_the_imports(tmp_path: Path) -> None:
    code = (
        "import gc, stages; print(gc.isenabled()); from stages.run import run; "
        "run(lambda: print(gc.isenabled(), gc.get_freeze_count() > 0))"
    )
    # With `-c` there are no further arguments, so `run` calls the lambda with none.
    assert run_python(code, tmp_path).split() == ["False", "True", "True"]
