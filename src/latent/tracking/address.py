"""The address of the MLflow store that the stages use."""

import os
from pathlib import Path

from mlflow.utils.file_utils import local_file_uri_to_path
from mlflow.utils.uri import get_uri_scheme, is_databricks_uri
from sqlalchemy.engine import URL, make_url

from latent.io.files import resolve_location

DATABASE = "mlflow.db"
ARTIFACTS = "mlartifacts"
TRACKING_URI, REGISTRY_URI = "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"
# With this driver, MLflow does not create the folder of a database itself. It would create the
# wrong one if the folder's name has letters that are quoted in an address, such as "%" or "?".
SQLITE = "sqlite+pysqlite"

# Default stores that this process has opened. MLflow writes its address into MLFLOW_TRACKING_URI,
# where it must not be mistaken for a setting of the user.
_default_stores: set[str] = set()


def store_address(root: Path) -> str:
    """Return the address in MLFLOW_TRACKING_URI. The default is `mlflow.db` in `root`.

    An empty variable counts as unset. A relative path is resolved from `root`.

    Args:
        root: the project's folder, as an absolute path.
    """
    address = os.environ.get(TRACKING_URI, "").strip()
    if address and address not in _default_stores:
        return absolute_address(address, root)
    address = _render(URL.create(SQLITE, database=str(root / DATABASE)))
    _default_stores.add(address)
    return address


def absolute_address(address: str, root: Path) -> str:
    """Return the address of a store with an absolute path.

    A relative path is resolved from `root`, and ~ is the user's home folder.
    """
    scheme = get_uri_scheme(address)
    if scheme == "sqlite":
        url = make_url(address)
        # Databases in memory, and SQLite's own addresses.
        if not url.database or url.database.startswith((":memory:", "file:")):
            return address
        driver = SQLITE if url.drivername == "sqlite" else url.drivername
        path = resolve_location(url.database, root)
        return _render(url.set(drivername=driver, database=str(path)))
    if scheme == "file" or (not scheme and not is_databricks_uri(address)):
        return resolve_location(local_file_uri_to_path(address), root).as_uri()
    return address


def _render(url: URL) -> str:
    # By default, a password is replaced.
    address: str = url.render_as_string(hide_password=False)
    return address
