"""What is asked of the store. Of several results of one check and day the newest counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, func, select

from driftcli.history.records import Gated, Judged, Scored
from driftcli.history.tables import (
    checks,
    columns,
    judgements,
    profiles,
    results,
    scores,
)
from driftcli.history.values import damaged, storable
from driftcli.report.history import Outcome

#: The columns of the export, a row for each score.
EXPORTED = (
    *(checks.c.name.label("check"), results.c.day, results.c.run_id.label("run")),
    *(results.c.started, results.c.finished, results.c.verdict),
    *(results.c.baseline, results.c.current),
    *(results.c.baseline_fingerprint, results.c.current_fingerprint),
    *(results.c.baseline_rows, results.c.current_rows),
    *(columns.c.name.label("column"), judgements.c.kind),
    *(judgements.c.status.label("column_status"), judgements.c.waived_until),
    *(scores.c.metric, scores.c.value, scores.c.error_bound, scores.c.warn_threshold),
    *(scores.c.threshold, scores.c.noise, scores.c.p_value, scores.c.p_adjusted),
    *(scores.c.significant, scores.c.gated, scores.c.status),
)


def newest(check: str | None = None) -> Select[tuple[int]]:
    """Return the query for the numbers of the results that count."""
    found = select(func.max(results.c.id)).group_by(results.c.check_id, results.c.day)
    return found if check is None else found.where(results.c.check_id == number_of(check))


def number_of(check: str) -> Any:
    """Return the query for the number of a check."""
    return select(checks.c.id).where(checks.c.name == storable(check)).scalar_subquery()


def outcomes(
    connection: Connection, check: str | None = None
) -> dict[str, list[tuple[date, Outcome]]]:
    """Return the days and outcomes of each check, or of one, oldest first."""
    asked = (
        select(checks.c.name, results.c.day, results.c.verdict)
        .join_from(results, checks)
        .where(results.c.id.in_(newest(check)))
        .order_by(checks.c.name, results.c.day)
    )
    found: dict[str, list[tuple[date, Outcome]]] = {}
    for name, day, verdict in connection.execute(asked):
        found.setdefault(name, []).append((day, verdict))
    return found


def check_names(connection: Connection) -> list[str]:
    """Return the checks of which any result is recorded."""
    has_results = checks.c.id.in_(select(results.c.check_id))
    return sorted(connection.scalars(select(checks.c.name).where(has_results)))


def column_names(connection: Connection, check: str) -> list[str]:
    """Return the columns that any result of a check named."""
    asked = select(columns.c.name).where(columns.c.check_id == number_of(check))
    return sorted(connection.scalars(asked))


def judged(
    connection: Connection, check: str, column: str | None, until: date | None
) -> dict[str, list[Judged]]:
    """Return the days and statuses of each column of a check, or of one, oldest first."""
    asked = (
        select(results.c.day, judgements.c.status, judgements.c.excess, judgements.c.column_id)
        .join_from(results, judgements)
        .where(results.c.id.in_(newest(check)))
        .order_by(results.c.day)
    )
    if until is not None:
        asked = asked.where(results.c.day <= until)
    named = select(columns.c.id, columns.c.name).where(columns.c.check_id == number_of(check))
    if column is not None:
        named = named.where(columns.c.name == storable(column))
        asked = asked.where(judgements.c.column_id.in_(named.with_only_columns(columns.c.id)))
    names = {number: name for number, name in connection.execute(named)}  # noqa: C416 - typed
    found: dict[int, list[Judged]] = {each: [] for each in names}
    for day, status, excess, number in connection.execute(asked):
        if number not in found:
            raise damaged("a judgement of a column that it does not name")
        found[number].append(Judged(day, status, excess))
    return {names[number]: each for number, each in found.items() if each}


def scored(
    connection: Connection, check: str, column: str, since: date | None
) -> dict[str, list[Scored]]:
    """Return the scores of one column by metric, oldest first."""
    own = (columns.c.check_id == number_of(check)) & (columns.c.name == storable(column))
    asked = (
        select(
            *(results.c.day, scores.c.value, scores.c.threshold, scores.c.noise),
            *(scores.c.p_value, scores.c.gated, scores.c.status, scores.c.metric),
        )
        .join_from(results, scores)
        .where(results.c.id.in_(newest(check)))
        .where(scores.c.column_id == select(columns.c.id).where(own).scalar_subquery())
        .order_by(results.c.day)
    )
    if since is not None:
        asked = asked.where(results.c.day >= since)
    found: dict[str, list[Scored]] = {}
    for *fields, metric in connection.execute(asked):
        found.setdefault(metric, []).append(Scored(*fields))
    return found


def row_counts(
    connection: Connection, check: str, first: date, last: date
) -> list[tuple[date, int]]:
    """Return the days from one to another and the rows of the current data, oldest first."""
    asked = (
        select(results.c.day, results.c.current_rows)
        .where(results.c.id.in_(newest(check)), results.c.current_rows.is_not(None))
        .where(results.c.day.between(first, last))
        .order_by(results.c.day)
    )
    return [(day, rows) for day, rows in connection.execute(asked)]


def clean_profiles(connection: Connection, check: str, first: date, last: date) -> list[bytes]:
    """Return the profiles of clean results from one day to another, oldest first."""
    asked = (
        select(profiles.c.data)
        .join_from(profiles, results)
        .where(results.c.id.in_(newest(check)), results.c.verdict.in_(("ok", "inconclusive")))
        .where(results.c.day.between(first, last))
        .order_by(results.c.day)
    )
    return list(connection.scalars(asked))


def gated_scores(connection: Connection, check: str) -> list[Gated]:
    """Return the gated scores of a check, by day, with what else a calibration asks of them."""
    asked = (
        select(
            *(results.c.day, results.c.verdict, results.c.current_rows, columns.c.name),
            *(judgements.c.status, judgements.c.gated, scores.c.metric, scores.c.value),
            scores.c.error_bound,
        )
        .join_from(results, judgements)
        .join(columns, columns.c.id == judgements.c.column_id)
        .join(
            scores,
            (scores.c.result_id == results.c.id) & (scores.c.column_id == columns.c.id),
        )
        .where(results.c.id.in_(newest(check)), scores.c.gated)
        .order_by(results.c.day, columns.c.id)
    )
    return [Gated(*row) for row in connection.execute(asked)]


def every_score(
    connection: Connection, check: str | None, column: str | None, since: date | None
) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of the export, by check, day and column, with the fields of `EXPORTED`."""
    asked = (
        select(*EXPORTED)
        .join_from(results, checks)
        .join(judgements, judgements.c.result_id == results.c.id)
        .join(columns, columns.c.id == judgements.c.column_id)
        .join(
            scores,
            (scores.c.result_id == results.c.id) & (scores.c.column_id == columns.c.id),
        )
        .where(results.c.id.in_(newest(check)))
        .order_by(checks.c.name, results.c.day, columns.c.id, scores.c.metric)
    )
    if column is not None:
        asked = asked.where(columns.c.name == storable(column))
    if since is not None:
        asked = asked.where(results.c.day >= since)
    found = connection.execution_options(stream_results=True).execute(asked)
    fields = tuple(found.keys())
    for row in found:
        yield dict(zip(fields, row, strict=True))
