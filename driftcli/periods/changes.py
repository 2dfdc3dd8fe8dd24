"""Since when a column drifts: runs of periods, dated from the first to the last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from driftcli.report.comparison import SEVERITY
from driftcli.report.timeline import Cell

_CHANGED = ("drift", "warn")


@dataclass(frozen=True)
class Run:
    """The places of the periods of one change, and whether nothing after it came out otherwise."""

    places: Sequence[int]
    ongoing: bool

    def peak(self, cells: Sequence[Cell]) -> int:
        """Return the place of the highest score, among those of the gravest status."""
        return max(self.places, key=lambda at: (-SEVERITY[cells[at].status], _excess(cells[at])))


def runs(cells: Sequence[Cell], *, steps: bool = False) -> Iterator[Run]:
    """Yield the changes of a column, in order.

    A period in which the column is `ok` ends a change. One that is not compared or inconclusive
    does not: it cannot tell. But where periods are compared with the one before, changes are
    `steps`, and an inconclusive period ends one, too: it shows none.
    """
    ends = ("ok", "inconclusive") if steps else ("ok",)
    places: list[int] = []
    for at, cell in enumerate(cells):
        if cell.status in _CHANGED:
            places.append(at)
        elif cell.status in ends and places:
            yield Run(places, ongoing=False)
            places = []
    if places:
        yield Run(places, ongoing=True)


def _excess(cell: Cell) -> float:
    return max((score.excess for score in cell.scores), default=0.0)
