"""The project that a command works in."""

from pathlib import Path

INSTALLED = Path(__file__).parents[3]  # if the package is installed from its source


def find_root() -> Path:
    """Return the project's folder: the nearest folder with a dvc.yaml, from the working folder up.

    If there is none, this is the project that the package is installed from, or else the working
    folder.
    """
    here = Path.cwd()
    folders = (here, *here.parents, INSTALLED)
    return next((folder for folder in folders if (folder / "dvc.yaml").is_file()), here)
