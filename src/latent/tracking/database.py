"""A database as MLflow's store: its connection, its tables, and the artifact paths in it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlflow.store.db.utils import create_sqlalchemy_engine
from mlflow.store.model_registry.dbmodels.models import SqlModelVersion
from mlflow.store.tracking.dbmodels.models import SqlExperiment, SqlLoggedModel, SqlRun
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy import ColumnElement, Inspector, func, inspect, literal, or_, select, update
from sqlalchemy.engine import Connection, make_url

from latent.errors import InputError
from latent.tracking.address import ARTIFACTS, DATABASE, TRACKING_URI

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

    A folder of the same name is replaced if `artifacts` contains a run that the database locates
    directly in it. So folders that the user chose for an experiment are left.
    """
    new = artifacts.as_uri()
    inspector = inspect(connection)
    # An older version of MLflow has not all of them. `mlflow db upgrade` adds them.
    columns = [column for column in LOCATIONS if _exists(inspector, column)]
    locations: Sequence[str] = connection.scalars(
        select(SqlExperiment.artifact_location).distinct()
    ).all()
    for old in locations:
        if old == new or not (old or "").endswith(f"/{ARTIFACTS}"):
            continue
        location = literal(f"{old}/").concat(SqlRun.run_uuid).concat("/artifacts")
        runs: Sequence[str] = connection.scalars(
            select(SqlRun.run_uuid).where(SqlRun.artifact_uri == location)
        ).all()
        if not any((artifacts / run).is_dir() for run in runs):
            continue
        for column in columns:
            moved = literal(new).concat(func.substr(column, len(old) + 1))
            is_moved = or_(column == old, _is_in(column, old))
            connection.execute(update(column.class_).where(is_moved).values({column: moved}))


def _exists(inspector: Inspector, column: Any) -> bool:
    table = column.class_.__tablename__
    names = inspector.get_columns(table) if inspector.has_table(table) else []
    return any(found["name"] == column.key for found in names)


def _is_in(column: Any, folder: str) -> ColumnElement[bool]:
    # LIKE would ignore case.
    return func.substr(column, 1, len(folder) + 1) == f"{folder}/"
