"""Compares the results in two clones byte by byte."""

from typing import Any

from benchmarks.clone import Project
from latent.io.files import sha256

Lock = dict[str, Any]


def differing_outs(first: Project, second: Project) -> list[str]:
    """Return one line per difference between the two clones.

    The files dvc.lock are compared, and then the contents of the outs that differ. Commands,
    parameters and dependencies are compared too, because they explain different outs. An empty
    list means that all results are the same.
    """
    stages, others = first.lock(), second.lock()
    found = [
        f"stage {name}: exists in only one of the two clones"
        for name in stages.keys() ^ others.keys()
    ]
    for name in stages.keys() & others.keys():
        for part in ("cmd", "params", "deps", "outs"):
            if stages[name].get(part) != others[name].get(part):
                found += _explain(first, second, name, part)
    return sorted(found)


def _explain(first: Project, second: Project, stage: str, part: str) -> list[str]:
    if part in ("cmd", "params"):
        return [f"stage {stage}: {part} differ"]
    digests, others = (
        {entry["path"]: entry.get("md5") for entry in project.lock()[stage].get(part, [])}
        for project in (first, second)
    )
    paths = sorted(
        path for path in digests.keys() | others.keys() if digests.get(path) != others.get(path)
    )
    return [
        f"stage {stage}: {part}: {line}"
        for path in paths
        for line in _differing_files(first, second, path)
    ]


def _differing_files(first: Project, second: Project, path: str) -> list[str]:
    names = sorted(
        {
            str(file.relative_to(project.folder))
            for project in (first, second)
            for file in [project.folder / path, *(project.folder / path).rglob("*")]
            if file.is_file()
        }
    )
    return [name for name in names if _digest(first, name) != _digest(second, name)] or [path]


def _digest(project: Project, name: str) -> str | None:
    path = project.folder / name
    return sha256(path) if path.is_file() else None
