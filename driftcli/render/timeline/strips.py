"""Heat strips: one cell a period, as high as the column's highest score is over its threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from driftcli.render.bars import LEVELS
from driftcli.render.cells import QUIET, STATUS_STYLES
from driftcli.render.ink import Piece
from driftcli.report import SEVERITY
from driftcli.report_timeline import Cell, Period

#: Of a threshold: the lower four levels end at a quarter, a half, three quarters, and all of it.
_BELOW = 4
#: The upper four levels begin at these multiples of a threshold.
_ABOVE = (1.0, 1.5, 2.0, 4.0)
NOT_COMPARED, NO_ROWS = "·", " "
#: In words, as a legend has them.
MEANINGS = {
    "".join(LEVELS[:_BELOW]): "below the threshold",
    "".join(LEVELS[_BELOW:]): "at it, ×1.5, ×2, ×4",
    "!": "warned",
    "?": "could be chance",
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
    marks = [_mark(cell, period) for cell, period in zip(cells, periods, strict=True)]
    shown = (_gravest(marks[at : at + by.together]) for at in range(0, len(marks), by.together))
    runs = groupby(shown, key=lambda mark: mark.style)
    return [Piece("".join(mark.text * by.wide for mark in run), style) for style, run in runs]


def counts(rows: Sequence[int], by: Scale) -> str:
    """Return a strip of how many rows the periods have, beside the one that has most."""
    together = [max(rows[at : at + by.together]) for at in range(0, len(rows), by.together)]
    most = max(together)
    return "".join(_height(count, most) * by.wide for count in together)


def _height(count: int, most: int) -> str:
    return LEVELS[max(1, round(count / most * len(LEVELS))) - 1] if count else NO_ROWS


class _Mark(NamedTuple):
    rank: tuple[int, float]
    text: str
    style: str


def _mark(cell: Cell, period: Period) -> _Mark:
    """Return the character of a cell, and how it ranks among those that share one."""
    if cell.status == "skipped":
        empty = period.status != "skipped" or not period.rows
        return _Mark((-SEVERITY["skipped"], 0.0), NO_ROWS if empty else NOT_COMPARED, QUIET)
    excess = max((score.excess for score in cell.scores), default=0.0)
    rank = (-SEVERITY[cell.status], excess)
    style = QUIET if cell.status == "ok" else STATUS_STYLES[cell.status]
    if cell.status == "inconclusive":
        return _Mark(rank, "?", style)
    if cell.status == "warn":
        return _Mark(rank, "!", style)
    return _Mark(rank, _level(excess), style)


def _level(excess: float) -> str:
    if excess < 1:
        return LEVELS[int(excess * _BELOW)]
    return LEVELS[_BELOW + sum(excess >= start for start in _ABOVE) - 1]


def _gravest(marks: Sequence[_Mark]) -> _Mark:
    return max(marks, key=lambda mark: mark.rank)


def meanings(strips: Iterator[str]) -> list[str]:
    """Return what the characters that occur in strips mean: `▁▂▃▄ below the threshold`."""
    there = set("".join(strips))
    return [f"{marks} {text}".strip() for marks, text in MEANINGS.items() if there & set(marks)]
