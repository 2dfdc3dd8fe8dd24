"""What people suspect first when a column looks odd: another unit, a constant, another type."""

from collections.abc import Iterator

import numpy as np

from driftcli.comparison.reasons import number
from driftcli.comparison.stats import as_value, quantiles, top_categories
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile, kind_name
from driftcli.profile.numeric import Numbers

_EXAMPLES = 2
_EXAMPLE_LENGTH = 30
#: Quantiles that a change of unit scales alike; the extremes of two samples always differ.
_LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
_FEWEST_RATIOS = 4
#: How far the ratios of quantiles may lie from their median: sampling moves them, too.
_TOLERANCE = 0.03
#: Smaller factors are rather prices that rose than another unit.
_LEAST_FACTOR = 1.5


def type_change(p: ColumnProfile, q: ColumnProfile) -> str:
    """Say how a column's type changed so that its values cannot be compared, with examples."""
    before, after = (f"{kind_name(side)}{_examples(side)}" for side in (p, q))
    hint = ""
    if any(side.kind == "unsupported" and side.text for side in (p, q)):
        hint = "; list it under `categorical` to have binary read as the text that it is"
    return f"type {p.type} → {q.type}: {before} became {after}{hint}"


def _examples(side: ColumnProfile) -> str:
    if side.kind == "list":
        shown = []
    elif isinstance(side.values, Categories):
        names = [each.value for each in top_categories(side.values, _EXAMPLES)]
        shown = [repr(_shortened(name)) for name in names]
    elif side.values.points.values.size:
        ends = dict.fromkeys((side.values.low, side.values.high))
        shown = [number(as_value(side, each)) for each in ends]
    else:
        shown = []
    return f" ({', '.join(shown)})" if shown else ""


def _shortened(text: str) -> str:
    return text if len(text) <= _EXAMPLE_LENGTH else text[:_EXAMPLE_LENGTH] + "…"


def suspicions(p: ColumnProfile, q: ColumnProfile) -> Iterator[str]:
    """Yield what a column that changed makes suspect: that it is constant, or in another unit."""
    if _distinct(q) == 1 and _distinct(p) > 1:
        yield f"constant{_examples(q)}, which it was not"
    factor = unit_factor(p, q)
    if factor is not None:
        yield f"all quantiles × {factor:.4g}: has the unit changed?"


def _distinct(side: ColumnProfile) -> int:
    values = side.values
    return values.distinct if isinstance(values, Categories) else values.points.distinct


def unit_factor(p: ColumnProfile, q: ColumnProfile) -> float | None:
    """Return the factor by which all quantiles of a numeric column seem scaled, if there is one."""
    if p.kind != "numeric" or not (_distinct(p) > 1 < _distinct(q)):
        return None
    assert isinstance(p.values, Numbers)
    assert isinstance(q.values, Numbers)
    before = np.array(quantiles(p.values.points, _LEVELS))
    after = np.array(quantiles(q.values.points, _LEVELS))
    # Quantiles near zero have no ratio that says anything.
    told = np.abs(before) > 0.01 * np.abs(before).max()
    if np.unique(before[told]).size < _FEWEST_RATIOS:
        return None
    with np.errstate(over="ignore"):
        ratios = after[told] / before[told]
    factor = float(np.median(ratios))
    if not 0 < factor < np.inf or max(factor, 1 / factor) < _LEAST_FACTOR:
        return None
    alike = np.abs(ratios / factor - 1) <= _TOLERANCE
    return factor if alike.all() else None
