"""Tests of stages that are run with a Python that lacks the project's packages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(
    path.stem
    for path in (ROOT / "stages").glob("*.py")
    if 'if __name__ == "__main__"' in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_python_without_the_packages_ends_with_one_line(command: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-m", f"stages.{command}"],  # -S: no installed packages
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"ERROR: {sys.executable}: lacks the packages dvc, keras, mlflow, ")
    assert "run `source .venv/bin/activate` first" in line
    assert list(tmp_path.iterdir()) == []


def test_a_backend_that_is_not_installed_ends_with_one_line() -> None:
    code = "import sys; sys.modules['jax'] = None; import stages.train_vae"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("ERROR: KERAS_BACKEND is jax, which is not installed: ")
    assert "docs/accelerators.md" in line
