"""A run in the text format of Prometheus: all checks in one file, and when and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from driftcli.render.look import Look
from driftcli.render.prometheus import Sample, exposition, samples, states
from driftcli.report.run import OUTCOMES, CheckReport, Run


def render(report: Run, look: Look) -> str:  # noqa: ARG001  # every renderer takes a look
    """Return what is told of each check, whether or not it has a report, and of the run."""
    return exposition(_samples(report))


def _samples(run: Run) -> Iterator[Sample]:
    yield from states("drift_run_outcome", run.config, run.outcome, OUTCOMES)
    yield Sample("drift_run_exit_code", run.exit_code, (run.config,))
    yield Sample("drift_run_finished_seconds", _seconds(run.finished), (run.config,))
    for check in run.checks:
        yield from _of_check(check)


def _of_check(check: CheckReport) -> Iterator[Sample]:
    yield from states("drift_outcome", check.check, check.outcome, OUTCOMES)
    yield Sample("drift_finished_seconds", _seconds(check.finished), (check.check,))
    # The report's own exit code comes later, and so does not count: what a check ends with may be
    # worse than its verdict.
    yield Sample("drift_exit_code", check.exit_code, (check.check,))
    if check.report:
        yield from samples(check.report, check.check)


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
