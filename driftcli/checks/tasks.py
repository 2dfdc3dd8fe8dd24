"""What a process is given to do, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from driftcli.checks.orders import Order
from driftcli.history.records import Streak
from driftcli.report.comparison import Report, Waiver


@dataclass(frozen=True)
class Task:
    """An order, and what the history knows about the check.

    `share` is how many checks run side by side, and `threads` are all there are for them.
    `profiles` are those of a baseline that is a window, oldest first, None without a history;
    `streaks` those of the columns up to the day before; `counted` are the days of past runs, and
    their rows. `lost` says why the history could not be asked.
    """

    order: Order
    share: int = 1
    threads: int | None = None
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    expired: Mapping[str, Waiver] = field(default_factory=dict)
    streaks: Mapping[str, Streak] = field(default_factory=dict)
    profiles: Sequence[bytes] | None = None
    counted: Sequence[tuple[date, int]] = ()
    lost: str | None = None


@dataclass(frozen=True)
class Answer:
    """What came of a task: a report, or the error that there is none for.

    `missing` says that the error is data that is not there. `profile` is the file of the current
    data's profile, `reports` are the files that were written. `trace` is the traceback of an error.
    """

    report: Report | None = None
    profile: bytes | None = None
    baseline_fingerprint: str | None = None
    current_fingerprint: str | None = None
    expired: Mapping[str, Waiver] = field(default_factory=dict)
    reports: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    exit_code: int = 0
    error: str | None = None
    missing: bool = False
    trace: str = ""
