"""A database as MLflow's store: its connection, its tables, and the artifact paths in it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import alembic.config
from mlflow.store.db.utils import create_sqlalchemy_engine
from mlflow.store.model_registry.dbmodels.models import SqlModelVersion
from mlflow.store.tracking.dbmodels.models import SqlExperiment, SqlLoggedModel, SqlRun
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy import ColumnElement, Inspector, func, inspect, literal, or_, select, update
from sqlalchemy.engine import Connection, make_url

from latent.errors import InputError
from latent.io.files import whole_file
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


class AlembicConfig(alembic.config.Config):
    """alembic's configuration, in which the path of MLflow's migrations may contain `%`.

    alembic replaces `%(name)s` in values. MLflow escapes the database's address, but not the path.
    """

    def set_main_option(self, name: str, value: str) -> None:
        """Set an option, see alembic."""
        escaped = value.replace("%", "%%") if name == "script_location" else value
        super().set_main_option(name, escaped)


alembic.config.Config = AlembicConfig  # type: ignore[misc]


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
        tables = inspect(connection).get_table_names()
        is_empty = SqlExperiment.__tablename__ not in tables
        if not is_empty and file == root / DATABASE:
            _follow_project(connection, artifacts)
    engine.dispose()
    # This creates the tables, with the folder for the experiment Default, not the working folder.
    if file.is_absolute() and not tables:
        # It takes a second. A process that is killed meanwhile must not leave some of the tables.
        with whole_file(file) as temporary:
            Path(f"{temporary}-journal").unlink(missing_ok=True)
            partial = url.set(database=str(temporary)).render_as_string(hide_password=False)
            SqlAlchemyStore(partial, artifacts.as_uri())._dispose_engine()
    elif is_empty:
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
