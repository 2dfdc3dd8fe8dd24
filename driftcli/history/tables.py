"""The tables of the store, as its newest version has them (`migrations` has the way there).

A result is one check run for one day. Of several of the same check and day the newest counts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData()


class DataText(TypeDecorator[str]):
    """Text that may come from data: what a database cannot hold is written as an escape."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape NUL, which PostgreSQL refuses, and lone surrogates, which UTF-8 cannot hold."""
        del dialect
        return None if value is None else storable(value)


class Instant(TypeDecorator[datetime]):
    """A moment, aware of its zone here and in UTC in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a time into UTC."""
        del dialect
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


def storable(text: str) -> str:
    """Return text as every database can hold it."""
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()


def _of(table: Table, **more: Any) -> Column[int]:
    """Return a column that names a row of `table`, and goes when that row goes."""
    name = table.name.removeprefix("drift_").removesuffix("s") + "_id"
    key = ForeignKey(table.c.id, ondelete="CASCADE")
    return Column(name, Integer, key, nullable=False, **more)


schema_version = Table("drift_schema_version", metadata, Column("version", Integer, nullable=False))

runs = Table(
    "drift_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("command", DataText, nullable=False),
    Column("version", String(40), nullable=False),
    Column("started", Instant, nullable=False),
    Column("ended", Instant),
)

checks = Table(
    "drift_checks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", DataText, nullable=False, unique=True),
)

results = Table(
    "drift_results",
    metadata,
    Column("id", Integer, primary_key=True),
    _of(runs, index=True),
    _of(checks),
    Column("day", Date, nullable=False),
    Column("started", Instant, nullable=False),
    Column("finished", Instant, nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("error", DataText),
    Column("baseline", DataText, nullable=False),
    Column("current", DataText, nullable=False),
    Column("baseline_fingerprint", String(64)),
    Column("current_fingerprint", String(64)),
    Column("baseline_rows", BigInteger),
    Column("current_rows", BigInteger),
)
# Holds all that the list of checks needs, so that it reads no row of the table.
Index("drift_results_by_day", results.c.check_id, results.c.day, results.c.id, results.c.verdict)

columns = Table(
    "drift_columns",
    metadata,
    Column("id", Integer, primary_key=True),
    _of(checks),
    Column("name", DataText, nullable=False),
    UniqueConstraint("check_id", "name"),
)

#: `status` is the worst of the column's own and that of what was found of it (a lost column has
#: no other); `excess` its highest gated score, as a multiple of the threshold.
judgements = Table(
    "drift_judgements",
    metadata,
    _of(results, primary_key=True, autoincrement=False),
    _of(columns, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("status", String(12), nullable=False),
    Column("gated", Boolean, nullable=False),
    Column("excess", Double),
    Column("waived_until", Date),
    Column("reasons", DataText),
    sqlite_with_rowid=False,
)

#: `value` is null where the score is not defined, and an infinity of the database's own.
scores = Table(
    "drift_scores",
    metadata,
    _of(results, primary_key=True, autoincrement=False),
    _of(columns, primary_key=True, autoincrement=False),
    Column("metric", String(40), primary_key=True),
    Column("value", Double),
    Column("error_bound", Double),
    Column("warn_threshold", Double),
    Column("threshold", Double),
    Column("noise", Double),
    Column("p_value", Double),
    Column("p_adjusted", Double),
    Column("significant", Boolean),
    Column("gated", Boolean, nullable=False),
    Column("status", String(12), nullable=False),
    sqlite_with_rowid=False,
)

findings = Table(
    "drift_findings",
    metadata,
    Column("id", Integer, primary_key=True),
    _of(results, index=True),
    Column("column_id", Integer, ForeignKey(columns.c.id, ondelete="CASCADE")),
    Column("kind", String(20), nullable=False),
    Column("status", String(12), nullable=False),
    Column("message", DataText, nullable=False),
)

profiles = Table(
    "drift_profiles",
    metadata,
    _of(results, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

#: Of a check that may not have run yet, so by its name. `pattern` is a column or a glob; the
#: newest row of a check and pattern counts, and one that was revoked is none.
waivers = Table(
    "drift_waivers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("check_name", DataText, nullable=False, index=True),
    Column("pattern", DataText, nullable=False),
    Column("until", Date, nullable=False),
    Column("why", DataText, nullable=False),
    Column("recorded_by", DataText),
    Column("recorded", Instant, nullable=False),
    Column("revoked", Instant),
)

notices = Table(
    "drift_notices",
    metadata,
    Column("check_name", DataText, primary_key=True),
    Column("target", DataText, primary_key=True),
    Column("state", DataText),
    Column("told", Instant),
    Column("attempts", Integer, nullable=False),
    Column("error", DataText),
)
