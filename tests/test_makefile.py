"""Tests of the Makefile: the creation, update and repair of the environment."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
NAMES = ("python3.13", "python3.12", "python3.11", "python3")
# A Python of any version. `-m venv` creates an environment of it, and every other command is
# logged. The file `reaction` is a command that runs instead of the installation.
PYTHON = """#!/bin/sh
if [ "$1" = -c ]; then
    exec {python} -c "import sys; sys.version_info = {version}; $2"
elif [ "$*" = "-m venv --clear .venv" ]; then
    rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python
    echo "{name}" >> log
else
    echo "$*" >> log
    [ ! -e reaction ] || . ./reaction
fi
"""
VENV = "python"
INSTALL = "stages/install.py --requirement requirements.txt --editable ."
INSTALL_TOOLS = "stages/install.py --requirement requirements-dev.txt"


def write_python(path: Path, version: tuple[int, int, int] = (3, 13, 0)) -> None:
    text = PYTHON.format(python=sys.executable, version=version, name=path.name)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder in which `make` works, with a Python 3.13."""
    for name in ("Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    write_python(tmp_path / "python")
    return tmp_path


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    # Variables of the `make` that may run the tests. They change the output of this one.
    inherited = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if name not in inherited}
    return subprocess.Popen(
        ["make", *arguments],
        cwd=folder,
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def make(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, list[str]]:
    """Run `make` and return the exit status, standard error, and the commands of Python."""
    process = start(folder, *arguments, **environment)
    _, errors = process.communicate()
    log = folder / "log"
    commands = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return process.returncode, errors, commands


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13), (3, 14, 0), None])
def test_other_versions_of_python_are_refused_before_anything_is_installed(
    project: Path, version: tuple[int, int, int] | None
) -> None:
    if version:
        write_python(project / "other", version)
    status, errors, commands = make(project, "setup", "PYTHON=./other")
    assert status != 0
    error, last = errors.splitlines()
    assert error.startswith("ERROR: found no Python 3.11, 3.12 or 3.13 ")
    assert "(tried: ./other)" in error
    assert "sudo apt install python3-venv" in error
    assert last.startswith("make: ***")
    assert not commands
    assert not (project / ".venv").exists()


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 1)])
def test_supported_versions_of_python_create_the_environment(
    project: Path, version: tuple[int, int, int]
) -> None:
    write_python(project / "python", version)
    assert make(project, "setup", "PYTHON=./python") == (0, "", [VENV, INSTALL])
    # A second call does nothing.
    assert make(project, "setup", "PYTHON=./python") == (0, "", [])


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        ({"python3.13": (3, 13, 0), "python3.12": (3, 12, 0)}, "python3.13"),
        ({"python3.12": (3, 12, 0), "python3.11": (3, 11, 0)}, "python3.12"),
        ({"python3": (3, 11, 2)}, "python3"),
        ({"python3": (3, 14, 0), "python3.11": (3, 11, 0)}, "python3.11"),
        ({"python3": (3, 14, 0)}, None),
    ],
)
def test_the_newest_supported_python_is_found(
    project: Path, found: dict[str, tuple[int, int, int]], chosen: str | None
) -> None:
    folder = project / "bin"
    folder.mkdir()
    for name in NAMES:
        if name in found:
            write_python(folder / name, found[name])
        else:
            # As the commands of a version manager for versions that are not selected.
            (folder / name).write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
            (folder / name).chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    status, errors, commands = make(project, "setup", PATH=path)
    assert commands == ([chosen, INSTALL] if chosen else [])
    assert (status == 0) == (chosen is not None)
    assert len(errors.splitlines()) == (0 if chosen else 2)


def test_a_python_that_cannot_create_environments_is_skipped(project: Path) -> None:
    write_python(project / "other")
    text = (project / "other").read_text(encoding="utf-8")
    lacking = text.replace("import sys;", "import sys; sys.modules['ensurepip'] = None;")
    (project / "other").write_text(lacking, encoding="utf-8")
    assert make(project, "setup", "PYTHON=./other ./python") == (0, "", [VENV, INSTALL])


def test_the_supported_versions_are_the_same_everywhere() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires-python = ">=3.11,<3.14"' in text
    assert "(3, 11) <= sys.version_info < (3, 14)" in (ROOT / "Makefile").read_text("utf-8")
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    versions = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert versions == ["3.11", "3.12", "3.13"]


