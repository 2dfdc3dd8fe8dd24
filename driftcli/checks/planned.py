"""Planned checks, with what they compare filled in; what a process is given to do, and answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import PurePath
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from driftcli.checks.templates import filled
from driftcli.config import Configuration
from driftcli.config.running import WINDOW
from driftcli.errors import ConfigError, UsageError, nearest
from driftcli.history.records import Streak
from driftcli.render import SUFFIXES
from driftcli.render.files import before_colon
from driftcli.report.columns import SEVERITY, Status, Waiver
from driftcli.report.comparison import Report
from driftcli.report.joint import Joint, PairWaivers
from driftcli.text import safe
from driftcli.writing import without_query

_LIKE_A_WINDOW = re.compile(r"last \d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d(?::\d\d)?)?")


class Window(Struct, frozen=True):
    """The days before that of the check, whose clean runs are the baseline."""

    text: str
    days: int

    def dates(self, day: date) -> tuple[date, date]:
        """Return the first and the last day."""
        return day - timedelta(days=self.days), day - timedelta(days=1)


class PlannedCheck(Struct, frozen=True):
    """One check to run. Paths are relative to the folder of the configuration file.

    Attributes
    ----------
    check
        Its name.
    configuration
        The settings in force for it.
    moment
        When it runs, or what it runs for, by the clock of its time zone.
    baseline, current, first_baseline
        What it compares, filled in.
    reports
        The files to write.
    """

    check: str
    configuration: Configuration
    moment: datetime
    baseline: str | Window
    current: str
    first_baseline: str | None = None
    reports: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The day that the check runs for."""
        return self.moment.date()

    @property
    def written(self) -> tuple[str, ...]:
        """The files to write: those of reports, and beside each that of the report on pairs."""
        pairs = map(of_pairs, self.reports) if self.configuration.running.joint else ()
        return (*self.reports, *pairs)

    @property
    def baseline_text(self) -> str:
        """The baseline as the user named it, filled in."""
        return self.baseline.text if isinstance(self.baseline, Window) else self.baseline


def of_pairs(path: str) -> str:
    """Return the path of the report on pairs, beside that on columns.

    Examples
    --------
    >>> of_pairs("reports/orders.html")
    'reports/orders.joint.html'
    """
    address, query = without_query(path)
    suffix = PurePath(address).suffix
    return f"{address.removesuffix(suffix)}.joint{suffix}{query}"


def planned_checks(
    configuration: Configuration, names: Sequence[str], now: datetime, when: str | None
) -> list[PlannedCheck]:
    """Return the checks that are asked for, in the order of the file.

    Parameters
    ----------
    names
        Names of checks, or globs over them; none are all.
    now
        The time, aware of its zone.
    when
        What `--date` says: a day, or an hour or minute of it, in the time zone of each check.

    Raises
    ------
    UsageError
        When there are no such checks, or `when` is no time.
    ConfigError
        When a template cannot be filled in.
    """
    made = [
        _planned_check(name, check, _moment(now, when, check.running.timezone))
        for name, check in _chosen(configuration, names).items()
    ]
    _check_reports(made)
    return made


def _chosen(configuration: Configuration, names: Sequence[str]) -> dict[str, Configuration]:
    if configuration.file is None:
        raise UsageError("no drift.toml here or above; `drift init DATA` writes one")
    if not configuration.checks:
        raise UsageError(
            f"{configuration.file}: has no checks; add [checks.NAME] with baseline = and current ="
        )
    for name in names:
        if not any(fnmatchcase(check, name) for check in configuration.checks):
            raise UsageError(
                f"{configuration.file}: no check {name!r}; {nearest(name, configuration.checks)}"
            )
    return {
        name: check
        for name, check in configuration.checks.items()
        if not names or any(fnmatchcase(name, glob) for glob in names)
    }


def _moment(now: datetime, when: str | None, zone: str) -> datetime:
    if when is None:
        return now.astimezone(ZoneInfo(zone))
    with suppress(ValueError):
        if _MOMENT.fullmatch(when):
            return datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone))
    raise UsageError(
        f"--date {when!r}: expected a day such as 2025-03-01, or a time such as 2025-03-01T05"
    )


