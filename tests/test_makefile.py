"""Tests of the Makefile: which versions of Python the environment is created from."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# A Python that reports another version and cannot create environments.
PYTHON = """#!/bin/sh
[ "$1" = -c ] && exec {python} -c "import sys; sys.version_info = {version}; $2"
[ "$*" = "-m venv --clear .venv" ] && exit 42
"""


def make_setup(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    """Run `make setup` in a folder that has no environment."""
    for name in ("Makefile", "pyproject.toml", "requirements.txt"):
        shutil.copyfile(ROOT / name, folder / name)
    # Variables of the `make` that may run the tests. They change the output of this one.
    inherited = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in inherited}
    return subprocess.run(
        ["make", "setup", f"PYTHON={python}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def write_python(path: Path, version: tuple[int, int, int]) -> None:
    path.write_text(PYTHON.format(python=sys.executable, version=version), encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13), (3, 13, 0), None])
def test_other_versions_of_python_are_refused_before_anything_is_installed(
    tmp_path: Path, version: tuple[int, int, int] | None
) -> None:
    if version:
        write_python(tmp_path / "python", version)
    done = make_setup(tmp_path, "./python")
    assert done.returncode != 0
    assert done.stdout == ""
    error, make = done.stderr.splitlines()
    assert error == (
        "ERROR: ./python: not found, or not Python 3.11 or 3.12: "
        "choose one with `make repro PYTHON=python3.12`"
    )
    assert make.startswith("make: ***")
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9)])
def test_supported_versions_of_python_create_the_environment(
    tmp_path: Path, version: tuple[int, int, int]
) -> None:
    write_python(tmp_path / "python", version)
    done = make_setup(tmp_path, "./python")
    assert done.stderr.splitlines()[0].endswith("Error 42")


def test_the_supported_versions_are_those_of_the_package() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires-python = ">=3.11,<3.13"' in text


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9)])
def test_an_environment_of_a_supported_version_is_kept(
    tmp_path: Path, version: tuple[int, int, int]
) -> None:
    (tmp_path / ".venv/bin").mkdir(parents=True)
    write_python(tmp_path / ".venv/bin/python", version)
    done = make_setup(tmp_path, "./python")
    assert done.stdout.startswith(".venv/bin/python -m pip install ")


def test_an_environment_of_another_version_is_replaced(tmp_path: Path) -> None:
    (tmp_path / ".venv/bin").mkdir(parents=True)
    write_python(tmp_path / ".venv/bin/python", (3, 10, 13))
    write_python(tmp_path / "python", (3, 12, 9))
    assert "Error 42" in make_setup(tmp_path, "./python").stderr
