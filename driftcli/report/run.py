"""The record of a run of checks: frozen records that are the JSON contract of `drift run`.

`drift schema --of run` prints their schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct

from driftcli.report.columns import Waiver
from driftcli.report.comparison import Report
from driftcli.report.documents import Count, Document
from driftcli.report.history import Outcome
from driftcli.report.joint import Joint

#: Worst first.
OUTCOMES: tuple[Outcome, ...] = ("error", "drift", "unjudged", "warn", "inconclusive", "ok")
#: Exit codes, worst first: a crash, what could not be read or judged, drift, none.
EXIT_CODES: tuple[Literal[70, 2, 1, 0], ...] = (70, 2, 1, 0)


def worst(codes: Sequence[int]) -> Literal[0, 1, 2, 70]:
    """Return the worst of exit codes."""
    return next(code for code in EXIT_CODES if code in codes)


class CheckReport(Struct, frozen=True, kw_only=True):
    """One check that was run.

    Attributes
    ----------
    check
        Its name.
    outcome, exit_code
        How it ended.
    day
        The day it was run for.
    baseline, current
        What it compares, with the date filled in.
    baseline_fingerprint, current_fingerprint
        Each changes when the data does.
    started, finished, seconds
        When it was done, as ISO 8601 times in UTC, and how long it took.
    attempts
        How often it was tried.
    error, report, joint
        Why there is no report, or the report; and that on pairs of columns, where it was asked for.
    since, runs
        Where there is a history, the day of the first of the runs in a row with this outcome, and
        their number.
    expired
        The waivers of columns that are not ok whose day has passed.
    reports
        The files that were written.
    problems
        What went wrong besides.
    """

    check: str
    outcome: Outcome
    exit_code: Literal[0, 1, 2, 70]
    day: str
    baseline: str
    current: str
    baseline_fingerprint: str | None = None
    current_fingerprint: str | None = None
    started: str
    finished: str
    seconds: float
    attempts: Count = 1
    error: str | None = None
    since: str | None = None
    runs: Count | None = None
    expired: dict[str, Waiver] = {}
    reports: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    report: Report | None = None
    joint: Joint | None = None


class Run(Document, frozen=True, kw_only=True):
    """The result of running checks.

    Attributes
    ----------
    schema, version
        What the document is, and the version of drift that made it.
    outcome, exit_code
        The worst of the checks.
    config
        The configuration file.
    history
        Where the results are kept, null where they are not.
    started, finished
        ISO 8601 times in UTC.
    checks
        The checks, in the order of the file.
    """

    document: ClassVar[str] = "run"

    schema: Literal["drift.run/1"] = "drift.run/1"
    version: str
    outcome: Outcome
    exit_code: Literal[0, 1, 2, 70]
    config: str
    history: str | None
    started: str
    finished: str
    checks: tuple[CheckReport, ...]
