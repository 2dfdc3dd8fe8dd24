"""Numbers in words and digits, the same in every format and locale."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from driftcli.report.columns import Column, ColumnStats, Score
from driftcli.report.comparison import Dataset
from driftcli.report.documents import Value
from driftcli.text import duration, visible

#: What `decimals` is at most: a point and four digits.
MOST_DECIMALS = 5


def number(value: float) -> str:
    """Return a score to three significant digits and at most four decimals.

    Examples
    --------
    >>> [number(value) for value in (0, 0.00001, 0.0312, 0.31, 1.5, 12.34, 4321, 2.5e7)]
    ['0', '<0.0001', '0.0312', '0.310', '1.50', '12.3', '4,321', '2.5e+07']
    """
    if value == 0:
        return "0"
    if 0 < value < 1e-4:
        return "<0.0001"
    if abs(value) >= 1e6:
        return f"{value:.3g}"
    for limit, decimals in ((0.1, 4), (1, 3), (10, 2), (100, 1)):
        if abs(value) < limit:
            return f"{value:.{decimals}f}"
    return f"{value:,.0f}"


def score_text(score: Score | None) -> str:
    """Return a score's number: ∞ when infinite, – when not defined, ≥ before a lower bound."""
    if score is None or (score.value is None and not score.infinite):
        return "–"
    text = "∞" if score.infinite else number(score.number)
    return "≥" + text if score.lower_bound and not score.infinite else text


def multiple_text(value: float) -> str:
    """Return a multiple with two significant digits, or all digits of its whole part.

    Examples
    --------
    >>> [multiple_text(value) for value in (1.04, 3.16, 77.4, 12345, float("inf"))]
    ['×1.0', '×3.2', '×77', '×12,345', '×∞']
    """
    return f"×{value:.1f}" if value < 10 else f"×{value:,.0f}".replace("inf", "∞")


def noise_text(score: Score | None) -> str:
    """Return the level that a score reaches without drift; nothing where it is not known."""
    return "" if score is None or score.noise is None else number(score.noise)


def decimals(text: str) -> int:
    """Return how many characters follow the units digit of a number's text, its point included."""
    if "e" in text or "." not in text:
        return 0
    return len(text) - text.index(".")


def share(value: float | None) -> str:
    """Return a share in per cent, and a dash for one that is not known.

    Examples
    --------
    >>> [share(value) for value in (0, 0.0001, 0.012, 0.5, 0.9999, 1)]
    ['0 %', '<0.1 %', '1.2 %', '50.0 %', '>99.9 %', '100 %']
    """
    if value is None:
        return "–"
    if value in (0, 1):
        return f"{value * 100:.0f} %"
    if value < 0.0005:
        return "<0.1 %"
    if value >= 0.9995:
        return ">99.9 %"
    return f"{value * 100:.1f} %"


def change(before: float | None, after: float | None) -> str:
    """Return two shares as `1.2 % → 5.0 %`, or the one when both read alike."""
    first, second = share(before), share(after)
    return first if first == second else f"{first} → {second}"


