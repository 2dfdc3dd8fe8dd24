"""Which scores can make a column drift: its kind and its settings decide."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from driftcli.config import Levels, ResolvedColumn
from driftcli.metrics import Basis, Metric
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers

#: Rows from which on a column can be recognised as an identifier.
MIN_IDENTIFIER_ROWS = 100
#: Categories are an identifier when at most this share of the rows repeats another's value.
_MAX_REPEATS = 0.1
#: Integers are one when none repeats though, drawn by chance, so many pairs would have.
_EXPECTED_PAIRS = 5


def is_identifier(side: ColumnProfile) -> bool:
    """Return whether a column names rows rather than describing them.

    Categories: nearly all values are distinct. Integers: all are, and densely enough that
    chance cannot explain it (n values drawn from a range of r agree in about n²/2r pairs).
    """
    values = side.values
    if side.kind == "list":
        return False
    if isinstance(values, Categories):
        total = values.total
        return total >= MIN_IDENTIFIER_ROWS and values.repeats <= _MAX_REPEATS * total
    return side.integers and side.time_unit is None and _never_repeats(values)


def _never_repeats(values: Numbers) -> bool:
    total = values.points.total
    if total < MIN_IDENTIFIER_ROWS or values.points.repeats:
        return False
    return total * total / 2 >= _EXPECTED_PAIRS * (int(values.high) - int(values.low) + 1)


@dataclass(frozen=True)
class Gates:
    """Which scores of a column can make it drift, and why the others cannot.

    Values of timestamps and identifiers always move on, and numbers find new extremes: these
    are gated only when the column's own settings ask for it. Missing values always are, unless
    the column is not gated at all.
    """

    levels: Mapping[str, Levels]
    missing: bool = True
    values: bool = True
    extremes: frozenset[str] = frozenset()
    reason: str | None = None


def gates_of(side: ColumnProfile, rules: ResolvedColumn) -> Gates:
    """Return what is gated of a column whose baseline is `side`."""
    if rules.gate is False:
        return Gates(
            rules.thresholds, missing=False, values=False, reason="not gated: so configured"
        )
    if side.kind == "unsupported":
        reason = f"values of type {side.type} are not compared"
        return Gates(rules.thresholds, values=False, reason=reason)
    asked = bool(rules.gate or rules.own)
    extremes = rules.thresholds if isinstance(side.values, Categories) else rules.own
    gates = Gates(rules.thresholds, extremes=frozenset(extremes))
    if not asked and side.kind == "timestamp":
        return replace(gates, values=False, reason="timestamp: its values are not gated")
    if not asked and is_identifier(side):
        return replace(gates, values=False, reason="identifier: its values are not gated")
    return gates


def levels_for(metric: Metric, gates: Gates) -> Levels:
    """Return the thresholds that gate a metric of a column; none where it is only reported."""
    levels = gates.levels.get(metric.name, Levels())
    if metric.basis in (Basis.MISSING, Basis.NONFINITE):
        return levels if gates.missing else Levels()
    if not gates.values or (metric.basis is Basis.SUPPORT and metric.name not in gates.extremes):
        return Levels()
    return levels
