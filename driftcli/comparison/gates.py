"""Which scores can make a column drift: its role and its settings decide."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from driftcli.comparison.roles import MAX_REPEATS, Role
from driftcli.config import Levels, ResolvedColumn
from driftcli.metrics import METRICS, Basis, Metric
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile

#: What concerns no value itself: thresholds of these alone do not ask for values to be gated.
_OF_ROWS = (Basis.MISSING, Basis.NONFINITE, Basis.REPEATS, Basis.FORM)

_OLDER = (
    "identifier: its values are not gated; a profile of an earlier version lacks its form: make"
    " that again to have form and repeats judged"
)


@dataclass(frozen=True)
class Gates:
    """Which scores of a column can make it drift, and why the others cannot.

    Values of timestamps and identifiers always move on, and numbers find new extremes: these
    are gated only when the column's own settings ask for it. Repeats are gated where the baseline
    has hardly any, and forms of identifiers and text. Missing values always are, unless the
    column is not gated at all.
    """

    levels: Mapping[str, Levels]
    missing: bool = True
    values: bool = True
    repeats: bool = False
    form: bool = False
    extremes: frozenset[str] = frozenset()
    reason: str | None = None

    @property
    def any(self) -> bool:
        """Whether anything but missing values is gated."""
        return self.values or self.repeats or self.form


def gates_of(role: Role, side: ColumnProfile, rules: ResolvedColumn) -> Gates:
    """Return what is gated of a column whose baseline is `side`."""
    if rules.gate is False:
        return Gates(
            rules.thresholds, missing=False, values=False, reason="not gated: so configured"
        )
    if side.kind == "unsupported":
        reason = f"values of type {side.type} are not compared"
        return Gates(rules.thresholds, values=False, reason=reason)
    names = isinstance(side.values, Categories) and role != "text"
    extremes = rules.thresholds if names else rules.own
    unique = role in ("identifier", "unique", "text") and _hardly_repeats(side)
    gates = Gates(
        rules.thresholds,
        repeats=unique or "repeats" in rules.own,
        form=role in ("identifier", "text") or "form" in rules.own,
        extremes=frozenset(extremes),
    )
    if rules.gate or any(METRICS[name].basis not in _OF_ROWS for name in rules.own):
        return gates
    if side.kind == "timestamp":
        return replace(gates, values=False, reason="timestamp: its values are not gated")
    if role == "older":
        return replace(gates, values=False, reason=_OLDER)
    if role == "identifier":
        texts = isinstance(side.values, Categories)
        judged = "its repeats and its form" if texts else "its repeats"
        return replace(gates, values=False, reason=f"identifier: judged by {judged}")
    return gates


def _hardly_repeats(side: ColumnProfile) -> bool:
    held = side.values if isinstance(side.values, Categories) else side.values.points
    return held.repeats <= MAX_REPEATS * held.total


def levels_for(metric: Metric, gates: Gates) -> Levels:
    """Return the thresholds that gate a metric of a column; none where it is only reported."""
    levels = gates.levels.get(metric.name, Levels())
    if metric.basis in (Basis.MISSING, Basis.NONFINITE):
        return levels if gates.missing else Levels()
    if metric.basis in (Basis.REPEATS, Basis.FORM):
        gated = gates.repeats if metric.basis is Basis.REPEATS else gates.form
        return levels if gated else Levels()
    if not gates.values or (metric.basis is Basis.SUPPORT and metric.name not in gates.extremes):
        return Levels()
    return levels
