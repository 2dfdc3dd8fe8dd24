"""Spans of time that a person names, such as 2013-01-01..2013-03-31, and the cut by one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.engine.cuts import NO_PART, TimeCut
from driftcli.errors import UsageError

Ints = NDArray[np.int64]

_END = r"\d{4}-\d\d(?:-\d\d(?:[T ]\d\d(?::\d\d(?::\d\d)?)?)?)?"
_SPAN = re.compile(rf"({_END})?\.\.({_END})?\Z")


@dataclass(frozen=True)
class Span:
    """The times from `first` up to but not including `end`: seconds since the epoch, or None."""

    first: int | None
    end: int | None

    @classmethod
    def parse(cls, text: str) -> Span | None:
        """Return the span that `text` names, or None where it has another form.

        Each end is a month, a day, an hour, a minute or a second, and belongs to the span in
        full. Either end may be left out.

        Raises
        ------
        UsageError
            When an end is no date, or the last comes before the first.
        """
        found = _SPAN.match(text)
        if not found or text == "..":
            return None
        try:
            first, last = (np.datetime64(end) if end else None for end in found.groups())
        except ValueError:
            raise UsageError(f"{text!r}: one of the ends is no date or time") from None
        span = cls(
            None if first is None else _seconds(first),
            None if last is None else _seconds(last + 1),
        )
        if span.first is not None and span.end is not None and span.first >= span.end:
            raise UsageError(f"{text!r}: ends before it begins")
        return span

    def holds(self, ticks: Ints, per_second: int) -> NDArray[np.bool_]:
        """Return which times, in ticks since the epoch, lie in the span."""
        inside = np.ones(ticks.size, bool)
        if self.first is not None:
            inside &= ticks >= self.first * per_second
        if self.end is not None:
            inside &= ticks < self.end * per_second
        return inside


def _seconds(moment: Any) -> int:
    return int(moment.astype("datetime64[s]").astype(np.int64))


@dataclass(frozen=True)
class SpanCut:
    """Parts are periods of a time column, and the rows of a span apart from others of its period.

    The part of a row is twice its period's number, and one more within the span.
    """

    periods: TimeCut
    span: Span

    @property
    def needs(self) -> Sequence[str]:
        """The time column."""
        return self.periods.needs

    def parts(self, columns: Sequence[Sequence[Any]], rows: int, ordinal: int) -> Ints:  # noqa: ARG002 - as in `Cut`
        """Return each row's part.

        Raises
        ------
        InputError
            When texts are no times.
        """
        return np.concatenate([np.empty(0, np.int64), *map(self._parts, columns[0])])

    def _parts(self, column: Any) -> Ints:
        times = self.periods.times(column)
        inside = self.span.holds(times.ticks, times.per_second)
        periods = self.periods.numbers(times)
        return np.where(periods == NO_PART, NO_PART, 2 * periods + inside)

    def label(self, part: int) -> str:
        """Return when the period begins."""
        return self.periods.label(part // 2)
