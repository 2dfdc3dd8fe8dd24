"""What is asked of the store, as SQL. Of several results of one check and day the newest counts."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import Select, func, literal, null, select, true

from driftcli.history.tables import (
    checks,
    columns,
    judgements,
    pair_judgements,
    pair_scores,
    pairs,
    results,
    scores,
    waivers,
)
from driftcli.history.values import storable

#: A query, whatever it gives.
Query: TypeAlias = "Select[*tuple[Any, ...]]"

_OF_RESULT = (
    *(checks.c.name.label("check"), results.c.day, results.c.run_id.label("run")),
    *(results.c.started, results.c.finished, results.c.verdict),
    *(results.c.baseline, results.c.current),
    *(results.c.baseline_fingerprint, results.c.current_fingerprint),
    *(results.c.baseline_rows, results.c.current_rows),
)
#: The columns of the export, a row for each score.
EXPORTED = (
    *_OF_RESULT,
    *(columns.c.name.label("column"), judgements.c.kind),
    *(judgements.c.status.label("column_status"), judgements.c.waived_until),
    *(scores.c.metric, scores.c.value, scores.c.error_bound, scores.c.warn_threshold),
    *(scores.c.threshold, scores.c.noise, scores.c.p_value, scores.c.p_adjusted),
    *(scores.c.significant, scores.c.gated, scores.c.status),
    null().label("paired"),
)
#: Those of scores of pairs: `column` is one of both, and `paired` the other.
EXPORTED_OF_PAIRS = (
    *_OF_RESULT,
    *(pairs.c.first.label("column"), literal("pair").label("kind")),
    *(pair_judgements.c.status.label("column_status"), pair_judgements.c.waived_until),
    *(pair_scores.c.metric, pair_scores.c.value, null().label("error_bound")),
    *(pair_scores.c.warn_threshold, pair_scores.c.threshold, null().label("noise")),
    *(pair_scores.c.p_value, pair_scores.c.p_adjusted, pair_scores.c.significant),
    *(true().label("gated"), pair_scores.c.status, pairs.c.second.label("paired")),
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


def judged_pairs(
    check: str, pair: tuple[str, str] | None, until: date | None
) -> tuple[Query, Query]:
    """Return the queries for pairs of columns, or one of them, and for how they were judged.

    The first gives numbers and both names, the second is as that of `judged_columns`.
    """
    asked = (
        select(
            *(pair_judgements.c.pair_id, results.c.day),
            *(pair_judgements.c.status, pair_judgements.c.excess),
        )
        .join_from(results, pair_judgements)
        .where(results.c.id.in_(newest(check)))
        .order_by(results.c.day)
    )
    if until is not None:
        asked = asked.where(results.c.day <= until)
    named = select(pairs.c.id, pairs.c.first, pairs.c.second)
    named = named.where(pairs.c.check_id == number_of(check))
    if pair is not None:
        named = named.where(_of_pair(pair))
        asked = asked.where(pair_judgements.c.pair_id.in_(named.with_only_columns(pairs.c.id)))
    return named, asked


def _of_pair(pair: tuple[str, str]) -> Any:
    first, second = map(storable, pair)
    return (pairs.c.first == first) & (pairs.c.second == second)


def scored_pair(check: str, pair: tuple[str, str], since: date | None) -> Query:
    """Return the query for the scores of a pair, with the fields of `scored_column`."""
    numbers = select(pairs.c.id).where(pairs.c.check_id == number_of(check), _of_pair(pair))
    asked = (
        select(
            *(pair_scores.c.metric, true(), results.c.day, pair_scores.c.status),
            *(pair_scores.c.value, pair_scores.c.threshold, null(), pair_scores.c.p_value),
        )
        .join_from(results, pair_scores)
        .where(results.c.id.in_(newest(check)), pair_scores.c.pair_id.in_(numbers))
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


def every_pair_score(check: str | None, pair: tuple[str, str] | None, since: date | None) -> Query:
    """Return the query for the rows of the export that are of pairs, by check, day and pair."""
    of_pair = (pair_scores.c.result_id == results.c.id) & (pair_scores.c.pair_id == pairs.c.id)
    asked = (
        select(*EXPORTED_OF_PAIRS)
        .join_from(results, checks)
        .join(pair_judgements, pair_judgements.c.result_id == results.c.id)
        .join(pairs, pairs.c.id == pair_judgements.c.pair_id)
        .join(pair_scores, of_pair)
        .where(results.c.id.in_(newest(check)))
        .order_by(checks.c.name, results.c.day, pairs.c.id, pair_scores.c.metric)
    )
    if pair is not None:
        asked = asked.where(_of_pair(pair))
    return asked if since is None else asked.where(results.c.day >= since)


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
    latest = select(func.max(waivers.c.id)).group_by(
        waivers.c.check_name, waivers.c.pattern, waivers.c.paired
    )
    asked = select(waivers).where(waivers.c.id.in_(latest), waivers.c.revoked.is_(None))
    if check is not None:
        asked = asked.where(waivers.c.check_name == storable(check))
    return asked.order_by(waivers.c.check_name, waivers.c.id)