def counted(count: int, noun: str) -> str:
    """Return `1 row`, `12,000 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def extent(dataset: Dataset) -> str:
    """Return a dataset's rows, and the sample's size when only a sample was scored."""
    rows = counted(dataset.rows, "row")
    return rows if dataset.sampled_rows is None else f"{rows}, sample of {dataset.sampled_rows:,}"


def distinct_text(stats: ColumnStats) -> str:
    """Return how many distinct values a side has, ≥ before a lower bound; a dash for unknown."""
    if not (stats.distinct or stats.distinct_exact):
        return "–"
    return f"{'' if stats.distinct_exact else '≥'}{stats.distinct:,}"


#: Significant digits of the spread of a column's values.
_DIGITS = 3
_MOST_DECIMALS = 6
#: From here on a number is easier to read with an exponent.
_LONG = 1e15
#: Letters of an ISO 8601 time.
_TO_THE_DAY, _TO_THE_MINUTE, _TO_THE_SECOND = 10, 16, 19


class Ruler(NamedTuple):
    """How values of a column are written: numbers with `decimals`, times with `letters`."""

    decimals: int = 0
    letters: int = _TO_THE_SECOND

    def text(self, value: Value) -> str:
        """Return a value."""
        if value is None:
            return "–"
        if isinstance(value, str):
            # A time beyond the calendar is in seconds.
            shown = value if " s since " in value else value[: self.letters].replace("T", " ")
            return visible(shown)
        if value and (abs(value) >= _LONG or abs(value) < 0.5 * 10.0**-_MOST_DECIMALS):
            return f"{value:.{_DIGITS + 1}g}"
        return f"{value:,.{self.decimals}f}"

    def change(self, value: float | None) -> str:
        """Return a difference of two values with its sign."""
        text = self.text(value)
        return "+" + text if value is not None and value > 0 else text

    def span(self, low: Value, high: Value) -> str:
        """Return a range, or the one value that it is."""
        first, last = self.text(low), self.text(high)
        return first if first == last else f"{first} to {last}"


class Significant(Ruler):
    """How values over several powers of ten are written: each with three significant digits."""

    def text(self, value: Value) -> str:
        """Return a value."""
        return Ruler.text(self, value) if value is None else distance(float(value), signed=False)


def ruler(column: Column) -> Ruler:
    """Return how to write the values of a column whose details are known."""
    details = column.details
    levels = details.quantiles if details else ()
    numbers = [each for level in levels for each in (level.baseline, level.current)]
    times = [each for each in numbers if isinstance(each, str)]
    if times:
        days = {each[:_TO_THE_DAY] for each in times}
        return Ruler(letters=_TO_THE_MINUTE if len(days) > 2 else _TO_THE_SECOND)
    finite = [float(each) for each in numbers if isinstance(each, int | float)]
    return Ruler(_decimals(finite))


def stats_ruler(stats: ColumnStats) -> Ruler:
    """Return how to write the values of one side of a column."""
    ends = (stats.min, stats.max)
    if any(isinstance(end, str) for end in ends):
        days = {str(end)[:_TO_THE_DAY] for end in ends}
        return Ruler(letters=_TO_THE_DAY if len(days) > 1 else _TO_THE_SECOND)
    middle = (stats.q25, stats.median, stats.q75)
    if stats.type.startswith(("int", "uint")) or _are_whole((*ends, *middle)):
        return Ruler()
    return Ruler(_decimals(float(each) for each in middle if isinstance(each, int | float)) or 1)


def data_ruler(column: Column) -> Ruler:
    """Return how to write values that rows have: quantiles may lie between two of them."""
    details = column.details
    ends: list[Value] = [column.baseline.min, column.current.max]
    if details:
        ends += [end for part in details.contributions for end in (part.low, part.high)]
        moves = details.transport.moves if details.transport else ()
        ends += [end for move in moves for end in (move.from_low, move.from_high)]
    between = ruler(column)
    return between._replace(decimals=0) if _are_whole(ends) else between


def _are_whole(values: Iterable[Value]) -> bool:
    numbers = [each for each in values if isinstance(each, int | float)]
    return bool(numbers) and all(number == int(number) for number in numbers)


def edge_ruler(edges: Iterable[Value]) -> Ruler:
    """Return how to write edges at round numbers: with no more decimals than they need."""
    numbers = [float(edge) for edge in edges if isinstance(edge, int | float)]
    exact = (
        decimals
        for decimals in range(_MOST_DECIMALS)
        if all(round(number, decimals) == number for number in numbers)
    )
    return Ruler(next(exact, _decimals(numbers)))


def _decimals(numbers: Iterable[float]) -> int:
    """Return the decimals that give the spread of `numbers` three digits; none for whole ones."""
    values = list(numbers)
    if not values or all(value == int(value) for value in values):
        return 0
    spread = max(values) - min(values) or abs(values[0])
    if not 0 < spread < math.inf:
        return 0
    return min(_MOST_DECIMALS, max(0, _DIGITS - 1 - math.floor(math.log10(spread))))


def time_change(seconds: float | None) -> str:
    """Return a difference of two times with its sign.

    Examples
    --------
    >>> time_change(-7200.0), time_change(90.0)
    ('-2 hours', '+90 s')
    """
    if seconds is None:
        return "∞"
    return duration(seconds, "+") if seconds else "0"


def distance(value: float | None, *, signed: bool = True) -> str:
    """Return how far rows move to three significant digits.

    Examples
    --------
    >>> [distance(value) for value in (22.14, -0.99999, 41234.0, 0.0, None)]
    ['+22.1', '-1.00', '+41,234', '0', '∞']
    """
    if value is None:
        return "∞"
    if value == 0:
        return "0"
    sign = "+" if signed else ""
    if not 1e-3 <= abs(value) < 1e9:
        return f"{value:{sign}.3g}"
    rounded = float(f"{value:.{_DIGITS - 1}e}")  # 0.9999 has the digits of 1
    decimals = max(0, _DIGITS - 1 - math.floor(math.log10(abs(rounded))))
    return f"{value:{sign},.{decimals}f}"
