"""Versions of the store: a new one is made as it is now, an older one is brought up to date.

To change the tables: change `tables`, and append to `MIGRATIONS` the function that turns the
version before into that one. A test holds the two to the same outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, insert, inspect, select, text, update

from driftcli.errors import HistoryError
from driftcli.history import tables
from driftcli.history.tables import metadata, schema_version
from driftcli.history.values import damaged

Migration = Callable[[Connection], None]


def _pairs(connection: Connection) -> None:
    """Make room for pairs of columns: their scores, and their waivers."""
    made = (tables.pairs, tables.pair_judgements, tables.pair_scores)
    metadata.create_all(connection, tables=list(made))
    connection.execute(text("ALTER TABLE drift_waivers ADD COLUMN paired TEXT"))


#: The one at place n leads from version n + 1 to n + 2, in the transaction it is given.
MIGRATIONS: Sequence[Migration] = (_pairs,)
#: Any number, as long as it is ours: all who migrate a PostgreSQL store wait for one another.
_LOCK = 7_294_310_226


def version_of(connection: Connection) -> int | None:
    """Return the version of the store, None where there is none.

    Raises
    ------
    HistoryError
        When the database is an SQLite file that holds something else, or is damaged.
    """
    names = inspect(connection).get_table_names()
    if schema_version.name in names:
        versions = connection.scalars(select(schema_version.c.version)).all()
        if len(versions) != 1 or versions[0] < 1:
            raise damaged("no version of its own")
        return int(versions[0])
    if names and connection.dialect.name == "sqlite":
        raise HistoryError("an SQLite database, but not one of drift; name another file")
    return None


def is_current(connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> bool:
    """Return whether there is nothing to do.

    Raises
    ------
    HistoryError
        When the store is newer than this version of drift, or is none.
    """
    version = version_of(connection)
    newest = len(migrations) + 1
    if version is not None and version > newest:
        raise HistoryError(
            f"written by a newer drift (store version {version}; this one knows up to {newest});"
            " upgrade drift"
        )
    return version == newest


def bring_up_to_date(connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Make the tables, or run the migrations that are missing, in the transaction at hand.

    Of several processes that come at once, one does the work and the others find it done. On
    SQLite the transaction must have been begun for writing.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if is_current(connection, migrations):
        return
    version = version_of(connection)
    newest = len(migrations) + 1
    if version is None:
        metadata.create_all(connection)
        connection.execute(insert(schema_version).values(version=newest))
        return
    for migrate in migrations[version - 1 :]:
        migrate(connection)
    connection.execute(update(schema_version).values(version=newest))
