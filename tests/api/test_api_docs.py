"""The examples of docs/python.md work."""

import re
import subprocess
import sys
from pathlib import Path

from PIL import Image

PAGE = Path(__file__).parents[2] / "docs/python.md"


def test_the_examples_work(copied: Path) -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## Load from MLflow")[0]
    examples = re.findall(r"```python\n(.+?)```", text, re.DOTALL)
    assert len(examples) == 5
    # Settings of threads and seeds must come first.
    examples.sort(key=lambda example: "configure(" not in example)
    finished = subprocess.run(
        [sys.executable, "-c", "\n".join(examples)],
        cwd=copied,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "(50, 4) []" in finished.stdout
    for name in ("edited", "smile", "morph"):
        with Image.open(copied / f"{name}.png") as image:
            assert len(image.getcolors(1 << 20) or []) > 2
