"""Blocks within segments: of the rows that were drawn, those of each segment by themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from driftcli.comparison.segments.compare import Within
from driftcli.engine import by_segment
from driftcli.pipeline.blocks import Cut, of_some
from driftcli.profile.blocks import Blocks
from driftcli.profile.groups import Keys, Profiled


def within(p: Profiled, q: Profiled, cut: Cut, by: Sequence[str]) -> Within:
    """Return what gives the blocks of both datasets within segments."""
    sides = _SegmentedRows(p, cut, by), _SegmentedRows(q, cut, by)
    return lambda keys: (sides[0].blocks(keys), sides[1].blocks(keys))


class _SegmentedRows:
    """The rows drawn of a dataset, segment by segment."""

    def __init__(self, side: Profiled, cut: Cut, by: Sequence[str]) -> None:
        self._side, self._cut, self._numbers = side, cut, cut.numbers(side.drawn)
        grouping = by_segment(side.drawn.schema, by)
        numbering = grouping.numbering()
        columns = [side.drawn.column(name).chunks for name in grouping.needs]
        segments = numbering.numbers(columns, side.drawn.num_rows, 0)
        order = np.argsort(segments, kind="stable")
        found, starts = np.unique(segments[order], return_index=True)
        self._drawn = {
            numbering.key(number): rows
            for number, rows in zip(found.tolist(), np.split(order, starts[1:]), strict=True)
        }

    def blocks(self, keys: Collection[Keys]) -> Blocks | None:
        """Return the blocks of the rows of some segments; None where they have none."""
        groups = [self._side.groups[each] for each in keys if each in self._side.groups]
        if not groups:
            return None
        found = (self._drawn[each] for each in keys if each in self._drawn)
        drawn = np.concatenate([np.empty(0, np.int64), *found])
        rows = sum(each.rows for each in groups)
        return of_some(self._side, self._cut, self._numbers, drawn, rows)
