"""The store as others use it: each method is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine

from driftcli.history import notes, pruning, queries, recording
from driftcli.history.opening import reading, shrink, writing
from driftcli.history.records import (
    FAILING,
    Accepted,
    CheckResult,
    CheckState,
    Gated,
    Judged,
    Notice,
    Pruned,
    Scored,
    Streak,
    state,
    streak,
)
from driftcli.report.comparison import Waiver
from driftcli.report.history import Outcome
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
        with reading(self._engine) as connection:
            return queries.check_names(connection)

    def outcomes(self, check: str | None = None) -> Mapping[str, list[tuple[date, Outcome]]]:
        """Return the days and outcomes of each check, or of one, oldest first."""
        with reading(self._engine) as connection:
            return queries.outcomes(connection, check)

    def last(self, check: str) -> CheckState | None:
        """Return the state of a check by its newest day, or None when it has never run."""
        return state(self.outcomes(check).get(check, []))

    def judged(
        self, check: str, column: str | None = None, *, until: date | None = None
    ) -> Mapping[str, list[Judged]]:
        """Return the days and statuses of each column of a check, or of one, oldest first.

        Results that are errors say nothing of columns, and are not among them.
        """
        with reading(self._engine) as connection:
            return queries.judged(connection, check, column, until)

    def failing_since(self, check: str, until: date | None = None) -> Mapping[str, Streak]:
        """Return since when each column is as bad as in the newest result, where it is not ok.

        Days after `until` are left out; results that are errors are passed over.
        """
        found = self.judged(check, until=until)
        newest = max((runs[-1].day for runs in found.values()), default=None)
        return {
            column: streak(runs)
            for column, runs in found.items()
            if runs[-1].day == newest and runs[-1].status in FAILING
        }

    def columns(self, check: str) -> Sequence[str]:
        """Return the columns that any result of a check named, by name."""
        with reading(self._engine) as connection:
            return queries.column_names(connection, check)

    def profiles(self, check: str, first: date, last: date) -> list[bytes]:
        """Return the profiles of the current sides of clean results of some days, oldest first.

        Clean are the verdicts ok and inconclusive. Both days are included.
        """
        with reading(self._engine) as connection:
            return queries.clean_profiles(connection, check, first, last)

    def row_counts(self, check: str, first: date, last: date) -> list[tuple[date, int]]:
        """Return the days and the rows of the current data, oldest first; both days included.

        Results that are errors have none.
        """
        with reading(self._engine) as connection:
            return queries.row_counts(connection, check, first, last)

    def scored(
        self, check: str, column: str, since: date | None = None
    ) -> Mapping[str, list[Scored]]:
        """Return the scores of one column by metric, oldest first."""
        with reading(self._engine) as connection:
            return queries.scored(connection, check, column, since)

    def gated_scores(self, check: str) -> list[Gated]:
        """Return the gated scores of a check, oldest first, for a calibration."""
        with reading(self._engine) as connection:
            return queries.gated_scores(connection, check)

    def scores(
        self, check: str | None = None, column: str | None = None, since: date | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """Yield every score as a row of the export, by check, day and column, oldest first."""
        with reading(self._engine) as connection:
            yield from queries.every_score(connection, check, column, since)

    def accept(self, check: str, column: str, until: date, why: str, by: str | None = None) -> None:
        """Record a waiver of a column or glob; one of the same check and column is replaced."""
        waiver = Waiver(until=until.isoformat(), why=why, by=by)
        with writing(self._engine) as connection:
            notes.accept(connection, check, column, waiver)

    def revoke(self, check: str, column: str) -> bool:
        """Revoke the waiver recorded for a column or glob; return whether there was one."""
        with writing(self._engine) as connection:
            return notes.revoke(connection, check, column)

    def accepted(self, check: str | None = None) -> Sequence[Accepted]:
        """Return all waivers that were not revoked, expired ones too, by check."""
        with reading(self._engine) as connection:
            return notes.accepted(connection, check)

    def waivers(self, check: str, day: date) -> tuple[dict[str, Waiver], dict[str, Waiver]]:
        """Return the waivers of a check that hold on a day, and those that have expired by then."""
        found = self.accepted(check)
        active = {each.pattern: each.waiver for each in found if each.holds(day)}
        return active, {each.pattern: each.waiver for each in found if not each.holds(day)}

    def notice(self, check: str, target: str) -> Notice:
        """Return what a target was last told about a check."""
        with reading(self._engine) as connection:
            return notes.notice(connection, check, target)

    def notified(self, check: str, target: str, state: str, error: str | None = None) -> None:
        """Record that a target was told a state, or with `error` that telling it failed."""
        with writing(self._engine) as connection:
            notes.notified(connection, check, target, state, error)

    def prune(self, before: date, *, dry_run: bool = False) -> Pruned:
        """Remove the results of days before `before`, and return how many.

        An SQLite file is then made as small as what is left; waivers stay.
        """
        with writing(self._engine) as connection:
            found = pruning.prune(connection, before, dry_run=dry_run)
        if found.results and not dry_run:
            shrink(self._engine)
        return found
