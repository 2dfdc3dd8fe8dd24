"""What each period is compared with: a fixed baseline, the first period, or an earlier one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Literal

from msgspec import Struct

from driftcli.comparison.timeline.periods import Periods
from driftcli.errors import UsageError, nearest
from driftcli.profile.calendar import MOST_PERIODS, Every

Way = Literal["previous", "first", "baseline", "season"]
_SEASON = "season:"
#: What `--against` takes, with an example of a season.
WAYS = ("first", "previous", "baseline", "season:7d")


class TimeColumn(Struct, frozen=True):
    """The column that says when, and the zone by whose clock periods begin where that is set."""

    name: str
    zone: str | None = None


class Plan(Struct, frozen=True):
    """How a timeline is cut and compared.

    Attributes
    ----------
    time : TimeColumn
        What it is cut by.
    every : Every
        The length of a period.
    window : int
        The periods that are compared together, the last of them the one that is told of.
    against : str
        What a window is compared with, as `--against` takes it.
    way : str
        The kind of that.
    lag : int
        Of a season, its length in periods; else 0.
    last : int or None
        Judge only so many periods, the newest.
    """

    time: TimeColumn
    every: Every
    window: int = 1
    against: str = "first"
    way: Way = "first"
    lag: int = 0
    last: int | None = None


def plan(
    time: TimeColumn,
    every: str,
    window: str | None,
    against: str | None,
    last: int | None,
    *,
    baseline: bool,
) -> Plan:
    """Return the plan that options name; `baseline` says whether one was given.

    Raises
    ------
    UsageError
        When an option makes no sense, or two do not go together.
    """
    length = Every.parse(every)
    size = 1
    if window is not None:
        size = _count(Every.parse(window, "--window"), length, f"--window {window}")
    against = against or ("baseline" if baseline else "first")
    way, lag = _against(against, length)
    if baseline and way != "baseline":
        raise UsageError(f"--against {against} needs no --baseline; give one of the two")
    if way == "baseline" and not baseline:
        raise UsageError("--against baseline: name it with --baseline")
    if way == "season" and lag < size:
        raise UsageError(f"--against {against}: a season is no shorter than --window {window}")
    return Plan(time, length, size, against, way, lag, last)


def _against(text: str, every: Every) -> tuple[Way, int]:
    if text.startswith(_SEASON):
        season = Every.parse(text.removeprefix(_SEASON), "--against season:")
        return "season", _count(season, every, f"--against {text}")
    if text not in WAYS:
        raise UsageError(f"--against {text!r}: {nearest(text, WAYS)}")
    return text, 0  # type: ignore[return-value]  # one of them, as checked


def _count(length: Every, every: Every, given: str) -> int:
    """Return how many periods a length is."""
    count = every.within(length)
    if count is None:
        raise UsageError(f"{given} is no multiple of --every {every}")
    return count


#: Data seldom begins with a full period: one with a smaller share of the median period's rows is
#: no measure for all others.
_FULL = 0.5


class Slot(Struct, frozen=True):
    """A period and the window that ends with it.

    `reference` is the last period of the window that it is compared with, None where that is a
    fixed baseline. `note` says why it is not compared.
    """

    number: int
    reference: int | None = None
    note: str | None = None


def slots(periods: Periods, plan: Plan) -> list[Slot]:
    """Return the periods to show, in order; those without rows are among them.

    Raises
    ------
    UsageError
        When there are too many, or none can be compared.
    """
    first = periods.first if plan.last is None else periods.last - plan.last + 1
    shown = range(max(first, periods.first), periods.last + 1)
    if len(shown) > MOST_PERIODS:
        begin, end = (plan.every.label(each) for each in (shown[0], shown[-1]))
        raise UsageError(
            f"{len(shown):,} periods of {plan.every} from {begin} to {end}, most of them without"
            " rows; mend the times, take a longer --every, or --last N periods"
        )
    found = list(_slots(periods, plan, shown))
    if all(slot.note for slot in found):
        notes = ", ".join(dict.fromkeys(slot.note for slot in found if slot.note))
        raise UsageError(f"no period to compare ({notes}); see --against, --baseline and --every")
    return found


def _slots(periods: Periods, plan: Plan, shown: range) -> Iterator[Slot]:
    calendar = _Calendar(periods, plan.window)
    first = _first_full(periods) + plan.window - 1 if plan.way == "first" else None
    for number in shown:
        if note := calendar.unfit(number):
            yield Slot(number, note=note)
        elif plan.way == "baseline":
            in_baseline = calendar.overlaps(number, periods.inside)
            yield Slot(number, note="in the baseline" if in_baseline else None)
        elif first is not None:
            yield Slot(number, first, _beside_first(number - first, plan.window))
        elif plan.way == "season":
            earlier = number - plan.lag
            no_rows = calendar.unfit(earlier)
            yield Slot(number, earlier, "no rows a season before" if no_rows else None)
        else:
            newest = calendar.newest(number - plan.window)
            yield Slot(number, newest, "none before it" if newest is None else None)


def _beside_first(later: int, window: int) -> str | None:
    """Return why a window that ends so many periods after the first is not compared with it."""
    if later == 0:
        return "the first"
    if later < 0:
        return "before the first full one"
    return "shares rows with the first" if later < window else None


def _first_full(periods: Periods) -> int:
    """Return the first period that is no fragment: data seldom begins with a whole one."""
    least = _FULL * median(each.rows for each in periods.by_number.values())
    return min(number for number, each in periods.by_number.items() if each.rows >= least)


class _Calendar:
    """Which windows there are: whole ones that have rows."""

    def __init__(self, periods: Periods, window: int) -> None:
        self._filled = sorted(periods.by_number)
        self._window = window
        self._start = periods.first + window - 1

    def unfit(self, number: int) -> str | None:
        """Return why the window that ends with a period cannot be compared."""
        if number < self._start:
            return "no whole window yet"
        return None if self.overlaps(number, self._filled) else "no rows"

    def overlaps(self, number: int, numbers: Sequence[int]) -> bool:
        """Return whether any of some periods, in order, lies in the window."""
        at = bisect_left(numbers, number - self._window + 1)
        return at < len(numbers) and numbers[at] <= number

    def newest(self, number: int) -> int | None:
        """Return the newest window that has rows in its last period, up to that of `number`."""
        at = bisect_right(self._filled, number)
        found = self._filled[at - 1] if at else None
        return found if found is not None and found >= self._start else None