def test_the_workflow_calls_targets_of_the_makefile() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for step in workflow["jobs"]["test"]["steps"]:
        if "uses" in step:
            # A full release or a commit, which does not change.
            assert re.search(r"@(v\d+\.\d+\.\d+|[0-9a-f]{40})$", step["uses"])
        else:
            command, target = step["run"].split()
            assert command == "make"
            assert target in targets


def test_changed_requirements_are_installed_into_the_environment(project: Path) -> None:
    make(project, "setup", "PYTHON=./python")
    for name in ("requirements.txt", "pyproject.toml"):
        os.utime(project / ".venv/.ready", (1, 1))
        (project / name).touch()
        assert make(project, "setup", "PYTHON=./python") == (0, "", [INSTALL])


def test_an_environment_whose_python_is_gone_is_replaced(project: Path) -> None:
    make(project, "setup", "PYTHON=./python")
    (project / ".venv/bin/python").unlink()
    (project / ".venv/bin/python").symlink_to("removed by an upgrade")
    assert make(project, "setup", "PYTHON=./python") == (0, "", [VENV, INSTALL])
    assert make(project, "setup", "PYTHON=./python") == (0, "", [])


def test_an_environment_of_another_version_is_replaced(project: Path) -> None:
    make(project, "setup", "PYTHON=./python")
    write_python(project / ".venv/bin/python", (3, 10, 13))
    os.utime(project / ".venv/.ready", (1, 1))
    assert make(project, "setup", "PYTHON=./python") == (0, "", [VENV, INSTALL])


def test_a_failed_installation_is_repeated_in_a_new_environment(project: Path) -> None:
    (project / "reaction").write_text("exit 3", encoding="utf-8")
    status, _, commands = make(project, "setup", "PYTHON=./python")
    assert status != 0
    assert commands == [VENV, INSTALL]
    (project / "reaction").unlink()
    assert make(project, "setup", "PYTHON=./python") == (0, "", [VENV, INSTALL])


@pytest.mark.parametrize("target", ["setup", ".venv/.ready-dev"])
def test_an_installation_that_is_killed_is_repeated_in_a_new_environment(
    project: Path, target: str
) -> None:
    make(project, "setup", "PYTHON=./python")
    os.utime(project / ".venv/.ready", (1, 1))
    if target == "setup":
        (project / "requirements.txt").touch()
    os.mkfifo(project / "started")
    # The installation says that it has started, and then waits for ever.
    (project / "reaction").write_text("echo yes > started; exec cat started", encoding="utf-8")
    process = start(project, target, "PYTHON=./python")
    with (project / "started").open(encoding="utf-8") as started:
        assert started.read() == "yes\n"
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    (project / "reaction").unlink()
    (project / "log").unlink()
    status, errors, commands = make(project, target, "PYTHON=./python")
    tools = [] if target == "setup" else [INSTALL_TOOLS]
    assert (status, errors, commands) == (0, "", [VENV, INSTALL, *tools])


def test_development_tools_are_installed_only_when_they_are_needed(project: Path) -> None:
    assert make(project, "setup", "PYTHON=./python")[2] == [VENV, INSTALL]
    assert make(project, ".venv/.ready-dev", "PYTHON=./python")[2] == [INSTALL_TOOLS]
    for target in ("setup", ".venv/.ready-dev"):
        assert make(project, target, "PYTHON=./python")[2] == []
    for target in ("test", "lint", "bench", "lock"):
        assert "requirements-dev.txt" in rules()[target], target
    for target in ("repro", "verify", "ui", "setup"):
        assert "requirements-dev.txt" not in rules()[target], target


def rules() -> dict[str, set[str]]:
    """Return the prerequisites of each target of the Makefile, those of prerequisites included."""
    printed = subprocess.run(
        ["make", "--print-data-base", "--dry-run", "--question"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    direct = {
        target: set(needed.split())
        for target, needed in re.findall(r"^([^\s#:%]+): ([^=\n]*)$", printed, re.MULTILINE)
    }

    def collect(target: str) -> set[str]:
        return {target}.union(*map(collect, direct.get(target, ())))

    return {target: collect(target) for target in direct}
