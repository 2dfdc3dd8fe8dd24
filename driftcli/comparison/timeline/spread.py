"""How far periods differ from each other: what the change of one is measured by.

Rows of a period move together, so that a period is one observation, and what periods differ by
when nothing changes is seen by other periods alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from driftcli.comparison.alike import of_one_kind
from driftcli.comparison.blocks import AnyNoise, larger
from driftcli.comparison.counted import counted, rows_of
from driftcli.comparison.noise import NoiseOfColumn
from driftcli.comparison.once import once
from driftcli.comparison.pair import paired
from driftcli.comparison.part_columns import Rule
from driftcli.comparison.scores import Measured, measure
from driftcli.comparison.shapes import scored_sides
from driftcli.metrics import Basis, Metric
from driftcli.metrics.among_others import FEWEST, noise_among, share_noise_among
from driftcli.metrics.block_differences import more_pass, pairs_differ
from driftcli.metrics.significance import Noise
from driftcli.profile.column import ColumnProfile

#: A column in two periods, the earlier one first; or in some periods and in one of them.
Pair = tuple[ColumnProfile, ColumnProfile]
Share = tuple[int, int]
Counts = NDArray[np.int64]
Values = NDArray[np.float64]

_HALF = 0.5


class _Seen(NamedTuple):
    """What is kept of pairs of periods: the rows of both in bins, and the scores by metric.

    The scores are those that are defined and finite.
    """

    bins: Sequence[tuple[Counts, Counts]]
    scores: Mapping[str, Values]


class Spread(Struct, frozen=True, dict=True):
    """Pairs of periods between which a column is not known to have changed.

    `parts` is how many periods the first of each pair is made of where the other is one of them,
    and else 0: what a period differs by from all of them is less than from the others. They are
    `alike` where the sides of each pair are as large as those of which it tells.
    """

    pairs: Sequence[Pair]
    rule: Rule
    parts: int = 0
    alike: bool = True
    _shares: dict[tuple[str, ...], list[tuple[Share, Share]]] = field(default_factory=dict)

    @property
    def tells(self) -> bool:
        """Whether there are enough of them to tell how periods differ."""
        return len(self.pairs) >= FEWEST

    def of(
        self, measured: Measured, p: ColumnProfile, q: ColumnProfile, level: float
    ) -> Noise | None:
        """Return the noise of a score of two periods, or None where others do not tell.

        They do not where they differ no more than rows do, whose `level` is given: neither most of
        them nor, as in storms, more than a few.
        """
        metric = measured.metric
        rows = counted(metric.basis, p, q)
        if rows is not None:
            noise = self._of_share(rows.kinds, p, q)
            return noise and noise.among(rows.among)
        found = self._scores.get(metric.name)
        if found is None:
            return None
        some = self.alike and more_pass(found, level)
        if not (metric.basis is Basis.SUPPORT or self._differ or some):
            return None
        least = _HALF / q.rows if metric.basis is Basis.SUPPORT else 0.0
        return noise_among(max(measured.value, least), np.maximum(found, least))

    def _of_share(self, kinds: tuple[str, ...], p: ColumnProfile, q: ColumnProfile) -> Noise | None:
        if kinds not in self._shares:
            self._shares[kinds] = self._differing(kinds)
        others = self._shares[kinds]
        return share_noise_among(_share(p, kinds), _share(q, kinds), others) if others else None

    def _differing(self, kinds: tuple[str, ...]) -> list[tuple[Share, Share]]:
        """Return the shares of all pairs; none where they differ no more than rows do."""
        others = [(_share(first, kinds), _share(second, kinds)) for first, second in self._alike]
        cells = [[np.array([hits, rows - hits]) for hits, rows in pair] for pair in others]
        differ = pairs_differ([self._beside(*each) for each in cells])
        return others if differ else []

    def _beside(self, first: Counts, second: Counts) -> tuple[Values, Values]:
        """Return rows in cells of two periods that have none in common."""
        others = np.maximum(first - second, 0) if self.parts else first
        return others.astype(np.float64), second.astype(np.float64)

    @once
    def _alike(self) -> list[Pair]:
        return [
            scored_sides(*of_one_kind(first, second), self.rule.role)
            for first, second in self.pairs
        ]

    @once
    def _differ(self) -> bool:
        """Whether values differ between periods by more than those of independent rows do."""
        known = [self._beside(*each) for each in self._seen.bins]
        return bool(known) and pairs_differ(known)

    @property
    def _scores(self) -> Mapping[str, Values]:
        return self._seen.scores

    @once
    def _seen(self) -> _Seen:
        rules = self.rule.rules
        bins: list[tuple[Counts, Counts]] = []
        found: dict[str, list[float]] = {}
        for first, second in self._alike:
            pair = paired(first, second, rules)
            if pair:
                bins.append((pair.p_bins, pair.q_bins))
            for each in measure(first, second, pair, rules, self.rule.metrics):
                found.setdefault(each.metric.name, []).append(each.value * self._more(each.metric))
        return _Seen(bins, {name: _finite(values) for name, values in found.items()})

    def _more(self, metric: Metric) -> float:
        if not self.parts:
            return 1.0
        return float((self.parts / (self.parts - 1)) ** (2 if metric.squared else 1))


def _finite(values: Sequence[float]) -> Values:
    made: Values = np.array(values)
    return made[np.isfinite(made)]


def _share(side: ColumnProfile, kinds: Sequence[str]) -> Share:
    return rows_of(side, kinds), side.rows


class NoiseAmongPeriods(Struct, frozen=True, dict=True):
    """The noise of the scores of one column in a period: the largest of what is known.

    That is the noise of rows, or of blocks of rows `within` the periods, and what other periods
    differ by, where there are enough to tell.
    """

    by_rows: NoiseOfColumn
    spread: Spread
    within: Callable[[NoiseOfColumn], AnyNoise]
    design_effect: float = 1.0

    def plain(self, measured: Measured) -> bool:
        """Return whether a p-value is plainly no sign of anything: by rows, and so by periods."""
        return self.by_rows.plain(measured)

    @once
    def _within(self) -> AnyNoise:
        return self.within(self.by_rows)

    def of(self, measured: Measured) -> Noise:
        """Return the largest noise."""
        own = self._within.of(measured)
        if not self.spread.tells or measured.binned is not None:
            return own
        by_rows = own if self._within is self.by_rows else self.by_rows.of(measured)
        among = self.spread.of(measured, self.by_rows.p, self.by_rows.q, by_rows.level)
        return larger(own, among) if among else own
