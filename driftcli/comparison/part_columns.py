"""One column where a part of its rows is compared: a period, or a segment."""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import isnan

from msgspec import Struct, structs

from driftcli.comparison.alike import scored_as
from driftcli.comparison.blocks import AnyNoise, BothBlocks, noise_of, of_column
from driftcli.comparison.noise import NoiseOfColumn
from driftcli.comparison.once import once
from driftcli.comparison.pair import CategoricalPair, NumericPair, paired
from driftcli.comparison.pool import Pool
from driftcli.comparison.reasons import reasons
from driftcli.comparison.roles import Role, kind_of, role_of
from driftcli.comparison.scores import Measured, as_listed, measure
from driftcli.comparison.shapes import measure_shape, scored_sides, shape_reasons, stats_of
from driftcli.comparison.stats import bare_stats
from driftcli.comparison.verdict import Gates, gates_of, levels_for, reached, scored, worst
from driftcli.config import Levels, ResolvedColumn
from driftcli.metrics import METRICS
from driftcli.profile.column import ColumnProfile
from driftcli.report.columns import Column, ColumnStats, Score, Status


class Rule(Struct, frozen=True):
    """How a column is judged wherever a part of its rows is compared.

    `role`, `gates` and `metrics`, those that can make it drift, are settled by the whole column:
    whether values name rows rather than describe them is nothing that a few rows could tell.
    `tested` asks for the noise of all scores: any change beyond it may count. `screened` spares
    that of tests of which chance plainly explains each score that reaches a threshold (see
    `NoiseOfColumn.plain`), so that none can drift.
    """

    rules: ResolvedColumn
    gates: Gates
    role: Role
    metrics: Collection[str]
    tested: bool = False
    screened: bool = False


def rule_for(
    name: str,
    whole: ColumnProfile,
    current: ColumnProfile | None,
    rules: ResolvedColumn,
    wanted: Collection[str] | None,
) -> Rule:
    """Return how parts of a column are judged whose baseline is `whole`.

    `current` is all of the current data, where it is known at once, and `wanted` are the metrics
    to score, all when None.
    """
    role = role_of(name, whole, current, rules)
    gates = gates_of(role, whole, rules)
    metrics = [
        name
        for name, metric in METRICS.items()
        if (wanted is None or name in wanted) and levels_for(metric, gates) != Levels()
    ]
    return Rule(rules, gates, role, metrics)


class PartScoring(Struct, dict=True):
    """A column in a part of both sides, its gated scores judged by the thresholds alone.

    With `words`, statistics are in full where a score reaches a threshold, and there are reasons;
    else there are just rows. Noise is by `blocks` where they are known; `among` makes the noise of
    rows that of what moves together in other ways.
    """

    name: str
    p: ColumnProfile
    q: ColumnProfile
    rule: Rule
    words: bool = True
    blocks: BothBlocks = (None, None)
    among: Callable[[NoiseOfColumn], AnyNoise] | None = None

    @once
    def pool(self) -> Pool | None:
        """The pool whose splits the noise of its scores is drawn from, if that of any is."""
        return self._by_rows.drawn(filter(self._has_noise, self._measured))

    @once
    def column(self) -> Column:
        """Its record."""
        p, q, role, scores = self.p, self.q, self.rule.role, self._scores
        status = worst(score.status for score in scores)
        quiet = status == "ok" or not self.words
        stats = (_rows(p), _rows(q)) if quiet else (stats_of(p, role), stats_of(q, role))
        said = (
            ()
            if quiet
            else (*reasons(*stats, p, self._pair, scores), *shape_reasons(p, q, role, scores))
        )
        return Column(
            name=self.name,
            kind=kind_of(role, p),
            status="skipped" if status == "ok" and self._pair is None else status,
            gated=self.rule.gates.any,
            reasons=said,
            baseline=stats[0],
            current=stats[1],
            scores=scores,
        )

    def alone(self) -> PartScoring:
        """Return it without what is known of other columns: to be sent elsewhere."""
        p, q = (side and of_column(self.name, side) for side in self.blocks)
        return structs.replace(self, blocks=(p, q))

    @once
    def _sides(self) -> tuple[ColumnProfile, ColumnProfile]:
        """What is scored of both sides."""
        return scored_sides(self.p, self.q, self.rule.role)

    @once
    def _pair(self) -> NumericPair | CategoricalPair | None:
        return paired(*self._sides, self.rule.rules)

    @once
    def _by_rows(self) -> NoiseOfColumn:
        return NoiseOfColumn(*self._sides, self._pair, self.rule.rules)

    @once
    def _noise(self) -> AnyNoise:
        if self.among:
            return self.among(self._by_rows)
        alike = scored_as(self.p, self.rule.role), scored_as(self.q, self.rule.role)
        return noise_of(self.name, self._by_rows, self.blocks, alike)

    @once
    def _measured(self) -> tuple[Measured, ...]:
        rule = self.rule
        measured = measure(*self._sides, self._pair, rule.rules, rule.metrics)
        of_shape = measure_shape(self.p, self.q, rule.gates, rule.metrics)
        return as_listed((*measured, *of_shape))

    @once
    def _tested(self) -> set[str]:
        """The tests of which a score reaches a threshold, and may do so not by chance."""
        return {
            each.metric.asks
            for each in self._measured
            if self._reached(each) != "ok" and not (self.rule.screened and self._noise.plain(each))
        }

    def _has_noise(self, measured: Measured) -> bool:
        """Return whether a score has its noise, as all of a test have that is made."""
        asked = self.rule.tested or measured.metric.asks in self._tested
        return asked and not isnan(measured.value)

    def _reached(self, measured: Measured) -> Status:
        return reached(measured.value, levels_for(measured.metric, self.rule.gates))

    @once
    def _scores(self) -> tuple[Score, ...]:
        return tuple(map(self._score, self._measured))

    def _score(self, measured: Measured) -> Score:
        levels = levels_for(measured.metric, self.rule.gates)
        if self._has_noise(measured):
            return scored(measured, levels, self._noise.of(measured))
        untested = scored(measured, levels, None)
        defined = not isnan(measured.value)
        return structs.replace(untested, gated=defined, status=self._reached(measured))


def _rows(side: ColumnProfile) -> ColumnStats:
    return bare_stats(side.type, side.rows, side.missing)
