"""Numbers of two types, or two ways of writing them, at the precision that both have."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.profile import categories
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers
from driftcli.profile.offsets import EXACT_INTEGER
from driftcli.profile.points import Points

Values = NDArray[np.float64]
Counts = NDArray[np.int64]
Rounding = Callable[[NDArray[np.generic]], Values]

_FLOATS: dict[str, Any] = {"halffloat": np.float16, "float": np.float32}
_DECIMAL = re.compile(r"decimal\d+\(\d+, (-?\d+)\)")
#: Digits are taken off for a decimal only where they are little beside the spread, or the size.
_LITTLE_OF_SD, _LITTLE_OF_MEAN = 0.1, 1e-3
#: How far apart, in relation to their size, numbers lie at most that agree in 15 digits.
_DIGITS_15 = 5e-15
#: The share of the values that only one side has from which on such pairs are no chance.
_LEAST_PAIRED = 0.1


class Aligned(NamedTuple):
    """Both sides over one line of values, and the mean distance over which rows were moved."""

    values: Values
    p_counts: Counts
    q_counts: Counts
    moved: float


def at_common_precision(p: ColumnProfile, q: ColumnProfile) -> tuple[list[Points], float]:
    """Return the points of both sides, rounded as the coarser type does, and how far rows moved."""
    held = [side.values.points for side in (p, q) if isinstance(side.values, Numbers)]
    rounding = _rounding(p, q)
    if rounding is None:
        return held, 0.0
    made = [_rounded(points, rounding) for points in held]
    return [points for points, _ in made], sum(moved for _, moved in made)


def _rounding(p: ColumnProfile, q: ColumnProfile) -> Rounding | None:
    if p.type == q.type or p.kind != "numeric":
        return None
    for name, dtype in _FLOATS.items():
        if name in (p.type, q.type):
            return _to_float(dtype)
    places = [int(found[1]) for side in (p, q) if (found := _DECIMAL.fullmatch(side.type))]
    if len(places) == 1 and "double" in (p.type, q.type) and _is_little(10.0 ** -places[0], p):
        return _to_places(places[0])
    return None


def _to_float(dtype: Any) -> Rounding:
    def rounded(values: NDArray[np.generic]) -> Values:
        with np.errstate(over="ignore"):
            coarse: Values = values.astype(dtype).astype(np.float64)
        # What the coarser type cannot hold at all stays: that is a change.
        kept: Values = np.where(np.isfinite(coarse), coarse, values.astype(np.float64))
        return kept

    return rounded


def _to_places(places: int) -> Rounding:
    def rounded(values: NDArray[np.generic]) -> Values:
        kept: Values = np.asarray(np.round(values.astype(np.float64), places), np.float64)
        return kept

    return rounded


def _is_little(step: float, side: ColumnProfile) -> bool:
    values = side.numbers
    return step <= max(_LITTLE_OF_SD * values.sd, _LITTLE_OF_MEAN * abs(values.mean))


def _rounded(points: Points, rounding: Rounding) -> tuple[Points, float]:
    values = rounding(points.values)
    distances = np.abs(values - points.values.astype(np.float64))
    moved = float(np.dot(distances, points.counts)) / points.total
    if not moved:
        return points, 0.0
    starts = np.flatnonzero(np.diff(values, prepend=-np.inf))
    return replace(points, values=values[starts], counts=_sums(points.counts, starts)), moved


def _sums(counts: Counts, starts: NDArray[np.intp]) -> Counts:
    sums: Counts = np.add.reduceat(counts, starts)
    return sums


def at_15_digits(values: Values, p_counts: Counts, q_counts: Counts) -> Aligned:
    """Return both sides with those values as one that one side writes with 15 digits.

    Many programs write no more; 17 tell all floating-point numbers apart. Where few of the values
    that one side alone has lie so close to one of the other, that is chance; and where a side
    itself has values so close to each other, as far as a chain of them reaches, they stay apart.
    """
    apart = Aligned(values, p_counts, q_counts, 0.0)
    # Larger ones have no fraction that could be written with fewer digits.
    if max(abs(values[0]), abs(values[-1])) > EXACT_INTEGER:
        return apart
    near = values[1:] - values[:-1] <= _DIGITS_15 * np.abs(values[1:])
    if not near.any():
        return apart
    p, q = p_counts > 0, q_counts > 0
    facing = (p[:-1] & ~q[:-1] & q[1:] & ~p[1:]) | (q[:-1] & ~p[:-1] & p[1:] & ~q[1:])
    pairs = np.count_nonzero(near & facing)
    if not pairs or 2 * pairs < _LEAST_PAIRED * np.count_nonzero(p ^ q):
        return apart
    starts = np.concatenate([[0], np.flatnonzero(~near) + 1])
    first, last = values[starts], values[np.append(starts[1:], values.size) - 1]
    if (last - first > 2 * _DIGITS_15 * np.maximum(np.abs(first), np.abs(last))).any():
        return apart
    distances = values - np.repeat(first, np.diff(np.append(starts, values.size)))
    moved = sum(_mean(distances, counts) for counts in (p_counts, q_counts))
    return Aligned(first, _sums(p_counts, starts), _sums(q_counts, starts), moved)


def _mean(distances: Values, counts: Counts) -> float:
    return float(np.dot(distances, counts)) / int(counts.sum())


_WORDS = frozenset(("true", "True", "TRUE", "false", "False", "FALSE"))
_TRUE = frozenset(("true", "True", "TRUE", "1", "1.0", "Y", "y", "Yes", "yes", "YES", "T", "t"))
_FALSE = frozenset(("false", "False", "FALSE", "0", "0.0", "N", "n", "No", "no", "NO", "F", "f"))
#: Numbers that may stand for both.
_EITHER = (0, 1)


def with_truths(p: ColumnProfile, q: ColumnProfile) -> tuple[ColumnProfile, ColumnProfile]:
    """Return both sides as booleans where one is and the other means the same in other words."""
    if "null" in (p.type, q.type) or not {p.kind, q.kind} <= {"numeric", "categorical"}:
        return p, q
    if p.type == q.type and (p.type != "string" or _share_words(p, q)):
        return p, q
    if not (_is_boolean(p) or _is_boolean(q)):
        return p, q
    truths = _counts(p), _counts(q)
    if not truths[0] or not truths[1]:
        return p, q
    return _of_truths(p, truths[0]), _of_truths(q, truths[1])


def _share_words(p: ColumnProfile, q: ColumnProfile) -> bool:
    """Return whether two columns of texts have a value in common, as far as that is clear."""
    return not _named(p).keys().isdisjoint(_named(q))


def _is_boolean(side: ColumnProfile) -> bool:
    return side.type == "bool" or (side.type == "string" and _named(side).keys() <= _WORDS)


def _of_truths(side: ColumnProfile, counts: dict[str, int]) -> ColumnProfile:
    values = categories.from_counts(counts)
    return replace(side, kind="categorical", values=values, integers=False)


def _counts(side: ColumnProfile) -> dict[str, int] | None:
    """Return the rows of each boolean, or None where a value is none or there is no value."""
    named = _named(side)
    if not named or not named.keys() <= _TRUE | _FALSE:
        return None
    return {
        "false": sum(count for name, count in named.items() if name in _FALSE),
        "true": sum(count for name, count in named.items() if name in _TRUE),
    }


def _named(side: ColumnProfile) -> dict[str, int]:
    """Return the rows of each value, as text; of one that is no boolean's where it is unclear."""
    values = side.values
    if isinstance(values, Categories):
        clear = values.exact and values.distinct <= len(_TRUE | _FALSE)
        names, counts = (values.names.to_pylist(), values.counts) if clear else ([""], [0])
    else:
        points = values.points
        nonfinite = values.nan + values.positive_infinity + values.negative_infinity
        clear = not nonfinite and points.distinct <= len(_EITHER)
        names = [f"{value:g}" for value in points.values.tolist()] if clear else [""]
        counts = points.counts if clear else [0]
    return dict(zip(names, map(int, counts), strict=True))
