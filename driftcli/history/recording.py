"""A result as rows: what is written of one check, all in the transaction at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from importlib import import_module
from math import isnan
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from driftcli.history import tables
from driftcli.history.records import CheckResult
from driftcli.history.values import storable
from driftcli.report.columns import SEVERITY, Column, Score, Status, Waiver
from driftcli.report.comparison import Finding, Report
from driftcli.report.joint import ColumnPair, Joint, PairScore, in_order


def begin(connection: Connection, command: str, version: str) -> int:
    """Write that a run begins, and return its number."""
    row = {"command": command, "version": version, "started": datetime.now(UTC)}
    made = connection.execute(insert(tables.runs).returning(tables.runs.c.id), row)
    number: int = made.scalar_one()
    return number


def end(connection: Connection, run: int) -> None:
    """Write that a run is over."""
    same = tables.runs.c.id == run
    connection.execute(update(tables.runs).where(same).values(ended=datetime.now(UTC)))


def write(connection: Connection, run: int, result: CheckResult) -> None:
    """Write a result of a run: the check itself, and every column, score and finding."""
    check = check_of(connection, result.check)
    number = _result(connection, run, check, result)
    if result.report:
        _report(connection, check, number, result.report)
    if result.joint:
        _joint(connection, check, number, result.joint)
    if result.profile is not None:
        row = {"result_id": number, "data": result.profile}
        connection.execute(insert(tables.profiles), row)


def check_of(connection: Connection, name: str) -> int:
    """Return the number of a check, which is new if need be."""
    return _numbered(connection, tables.checks, [{"name": storable(name)}])[storable(name)]


def _result(connection: Connection, run: int, check: int, result: CheckResult) -> int:
    report = result.report
    row = {
        "run_id": run,
        "check_id": check,
        "day": result.day,
        "started": result.started,
        "finished": result.finished,
        "verdict": result.verdict,
        "exit_code": result.exit_code,
        "error": result.error,
        "baseline": result.baseline,
        "current": result.current,
        "baseline_fingerprint": result.baseline_fingerprint,
        "current_fingerprint": result.current_fingerprint,
        "baseline_rows": report.baseline.rows if report else None,
        "current_rows": report.current.rows if report else None,
    }
    made = connection.execute(insert(tables.results).returning(tables.results.c.id), row)
    number: int = made.scalar_one()
    return number


def _report(connection: Connection, check: int, result: int, report: Report) -> None:
    found: dict[str, list[Finding]] = {}
    for each in report.findings:
        if each.column is not None:
            found.setdefault(each.column, []).append(each)
    # In one order for all writers, who would else wait for one another in a circle.
    names = sorted({storable(each.name) for each in report.columns} | {*map(storable, found)})
    rows = [{"check_id": check, "name": name} for name in names]
    numbers = _numbered(connection, tables.columns, rows)

    def of(name: str) -> dict[str, int]:
        return {"result_id": result, "column_id": numbers[storable(name)]}

    known = {each.name for each in report.columns}
    judged = [
        *({**of(each.name), **_judged(each, found)} for each in report.columns),
        *({**of(name), **_only_found(each)} for name, each in found.items() if name not in known),
    ]
    scored = [
        {**of(column.name), **_scored(score)}
        for column in report.columns
        for score in column.scores
    ]
    messages = [
        {
            "result_id": result,
            "column_id": None if each.column is None else numbers[storable(each.column)],
            "kind": each.kind,
            "status": each.status,
            "message": each.message,
        }
        for each in report.findings
    ]
    for table, made in (
        (tables.judgements, judged),
        (tables.scores, scored),
        (tables.findings, messages),
    ):
        if made:
            # Nothing but two names that are stored alike can be in conflict.
            connection.execute(insert_into(connection, table).on_conflict_do_nothing(), made)


def _joint(connection: Connection, check: int, result: int, joint: Joint) -> None:
    names = [in_order(*map(storable, pair.columns)) for pair in joint.pairs]
    numbers = _pair_numbers(connection, check, sorted(set(names)))
    judged, scored = [], []
    for pair, both in zip(joint.pairs, names, strict=True):
        of = {"result_id": result, "pair_id": numbers[both]}
        judged.append({**of, **_judged_pair(pair)})
        scored += [{**of, **_scored_pair(score)} for score in pair.scores]
    for table, made in ((tables.pair_judgements, judged), (tables.pair_scores, scored)):
        if made:
            connection.execute(insert_into(connection, table).on_conflict_do_nothing(), made)


def _judged_pair(pair: ColumnPair) -> dict[str, Any]:
    return {
        "status": pair.status,
        "excess": pair.excess,
        "waived_until": _until(pair.waiver),
        "reasons": pair.reason,
    }


def _scored_pair(score: PairScore) -> dict[str, Any]:
    return {
        "metric": score.metric,
        "value": score.number,
        "warn_threshold": score.warn_threshold,
        "threshold": score.threshold,
        "p_value": score.p_value,
        "p_adjusted": score.p_adjusted,
        "significant": score.significant,
        "status": score.status,
    }


def _pair_numbers(
    connection: Connection, check: int, pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Return the numbers of pairs by both names; those not yet there are added, as columns are."""
    table = tables.pairs
    known = select(table.c.first, table.c.second, table.c.id).where(table.c.check_id == check)

    def numbers() -> dict[tuple[str, str], int]:
        return {(first, second): number for first, second, number in connection.execute(known)}

    held = numbers()
    new = [
        {"check_id": check, "first": first, "second": second}
        for first, second in pairs
        if (first, second) not in held
    ]
    if not new:
        return held
    connection.execute(insert_into(connection, table).on_conflict_do_nothing(), new)
    return numbers()


