"""A run: its checks are done, recorded as each comes to its end, and told of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import structs

from driftcli import __version__
from driftcli.checks.children import Done, finished
from driftcli.checks.notify import tell
from driftcli.checks.orders import Order, Window
from driftcli.checks.tasks import Task
from driftcli.checks.volume import WINDOW
from driftcli.config import NotifyOn, without_password
from driftcli.errors import DriftError
from driftcli.history.records import CheckResult
from driftcli.report_history import Outcome
from driftcli.report_run import EXIT_CODES, OUTCOMES, CheckReport, Run

if TYPE_CHECKING:
    from driftcli.history.store import History

#: Is told what went wrong besides the checks themselves.
Warn = Callable[[str], None]


def run(  # noqa: PLR0913 - each is one thing that a run can be told
    orders: Sequence[Order],
    folder: Path,
    history: History | None,
    *,
    where: str | None,
    command: str,
    jobs: int = 1,
    threads: int | None = None,
    notify_on: NotifyOn | None = None,
    warn: Warn,
    trace: Warn,
) -> Run:
    """Run checks and return what came of them, in their order.

    A check that cannot be done is an outcome, too, and keeps no other from being done. Each result
    is recorded and told of as soon as it is there.

    Parameters
    ----------
    folder
        The directory that paths are relative to.
    where
        What the history is called; None without one.
    command
        What the history calls the run.
    jobs
        How many checks run side by side.
    notify_on
        When to notify, in the place of what the settings say.
    warn, trace
        Are told of notifications that failed, and of tracebacks.

    Raises
    ------
    HistoryError
        When the history cannot be read.
    """
    started = datetime.now(UTC)
    number = history.begin_run(command) if history else 0
    share = min(jobs, len(orders))
    results: dict[str, CheckReport] = {}

    def task_of(order: Order) -> Task:
        return _task(order, history, share, threads)

    with closing(finished(orders, str(folder), share, task_of)) as coming:
        for done in coming:
            if done.answer.trace:
                trace(done.answer.trace)
            result = _result(done)
            if history:
                result = _recorded(result, done, history, number)
            results[result.check] = result
            for problem in _told(result, done.order, history, notify_on):
                warn(problem)
    if history:
        history.end_run(number)
    found = tuple(results[order.check] for order in orders)
    return Run(
        version=__version__,
        outcome=min((each.outcome for each in found), key=OUTCOMES.index),
        exit_code=_worst([each.exit_code for each in found]),
        config=str(orders[0].loaded.file),
        history=where and without_password(where),
        started=started.isoformat(),
        finished=datetime.now(UTC).isoformat(),
        checks=found,
    )


def _task(order: Order, history: History | None, share: int, threads: int | None) -> Task:
    if history is None:
        return Task(order, share, threads)
    waivers, expired = history.waivers(order.check, order.day)
    before = order.day - timedelta(days=1)
    return Task(
        order,
        share,
        threads,
        waivers=waivers,
        expired=expired,
        streaks=history.failing_since(order.check, before),
        profiles=_profiles(order, history),
        counted=history.row_counts(order.check, order.day - WINDOW, before),
    )


def _profiles(order: Order, history: History) -> list[bytes] | None:
    if not isinstance(order.baseline, Window):
        return None
    return history.profiles(order.check, *order.baseline.dates(order.day))


def _result(done: Done) -> CheckReport:
    order, answer = done.order, done.answer
    outcome: Outcome = answer.report.verdict if answer.report else "error"
    codes = [answer.exit_code, *(2 for _ in answer.problems)]
    return CheckReport(
        check=order.check,
        outcome=outcome,
        exit_code=_worst(codes),
        day=order.day.isoformat(),
        baseline=order.baseline_text,
        current=order.current,
        baseline_fingerprint=answer.baseline_fingerprint,
        current_fingerprint=answer.current_fingerprint,
        started=done.started.isoformat(),
        finished=done.finished.isoformat(),
        seconds=round((done.finished - done.started).total_seconds(), 3),
        attempts=done.attempts,
        error=answer.error,
        expired=dict(answer.expired),
        reports=answer.reports,
        problems=answer.problems,
        report=answer.report,
    )


def _recorded(result: CheckReport, done: Done, history: History, number: int) -> CheckReport:
    """Record a result, and return it with since when it is so; a store that fails is a problem."""
    try:
        history.record(number, _kept(result, done))
        state = history.last(result.check)
    except DriftError as error:
        problems = (*result.problems, str(error))
        return structs.replace(result, problems=problems, exit_code=_worst([result.exit_code, 2]))
    if state is None or state.day != done.order.day:
        return result
    return structs.replace(result, since=state.since.isoformat(), runs=state.runs)


def _kept(result: CheckReport, done: Done) -> CheckResult:
    return CheckResult(
        check=result.check,
        day=done.order.day,
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
        profile=done.answer.profile,
    )


def _told(
    result: CheckReport, order: Order, history: History | None, asked: NotifyOn | None
) -> list[str]:
    """Tell of a result. What a past day was is no news, once a later day is known."""
    settings = order.loaded.running
    if not settings.notify:
        return []
    try:
        newest = history.last(order.check) if history else None
        if newest and newest.day > order.day and asked != "always":
            return []
        return tell(result, settings.notify, asked or settings.notify_on, history)
    except DriftError as error:
        return [f"{order.check}: notifications: {error}"]


def _worst(codes: Sequence[int]) -> Literal[0, 1, 2, 70]:
    return next(code for code in EXIT_CODES if code in codes)
