"""Every metric of one column, as numbers with their error: no thresholds, no judgement."""

from collections.abc import Collection, Iterable
from math import inf, isnan, nan
from typing import Any

from msgspec import Struct
from numpy.typing import NDArray

from driftcli.comparison.counted import counted
from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.stats import quartiles
from driftcli.config import ResolvedColumn
from driftcli.metrics import METRICS, Basis, Metric
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers

_PLACES = {name: at for at, name in enumerate(METRICS)}


class Measured(Struct, frozen=True):
    """A metric's value (NaN where not defined, maybe infinite) and what is known of its error.

    `binned` are the rows of both sides in bins that are not the pair's own: another tool's.
    """

    metric: Metric
    value: float
    unit: str | None
    error_bound: float | None = 0.0
    lower_bound: bool = False
    standard_error: float | None = None
    binned: tuple[NDArray[Any], NDArray[Any]] | None = None


def measure(
    p: ColumnProfile,
    q: ColumnProfile,
    pair: NumericPair | CategoricalPair | None,
    rules: ResolvedColumn,
    wanted: Collection[str],
) -> tuple[Measured, ...]:
    """Return the scores of one column, in the order of `METRICS`.

    `pair` is None when a side has no values: then only shares of rows are scored.
    """
    return tuple(
        measured
        for metric in METRICS.values()
        if metric.name in wanted
        and (measured := measure_one(metric, p, q, pair, rules)) is not None
    )


def as_listed(measured: Iterable[Measured]) -> tuple[Measured, ...]:
    """Return scores in the order of `METRICS`."""
    return tuple(sorted(measured, key=lambda each: _PLACES[each.metric.name]))


def measure_one(
    metric: Metric,
    p: ColumnProfile,
    q: ColumnProfile,
    pair: NumericPair | CategoricalPair | None,
    rules: ResolvedColumn,
) -> Measured | None:
    """Return the score of one metric, or None where it is not defined for the column's kind.

    Repeats and forms are scored apart: see `shapes.measure_shape`.
    """
    numeric = isinstance(p.values, Numbers)
    if (p.kind == "unsupported" or p.unread) and metric.basis is not Basis.MISSING:
        return None
    if metric.basis in (Basis.REPEATS, Basis.FORM) or (metric.numeric_only and not numeric):
        return None
    if not (p.missing_known and q.missing_known):
        return None
    rows = counted(metric.basis, p, q)
    if rows is not None:
        sides = zip(rows.rows, (p, q), strict=True)
        shares = [held / side.rows if side.rows else nan for held, side in sides]
        return Measured(metric, metric.function(*shares), metric.unit)
    if pair is None:
        return Measured(metric, nan, unit_of(metric, p), error_bound=None)
    if isinstance(pair, CategoricalPair):
        return _over_categories(metric, pair, rules)
    return _over_numbers(metric, p, q, pair, rules)


def unit_of(metric: Metric, side: ColumnProfile) -> str | None:
    """Return the unit of a metric's scores of the column that `side` is of."""
    if metric.unit != "column":
        return metric.unit
    if side.kind == "list":
        return "elements"
    return "s" if side.time_unit else None


def _over_categories(metric: Metric, pair: CategoricalPair, rules: ResolvedColumn) -> Measured:
    lower = not pair.exact
    if metric.basis is Basis.SUPPORT:
        return _of_support(metric, pair)
    pseudo_count = rules.smoothing if metric.basis is Basis.SMOOTHED else 0.0
    # Fewer bins are smoothed less, which can outweigh what coarsening takes off.
    lower = lower and not pseudo_count
    function = metric.categorical or metric.function
    value = float(pair.shares.score(function, pseudo_count))
    unit = None if metric.basis is Basis.POINTS else metric.unit
    return Measured(metric, value, unit, 0.0 if pair.exact else None, lower_bound=lower)


def _of_support(metric: Metric, pair: CategoricalPair) -> Measured:
    if pair.exact:
        value = float(metric.function(*pair.one_sided))
        return Measured(metric, value, metric.unit)
    found = pair.absent[0 if metric.name == "new" else 1]
    if found is None or isnan(found.value):
        return Measured(metric, nan, metric.unit, error_bound=None)
    error = found.standard_error
    return Measured(metric, found.value, metric.unit, None if error else 0.0, standard_error=error)


def _over_numbers(
    metric: Metric, p: ColumnProfile, q: ColumnProfile, pair: NumericPair, rules: ResolvedColumn
) -> Measured:
    exact = p.numbers.points.exact and q.numbers.points.exact and not pair.moved
    if metric.basis is Basis.POINTS:
        return _over_points(metric, p, q, pair, rules)
    if metric.basis is Basis.SUPPORT:
        value = float(metric.function(*pair.one_sided))
    else:
        pseudo_count = rules.smoothing if metric.basis is Basis.SMOOTHED else 0.0
        value = float(pair.shares.score(metric.function, pseudo_count))
    return Measured(metric, value, metric.unit, 0.0 if exact else None)


def _over_points(
    metric: Metric, p: ColumnProfile, q: ColumnProfile, pair: NumericPair, rules: ResolvedColumn
) -> Measured:
    value = float(metric.function(pair.line))
    unit = unit_of(metric, p)
    rounding = pair.moved + sum(
        side.values.points.rounding * _tick(side)
        for side in (p, q)
        if isinstance(side.values, Numbers)
    )
    if metric.name == "wasserstein_raw":
        return Measured(metric, value, unit, rounding)
    if metric.name == "mean_shift":
        # Merging points keeps their mean, but for integers beyond 2^53, which stay whole.
        floats = all(side.numbers.points.values.dtype.kind == "f" for side in (p, q))
        rounding = pair.moved if floats else rounding
    if metric.unit == "baseline sd":
        scale = scale_of(p, rules)
        certified = not rounding or rules.scale != "iqr"
        if not scale:
            return Measured(metric, inf if value else 0.0, unit, None if rounding else 0.0)
        return Measured(metric, value / scale, unit, rounding / scale if certified else None)
    return Measured(metric, value, unit, None if rounding else 0.0)


def _tick(side: ColumnProfile) -> float:
    return 1 / side.per_second


def scale_of(p: ColumnProfile, rules: ResolvedColumn) -> float:
    """Return what a distance is divided by: the baseline's spread in the column's unit."""
    if rules.scale == "sd":
        return p.numbers.sd * _tick(p)
    if rules.scale == "iqr":
        low, _, high = quartiles(p.numbers.points)
        return (high - low) * _tick(p)
    return float(rules.scale)
