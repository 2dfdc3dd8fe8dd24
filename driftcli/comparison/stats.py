"""A side's summary statistics, as the report shows them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import ceil, floor, isnan
from typing import Any

import numpy as np

from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.numeric import Numbers
from driftcli.profile.points import Points
from driftcli.report.columns import CategoryShare, ColumnStats
from driftcli.report.comparison import Dataset
from driftcli.report.documents import Value

#: Categories listed for each side.
TOP = 10


def dataset_of(side: DatasetProfile) -> Dataset:
    """Return what a report says of a dataset."""
    return Dataset(
        source=side.source,
        format=side.format,
        rows=side.rows,
        columns=len(side.types),
        sampled_rows=side.sampled_rows,
        where=side.where,
    )


def bare_stats(type_: str, rows: int, missing: int = 0) -> ColumnStats:
    """Return a summary that says no more of a column than its rows."""
    return ColumnStats(
        type=type_,
        rows=rows,
        missing=missing / rows if rows else 0.0,
        missing_count=missing,
        distinct=0,
        distinct_exact=False,
    )


def column_stats(side: ColumnProfile) -> ColumnStats:
    """Return the summary of one side of a column."""
    common: dict[str, Any] = {
        "type": side.type,
        "rows": side.rows,
        **_missing(side),
        "invalid_count": side.invalid.count if side.invalid else 0,
    }
    if side.unread:
        common |= {"distinct": 0, "distinct_exact": False}
    if side.unread and isinstance(side.values, Categories):
        return ColumnStats(**common)
    if isinstance(side.values, Categories):
        return ColumnStats(**common, **_category_stats(side.values))
    return ColumnStats(**common, **_number_stats(side, side.values))


def _missing(side: ColumnProfile) -> dict[str, Any]:
    if not side.missing_known:
        return {"missing": None, "missing_count": None}
    share = side.missing / side.rows if side.rows else 0.0
    return {"missing": share, "missing_count": side.missing}


def _category_stats(values: Categories) -> dict[str, Any]:
    return {
        "distinct": values.distinct,
        "distinct_exact": values.exact,
        "top": top_categories(values),
    }


def top_categories(values: Categories, most: int = TOP) -> tuple[CategoryShare, ...]:
    """Return the commonest categories, equally common ones by name."""
    total = values.total
    if not total:
        return ()
    most = min(most, values.counts.size)
    cut = -np.partition(-values.counts, most - 1)[most - 1] if most else 0
    at = np.flatnonzero(values.counts >= cut)[: 16 * TOP]
    # One by one: to take them together takes longer where they are so few.
    named = ((values.names[each].as_py(), int(values.counts[each])) for each in at.tolist())
    ranked = sorted(named, key=lambda each: (-each[1], each[0]))[:most]
    return tuple(
        CategoryShare(value=name, count=count, share=count / total) for name, count in ranked
    )


def _number_stats(side: ColumnProfile, values: Numbers) -> dict[str, Any]:
    if side.unread:
        return _extremes(side, values)
    stats: dict[str, Any] = {
        "nan_count": values.nan,
        "positive_infinity_count": values.positive_infinity,
        "negative_infinity_count": values.negative_infinity,
        "distinct": values.points.distinct,
        "distinct_exact": values.points.exact,
    }
    if not values.points.values.size:
        return stats
    low, median, high = quartiles(values.points)
    shown = {
        "min": values.low,
        "max": values.high,
        "mean": values.mean,
        "q25": low,
        "median": median,
        "q75": high,
    }
    ticks = side.per_second
    stats |= {name: as_value(side, number) for name, number in shown.items()}
    stats["sd"] = values.sd / ticks
    stats["rounding"] = values.points.rounding / ticks
    return stats


def _extremes(side: ColumnProfile, values: Numbers) -> dict[str, Any]:
    found = {"min": values.low, "max": values.high}
    return {name: as_value(side, each) for name, each in found.items() if not isnan(each)}


def as_value(side: ColumnProfile, number: float) -> Value:
    """Return a value of a column as the report shows it: a number, or an ISO 8601 time."""
    if side.time_unit is None:
        return number
    return iso_time(number / side.per_second, number, side)


def iso_time(seconds: float, ticks: float, side: ColumnProfile) -> str:
    """Return seconds since the epoch as ISO 8601, with as many decimals as they need.

    Times that no calendar date names (before year 1, after 9999) are given in seconds.
    """
    if isinstance(ticks, int):
        whole, rest = divmod(ticks, side.per_second)
        micros = rest * 10**6 // side.per_second
    else:
        whole, micros = int(seconds // 1), round(seconds % 1 * 10**6)
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole, microseconds=micros)
    except OverflowError:
        return f"{seconds:.17g} s since 1970-01-01"
    return moment.replace(tzinfo=UTC if side.zone else None).isoformat()


def quartiles(points: Points) -> tuple[float, float, float]:
    """Return the quartiles, interpolated between order statistics as `numpy.quantile` does."""
    first, second, third = quantiles(points, (0.25, 0.5, 0.75))
    return first, second, third


def quantiles(points: Points, levels: Sequence[float]) -> list[float]:
    """Return the values at `levels`, interpolated as `numpy.quantile` does."""
    cumulative = np.cumsum(points.counts)
    last = int(cumulative[-1]) - 1
    position = [level * last for level in levels]
    ends = [*map(floor, position), *map(ceil, position)]
    found = points.values[np.searchsorted(cumulative, ends, side="right")].tolist()
    # Halves, since two values may lie farther apart than the largest float.
    return [
        2 * (lower / 2 + (upper / 2 - lower / 2) * (at - below))
        for lower, upper, at, below in zip(
            found, found[len(position) :], position, ends, strict=False
        )
    ]
