"""What must hold of a profile that comes from a file, since anybody can write one.

A checksum tells damage and no intent. What passes here can be scored, merged, drawn and saved again
without another question.
"""

from collections.abc import Callable, Collection, Sequence
from math import isfinite, isnan, ulp
from typing import Any, TypeVar, get_args

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcli.profile import categories, clock, kept_check, pair_tables, sketch
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.kinds import Kind
from driftcli.profile.numeric import Numbers

#: Sums of counts up to this are exact in floats, and so no sum of counts below can overflow.
MOST_ROWS = 2**53
_KINDS = get_args(Kind)

Part = TypeVar("Part")
#: What is wrong where the function says no. A rule may rely on those before it.
Rule = tuple[str, Callable[[Part], bool]]


def flaw(profile: DatasetProfile) -> str | None:
    """Return what is wrong with a profile that no data can have, None where nothing is.

    To extend it: a field that profiles gain has a row in the rules of what it is a field of
    (`COLUMN`, `NUMBERS`, `CATEGORIES`): what is wrong, in words that follow "column 'x' has", and
    a function of arrays as wholes that says whether all is well. A kind of values of its own has
    a list of rules, and its branches in `_of_values` and `_described`.
    """
    if len(profile.types) < len(profile.schema):
        return "two columns have one name"
    for name, column in profile.columns.items():
        try:
            wrong = _first(COLUMN, column) or _of_values(column.values) or _sums(profile, column)
        except OverflowError:  # a whole number that no float can hold
            wrong = "a number beyond all floats"
        if wrong:
            return f"column {name!r} has {wrong}"
    wrong = kept_check.flaw(profile.kept) if profile.kept else None
    if profile.pairs and not wrong:
        wrong = pair_tables.flaw(profile.pairs, profile.rows)
    return f"it has {wrong}" if wrong else None


def _first(rules: Sequence[Rule[Part]], part: Part) -> str | None:
    """Return what is wrong by the first rule that does not hold."""
    for wrong, holds in rules:
        if not holds(part):
            return wrong
    return None


def _of_values(values: Numbers | Categories) -> str | None:
    if isinstance(values, Categories):
        return _first(CATEGORIES, values)
    return _first(NUMBERS, values)


def _sums(profile: DatasetProfile, column: ColumnProfile) -> str | None:
    """Compare the rows that a column accounts for with those that it has.

    A redacted profile leaves out values of too few rows.
    """
    rows = profile.rows if profile.sampled_rows is None else profile.sampled_rows
    told = column.missing + (column.invalid.count if column.invalid else 0)
    told += _described(column.values)
    whole = profile.redacted is None and column.kind != "unsupported"
    if column.rows != rows or told > rows or (told < rows and whole):
        return "counts that do not add up to the rows"
    return None


def _described(values: Numbers | Categories) -> int:
    """Return the rows that the values stand for; each count is at most `MOST_ROWS`."""
    if isinstance(values, Categories):
        return _sum(values.counts) + _sum(values.buckets)
    nonfinite = values.nan + values.positive_infinity + values.negative_infinity
    return _sum(values.points.counts) + nonfinite


def _sum(counts: NDArray[np.int64]) -> int:
    """Return the sum, exact up to `MOST_ROWS`; that of int64 itself could overflow unseen."""
    return int(counts.sum(dtype=np.float64))


def _within(counts: NDArray[np.int64] | Collection[int], least: int) -> bool:
    """Return whether counts are at least `least` and no more than can be added up."""
    if not isinstance(counts, np.ndarray):
        return least <= min(counts) and max(counts) <= MOST_ROWS
    return not counts.size or bool(counts.min() >= least and counts.max() <= MOST_ROWS)


def _finite(*numbers: float) -> bool:
    return all(map(isfinite, numbers))


def _has_extremes(values: Numbers) -> bool:
    """Return whether extremes are there where there are values, and around them.

    Whole numbers beyond 2^53 may lie beside the float that stands for them.
    """
    held = values.points.values
    if not held.size:
        return isnan(values.low) and isnan(values.high)
    if not _finite(values.low, values.high):
        return False
    slack = 4 * ulp(max(abs(float(held[0])), abs(float(held[-1]))))
    return (
        float(values.low) - slack <= float(held[0])
        and float(held[-1]) <= float(values.high) + slack
    )


def _ticks_fit(column: ColumnProfile) -> bool:
    """Return whether times are numbers of ticks that int64 can count."""
    values = column.values
    if column.time_unit is None or isinstance(values, Categories) or not values.points.values.size:
        return True
    return -(2**63) <= values.low <= values.high < 2**63


def _clock_adds_up(values: Numbers) -> bool:
    hours = values.hours_of_week
    return not hours.size or _sum(hours) == _sum(values.points.counts)