def _judged(column: Column, found: Mapping[str, Sequence[Finding]]) -> dict[str, Any]:
    status = _worst([column.status, *(each.status for each in found.get(column.name, ()))])
    return {
        "kind": column.kind,
        "status": status,
        "gated": column.gated,
        "excess": column.excess,
        "waived_until": _until(column.waiver),
        "reasons": "; ".join(column.reasons) if status != "ok" else None,
    }


def _only_found(found: Sequence[Finding]) -> dict[str, Any]:
    """Return the row of a column that is not compared: one lost, or new."""
    return {
        "kind": found[0].kind,
        "status": _worst(each.status for each in found),
        "gated": True,
        "excess": None,
        "waived_until": _until(found[0].waiver),
        "reasons": "; ".join(each.message for each in found),
    }


def _worst(statuses: Iterable[Status]) -> Status:
    return min(statuses, key=SEVERITY.__getitem__)


def _until(waiver: Waiver | None) -> date | None:
    return date.fromisoformat(waiver.until) if waiver else None


def _scored(score: Score) -> dict[str, Any]:
    return {
        "metric": score.metric,
        "value": None if isnan(score.number) else score.number,
        "error_bound": score.error_bound,
        "warn_threshold": score.warn_threshold,
        "threshold": score.threshold,
        "noise": score.noise,
        "p_value": score.p_value,
        "p_adjusted": score.p_adjusted,
        "significant": score.significant,
        "gated": score.gated,
        "status": score.status,
    }


def _numbered(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> dict[str, int]:
    """Return the numbers of rows by their names; those not yet there are added.

    Another process may be adding the same ones: whoever comes second takes those of the first.
    """
    if not rows:
        return {}
    known = select(table.c.name, table.c.id)
    if "check_id" in table.c:
        known = known.where(table.c.check_id == rows[0]["check_id"])
    else:
        known = known.where(table.c.name == rows[0]["name"])
    numbers = dict(connection.execute(known).all())
    new = [row for row in rows if row["name"] not in numbers]
    if new:
        connection.execute(insert_into(connection, table).on_conflict_do_nothing(), new)
        numbers = dict(connection.execute(known).all())
    return numbers


def insert_into(connection: Connection, table: Table) -> Any:
    """Return an INSERT that can say what to do on a conflict."""
    dialect = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    return dialect.insert(table)
