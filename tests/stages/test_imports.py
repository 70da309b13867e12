"""A stage imports what it uses, and leaves alone what takes seconds to start."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SLOW = ("keras", "matplotlib", "mlflow", "sklearn")
LIST = f"import sys, stages.{{}}; print(*[name for name in {SLOW} if name in sys.modules])"

NOT_STARTED = {
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


@pytest.mark.parametrize("stage", NOT_STARTED)
def test_a_stage_leaves_alone_what_it_does_not_use(stage: str) -> None:
    assert not set(run_python(LIST.format(stage)).split()) & set(NOT_STARTED[stage])


def test_garbage_is_collected_once_the_imports_are_done(tmp_path: Path) -> None:
    code = (
        "import gc, stages; print(gc.isenabled()); from stages.run import run; "
        "run(lambda: print(gc.isenabled(), gc.get_freeze_count() > 0))"
    )
    # `run` takes the words behind the program's name for the stage's.
    assert run_python(code, tmp_path).split() == ["False", "True", "True"]
