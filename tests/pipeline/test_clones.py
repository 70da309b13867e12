"""Tests of git clones and worktrees of a project with results, which share DVC's cache."""

from pathlib import Path

import pytest

from benchmarks.clone import Project

UP_TO_DATE = "Data and pipelines are up to date.\n"


def share_cache(project: Project, cached: Project) -> None:
    """Restore the outs of `project` from DVC's cache in `cached`."""
    cache = str(cached.folder / ".dvc/cache")
    for command in (("cache", "dir", "--local", cache), ("checkout",)):
        done = project.run("dvc", *command)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("setting", ["false", "true"])
def test_a_clone_is_up_to_date_with_any_setting_of_line_ends(
    committed: Project, tmp_path: Path, setting: str
) -> None:
    clone = Project(tmp_path / "clone")
    settings = ("-c", f"core.autocrlf={setting}")
    done = committed.run("git", "clone", "-q", *settings, ".", str(clone.folder))
    assert done.returncode == 0, done.stderr
    share_cache(clone, committed)
    assert clone.run("dvc", "status").stdout == UP_TO_DATE


def test_an_experiment_is_applied_in_a_worktree(committed: Project, tmp_path: Path) -> None:
    change = ("-S", "download.fashion.sample.seed=1")
    done = committed.run("dvc", "exp", "run", "--temp", "-n", "other", *change, "download@fashion")
    assert done.returncode == 0, done.stderr
    worktree = Project(tmp_path / "worktree")
    done = committed.run("git", "worktree", "add", "-q", "-b", "branch", str(worktree.folder))
    assert done.returncode == 0, done.stderr
    share_cache(worktree, committed)
    assert worktree.run("dvc", "status").stdout == UP_TO_DATE
    done = worktree.run("dvc", "exp", "apply", "other")
    assert done.returncode == 0, done.stderr
    assert worktree.params()["download"]["fashion"]["sample"]["seed"] == 1
    assert worktree.run("dvc", "status", "download@fashion").stdout == UP_TO_DATE
