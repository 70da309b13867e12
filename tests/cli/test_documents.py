"""The commands in the documents and in the report work as they are written."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from latent_command import COMMAND, Latent, user_environment

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "docs/command_line.md", "src/latent/report/template.html.j2")
SERVES = "latent explore"  # tested in test_process.py


def read_commands(name: str) -> list[str]:
    """Return the commands in the blocks of a document."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line.startswith(("    latent ", "latent "))]
    return [line.strip().removesuffix("</pre>") for line in commands if SERVES not in line]


@pytest.fixture
def folder(latent: Latent, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a copy of the project, with the images that the documents name."""
    root = tmp_path / "project"
    shutil.copytree(project, root)
    folder = root / "work"
    shutil.copytree(root / "photos", folder / "photos")
    for name in ("photo", "a", "b"):
        shutil.copy(root / "photos/a.png", folder / f"{name}.jpg")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands(name: str, latent: Latent, folder: Path) -> None:
    commands = read_commands(name)
    assert len(commands) >= 4
    for command in commands:
        words = shlex.split(command)
        if ">" in words:
            environment = user_environment() | {"PATH": f"{COMMAND.parent}:/usr/bin:/bin"}
            subprocess.run(command, shell=True, check=True, cwd=folder, env=environment)
        else:
            result = latent(*words[1:])
            assert result.code == 0, (command, result)
        if "." in words[-1]:
            assert (folder / words[-1]).stat().st_size, command
