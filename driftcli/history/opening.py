"""Where a store is, and how its database is opened."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from driftcli.errors import HistoryError
from driftcli.history.faults import as_history_error, shown
from driftcli.history.files import file_of, make, watch
from driftcli.history.migrations import bring_up_to_date, is_current

_WRITING = "drift_writing"
_OPTIONS = {"timeout", "uri", "mode", "cache", "immutable", "nolock", "psow", "vfs"}


def open_engine(where: str, *, create: bool, patience: float) -> Engine:
    """Return the engine of a store that is there and up to date.

    Raises
    ------
    HistoryError
        When it cannot be opened.
    """
    url = url_of(where)
    with as_history_error(url):
        path = file_of(url)
        if path and not path.exists():
            if not create:
                raise HistoryError(
                    "there is no such store; `drift run` makes one, --history names it"
                )
            make(path, _made)
        engine = engine_of(url, patience)
        if path:
            watch(engine, path)
        try:
            _make_ready(engine, patience)
        except BaseException:
            engine.dispose()
            raise
    return engine


def _made(url: URL) -> None:
    """Make a store where nobody else is."""
    engine = engine_of(url, 0.0)
    _make_ready(engine, 0.0)
    engine.dispose()


def _make_ready(engine: Engine, patience: float) -> None:
    with engine.begin() as connection:
        if is_current(connection):
            return
    if engine.dialect.name == "sqlite":
        _log_ahead(engine, patience)
    with engine.execution_options(**{_WRITING: True}).begin() as connection:
        bring_up_to_date(connection)


def _log_ahead(engine: Engine, patience: float) -> None:
    """Have readers and a writer not wait for one another; the file remembers it.

    SQLite does not wait for its turn to change this, so we do.
    """
    end = monotonic() + patience
    while True:
        try:
            return run_alone(engine, "PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > end:
                raise
            sleep(0.05)


def run_alone(engine: Engine, statement: str) -> None:
    """Run a statement that SQLite does not allow within a transaction."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute(statement).close()
    finally:
        connection.close()


def shrink(engine: Engine) -> None:
    """Give the room of what was removed back; PostgreSQL does that by itself."""
    if engine.dialect.name == "sqlite":
        with as_history_error(engine.url):
            run_alone(engine, "VACUUM")


def url_of(where: str) -> URL:
    """Return the address of a store that was named by a path or as a URL.

    Raises
    ------
    HistoryError
        When it is neither an SQLite nor a PostgreSQL database.
    """
    if "://" not in where:
        return URL.create("sqlite", database=where)
    try:
        url = make_url(where)
    except (exc.ArgumentError, ValueError):
        raise HistoryError(
            "history: not a database URL; write a path, or postgresql://USER@HOST/NAME"
        ) from None
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    kind = url.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise HistoryError(
            f"history {shown(url)}: a store is an SQLite file or a PostgreSQL database"
        )
    if kind == "sqlite" and url.database in (None, "", ":memory:"):
        raise HistoryError("history: a store in memory forgets everything; name a file")
    unknown = sorted(set(url.query) - _OPTIONS) if kind == "sqlite" else ()
    if unknown:
        raise HistoryError(f"history {shown(url)}: SQLite has no option {unknown[0]!r}")
    return url


def engine_of(url: URL, patience: float) -> Engine:
    """Return the engine of a database; nothing is opened yet."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": patience, "isolation_level": None})
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine
    timeout = {"connect_timeout": max(2, round(patience))}
    return create_engine(url, connect_args=timeout, pool_pre_ping=True)


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    # What a commit wrote survives a loss of power too, which NORMAL does not promise.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Begin a transaction; one that writes waits for its turn at once, and not half-way."""
    writing = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads: all of it sees one state of the store."""
    with as_history_error(engine.url), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that is written whole or not at all."""
    with (
        as_history_error(engine.url),
        engine.execution_options(**{_WRITING: True}).begin() as connection,
    ):
        yield connection


#: The environment variable that names a store.
VARIABLE = "DRIFT_HISTORY"
#: The store where none is named, beside the configuration file.
DEFAULT = "drift-history.db"


def where(
    option: str | None, environ: Mapping[str, str], configured: str | None, folder: Path
) -> str:
    """Return the path or URL of the store: of the option, DRIFT_HISTORY, or the configured one.

    A path in the configuration, and the default, are relative to `folder`: that of the
    configuration file.
    """
    if named := option or environ.get(VARIABLE):
        return named
    chosen = configured or DEFAULT
    return chosen if "://" in chosen else os.path.relpath(folder / chosen)
