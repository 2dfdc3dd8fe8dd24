"""The history as a run uses it: it may fail at any moment, and takes no verdict with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import structs

from driftcli.checks.notify import tell
from driftcli.checks.planned import PlannedCheck, Task, Window
from driftcli.checks.volume import WINDOW
from driftcli.checks.workers import Done
from driftcli.config import NotifyOn
from driftcli.errors import HistoryError
from driftcli.history.records import CheckResult
from driftcli.report.run import CheckReport, worst

if TYPE_CHECKING:
    from driftcli.history.store import History


class Keeper:
    """Gives checks what the history knows, and records what comes of them.

    Where the history fails, that is a problem of the check at hand. For the next check it is asked
    again: it may be back.

    Parameters
    ----------
    history
        None without one.
    lost
        Why there is none although one was asked for.
    command
        What the history calls the run.
    """

    def __init__(self, history: History | None, lost: str | None, command: str) -> None:
        self._history = history
        self._lost = lost
        self._command = command
        self._number: int | None = None
        self._unread: dict[str, str] = {}
        if history:
            try:
                self._number = history.begin_run(command)
            except HistoryError:  # is tried again with the first result, and told of then
                self._number = None

    def task(self, planned: PlannedCheck, share: int, threads: int | None) -> Task:
        """Return the task of a check, with what is known of it."""
        self._unread.pop(planned.check, None)
        if self._history is None:
            return Task(planned, share, threads, lost=self._lost)
        try:
            return _task(planned, self._history, share, threads)
        except HistoryError as error:
            self._unread[planned.check] = str(error)
            return Task(planned, share, threads, lost=str(error))

    def recorded(self, result: CheckReport, done: Done) -> CheckReport:
        """Record a result, and return it with since when it is so, and what went wrong."""
        problems = [self._lost, self._unread.get(result.check)]
        if self._history:
            try:
                result = self._recorded(result, done, self._history)
            except HistoryError as error:
                problems.append(str(error))
        return _with_problems(result, filter(None, problems))

    def _recorded(self, result: CheckReport, done: Done, history: History) -> CheckReport:
        if self._number is None:
            self._number = history.begin_run(self._command)
        history.record(self._number, _kept(result, done))
        state = history.last(result.check)
        if state is None or state.day != done.planned.day:
            return result
        return structs.replace(result, since=state.since.isoformat(), runs=state.runs)

    def notify(
        self, result: CheckReport, planned: PlannedCheck, asked: NotifyOn | None
    ) -> list[str]:
        """Tell of a result. What a past day was is no news, once a later day is known."""
        settings = planned.configuration.running
        if not settings.notify:
            return []
        history = self._history
        try:
            newest = history.last(planned.check) if history else None
        except HistoryError:
            history = newest = None
        if newest and newest.day > planned.day and asked != "always":
            return []
        return tell(result, settings.notify, asked or settings.notify_on, history)

    def ended(self, results: Sequence[CheckReport]) -> list[CheckReport]:
        """Record that the run is over, and return its results."""
        if self._history and self._number is not None:
            try:
                self._history.end_run(self._number)
            except HistoryError as error:
                return [_with_problems(each, [str(error)]) for each in results]
        return list(results)


def _task(planned: PlannedCheck, history: History, share: int, threads: int | None) -> Task:
    waivers, expired = history.waivers(planned.check, planned.day)
    pair_waivers, expired_pairs = history.pair_waivers(planned.check, planned.day)
    before = planned.day - timedelta(days=1)
    return Task(
        planned,
        share,
        threads,
        waivers=waivers,
        expired=expired,
        pair_waivers=pair_waivers,
        expired_pairs=expired_pairs,
        streaks=history.failing_since(planned.check, before),
        pair_streaks=history.pairs_failing_since(planned.check, before),
        profiles=_profiles(planned, history),
        counted=history.row_counts(planned.check, planned.day - WINDOW, before),
    )


def _profiles(planned: PlannedCheck, history: History) -> list[bytes] | None:
    if not isinstance(planned.baseline, Window):
        return None
    return history.profiles(planned.check, *planned.baseline.dates(planned.day))


def _kept(result: CheckReport, done: Done) -> CheckResult:
    return CheckResult(
        check=result.check,
        day=done.planned.day,
        started=done.started,
        finished=done.finished,
        baseline=result.baseline,
        current=result.current,
        baseline_fingerprint=result.baseline_fingerprint,
        current_fingerprint=result.current_fingerprint,
        verdict=result.outcome,
        exit_code=result.exit_code,
        error=result.error,
        report=result.report,
        joint=result.joint,
        profile=done.answer.profile,
    )


def _with_problems(result: CheckReport, problems: Iterable[str]) -> CheckReport:
    """Return a result with problems of the store, each of them once."""
    found = list(problems)
    if not found:
        return result
    return structs.replace(
        result,
        problems=tuple(dict.fromkeys([*result.problems, *found])),
        exit_code=worst([result.exit_code, 2]),
    )
