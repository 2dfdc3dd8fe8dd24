"""Blocks within the periods of a timeline: of the rows that were drawn, those of each period."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from driftcli.comparison.timeline.periods import Periods, blocks_tell
from driftcli.comparison.timeline.plan import Plan
from driftcli.config import Configuration
from driftcli.engine import by_period
from driftcli.engine.grouping import NO_GROUP, Ints
from driftcli.engine.periods import PeriodGrouping, Span
from driftcli.pipeline.blocks import (
    Cut,
    asked,
    names_of,
    of_rows,
    of_some,
    said,
    with_length,
    without_rows,
)
from driftcli.profile.blocks import Blocks
from driftcli.profile.calendar import Every
from driftcli.profile.groups import Profiled
from driftcli.report.comparison import Finding

#: Hours of a unit, about.
_HOURS = {"h": 1.0, "d": 24.0, "w": 168.0, "mo": 730.5}


def with_blocks(
    periods: Periods,
    made: Profiled,
    baseline: Profiled | None,
    configuration: Configuration,
    plan: Plan,
    span: Span | None,
) -> tuple[Periods, list[Finding]]:
    """Return periods with the blocks within them that are asked for, and what to say of these.

    Raises
    ------
    UsageError
        When the setting `block` names no column, or no length of time.
    """
    cut = _cut(made, configuration, plan)
    if not isinstance(cut, Cut):
        return periods, [cut] if cut else []
    if baseline and (baseline.drawn is None or cut.column not in baseline.drawn.schema.names):
        return periods, [without_rows(baseline, cut)]
    if not cut.every:
        cut = cut.coarse(made.drawn, *([baseline.drawn] if baseline else []))
    # Of all rows together, columns are not profiled.
    blocks = PeriodBlocks(replace(made, whole=periods.dataset), cut, plan, span)
    named = f"{cut.kind} of {cut.column}"
    if not blocks_tell(blocks.most * plan.window):
        few = (
            "too few in a period to tell how they differ, so that its rows are taken as independent"
        )
        return periods, [said(f"noise by {named}: {few}")]
    own = of_rows(baseline, cut) if baseline else blocks.of_span() if span else None
    found = said(f"noise of periods by {named} within them, and by how periods differ")
    return replace(periods, blocks=blocks.of, baseline_blocks=own), [found]


def _cut(made: Profiled, configuration: Configuration, plan: Plan) -> Cut | Finding | None:
    """Return what tells apart the rows of a period, or why nothing does, if that was asked for."""
    cut = asked(configuration, names_of(made.whole))
    if cut is None or made.drawn is None:
        return None
    cut = with_length(cut, made.drawn)
    window = plan.window * _hours(plan.every)
    if cut.every and cut.column == plan.time.name and _hours(cut.every) >= window:
        return said(
            f"a period is no longer than {cut.every} of {cut.column!r}: it is one block, and"
            " measured by how other periods differ"
        )
    return cut


def _hours(every: Every) -> float:
    return every.count * _HOURS[every.unit]


class PeriodBlocks:
    """The blocks of the rows that were drawn, in runs of periods or the span of a baseline."""

    def __init__(self, side: Profiled, cut: Cut, plan: Plan, span: Span | None) -> None:
        self._side, self._cut, self._spanned = side, cut, span is not None
        self._numbers = _numbers(side, cut, plan)
        time = plan.time
        grouping = by_period(side.drawn.schema, time.name, plan.every, time.zone, span)
        groups = grouping.numbering().numbers(
            [side.drawn.column(time.name).chunks], side.drawn.num_rows, 0
        )
        timed = np.flatnonzero(groups != NO_GROUP)
        self._order = timed[np.argsort(groups[timed], kind="stable")]
        self._inside = groups[self._order] % 2 == 1
        self._periods = groups[self._order] // 2 if span else groups[self._order]

    @property
    def most(self) -> int:
        """The most blocks that a period has."""
        pairs = np.stack([self._periods, self._numbers[self._order]])
        periods = np.unique(pairs, axis=1)[0]
        return int(np.unique(periods, return_counts=True)[1].max(initial=0))

    def of(self, first: int, last: int) -> Blocks:
        """Return the blocks in the periods from `first` to `last`."""
        start, end = np.searchsorted(self._periods, [first, last + 1])
        rows = sum(self._side.groups[key].rows for key in self._keys(first, last))
        return of_some(self._side, self._cut, self._numbers, self._order[start:end], rows)

    def of_span(self) -> Blocks:
        """Return the blocks in the span of the baseline."""
        groups = self._side.groups.items()
        rows = sum(group.rows for key, group in groups if key is not None and key[1])
        return of_some(self._side, self._cut, self._numbers, self._order[self._inside], rows)

    def _keys(self, first: int, last: int) -> list[object]:
        numbers = range(first, last + 1)
        keys = [(n, i) for n in numbers for i in (False, True)] if self._spanned else numbers
        return [key for key in keys if key in self._side.groups]


def _numbers(side: Profiled, cut: Cut, plan: Plan) -> Ints:
    """Return the block of each row: days are those of the clock that cuts periods."""
    if cut.every is None or cut.column != plan.time.name:
        return cut.numbers(side.drawn)
    grouping = PeriodGrouping(cut.column, cut.every, plan.time.zone)
    return grouping.numbers([side.drawn.column(cut.column).chunks], side.drawn.num_rows, 0)
