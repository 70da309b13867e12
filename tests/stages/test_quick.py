"""`make quick` and the user's settings."""

import os
import shutil
from pathlib import Path

import pytest

from stages import quick

PROJECT = Path(quick.__file__).parents[1]


def test_the_mlflow_store_of_the_user_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*quick.CODE, "params.yaml"):
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy2
        copy(PROJECT / name, tmp_path / name)
    seen: list[str] = []

    def reproduce(smaller: str) -> int:
        seen.extend(name for name in os.environ if name.endswith(("TRACKING_URI", "REGISTRY_URI")))
        return 0

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "http://127.0.0.1:1")
    monkeypatch.setattr(quick, "reproduce", reproduce)
    quick.main()
    assert Path.cwd() == tmp_path / quick.FOLDER
    assert seen == []
