"""The store as others use it: each method is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from math import isinf
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, delete, func, insert, not_, select, update

from driftcli.history import recording
from driftcli.history.opening import reading, shrink, writing
from driftcli.history.queries import (
    Query,
    accepted_waivers,
    every_pair_score,
    every_score,
    gated_scores,
    judged_columns,
    judged_pairs,
    newest,
    number_of,
    scored_column,
    scored_pair,
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
from driftcli.report.joint import PairWaivers, in_order
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
        return {name: runs for (name,), runs in self._judged_runs(named, asked)}

    def pair_runs(
        self, check: str, pair: tuple[str, str] | None = None, *, until: date | None = None
    ) -> Mapping[tuple[str, str], list[ColumnRun]]:
        """Return the runs of each pair of columns of a check, or of one, as `column_runs` does."""
        named, asked = judged_pairs(check, pair and in_order(*pair), until)
        return {(first, second): runs for (first, second), runs in self._judged_runs(named, asked)}

    def _judged_runs(self, named: Query, asked: Query) -> Iterator[tuple[Any, list[ColumnRun]]]:
        """Yield the names of what has a number, and its runs, if there are any."""
        with reading(self._engine) as connection:
            names = {number: held for number, *held in connection.execute(named)}
            found: dict[int, list[ColumnRun]] = {each: [] for each in names}
            for number, *fields in connection.execute(asked):
                if number not in found:
                    raise damaged("a judgement of a column that it does not name")
                found[number].append(_column_run(*fields))
        yield from ((names[number], runs) for number, runs in found.items() if runs)

    def failing_since(self, check: str, until: date | None = None) -> Mapping[str, Streak]:
        """Return since when each column is as bad as in the newest result, where it is not ok.

        Days after `until` are left out; results that are errors are passed over.
        """
        return _failing(self.column_runs(check, until=until))

    def pairs_failing_since(
        self, check: str, until: date | None = None
    ) -> Mapping[tuple[str, str], Streak]:
        """Return since when each pair of columns is not ok, as `failing_since` does of columns."""
        return _failing(self.pair_runs(check, until=until))

    def pairs(self, check: str) -> Sequence[tuple[str, str]]:
        """Return the pairs of columns that any result of a check named, by name."""
        named, _ = judged_pairs(check, None, None)
        return sorted((first, second) for _, first, second in self._rows(named))

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
        return self._metrics(scored_column(check, column, since))

    def pair_metrics(
        self, check: str, pair: tuple[str, str], since: date | None = None
    ) -> list[MetricTrend]:
        """Return the scores of one pair of columns through time, as `metrics` does of a column."""
        return self._metrics(scored_pair(check, in_order(*pair), since))

    def _metrics(self, asked: Query) -> list[MetricTrend]:
        gated: dict[str, bool] = {}
        found: dict[str, list[ScoreRun]] = {}
        for metric, is_gated, *fields in self._rows(asked):
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
        self,
        check: str | None = None,
        column: str | None = None,
        since: date | None = None,
        *,
        paired: str | None = None,
    ) -> Iterator[Mapping[str, Any]]:
        """Yield every score as a row of the export, by check, day and column, oldest first.

        Scores of pairs follow those of columns; of one column there are its own alone, and with
        `paired` those of both together. The fields are those of `queries.EXPORTED`.
        """
        asked = [] if paired is not None else [every_score(check, column, since)]
        if column is None or paired is not None:
            pair = None if column is None or paired is None else in_order(column, paired)
            asked.append(every_pair_score(check, pair, since))
        with reading(self._engine) as connection:
            streamed = connection.execution_options(stream_results=True)
            for each in asked:
                for row in streamed.execute(each).mappings():
                    yield dict(row)

    def accept(
        self,
        check: str,
        column: str,
        until: date,
        why: str,
        by: str | None = None,
        *,
        paired: str | None = None,
    ) -> None:
        """Record a waiver of a column or glob, or of it together with another, `paired`.

        One of the same check and columns is replaced.
        """
        pattern, other = (column, None) if paired is None else in_order(column, paired)
        row = {
            "check_name": check,
            "pattern": pattern,
            "paired": other,
            "until": until,
            "why": why,
            "recorded_by": by,
            "recorded": datetime.now(UTC),
        }
        with writing(self._engine) as connection:
            connection.execute(insert(waivers), row)

    def revoke(self, check: str, column: str, paired: str | None = None) -> bool:
        """Revoke the waiver recorded for a column or glob, or for two; return if there was one."""
        pattern, other = (column, None) if paired is None else in_order(column, paired)
        same = (waivers.c.check_name == storable(check)) & (waivers.c.pattern == storable(pattern))
        same &= waivers.c.paired.is_(None) if other is None else waivers.c.paired == storable(other)
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
                row.paired,
            )
            for row in self._rows(accepted_waivers(check))
        ]

    def waivers(self, check: str, day: date) -> tuple[dict[str, Waiver], dict[str, Waiver]]:
        """Return the waivers of a check that hold on a day, and those that have expired by then."""
        found = [each for each in self.accepted(check) if each.paired is None]
        active = {each.pattern: each.waiver for each in found if each.holds(day)}
        return active, {each.pattern: each.waiver for each in found if not each.holds(day)}

    def pair_waivers(self, check: str, day: date) -> tuple[PairWaivers, PairWaivers]:
        """Return the waivers of pairs that hold on a day, and those that have expired by then."""
        active: dict[tuple[str, str], Waiver] = {}
        expired: dict[tuple[str, str], Waiver] = {}
        for each in self.accepted(check):
            if each.paired is not None:
                into = active if each.holds(day) else expired
                into[each.pattern, each.paired] = each.waiver
        return active, expired

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


_Named = TypeVar("_Named")


def _failing(found: Mapping[_Named, Sequence[ColumnRun]]) -> dict[_Named, Streak]:
    last = max((runs[-1].day for runs in found.values()), default=None)
    return {
        name: streak(runs)
        for name, runs in found.items()
        if runs[-1].day == last and runs[-1].status in FAILING
    }


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
