"""How a stage ends after an error of the operating system: one line that names the reason."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import shutil
from stages.run import run
def stage():
    raise {error}
run(stage)
"""


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ("FileNotFoundError(2, 'No such file or directory', 'x')", "x: No such file or directory"),
        ("OSError(28, 'No space left on device')", "{folder}: No space left on device"),
        # NumPy's error on a full disk.
        (
            "OSError('10 requested and 5 written')",
            "{folder}: 10 requested and 5 written (is the disk full?)",
        ),
        ("shutil.SpecialFileError('`x` is a named pipe')", "{folder}: `x` is a named pipe"),
        ("OSError()", "{folder}: OSError"),
    ],
)
def test_error_of_the_operating_system_is_one_line(error: str, line: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(error=error)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [f"ERROR: {line.format(folder=tmp_path.resolve())}"]
