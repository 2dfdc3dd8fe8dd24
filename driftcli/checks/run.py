"""A run: its checks are done, recorded as each comes to its end, and told of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from driftcli.checks.keeping import Keeper
from driftcli.checks.planned import Answer, PlannedCheck, Task
from driftcli.checks.workers import Done, finished
from driftcli.config import NotifyOn
from driftcli.report.history import Outcome
from driftcli.report.run import OUTCOMES, CheckReport, Run, worst
from driftcli.text import safe, scrubbed
from driftcli.version import __version__

if TYPE_CHECKING:
    from driftcli.history.store import History

#: Is told what went wrong besides the checks themselves.
Warn = Callable[[str], None]


def run(  # noqa: PLR0913 - each is one thing that a run can be told
    checks: Sequence[PlannedCheck],
    folder: Path,
    history: History | None,
    *,
    where: str | None,
    lost: str | None = None,
    command: str,
    jobs: int = 1,
    threads: int | None = None,
    notify_on: NotifyOn | None = None,
    warn: Warn,
    trace: Warn,
) -> Run:
    """Run checks and return what came of them, in their order.

    A check that cannot be done is an outcome, too, and keeps no other from being done. Each result
    is recorded and told of as soon as it is there. A history that fails is a problem of the checks
    that it fails for.

    Parameters
    ----------
    folder
        The directory that paths are relative to.
    where
        What the history is called; None without one.
    lost
        Why the history cannot be used, though it was asked for.
    command
        What the history calls the run.
    jobs
        How many checks run side by side.
    notify_on
        When to notify, in the place of what the settings say.
    warn, trace
        Are told of notifications that failed, and of tracebacks.
    """
    started = datetime.now(UTC)
    keeper = Keeper(history, lost, command)
    share = min(jobs, len(checks))
    results: dict[str, CheckReport] = {}

    def task_of(planned: PlannedCheck) -> Task:
        return keeper.task(planned, share, threads)

    with closing(finished(checks, str(folder), share, task_of)) as coming:
        for done in coming:
            if done.answer.trace:
                trace(done.answer.trace)
            result = keeper.recorded(_result(done), done)
            untold = keeper.notify(result, done.planned, notify_on)
            for problem in untold:
                warn(problem)
            # What is not told of changes no exit code.
            problems = (*result.problems, *untold)
            results[result.check] = structs.replace(result, problems=problems)
    found = tuple(keeper.ended([results[planned.check] for planned in checks]))
    return Run(
        version=__version__,
        outcome=min((each.outcome for each in found), key=OUTCOMES.index),
        exit_code=worst([each.exit_code for each in found]),
        config=str(checks[0].configuration.file),
        history=where and safe(where),
        started=started.isoformat(),
        finished=datetime.now(UTC).isoformat(),
        checks=found,
    )


def _result(done: Done) -> CheckReport:
    planned, answer = done.planned, done.answer
    codes = [answer.exit_code, *(2 for _ in answer.problems)]
    return CheckReport(
        check=planned.check,
        outcome=_outcome(answer),
        exit_code=worst(codes),
        day=planned.day.isoformat(),
        baseline=safe(planned.baseline_text),
        current=safe(planned.current),
        baseline_fingerprint=answer.baseline_fingerprint,
        current_fingerprint=answer.current_fingerprint,
        started=done.started.isoformat(),
        finished=done.finished.isoformat(),
        seconds=round((done.finished - done.started).total_seconds(), 3),
        attempts=done.attempts,
        error=answer.error,
        expired=dict(answer.expired),
        reports=tuple(map(safe, answer.reports)),
        problems=tuple(map(scrubbed, answer.problems)),
        report=answer.report,
        joint=answer.joint,
    )


def _outcome(answer: Answer) -> Outcome:
    """Return the worst verdict on columns and on pairs of them."""
    found = [each.verdict for each in (answer.report, answer.joint) if each]
    return min(found, key=OUTCOMES.index, default="error")
