"""The tables of the store, as its newest version has them (`migrations` has the way there).

A result is one check run for one day. Of several of the same check and day the newest counts.
"""

from __future__ import annotations

from typing import Any, get_args

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, UniqueConstraint

from driftcli.history.values import (
    DataText,
    Day,
    Flag,
    Instant,
    Number,
    Profile,
    Rows,
    Whole,
    Word,
)
from driftcli.report.comparison import Status
from driftcli.report.history import Outcome

metadata = MetaData()


def _of(table: Table, **more: Any) -> Column[int]:
    """Return a column that names a row of `table`, and goes when that row goes."""
    name = table.name.removeprefix("drift_").removesuffix("s") + "_id"
    key = ForeignKey(table.c.id, ondelete="CASCADE")
    return Column(name, Integer, key, nullable=False, **more)


schema_version = Table("drift_schema_version", metadata, Column("version", Whole, nullable=False))

runs = Table(
    "drift_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("command", DataText, nullable=False),
    Column("version", Word(40), nullable=False),
    Column("started", Instant, nullable=False),
    Column("ended", Instant(optional=True)),
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
    Column("day", Day, nullable=False),
    Column("started", Instant, nullable=False),
    Column("finished", Instant, nullable=False),
    Column("verdict", Word(12, get_args(Outcome)), nullable=False),
    Column("exit_code", Whole, nullable=False),
    Column("error", DataText(optional=True)),
    Column("baseline", DataText, nullable=False),
    Column("current", DataText, nullable=False),
    Column("baseline_fingerprint", Word(64, optional=True)),
    Column("current_fingerprint", Word(64, optional=True)),
    Column("baseline_rows", Rows(optional=True)),
    Column("current_rows", Rows(optional=True)),
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
    Column("kind", Word(20), nullable=False),
    Column("status", Word(12, get_args(Status)), nullable=False),
    Column("gated", Flag, nullable=False),
    Column("excess", Number(optional=True)),
    Column("waived_until", Day(optional=True)),
    Column("reasons", DataText(optional=True)),
    sqlite_with_rowid=False,
)

#: `value` is null where the score is not defined, and an infinity of the database's own.
scores = Table(
    "drift_scores",
    metadata,
    _of(results, primary_key=True, autoincrement=False),
    _of(columns, primary_key=True, autoincrement=False),
    Column("metric", Word(40), primary_key=True),
    Column("value", Number(optional=True)),
    Column("error_bound", Number(optional=True)),
    Column("warn_threshold", Number(optional=True)),
    Column("threshold", Number(optional=True)),
    Column("noise", Number(optional=True)),
    Column("p_value", Number(optional=True)),
    Column("p_adjusted", Number(optional=True)),
    Column("significant", Flag(optional=True)),
    Column("gated", Flag, nullable=False),
    Column("status", Word(12, get_args(Status)), nullable=False),
    sqlite_with_rowid=False,
)

findings = Table(
    "drift_findings",
    metadata,
    Column("id", Integer, primary_key=True),
    _of(results, index=True),
    Column("column_id", Integer, ForeignKey(columns.c.id, ondelete="CASCADE")),
    Column("kind", Word(20), nullable=False),
    Column("status", Word(12, get_args(Status)), nullable=False),
    Column("message", DataText, nullable=False),
)

profiles = Table(
    "drift_profiles",
    metadata,
    _of(results, primary_key=True, autoincrement=False),
    Column("data", Profile, nullable=False),
)

#: Of a check that may not have run yet, so by its name. `pattern` is a column or a glob; the
#: newest row of a check and pattern counts, and one that was revoked is none.
waivers = Table(
    "drift_waivers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("check_name", DataText, nullable=False, index=True),
    Column("pattern", DataText, nullable=False),
    Column("until", Day, nullable=False),
    Column("why", DataText, nullable=False),
    Column("recorded_by", DataText(optional=True)),
    Column("recorded", Instant, nullable=False),
    Column("revoked", Instant(optional=True)),
)

notices = Table(
    "drift_notices",
    metadata,
    Column("check_name", DataText, primary_key=True),
    Column("target", DataText, primary_key=True),
    Column("state", DataText(optional=True)),
    Column("told", Instant(optional=True)),
    Column("attempts", Whole, nullable=False),
    Column("error", DataText(optional=True)),
)
