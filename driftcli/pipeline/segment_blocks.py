"""Blocks within segments: of the rows that were drawn, those of each segment by themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from driftcli.arrays import from_numpy
from driftcli.comparison.segments.compare import Within
from driftcli.engine import by_segment
from driftcli.pipeline.blocks import Cut, of_rows
from driftcli.profile.blocks import Blocks
from driftcli.profile.groups import Keys, Profiled


def within(p: Profiled, q: Profiled, cut: Cut, by: Sequence[str]) -> Within:
    """Return what gives the blocks of both datasets within segments."""
    sides = _SegmentedRows(p, cut, by), _SegmentedRows(q, cut, by)
    return lambda keys: (sides[0].blocks(keys), sides[1].blocks(keys))


class _SegmentedRows:
    """The rows drawn of a dataset, segment by segment."""

    def __init__(self, side: Profiled, cut: Cut, by: Sequence[str]) -> None:
        self._side, self._cut = side, cut
        grouping = by_segment(side.drawn.schema, by)
        numbering = grouping.numbering()
        columns = [side.drawn.column(name).chunks for name in grouping.needs]
        numbers = numbering.numbers(columns, side.drawn.num_rows, 0)
        self._order = np.argsort(numbers, kind="stable")
        found, starts = np.unique(numbers[self._order], return_index=True)
        ends = np.append(starts[1:], numbers.size)
        self._places = {
            numbering.key(number): slice(start, end)
            for number, start, end in zip(
                found.tolist(), starts.tolist(), ends.tolist(), strict=True
            )
        }

    def blocks(self, keys: Collection[Keys]) -> Blocks | None:
        """Return the blocks of the rows of some segments; None where they have none."""
        groups = [self._side.groups[each] for each in keys if each in self._side.groups]
        if not groups:
            return None
        found = [self._order[self._places[each]] for each in keys if each in self._places]
        rows = self._side.drawn.take(from_numpy(np.concatenate([self._order[:0], *found])))
        whole = replace(self._side.whole, rows=sum(each.rows for each in groups))
        return of_rows(replace(self._side, whole=whole, drawn=rows), self._cut)
