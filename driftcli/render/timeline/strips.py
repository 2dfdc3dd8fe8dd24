"""Heat strips: one cell a period, as high as the column's highest score is over its threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from driftcli.render.bars import LEVELS
from driftcli.render.cells import QUIET, STATUS_STYLES
from driftcli.render.digest import VERDICTS
from driftcli.render.ink import Piece
from driftcli.report.comparison import SEVERITY, Status
from driftcli.report.timeline import Cell, Period

#: Of a threshold: the lower four levels end at a quarter, a half, three quarters, and all of it.
_BELOW = 4
#: The upper four levels begin at these multiples of a threshold.
_ABOVE = (1.0, 1.5, 2.0, 4.0)
NOT_COMPARED, NO_ROWS = "·", " "
#: In words, as a legend has them.
MEANINGS = {
    "".join(LEVELS[:_BELOW]): "below the threshold",
    "".join(LEVELS[_BELOW:]): "at it, ×1.5, ×2, ×4",
    "!": VERDICTS["warn"],
    "?": VERDICTS["inconclusive"],
    NOT_COMPARED: "not compared",
    NO_ROWS: "blank: no rows",
}
#: Few periods are drawn wider, so that a strip can be read.
_WIDEST_CELL = 3


class Scale(NamedTuple):
    """How periods become characters: `together` share one, or each has `wide` of them."""

    together: int = 1
    wide: int = 1

    def length(self, periods: int) -> int:
        """Return how many characters a strip of so many periods takes."""
        return -(-periods // self.together) * self.wide


def scale(periods: int, room: int) -> Scale:
    """Return the scale by which a strip of so many periods fits."""
    if periods > room:
        return Scale(together=-(-periods // room))
    return Scale(wide=min(_WIDEST_CELL, room // periods))


def strip(cells: Sequence[Cell], periods: Sequence[Period], by: Scale) -> list[Piece]:
    """Return the strip of a column, as few pieces of one style each."""
    return joined([_mark(*each) for each in zip(cells, periods, strict=True)], by)


def joined(marks: Sequence[Mark], by: Scale) -> list[Piece]:
    """Return marks as a strip, those that share a cell as the gravest of them."""
    shown = (_gravest(marks[at : at + by.together]) for at in range(0, len(marks), by.together))
    runs = groupby(shown, key=lambda each: each.style)
    return [Piece("".join(each.text * by.wide for each in run), style) for style, run in runs]


def counts(rows: Sequence[int], by: Scale) -> str:
    """Return a strip of how many rows the periods have, beside the one that has most."""
    together = [max(rows[at : at + by.together]) for at in range(0, len(rows), by.together)]
    most = max(together)
    return "".join(_height(count, most) * by.wide for count in together)


def _height(count: int, most: int) -> str:
    return LEVELS[max(1, round(count / most * len(LEVELS))) - 1] if count else NO_ROWS


class Mark(NamedTuple):
    """A character of a strip, and how it ranks among those that share a cell."""

    rank: tuple[int, float]
    text: str
    style: str


def _mark(cell: Cell, period: Period) -> Mark:
    if cell.status == "skipped":
        empty = period.status != "skipped" or not period.rows
        return Mark((-SEVERITY["skipped"], 0.0), NO_ROWS if empty else NOT_COMPARED, QUIET)
    return mark(cell.status, max((score.excess for score in cell.scores), default=0.0))


def mark(status: Status, excess: float) -> Mark:
    """Return the mark of a column whose highest score is `excess` times its threshold."""
    rank = (-SEVERITY[status], excess)
    style = QUIET if status == "ok" else STATUS_STYLES[status]
    if status == "skipped":
        return Mark(rank, NOT_COMPARED, style)
    if status == "inconclusive":
        return Mark(rank, "?", style)
    if status == "warn":
        return Mark(rank, "!", style)
    return Mark(rank, LEVELS[level(excess)], style)


def level(excess: float) -> int:
    """Return which of eight levels a score over its threshold is on; the upper four reach it."""
    if excess < 1:
        return int(excess * _BELOW)
    return _BELOW + sum(excess >= start for start in _ABOVE) - 1


def _gravest(marks: Sequence[Mark]) -> Mark:
    return max(marks, key=lambda each: each.rank)


def meanings(strips: Iterator[str]) -> list[str]:
    """Return what the characters that occur in strips mean: `▁▂▃▄ below the threshold`."""
    there = set("".join(strips))
    return [f"{marks} {text}".strip() for marks, text in MEANINGS.items() if there & set(marks)]
