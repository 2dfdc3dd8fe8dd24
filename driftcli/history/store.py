"""The store as others use it: each method is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from math import isinf
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, delete, func, insert, not_, select, update

from driftcli.history import recording
from driftcli.history.opening import reading, shrink, writing
from driftcli.history.queries import (
    Query,
    accepted_waivers,
    every_score,
    gated_scores,
    judged_columns,
    newest,
    number_of,
    scored_column,
)
from driftcli.history.records import (
    FAILING,
    CheckResult,
    CheckState,
    GatedScore,
    Notice,
    Pruned,
    RecordedWaiver,
    Streak,
    state,
    streak,
)
from driftcli.history.tables import checks, columns, notices, profiles, results, runs, waivers
from driftcli.history.values import damaged, storable
from driftcli.report.columns import Waiver
from driftcli.report.history import ColumnRun, MetricTrend, Outcome, ScoreRun
from driftcli.version import __version__


class History:
    """A store of past runs, to be used as a context manager. Its methods raise `HistoryError`.

    Of several results of the same check and day the newest counts in all that is asked.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _rows(self, asked: Query) -> Sequence[Any]:
        with reading(self._engine) as connection:
            return connection.execute(asked).all()

    def begin_run(self, command: str) -> int:
        """Record that a run begins, and return its number."""
        with writing(self._engine) as connection:
            return recording.begin(connection, command, __version__)

    def record(self, run: int, result: CheckResult) -> None:
        """Record a result whole: once this returns, no crash loses it."""
        with writing(self._engine) as connection:
            recording.write(connection, run, result)

    def end_run(self, run: int) -> None:
        """Record that a run came to its end."""
        with writing(self._engine) as connection:
            recording.end(connection, run)

    def checks(self) -> Sequence[str]:
        """Return the checks that have ever run, by name."""
        has_results = checks.c.id.in_(select(results.c.check_id))
        return sorted(name for (name,) in self._rows(select(checks.c.name).where(has_results)))

    def outcomes(self, check: str | None = None) -> Mapping[str, list[tuple[date, Outcome]]]:
        """Return the days and outcomes of each check, or of one, oldest first."""
        asked = (
            select(checks.c.name, results.c.day, results.c.verdict)
            .join_from(results, checks)
            .where(results.c.id.in_(newest(check)))
            .order_by(checks.c.name, results.c.day)
        )
        found: dict[str, list[tuple[date, Outcome]]] = {}
        for name, day, verdict in self._rows(asked):
            found.setdefault(name, []).append((day, verdict))
        return found

    def last(self, check: str) -> CheckState | None:
        """Return the state of a check by its newest day, or None when it has never run."""
        return state(self.outcomes(check).get(check, []))

    def column_runs(
        self, check: str, column: str | None = None, *, until: date | None = None
    ) -> Mapping[str, list[ColumnRun]]:
        """Return the runs of each column of a check, or of one, oldest first.

        Results that are errors say nothing of columns, and are not among them.
        """
        named, asked = judged_columns(check, column, until)
        with reading(self._engine) as connection:
            names = {number: name for number, name in connection.execute(named)}  # noqa: C416 - typed
            found: dict[int, list[ColumnRun]] = {each: [] for each in names}
            for number, *fields in connection.execute(asked):
                if number not in found:
                    raise damaged("a judgement of a column that it does not name")
                found[number].append(_column_run(*fields))
        return {names[number]: each for number, each in found.items() if each}

    def failing_since(self, check: str, until: date | None = None) -> Mapping[str, Streak]:
        """Return since when each column is as bad as in the newest result, where it is not ok.

        Days after `until` are left out; results that are errors are passed over.
        """
        found = self.column_runs(check, until=until)
        last = max((runs[-1].day for runs in found.values()), default=None)
        return {
            column: streak(runs)
            for column, runs in found.items()
            if runs[-1].day == last and runs[-1].status in FAILING
        }

    def columns(self, check: str) -> Sequence[str]:
        """Return the columns that any result of a check named, by name."""
        asked = select(columns.c.name).where(columns.c.check_id == number_of(check))
        return sorted(name for (name,) in self._rows(asked))

    def profiles(self, check: str, first: date, last: date) -> list[bytes]:
        """Return the profiles of the current data of clean results of some days, oldest first.

        Clean are the verdicts ok and inconclusive. Both days are included.
        """
        asked = (
            select(profiles.c.data)
            .join_from(profiles, results)
            .where(results.c.id.in_(newest(check)), results.c.verdict.in_(("ok", "inconclusive")))
            .where(results.c.day.between(first, last))
            .order_by(results.c.day)
        )
        return [data for (data,) in self._rows(asked)]

    def row_counts(self, check: str, first: date, last: date) -> list[tuple[date, int]]:
        """Return the days and the rows of the current data, oldest first; both days included.

        Results that are errors have none.
        """
        asked = (
            select(results.c.day, results.c.current_rows)
            .where(results.c.id.in_(newest(check)), results.c.current_rows.is_not(None))
            .where(results.c.day.between(first, last))
            .order_by(results.c.day)
        )
        return [(day, rows) for day, rows in self._rows(asked)]

    def metrics(self, check: str, column: str, since: date | None = None) -> list[MetricTrend]:
        """Return the scores of one column through time, oldest first, those gated first."""
        gated: dict[str, bool] = {}
        found: dict[str, list[ScoreRun]] = {}
        for metric, is_gated, *fields in self._rows(scored_column(check, column, since)):
            gated[metric] = is_gated
            found.setdefault(metric, []).append(_score_run(*fields))
        trends = [
            MetricTrend(metric=metric, gated=gated[metric], trend=tuple(scores))
            for metric, scores in found.items()
        ]
        return sorted(trends, key=lambda each: (not each.gated, each.metric))

    def gated_scores(self, check: str) -> list[GatedScore]:
        """Return the gated scores of a check, oldest first, for a calibration."""
        return [GatedScore(*row) for row in self._rows(gated_scores(check))]

    def scores(
        self, check: str | None = None, column: str | None = None, since: date | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """Yield every score as a row of the export, by check, day and column, oldest first.

        The fields are those of `queries.EXPORTED`.
        """
        with reading(self._engine) as connection:
            streamed = connection.execution_options(stream_results=True)
            for row in streamed.execute(every_score(check, column, since)).mappings():
                yield dict(row)

    def accept(self, check: str, column: str, until: date, why: str, by: str | None = None) -> None:
        """Record a waiver of a column or glob; one of the same check and column is replaced."""
        row = {
            "check_name": check,
            "pattern": column,
            "until": until,
            "why": why,
            "recorded_by": by,
            "recorded": datetime.now(UTC),
        }
        with writing(self._engine) as connection:
            connection.execute(insert(waivers), row)

    def revoke(self, check: str, column: str) -> bool:
        """Revoke the waiver recorded for a column or glob; return whether there was one."""
        same = (waivers.c.check_name == storable(check)) & (waivers.c.pattern == storable(column))
        standing = update(waivers).where(same, waivers.c.revoked.is_(None))
        with writing(self._engine) as connection:
            return connection.execute(standing.values(revoked=datetime.now(UTC))).rowcount > 0

    def accepted(self, check: str | None = None) -> Sequence[RecordedWaiver]:
        """Return all waivers that were not revoked, expired ones too, by check."""
        return [
            RecordedWaiver(
                row.check_name,
                row.pattern,
                Waiver(until=row.until.isoformat(), why=row.why, by=row.recorded_by),
                row.recorded,
            )
            for row in self._rows(accepted_waivers(check))
        ]

    def waivers(self, check: str, day: date) -> tuple[dict[str, Waiver], dict[str, Waiver]]:
        """Return the waivers of a check that hold on a day, and those that have expired by then."""
        found = self.accepted(check)
        active = {each.pattern: each.waiver for each in found if each.holds(day)}
        return active, {each.pattern: each.waiver for each in found if not each.holds(day)}

    def notice(self, check: str, target: str) -> Notice:
        """Return what a target was last told about a check."""
        with reading(self._engine) as connection:
            return _notice(connection, check, target)

    def notified(self, check: str, target: str, state: str, error: str | None = None) -> None:
        """Record that a target was told a state, or with `error` that telling it failed."""
        key = {"check_name": storable(check), "target": target}
        with writing(self._engine) as connection:
            before = _notice(connection, check, target)
            now: Mapping[str, object] = {
                "state": state if error is None else before.state,
                "told": datetime.now(UTC) if error is None else before.told_at,
                "attempts": 0 if error is None else before.attempts + 1,
                "error": error,
            }
            made = recording.insert_into(connection, notices).values(**key, **now)
            connection.execute(made.on_conflict_do_update(index_elements=[*key], set_=now))

    def prune(self, before: date, *, dry_run: bool = False) -> Pruned:
        """Remove the results of days before `before`, and return how many.

        Waivers and notices stay, and runs that are not over or have other results. An SQLite file
        is then made as small as what is left.
        """
        old = results.c.day < before
        stays = select(results.c.run_id).where(not_(old))
        empty = runs.c.id.in_(select(results.c.run_id).where(old)) & runs.c.id.not_in(stays)
        gone = profiles.c.result_id.in_(select(results.c.id).where(old))
        with writing(self._engine) as connection:
            counted = ((results, old), (profiles, gone), (runs, empty))
            asked = [select(func.count()).select_from(table).where(of) for table, of in counted]
            found = Pruned(*(connection.scalar(each) or 0 for each in asked))
            if not dry_run:
                # What belongs to a run goes with it, and what belongs to a result with that.
                connection.execute(delete(runs).where(empty))
                connection.execute(delete(results).where(old))
        if found.results and not dry_run:
            shrink(self._engine)
        return found


def _column_run(day: date, status: Any, excess: float | None) -> ColumnRun:
    infinite = excess is not None and isinf(excess)
    return ColumnRun(
        day=day.isoformat(),
        status=status,
        excess=None if infinite else excess,
        infinite=infinite,
    )


def _score_run(day: date, status: Any, value: float | None, *judged: float | None) -> ScoreRun:
    infinite = value is not None and isinf(value)
    threshold, noise, p_value = judged
    return ScoreRun(
        day=day.isoformat(),
        status=status,
        value=None if infinite else value,
        infinite=infinite,
        threshold=threshold,
        noise=noise,
        p_value=p_value,
    )


def _notice(connection: Connection, check: str, target: str) -> Notice:
    same = (notices.c.check_name == storable(check)) & (notices.c.target == target)
    row = connection.execute(select(notices).where(same)).one_or_none()
    if row is None:
        return Notice(check, target)
    return Notice(check, target, row.state, row.told, row.attempts, row.error)
