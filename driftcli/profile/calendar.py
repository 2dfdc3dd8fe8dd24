"""Lengths of time that cut the calendar into numbered periods."""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.errors import UsageError

Ints = NDArray[np.int64]

#: More periods are more likely a mistake than a season, and memory grows with them.
MOST_PERIODS = 5_000
_FORM = re.compile(r"([1-9]\d{0,3})(h|d|w|mo)\Z")
#: Ticks of a unit in a second.
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_HOURS = {"h": 1, "d": 24, "w": 168}
_WORDS = {"h": "hour", "d": "day", "w": "week", "mo": "month"}
#: The Unix epoch was a Thursday: days from the Monday before it.
_EPOCH_DAY = 3


class Every(Struct, frozen=True):
    """A length of time that cuts the calendar into numbered periods.

    Times are taken as they are stored: instants in UTC, and times without a zone by their own
    clock. Hours, days and months are counted from 1970-01-01, weeks from the Monday before it.
    """

    count: int
    unit: Literal["h", "d", "w", "mo"]

    @classmethod
    def parse(cls, text: str, option: str = "--every") -> Every:
        """Return the length that `text`, given to `option`, names: such as "1d".

        Raises
        ------
        UsageError
            When it names none.
        """
        found = _FORM.match(text)
        if not found:
            raise UsageError(
                f"{option} {text!r}: expected a number and h, d, w or mo, such as 1h, 1d, 1w or 1mo"
            )
        return cls(int(found[1]), found[2])  # type: ignore[arg-type]  # one of the four, as matched

    def __str__(self) -> str:
        """Return the text that `parse` takes."""
        return f"{self.count}{self.unit}"

    @property
    def word(self) -> str:
        """What a period is called: "day", "2 days"."""
        unit = _WORDS[self.unit]
        return unit if self.count == 1 else f"{self.count} {unit}s"

    @property
    def hours(self) -> int:
        """How long it is, months by their mean."""
        return self.count * _HOURS.get(self.unit, 730)

    def within(self, length: Every) -> int | None:
        """Return how many of these periods make `length`; None where no whole number does."""
        if (self.unit == "mo") != (length.unit == "mo"):
            return None
        own, whole = (each.count * _HOURS.get(each.unit, 1) for each in (self, length))
        return None if whole % own else whole // own

    def in_longer(self, numbers: Ints, longer: Every) -> Ints | None:
        """Return the longer periods that these numbered ones lie in; None where some lie in two."""
        factor = self.within(longer)
        if factor is None or self.unit == longer.unit:
            return None if factor is None else numbers // factor
        own, whole = (each.count * _HOURS[each.unit] for each in (self, longer))
        before, after = (24 * _EPOCH_DAY * (each.unit == "w") for each in (self, longer))
        if (after - before) % own:
            return None
        return (numbers * own - before + after) // whole

    def numbers(self, ticks: Ints, unit: str) -> Ints:
        """Return the period of each time; `ticks` of `unit` ("s" to "ns") since the epoch.

        Divisions round down, so that times before 1970 fall into periods like any others.
        """
        if self.unit == "h":
            return ticks // (PER_SECOND[unit] * 3600 * self.count)
        days = ticks // (PER_SECOND[unit] * 86_400)
        if self.unit == "d":
            return days // self.count
        if self.unit == "w":
            return (days + _EPOCH_DAY) // (7 * self.count)
        months: Ints = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return months // self.count

    def label(self, number: int) -> str:
        """Return when a period begins: `2013-06-03`, `2013-06` for months, `… 05:00` for hours."""
        first: Any = number * self.count
        if self.unit == "h":
            return f"{np.datetime64(first, 'h')}:00".replace("T", " ")
        if self.unit == "mo":
            return str(np.datetime64(first, "M"))
        days = first if self.unit == "d" else first * 7 - _EPOCH_DAY
        return str(np.datetime64(days, "D"))