def _distinct(names: Any) -> bool:
    return not names.null_count and len(pc.unique(names)) == len(names)


def _is_sample(values: Categories) -> bool:
    """Return whether a sample of names, if there is one, has hashes in order, each with rows."""
    held = values.sketch
    if held is None:
        return True
    return (
        0 < held.hashes.size == held.counts.size
        and bool((held.hashes[1:] > held.hashes[:-1]).all())
        and int(held.hashes[-1]) <= held.bound <= sketch.ALL
        and _within(held.counts, 1)
        and _sum(held.counts) <= _described(values)
    )


def _is_shape(values: Categories) -> bool:
    """Return whether a shape is one of texts, and of as many rows as it stands for."""
    assert values.shape is not None
    lengths, forms = values.shape.lengths, values.shape.forms
    if not (lengths.values.size == lengths.counts.size and len(forms.names) == forms.counts.size):
        return False
    if not (_within(lengths.counts, 1) and _within(forms.counts, 1)):
        return False
    if not (_within([forms.rest, forms.looked], 0) and _finite(lengths.rounding)):
        return False
    rows = _described(values) if values.shape.whole else _sum(values.buckets)
    return (
        bool(np.isfinite(lengths.values).all() and (np.diff(lengths.values) > 0).all())
        and lengths.values.min(initial=0) >= 0
        and lengths.rounding >= 0
        and _distinct(forms.names)
        and rows == _sum(lengths.counts) == _sum(forms.counts) + forms.rest
        and 1 <= forms.looked <= rows
    )


COLUMN: list[Rule[ColumnProfile]] = [
    ("values of a kind that is not known", lambda side: side.kind in _KINDS),
    (
        "a number of rows below 0 or beyond counting",
        lambda side: _within([side.rows, side.missing], 0),
    ),
    (
        "a number of invalid values below 0 or beyond counting",
        lambda side: (
            side.invalid is None or _within([side.invalid.count, side.invalid.first_row], 0)
        ),
    ),
    (
        "a unit of time that does not fit its kind",
        lambda side: side.time_unit in (clock.UNITS if side.kind == "timestamp" else (None,)),
    ),
    ("times that cannot be counted", _ticks_fit),
]

NUMBERS: list[Rule[Numbers]] = [
    (
        "as many counts as it has not values",
        lambda values: values.points.values.size == values.points.counts.size,
    ),
    ("counts below 1 or beyond counting", lambda values: _within(values.points.counts, 1)),
    (
        "counts of no finite numbers below 0 or beyond counting",
        lambda values: _within([values.nan, values.positive_infinity, values.negative_infinity], 0),
    ),
    (
        "values that are not finite",
        lambda values: bool(np.isfinite(values.points.values).all()),
    ),
    (
        "values that are not in order",
        lambda values: bool((values.points.values[1:] > values.points.values[:-1]).all()),
    ),
    (
        "a rounding that is below 0 or not finite",
        lambda values: _finite(values.points.rounding) and values.points.rounding >= 0,
    ),
    (
        "numbers of distinct values that do not fit its rows",
        lambda values: (
            _within([values.points.distinct, values.points.repeats], 0)
            and values.points.distinct + values.points.repeats <= _sum(values.points.counts)
        ),
    ),
    (
        "a mean or a standard deviation that cannot be",
        lambda values: (
            not values.points.values.size or (_finite(values.mean, values.sd) and values.sd >= 0)
        ),
    ),
    ("extremes that do not enclose its values", _has_extremes),
    (
        "hours of the week that are not 168, or below 0",
        lambda values: (
            values.hours_of_week.size in (0, clock.HOURS) and _within(values.hours_of_week, 0)
        ),
    ),
    ("hours of the week that do not add up to its values", _clock_adds_up),
]

CATEGORIES: list[Rule[Categories]] = [
    (
        "other numbers of names and of counts",
        lambda values: len(values.names) == values.counts.size,
    ),
    ("counts below 1 or beyond counting", lambda values: _within(values.counts, 1)),
    ("names that are not distinct", lambda values: _distinct(values.names)),
    (
        "another number of buckets than all profiles, or counts in them below 0",
        lambda values: (
            values.buckets.size in (0, categories.BUCKETS) and _within(values.buckets, 0)
        ),
    ),
    (
        "numbers of distinct values that do not fit its rows",
        lambda values: (
            _within([values.distinct, values.repeats], 0)
            and values.distinct + values.repeats <= _described(values)
        ),
    ),
    ("a sample of names that cannot be", _is_sample),
    ("a shape of texts that cannot be", lambda values: values.shape is None or _is_shape(values)),
]
