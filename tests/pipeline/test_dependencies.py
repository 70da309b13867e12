"""Tests of dvc.yaml: it lists exactly the folders and parameters that can change a stage's outs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo

from latent.training.provenance import NO_INFLUENCE

ROOT = Path(__file__).parents[2]
# Code that cannot change an out: it starts a stage, logs its results, or imports `latent.Model` for
# users.
UNLISTED = {
    *("stages", "stages.run", "stages.project", "latent"),
    *(f"latent.{name}" for name in NO_INFLUENCE),
}


def is_listed(name: str) -> bool:
    """Return whether an imported module belongs to the project and must be listed in dvc.yaml."""
    parts = name.split(".")
    if parts[0] not in ("latent", "stages"):
        return False
    return name not in UNLISTED and ".".join(parts[:2]) not in UNLISTED


def find_module(name: str) -> Path | None:
    """Return the file of a module or package of the project, or None if there is no such module."""
    base = ROOT / ("src" if name.startswith("latent") else "") / name.replace(".", "/")
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((path for path in candidates if path.exists()), None)


def imported_names(path: Path) -> Iterator[str]:
    """Yield the names that a file's import statements may refer to as modules."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def collect_modules(name: str, found: set[Path]) -> set[Path]:
    """Add to `found` the project's files that are read when `name` is imported."""
    path = find_module(name)
    if not is_listed(name) or path is None or path in found:
        return found
    found.add(path)
    parents = name.split(".")[:-1]
    for depth in range(1, len(parents) + 1):
        collect_modules(".".join(parents[:depth]), found)
    for imported in imported_names(path):
        collect_modules(imported, found)
    return found


def contains_code(path: Path) -> bool:
    """Return whether a module contains more than a docstring."""
    return len(ast.parse(path.read_text(encoding="utf-8")).body) > 1


STAGES = {stage.addressing: stage for stage in Repo(str(ROOT)).index.stages}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_the_folders_that_it_imports_from(name: str) -> None:
    stage = STAGES[name]
    imported = {
        path for path in collect_modules(stage.cmd.split()[2], set()) if contains_code(path)
    }
    listed = {
        path
        for path in (Path(dependency.fs_path) for dependency in stage.deps)
        if path.is_relative_to(ROOT / "src") or path.is_relative_to(ROOT / "stages")
    }
    assert len(listed) <= 8
    covered = {path: {file for file in imported if file.is_relative_to(path)} for path in listed}
    assert set().union(*covered.values()) == imported
    assert [path for path, files in covered.items() if not files] == []


def test_dvc_yaml_is_short() -> None:
    assert len((ROOT / "dvc.yaml").read_text(encoding="utf-8").splitlines()) <= 250


def leaves(content: dict[str, object], prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of all parameters."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def test_every_parameter_that_can_change_an_out_is_a_dependency() -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    listed = {key for stage in STAGES.values() for param in stage.params for key in param.params}
    unlisted = {
        leaf
        for leaf in leaves(params)
        if not any(leaf == key or leaf.startswith(f"{key}.") for key in listed)
    }
    assert unlisted == {"tracking.on_error", "tracking.patience", "checkpoint.epochs"}


def test_the_stages_are_in_the_order_of_the_chapter() -> None:
    groups = list(yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"])
    assert groups == [
        "download",
        "preprocess",
        "train_ae",
        "train_vae",
        "train_classifier",
        "embed",
        "attribute_vectors",
        "evaluate",
        "evaluate_edits",
        "figures",
        "figures_vae_faces",
        "figures_chapter",
        "report",
    ]
