"""Numbers of groups of rows, profiled together: short passes over each would cost more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.profile import clock, numeric, points
from driftcli.profile.numeric import Numbers
from driftcli.profile.offsets import EXACT_INTEGER
from driftcli.profile.point_blocks import HUGE
from driftcli.profile.spans import Spans

Values = NDArray[Any]

#: Groups are profiled at once up to so many values: a call for all of them costs little then, and
#: what is made of them stays near the processor.
_AT_ONCE = 1 << 17


def by_group(
    values: Values, sizes: Sequence[int], *, time_unit: str | None, limit: int
) -> Iterator[Numbers]:
    """Yield the profile of each group of unsorted values, which lie group by group.

    It is what `numeric.from_values` gives for the group.
    """
    of_some = _of_filled(values, [size for size in sizes if size], time_unit, limit)
    none = numeric.from_values(values[:0], time_unit=time_unit, limit=limit)
    for size in sizes:
        yield next(of_some) if size else none


def _of_filled(
    values: Values, sizes: Sequence[int], time_unit: str | None, limit: int
) -> Iterator[Numbers]:
    """Yield the profile of each group, none of which is empty."""
    start = 0
    for some in _together(sizes):
        spans = Spans.of(some)
        own = values[start : start + sum(some)]
        start += own.size
        made = _at_once(own, spans, time_unit, limit) if len(some) > 1 else None
        if made is not None:
            yield from made
            continue
        for each in spans.each(own):
            yield numeric.from_values(each, time_unit=time_unit, limit=limit)


def _together(sizes: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the sizes of groups that are profiled at once."""
    some: list[int] = []
    rows = 0
    for size in sizes:
        if some and rows + size > _AT_ONCE:
            yield some
            some, rows = [], 0
        some.append(size)
        rows += size
    if some:
        yield some


def _at_once(
    values: Values, spans: Spans, time_unit: str | None, limit: int
) -> list[Numbers] | None:
    """Return the profiles of groups; None where one of them is better profiled by itself."""
    if values.dtype.kind == "f":
        ordered = _sorted(values, spans).astype(np.float64, copy=False)
        ends = ordered[np.concatenate([spans.starts, spans.last])]
        if not np.abs(ends).max() <= HUGE:  # NaN comes last
            return None
        return _described(ordered, spans, limit)
    if values.dtype.kind == "u":
        return None
    low, high = (least.reduceat(values, spans.starts) for least in (np.minimum, np.maximum))
    if low.min() < -EXACT_INTEGER or high.max() > EXACT_INTEGER:
        return None
    if time_unit is None and points.is_narrow(low, high, spans.sizes).any():
        return None
    ordered = values if spans.in_order(values) else _sorted(values, spans)
    made = _described(ordered.astype(np.float64), spans, limit)
    weekly = [
        clock.hours_of_week(own, time_unit) if time_unit else each.hours_of_week
        for each, own in zip(made, spans.each(ordered), strict=True)
    ]
    bounds = zip(low.tolist(), high.tolist(), strict=True)
    return [
        replace(each, low=least, high=most, hours_of_week=hours)
        for each, hours, (least, most) in zip(made, weekly, bounds, strict=True)
    ]


def _sorted(values: Values, spans: Spans) -> Values:
    ordered = values.copy()
    for own in spans.each(ordered):
        own.sort()
    return ordered


def _described(ordered: Values, spans: Spans, limit: int) -> list[Numbers]:
    made = points.by_group(ordered, spans, limit)
    of_groups = zip(made, spans.each(ordered), strict=True)
    return [numeric.described(each, own) for each, own in of_groups]