def _planned_check(name: str, check: Configuration, moment: datetime) -> PlannedCheck:
    inputs = check.inputs
    assert inputs is not None

    def fill(key: str, text: str) -> str:
        place = check.place((key,))
        made = filled(text, name, moment, place)
        if made in ("", "-"):
            raise ConfigError(f"{place}: {made!r} is no data that a check can read; name a path")
        return made

    first = inputs.first_baseline
    baseline = _baseline(fill("baseline", inputs.baseline), check)
    if first is not None and not isinstance(baseline, Window):
        place = check.place(("first_baseline",))
        raise ConfigError(f"{place}: goes with a baseline such as 'last 28 days' only")
    return PlannedCheck(
        check=name,
        configuration=check,
        moment=moment,
        baseline=baseline,
        current=fill("current", inputs.current),
        first_baseline=None if first is None else fill("first_baseline", first),
        reports=tuple(
            _report(fill("reports", text), check.place(("reports",)))
            for text in check.running.reports
        ),
    )


def _baseline(text: str, check: Configuration) -> str | Window:
    found = WINDOW.fullmatch(text)
    if found:
        return Window(text, int(found["number"]) * (7 if found["unit"] == "week" else 1))
    if _LIKE_A_WINDOW.match(text):
        raise ConfigError(
            f"{check.place(('baseline',))}: {text!r}: expected 'last N days' or 'last N weeks';"
            f" './{text}' is a file of this name"
        )
    return text


def _check_reports(made: Sequence[PlannedCheck]) -> None:
    """Refuse a report that two checks would write."""
    written: dict[str, str] = {}
    for planned in made:
        for path in planned.written:
            if path in written:
                place = planned.configuration.place(("reports",))
                raise ConfigError(
                    f"{place}: {safe(path)!r} is of {written[path]} and of {planned.check}; a name"
                    " with {check} in it is of one check"
                )
            written[path] = planned.check


def _report(path: str, place: str) -> str:
    form = SUFFIXES.get(PurePath(without_query(path)[0]).suffix.lower())
    if form is None:
        known = ", ".join(SUFFIXES)
        raise ConfigError(f"{place}: {safe(path)!r}: no format has this suffix; known: {known}")
    if before_colon(path):
        raise ConfigError(
            f"{place}: {safe(path)!r}: the suffix alone names the format;"
            f" a file of this name is './{safe(path)}'"
        )
    return path


class Task(Struct, frozen=True):
    """A planned check, and what the history knows about the check.

    Attributes
    ----------
    share, threads
        How many checks run side by side, and the threads that there are for all of them.
    waivers, expired
        By glob: those that hold on the day of the check, and those that did before.
    pair_waivers, expired_pairs
        Those of pairs of columns, likewise.
    streaks, pair_streaks
        By column, and by both columns of a pair, since when it is as it was the day before.
    profiles
        Those of a baseline that is a window, oldest first; None without a history.
    counted
        The days of past runs, and their rows.
    lost
        Why the history could not be asked.
    """

    planned: PlannedCheck
    share: int = 1
    threads: int | None = None
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    expired: Mapping[str, Waiver] = field(default_factory=dict)
    pair_waivers: PairWaivers = field(default_factory=dict)
    expired_pairs: PairWaivers = field(default_factory=dict)
    streaks: Mapping[str, Streak] = field(default_factory=dict)
    pair_streaks: Mapping[tuple[str, str], Streak] = field(default_factory=dict)
    profiles: Sequence[bytes] | None = None
    counted: Sequence[tuple[date, int]] = ()
    lost: str | None = None


class Answer(Struct, frozen=True):
    """What came of a task: a report, or the error that there is none for.

    Attributes
    ----------
    joint
        The report on pairs of columns, where it was asked for.
    profile
        The current data's profile, as a file.
    baseline_fingerprint, current_fingerprint
        What changes when the data does.
    expired
        By glob, the waivers that held before and that columns lack now; those of pairs by both.
    reports
        The files that were written.
    problems
        What went wrong besides.
    error, trace, missing
        The message and the traceback of an error, and whether it is that data is not there.
    """

    report: Report | None = None
    joint: Joint | None = None
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


def since(status: Status, before: Streak | None, day: date) -> str:
    """Return the day since which something is at least as bad as its status, which is not ok."""
    if before is None or SEVERITY[before.status] > SEVERITY[status]:
        return day.isoformat()
    return before.since
