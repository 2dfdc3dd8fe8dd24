"""The tables of the store, as its newest version has them (`migrations` has the way there).

A result is one check run for one day. Of several of the same check and day the newest counts.
"""

from __future__ import annotations

from typing import Any, get_args

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, UniqueConstraint

from driftcli.history.values import (
    StoredDay,
    StoredFlag,
    StoredInstant,
    StoredNumber,
    StoredProfile,
    StoredRows,
    StoredText,
    StoredWhole,
    StoredWord,
)
from driftcli.report.columns import Status
from driftcli.report.history import Outcome

metadata = MetaData()


def _of(table: Table, **more: Any) -> Column[int]:
    """Return a column that names a row of `table`, and goes when that row goes."""
    name = table.name.removeprefix("drift_").removesuffix("s") + "_id"
    key = ForeignKey(table.c.id, ondelete="CASCADE")
    return Column(name, Integer, key, nullable=False, **more)


schema_version = Table(
    "drift_schema_version", metadata, Column("version", StoredWhole, nullable=False)
)

runs = Table(
    "drift_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("command", StoredText, nullable=False),
    Column("version", StoredWord(40), nullable=False),
    Column("started", StoredInstant, nullable=False),
    Column("ended", StoredInstant(optional=True)),
)

checks = Table(
    "drift_checks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", StoredText, nullable=False, unique=True),
)

results = Table(
    "drift_results",
    metadata,
    Column("id", Integer, primary_key=True),
    _of(runs, index=True),
    _of(checks),
    Column("day", StoredDay, nullable=False),
    Column("started", StoredInstant, nullable=False),
    Column("finished", StoredInstant, nullable=False),
    Column("verdict", StoredWord(12, get_args(Outcome)), nullable=False),
    Column("exit_code", StoredWhole, nullable=False),
    Column("error", StoredText(optional=True)),
    Column("baseline", StoredText, nullable=False),
    Column("current", StoredText, nullable=False),
    Column("baseline_fingerprint", StoredWord(64, optional=True)),
    Column("current_fingerprint", StoredWord(64, optional=True)),
    Column("baseline_rows", StoredRows(optional=True)),
    Column("current_rows", StoredRows(optional=True)),
)
# Holds all that the list of checks needs, so that it reads no row of the table.
Index("drift_results_by_day", results.c.check_id, results.c.day, results.c.id, results.c.verdict)

columns = Table(
    "drift_columns",
    metadata,
    Column("id", Integer, primary_key=True),
    _of(checks),
    Column("name", StoredText, nullable=False),
    UniqueConstraint("check_id", "name"),
)

#: `status` is the worst of the column's own and that of what was found of it (a lost column has
#: no other); `excess` its highest gated score, as a multiple of the threshold.
judgements = Table(
    "drift_judgements",
    metadata,
    _of(results, primary_key=True, autoincrement=False),
    _of(columns, primary_key=True, autoincrement=False),
    Column("kind", StoredWord(20), nullable=False),
    Column("status", StoredWord(12, get_args(Status)), nullable=False),
    Column("gated", StoredFlag, nullable=False),
    Column("excess", StoredNumber(optional=True)),
    Column("waived_until", StoredDay(optional=True)),
    Column("reasons", StoredText(optional=True)),
    sqlite_with_rowid=False,
)

#: `value` is null where the score is not defined, and an infinity of the database's own.
scores = Table(
    "drift_scores",
    metadata,
    _of(results, primary_key=True, autoincrement=False),
    _of(columns, primary_key=True, autoincrement=False),
    Column("metric", StoredWord(40), primary_key=True),
    Column("value", StoredNumber(optional=True)),
    Column("error_bound", StoredNumber(optional=True)),
    Column("warn_threshold", StoredNumber(optional=True)),
    Column("threshold", StoredNumber(optional=True)),
    Column("noise", StoredNumber(optional=True)),
    Column("p_value", StoredNumber(optional=True)),
    Column("p_adjusted", StoredNumber(optional=True)),
    Column("significant", StoredFlag(optional=True)),
    Column("gated", StoredFlag, nullable=False),
    Column("status", StoredWord(12, get_args(Status)), nullable=False),
    sqlite_with_rowid=False,
)

#: Two columns, their names in the order of the alphabet.
pairs = Table(
    "drift_pairs",
    metadata,
    Column("id", Integer, primary_key=True),
    _of(checks),
    Column("first", StoredText, nullable=False),
    Column("second", StoredText, nullable=False),
    UniqueConstraint("check_id", "first", "second"),
)

pair_judgements = Table(
    "drift_pair_judgements",
    metadata,
    _of(results, primary_key=True, autoincrement=False),
    _of(pairs, primary_key=True, autoincrement=False),
    Column("status", StoredWord(12, get_args(Status)), nullable=False),
    Column("excess", StoredNumber(optional=True)),
    Column("waived_until", StoredDay(optional=True)),
    Column("reasons", StoredText(optional=True)),
    sqlite_with_rowid=False,
)

pair_scores = Table(
    "drift_pair_scores",
    metadata,
    _of(results, primary_key=True, autoincrement=False),
    _of(pairs, primary_key=True, autoincrement=False),
    Column("metric", StoredWord(40), primary_key=True),
    Column("value", StoredNumber(optional=True)),
    Column("warn_threshold", StoredNumber(optional=True)),
    Column("threshold", StoredNumber(optional=True)),
    Column("p_value", StoredNumber(optional=True)),
    Column("p_adjusted", StoredNumber(optional=True)),
    Column("significant", StoredFlag(optional=True)),
    Column("status", StoredWord(12, get_args(Status)), nullable=False),
    sqlite_with_rowid=False,
)

findings = Table(
    "drift_findings",
    metadata,
    Column("id", Integer, primary_key=True),
    _of(results, index=True),
    Column("column_id", Integer, ForeignKey(columns.c.id, ondelete="CASCADE")),
    Column("kind", StoredWord(20), nullable=False),
    Column("status", StoredWord(12, get_args(Status)), nullable=False),
    Column("message", StoredText, nullable=False),
)

profiles = Table(
    "drift_profiles",
    metadata,
    _of(results, primary_key=True, autoincrement=False),
    Column("data", StoredProfile, nullable=False),
)

#: Of a check that may not have run yet, so by its name. `pattern` is a column or a glob, and of
#: pairs `paired` is the other one; the newest row of a check and both counts, and one that was
#: revoked is none.
waivers = Table(
    "drift_waivers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("check_name", StoredText, nullable=False, index=True),
    Column("pattern", StoredText, nullable=False),
    Column("until", StoredDay, nullable=False),
    Column("why", StoredText, nullable=False),
    Column("recorded_by", StoredText(optional=True)),
    Column("recorded", StoredInstant, nullable=False),
    Column("revoked", StoredInstant(optional=True)),
    Column("paired", StoredText(optional=True)),
)

notices = Table(
    "drift_notices",
    metadata,
    Column("check_name", StoredText, primary_key=True),
    Column("target", StoredText, primary_key=True),
    Column("state", StoredText(optional=True)),
    Column("told", StoredInstant(optional=True)),
    Column("attempts", StoredWhole, nullable=False),
    Column("error", StoredText(optional=True)),
)
