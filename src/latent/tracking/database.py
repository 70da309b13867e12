"""A database as MLflow's store: its connection, its tables, and the artifact paths in it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlflow.store.db.utils import create_sqlalchemy_engine
from mlflow.store.model_registry.dbmodels.models import SqlModelVersion
from mlflow.store.tracking.dbmodels.models import SqlExperiment, SqlLoggedModel, SqlRun
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy import func, inspect, literal, or_, select, update
from sqlalchemy.engine import Connection, make_url

from latent.errors import InputError
from latent.tracking.address import ARTIFACTS, DATABASE, TRACKING_URI, local_folder

# The columns in which MLflow stores absolute addresses of artifacts.
LOCATIONS: tuple[Any, ...] = (
    SqlExperiment.artifact_location,
    SqlRun.artifact_uri,
    SqlLoggedModel.artifact_location,
    SqlModelVersion.source,
    SqlModelVersion.storage_location,
)
# Packages of drivers whose module has another name.
PACKAGES = {"psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient"}


def prepare_database(address: str, root: Path) -> None:
    """Connect to a database, create MLflow's tables if it is empty, and update artifact paths.

    Artifact paths are updated in the project's own database only, after the project was moved.

    Args:
        address: the database's address, with an absolute path.
        root: the project's folder.

    Raises:
        InputError: the database's driver is not installed.
    """
    url = make_url(address)
    artifacts = root / ARTIFACTS
    try:
        engine = create_sqlalchemy_engine(address)
    except ModuleNotFoundError as error:
        package = PACKAGES.get(error.name or "", error.name)
        raise InputError(
            f"{TRACKING_URI}: the driver for {url.drivername} is not installed: "
            f"run `pip install '{package}'`"
        ) from error
    file = Path(url.database or "") if url.get_backend_name() == "sqlite" else Path()
    if file.is_absolute():
        file.parent.mkdir(parents=True, exist_ok=True)
    # MLflow itself would repeat a connection that fails for minutes.
    with engine.begin() as connection:
        is_empty = not inspect(connection).has_table(SqlExperiment.__tablename__)
        if not is_empty and file == root / DATABASE:
            _follow_project(connection, artifacts)
    engine.dispose()
    if is_empty:
        # Creates the tables, with this folder for the experiment Default, not the working folder.
        SqlAlchemyStore(address, artifacts.as_uri())


def _follow_project(connection: Connection, artifacts: Path) -> None:
    """Replace the artifact folder of a project that was moved or copied by `artifacts`.

    The folder is the one next to the database that has the same name as `artifacts`. Folders that
    the user chose for an experiment are left.
    """
    new = artifacts.as_uri()
    locations: Sequence[str] = connection.scalars(
        select(SqlExperiment.artifact_location).distinct()
    ).all()
    for old in locations:
        folder = local_folder(old)
        if not folder or folder.name != ARTIFACTS or not _has_moved(folder, artifacts):
            continue
        for column in LOCATIONS:
            start = func.substr(column, 1, len(old) + 1)
            moved = literal(new).concat(func.substr(column, len(old) + 1))
            connection.execute(
                update(column.class_)
                .where(or_(column == old, start == f"{old}/"))
                .values({column: moved})
            )


def _has_moved(old: Path, new: Path) -> bool:
    if old == new:
        return False
    # If the project was copied, the original still exists.
    return not old.exists() or (new.exists() and (old.parent / DATABASE).exists())
