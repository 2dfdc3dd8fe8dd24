"""One column over all periods: each window scored against what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from driftcli.comparison.column import of_one_kind
from driftcli.comparison.light import Rule, lightly_scored, rule_for
from driftcli.comparison.roles import kind_of
from driftcli.config import ResolvedColumn, Settings
from driftcli.metrics.significance import PLAIN
from driftcli.periods.periods import JOINED_POINTS, Periods
from driftcli.periods.slots import Slot
from driftcli.profile.column import ColumnProfile, merge
from driftcli.report.comparison import Column, Kind


@dataclass
class Windows:
    """The profiles of one column in the windows that end with each period; each is merged once."""

    name: str
    periods: Periods
    size: int
    _made: dict[int, ColumnProfile | None] = field(default_factory=dict)

    def ending(self, number: int) -> ColumnProfile | None:
        """Return the profile of the window that ends with a period, if it has the column."""
        if number not in self._made:
            self._made[number] = self._joined(number)
        return self._made[number]

    def _joined(self, number: int) -> ColumnProfile | None:
        inside = (self.periods.by_number.get(each) for each in self._numbers(number))
        found = [each.columns[self.name] for each in inside if each and self.name in each.columns]
        if len(found) < 2:
            return found[0] if found else None
        return merge(found, JOINED_POINTS)

    def _numbers(self, number: int) -> range:
        return range(number - self.size + 1, number + 1)


@dataclass(frozen=True)
class Comparing:
    """One column, how it is judged, and the baseline that all periods are compared with, if one.

    What gates it is told by that baseline or by the largest period: few rows cannot tell whether
    values name rows rather than describe them.
    """

    windows: Windows
    kind: Kind
    rule: Rule
    fixed: ColumnProfile | None = None

    def at(self, slot: Slot, *, words: bool = False) -> Column | None:
        """Return the column scored in a period, if both sides have it; with `words`, reasons."""
        if slot.note is not None:
            return None
        q = self.windows.ending(slot.number)
        p = self.fixed if slot.reference is None else self.windows.ending(slot.reference)
        if p is None or q is None:
            return None
        return lightly_scored(self.windows.name, p, q, self.rule, words=words)


def comparing(
    name: str,
    periods: Periods,
    window: int,
    fixed: ColumnProfile | None,
    rules: ResolvedColumn,
    settings: Settings,
) -> Comparing | None:
    """Return how a column is compared, or None where its type is not that of the baseline."""
    largest = periods.dataset.columns[name]
    if fixed is not None:
        fixed, largest = of_one_kind(fixed, largest)
        if fixed.kind != largest.kind:
            return None
    whole = largest if fixed is None else fixed
    rule = rule_for(name, whole, None, rules, settings.metrics)
    tested = settings.fail_on == "change"
    rule = replace(rule, tested=tested, screened=settings.alpha < PLAIN)
    return Comparing(Windows(name, periods, window), kind_of(rule.role, whole), rule, fixed)
