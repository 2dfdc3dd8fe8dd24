"""What is asked of the store, as SQL. Of several results of one check and day the newest counts."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import Select, func, select

from driftcli.history.tables import checks, columns, judgements, results, scores, waivers
from driftcli.history.values import storable

#: A query, whatever it gives.
Query: TypeAlias = "Select[*tuple[Any, ...]]"

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


def judged_columns(check: str, column: str | None, until: date | None) -> tuple[Query, Query]:
    """Return the queries for the columns of a check, or one of them, and for how they were judged.

    The first gives numbers and names, the second the number, the day, the status and the excess.
    """
    asked = (
        select(judgements.c.column_id, results.c.day, judgements.c.status, judgements.c.excess)
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
    return named, asked


def scored_column(check: str, column: str, since: date | None) -> Query:
    """Return the query for the scores of a column: metric, whether gated, day, status, figures."""
    named = (columns.c.check_id == number_of(check)) & (columns.c.name == storable(column))
    asked = (
        select(
            *(scores.c.metric, scores.c.gated, results.c.day, scores.c.status, scores.c.value),
            *(scores.c.threshold, scores.c.noise, scores.c.p_value),
        )
        .join_from(results, scores)
        .where(results.c.id.in_(newest(check)))
        .where(scores.c.column_id == select(columns.c.id).where(named).scalar_subquery())
        .order_by(results.c.day)
    )
    return asked if since is None else asked.where(results.c.day >= since)


def gated_scores(check: str) -> Query:
    """Return the query for the gated scores of a check, by day: the fields of a `GatedScore`."""
    asked = select(
        *(results.c.day, results.c.verdict, results.c.current_rows, columns.c.name),
        *(judgements.c.status, judgements.c.gated, scores.c.metric, scores.c.value),
        scores.c.error_bound,
    )
    return (
        _with_scores(asked.join_from(results, judgements))
        .where(results.c.id.in_(newest(check)), scores.c.gated)
        .order_by(results.c.day, columns.c.id)
    )


def every_score(check: str | None, column: str | None, since: date | None) -> Query:
    """Return the query for the rows of the export, by check, day and column."""
    asked = select(*EXPORTED).join_from(results, checks)
    asked = (
        _with_scores(asked.join(judgements, judgements.c.result_id == results.c.id))
        .where(results.c.id.in_(newest(check)))
        .order_by(checks.c.name, results.c.day, columns.c.id, scores.c.metric)
    )
    if column is not None:
        asked = asked.where(columns.c.name == storable(column))
    return asked if since is None else asked.where(results.c.day >= since)


def _with_scores(judged: Query) -> Query:
    """Return judgements with the names of their columns and with their scores."""
    of_column = (scores.c.result_id == results.c.id) & (scores.c.column_id == columns.c.id)
    return judged.join(columns, columns.c.id == judgements.c.column_id).join(scores, of_column)


def accepted_waivers(check: str | None) -> Query:
    """Return the query for waivers not revoked, the newest of each check and pattern, by check."""
    latest = select(func.max(waivers.c.id)).group_by(waivers.c.check_name, waivers.c.pattern)
    asked = select(waivers).where(waivers.c.id.in_(latest), waivers.c.revoked.is_(None))
    if check is not None:
        asked = asked.where(waivers.c.check_name == storable(check))
    return asked.order_by(waivers.c.check_name, waivers.c.id)
