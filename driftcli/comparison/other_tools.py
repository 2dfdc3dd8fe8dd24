"""Scores as another tool computes them: its row of `metrics.tools` applied to a pair of profiles.

What the tool does not have is not scored, and its own bins take the place of ours. Missing rows
and new and lost values stay as they are here: they are no scores of a distribution.
"""

from collections.abc import Collection
from math import nan

import numpy as np
import pyarrow.compute as pc
from msgspec import structs

from driftcli.arrays import to_numpy
from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.scores import Measured, measure, measure_one, unit_of
from driftcli.config import Configuration, ResolvedColumn
from driftcli.errors import ConfigError
from driftcli.metrics import METRICS, Basis, bins
from driftcli.metrics.other_tools import TOOLS, Tool, ToolRule
from driftcli.metrics.other_tools.bins import Binned, BothSides
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers

#: What no tool takes the place of: shares of rows and of support.
_OURS = (Basis.MISSING, Basis.NONFINITE, Basis.SUPPORT, Basis.REPEATS, Basis.FORM)


def measure_like(
    name: str,
    p: ColumnProfile,
    q: ColumnProfile,
    pair: NumericPair | CategoricalPair | None,
    rules: ResolvedColumn,
    wanted: Collection[str],
) -> tuple[Measured, ...]:
    """Return the scores of one column as the tool `name` has them, in the order of `METRICS`.

    `rules` are the column's settings as the tool has them: see `settings_of`.
    """
    tool = TOOLS[name]
    kept = [each for each in wanted if METRICS[each].basis in _OURS]
    scores = {each.metric.name: each for each in measure(p, q, pair, rules, kept)}
    for rule in tool.rules:
        if rule.metric.name in wanted and (tool.timestamps or p.kind != "timestamp"):
            measured = _measured(rule, p, q, pair, rules)
            scores |= {rule.metric.name: measured} if measured else {}
    return tuple(scores[each] for each in METRICS if each in scores)


def check_like(loaded: Configuration) -> None:
    """Check that the tool to be like has the metrics that were asked for.

    Raises
    ------
    ConfigError
        Names the place, the metric and those that the tool has.
    """
    settings = loaded.settings
    if not settings.like:
        return
    known = [rule.metric.name for rule in TOOLS[settings.like].rules]
    for name in settings.metrics or ():
        if name not in known and METRICS[name].basis not in _OURS:
            where = loaded.place(("metrics",))
            has = ", ".join(known)
            raise ConfigError(f"{where}: {settings.like} has no metric '{name}'; it has {has}")


def settings_of(name: str, p: ColumnProfile, rules: ResolvedColumn) -> ResolvedColumn:
    """Return a column's settings as the tool has them: its scale, and no smoothing of ours."""
    tool: Tool = TOOLS[name]
    if not tool.least_scale or not isinstance(p.values, Numbers):
        return structs.replace(rules, smoothing=0.0)
    sd = p.values.sd
    scale = tool.least_scale if not sd >= tool.least_scale else sd
    return structs.replace(rules, smoothing=0.0, scale=scale)


def _measured(
    rule: ToolRule,
    p: ColumnProfile,
    q: ColumnProfile,
    pair: NumericPair | CategoricalPair | None,
    rules: ResolvedColumn,
) -> Measured | None:
    metric = rule.metric
    if pair is None:
        numeric = isinstance(p.values, Numbers)
        missing = Measured(metric, nan, unit_of(metric, p), error_bound=None)
        return missing if numeric or not metric.numeric_only else None
    if isinstance(pair, CategoricalPair):
        if rule.categories is None:
            return measure_one(metric, p, q, pair, rules)
        return _of_bins(rule, rule.categories(*_by_name(pair)), exact=pair.exact)
    if rule.numbers is None and rule.points is None:
        return measure_one(metric, p, q, pair, rules)
    sample = _sample(p, q, pair)
    exact = _exact(rule, p, q, pair, sample)
    if rule.points is not None:
        value = rule.points(sample)
        return Measured(metric, value, unit_of(metric, p), 0.0 if exact else None)
    assert rule.numbers is not None
    return _of_bins(rule, rule.numbers(sample), exact=exact)


def _of_bins(rule: ToolRule, binned: Binned, *, exact: bool) -> Measured:
    shares = (bins.probabilities(rows) for rows in binned)
    value = float(rule.metric.function(*shares))
    bound = 0.0 if exact else None
    return Measured(rule.metric, value, rule.metric.unit, bound, binned=binned)


def _by_name(pair: CategoricalPair) -> tuple[bins.Counts, bins.Counts]:
    """Return the rows of each category by name, since a profile keeps them in no order."""
    order = to_numpy(pc.array_sort_indices(pair.names)).astype(np.intp)
    order = np.append(order, np.arange(order.size, pair.p_counts.size))
    return pair.p_counts[order], pair.q_counts[order]


def _sample(p: ColumnProfile, q: ColumnProfile, pair: NumericPair) -> BothSides:
    infinite = [
        values.positive_infinity + values.negative_infinity for values in (p.numbers, q.numbers)
    ]
    return BothSides(
        values=pair.values,
        p_counts=pair.p_counts,
        q_counts=pair.q_counts,
        p_dtype=_dtype(p),
        q_dtype=_dtype(q),
        nan=(p.numbers.nan, q.numbers.nan),
        infinite=(infinite[0], infinite[1]),
    )


def _dtype(side: ColumnProfile) -> np.dtype[np.generic]:
    """Return the type in which pandas holds the values: integers with gaps become floats."""
    if side.integers and not side.missing:
        return np.dtype(np.int64)
    return np.dtype(np.float32 if side.type == "float" else np.float64)


def _exact(
    rule: ToolRule, p: ColumnProfile, q: ColumnProfile, pair: NumericPair, sample: BothSides
) -> bool:
    """Return whether the number is the tool's own, but for rounding."""
    sides = p.numbers.points, q.numbers.points
    if not all(points.exact for points in sides) or pair.moved or pair.origin:
        return False
    # A sketch ranks infinite values among the others; here they are counted apart.
    sketched = not np.isinf(rule.distinct)
    few = all(points.distinct <= rule.distinct for points in sides)
    double = rule.single or np.float32 not in (sample.p_dtype, sample.q_dtype)
    return few and double and not (sketched and any(sample.infinite))
