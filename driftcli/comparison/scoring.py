"""One column of both datasets at work: its scores, what their noise is drawn from, its record."""

from __future__ import annotations

from math import isnan

from msgspec import Struct, structs

from driftcli.comparison import histograms
from driftcli.comparison.alike import scored_as
from driftcli.comparison.blocks import AnyNoise, BothBlocks, NoiseOfBlocks, noise_of, of_column
from driftcli.comparison.changes import changes_of
from driftcli.comparison.noise import NoiseOfColumn
from driftcli.comparison.once import once
from driftcli.comparison.pair import CategoricalPair, NumericPair, paired
from driftcli.comparison.pool import Pool
from driftcli.comparison.reasons import notes, reasons, suspicions
from driftcli.comparison.roles import Role, kind_of, role_of
from driftcli.comparison.scores import Measured, as_listed, measure
from driftcli.comparison.shapes import (
    drawn_pair,
    measure_shape,
    scored_sides,
    shape_reasons,
    stats_of,
)
from driftcli.comparison.verdict import NO_LEVELS, Gates, gates_of, levels_for, scored, worst
from driftcli.config import Levels, ResolvedColumn, Settings
from driftcli.metrics import METRICS
from driftcli.profile.column import ColumnProfile
from driftcli.report.columns import Change, Column, Score
from driftcli.report.explanation import Explanation


class Scoring(Struct, dict=True):
    """A column of both datasets, scored and judged by its thresholds alone.

    `details` say whether what moved is explained.
    """

    name: str
    p: ColumnProfile
    q: ColumnProfile
    given: ResolvedColumn
    settings: Settings
    blocks: BothBlocks
    details: bool

    @once
    def pool(self) -> Pool | None:
        """The pool whose splits the noise of its scores is drawn from, if that of any is."""
        return self._by_rows.drawn(each for each, _, gated in self._levelled if gated)

    @once
    def column(self) -> Column:
        """Its record; the status goes by the thresholds alone."""
        p, q, pair, role, scores = self.p, self.q, self._pair, self._role, self._scores
        p_stats, q_stats = (stats_of(side, role) for side in (p, q))
        status = worst(score.status for score in scores)
        counted = p.unread and bool(scores)
        empty = pair is None and status == "ok" and not counted
        moved = (
            *reasons(p_stats, q_stats, p, pair, scores),
            *shape_reasons(p, q, role, scores),
        )
        suspected = tuple(suspicions(p, q))
        hour_of_day, weekday = histograms.clocks(p, q) if p.kind == "timestamp" else (None, None)
        said = notes(p, q, p_stats, q_stats, self._gates.reason, pair)
        return Column(
            name=self.name,
            kind=kind_of(role, p),
            status="skipped" if empty else status,
            gated=self._gates.any or (counted and self._gates.missing),
            identifier=role in ("identifier", "older"),
            reasons=(*suspected, *moved) if moved else (),
            notes=(*said, *(() if moved else suspected)),
            changes=self._changes(),
            baseline=p_stats,
            current=q_stats,
            scores=scores,
            design_effect=self._noise.design_effect
            if self._gates.any and isinstance(self._noise, NoiseOfBlocks)
            else None,
            distribution=histograms.distribution(self._sides[0], self._pictured)
            if self._pictured
            else None,
            hour_of_day=hour_of_day,
            weekday=weekday,
            details=self._explained() if self.details else None,
        )

    def alone(self) -> Scoring:
        """Return it without what is known of other columns: to be sent elsewhere."""
        p, q = (side and of_column(self.name, side) for side in self.blocks)
        return structs.replace(self, blocks=(p, q))

    @once
    def _role(self) -> Role:
        return role_of(self.name, self.p, self.q, self.given, texts=not self.settings.like)

    @once
    def _gates(self) -> Gates:
        return gates_of(self._role, self.p, self.given)

    @once
    def _sides(self) -> tuple[ColumnProfile, ColumnProfile]:
        """What is scored of both sides."""
        return scored_sides(self.p, self.q, self._role)

    @once
    def _pair(self) -> NumericPair | CategoricalPair | None:
        return paired(*self._sides, self.given)

    @once
    def _pictured(self) -> NumericPair | CategoricalPair | None:
        """What pictures show."""
        return drawn_pair(self.p, self.q, self._pair, self._role)

    @once
    def _rules(self) -> ResolvedColumn:
        if not self.settings.like:
            return self.given
        from driftcli.comparison.other_tools import settings_of

        return settings_of(self.settings.like, self.p, self.given)

    @once
    def _measured(self) -> tuple[Measured, ...]:
        wanted = self.settings.metrics or METRICS
        if self.settings.like:
            from driftcli.comparison.other_tools import measure_like

            like, rules = self.settings.like, self._rules
            measured = measure_like(like, self.p, self.q, self._pair, rules, wanted)
        else:
            measured = measure(*self._sides, self._pair, self._rules, wanted)
        return as_listed((*measured, *measure_shape(self.p, self.q, self._gates, wanted)))

    @once
    def _levelled(self) -> list[tuple[Measured, Levels, bool]]:
        """The scores with their thresholds, and whether they are gated."""
        levelled = [(each, levels_for(each.metric, self._gates)) for each in self._measured]
        return [(each, at, at != NO_LEVELS and not isnan(each.value)) for each, at in levelled]

    @once
    def _by_rows(self) -> NoiseOfColumn:
        return NoiseOfColumn(*self._sides, self._pair, self._rules)

    @once
    def _noise(self) -> AnyNoise:
        alike = scored_as(self.p, self._role), scored_as(self.q, self._role)
        return noise_of(self.name, self._by_rows, self.blocks, alike)

    @once
    def _scores(self) -> tuple[Score, ...]:
        return tuple(
            scored(each, levels, self._noise.of(each) if gated else None)
            for each, levels, gated in self._levelled
        )

    def _changes(self) -> tuple[Change, ...]:
        if not self._pair or not self._gates.values or self._role == "text":
            return ()
        return tuple(changes_of(*self._sides, self._pair, self._measured, self._noise))

    def _explained(self) -> Explanation | None:
        from driftcli.comparison.explanation import explain

        if not self._pictured:
            return None
        explained = explain(*self._sides, self._pictured)
        if not self._pair or not isinstance(self._noise, NoiseOfBlocks):
            return explained
        from driftcli.comparison.block_strip import block_strip

        strip = block_strip(self.name, self._noise, self.blocks, self._pair)
        return structs.replace(explained, blocks=strip)
