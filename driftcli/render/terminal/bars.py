"""Small distributions drawn in block characters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from driftcli.render import Look

LEVELS = "▁▂▃▄▅▆▇█"
EMPTY = " "
MOST_CELLS = 12


def draw(
    baseline: Sequence[float], current: Sequence[float], *, ordered: bool = True
) -> tuple[str, str]:
    """Return both sides as bars of at most `MOST_CELLS` cells, on one scale.

    A cell that holds nothing is blank and the least share is the lowest bar, so that what is
    new or gone can be told from what is rare.

    Parameters
    ----------
    baseline, current
        Shares over the same cells. Too many are joined: neighbours where they are `ordered`,
        else the last ones.

    Examples
    --------
    >>> draw((0.5, 0.5, 0.0), (0.0, 0.5, 1.0))
    ('▄▄ ', ' ▄█')
    """
    join = _neighbours if ordered else _tail
    before, after = join(baseline), join(current)
    highest = max((*before, *after), default=0.0)
    return _bars(before, highest), _bars(after, highest)


def _bars(shares: Sequence[float], highest: float) -> str:
    return "".join(_bar(share, highest) for share in shares)


def _bar(share: float, highest: float) -> str:
    if share <= 0:
        return EMPTY
    return LEVELS[max(1, round(share / highest * len(LEVELS))) - 1]


def _neighbours(shares: Sequence[float]) -> list[float]:
    # Groups of one size, so that a flat distribution stays flat.
    size = max(1, math.ceil(len(shares) / MOST_CELLS))
    return [sum(shares[start : start + size]) for start in range(0, len(shares), size)]


def _tail(shares: Sequence[float]) -> list[float]:
    if len(shares) <= MOST_CELLS:
        return list(shares)
    return [*shares[: MOST_CELLS - 1], sum(shares[MOST_CELLS - 1 :])]


#: Lines that upright bars take.
HEIGHT = 4
#: Cells of a picture at most: wider is no clearer.
WIDEST = 96
#: From this width on, bars stand apart.
_APART = 4
_EIGHTHS = "▏▎▍▌▋▊▉█"
_RULE, _TICK = "─", "┴"


class CellAxis(NamedTuple):
    """How bins share the cells of a line: `joined` bins a bar, each bar `width` cells wide."""

    bins: int
    joined: int
    width: int

    @property
    def bars(self) -> int:
        """The number of bars."""
        return -(-self.bins // self.joined)

    @property
    def cells(self) -> int:
        """The cells of the line."""
        return self.bars * self.width


def cell_axis(bins: int, room: int) -> CellAxis:
    """Return the axis that shows `bins` bins in at most `room` cells."""
    cells = min(room, WIDEST)
    joined = -(-bins // cells)
    return CellAxis(bins, joined, max(1, cells // -(-bins // joined)))


def upright(shares: Sequence[float], highest: float, along: CellAxis) -> list[str]:
    """Return bars as `HEIGHT` lines, the topmost first. `highest` is the share of a full bar.

    A bar that holds anything shows at least the lowest block.
    """
    bars = bar_shares(shares, along)
    steps = [_steps(share, highest, HEIGHT) for share in bars]
    thick = along.width - 1 if along.width >= _APART else along.width
    lines = []
    for base in range((HEIGHT - 1) * len(LEVELS), -1, -len(LEVELS)):
        blocks = (_block(step - base) for step in steps)
        lines.append("".join((block * thick).ljust(along.width) for block in blocks))
    return lines


def bar_shares(shares: Sequence[float], along: CellAxis) -> list[float]:
    """Return the share of each bar."""
    size = along.joined
    return [sum(shares[start : start + size]) for start in range(0, len(shares), size)]


def _steps(share: float, highest: float, cells: int) -> int:
    return max(1, round(share / highest * cells * len(LEVELS))) if share > 0 else 0


def _block(step: int) -> str:
    return LEVELS[min(step, len(LEVELS)) - 1] if step > 0 else " "


def trace(heights: Sequence[float | None], along: CellAxis) -> str:
    """Return a function, known at the edges of the bins, as one line of blocks."""
    known = [0.0 if height is None else height for height in heights]
    ends = known[:: along.joined] + known[-1:] * bool(along.bins % along.joined)
    low = min(known)
    reach = max(known) - low
    middles = ((left / 2 + right / 2 - low) for left, right in pairwise(ends))
    top = len(LEVELS) - 1
    return "".join(
        LEVELS[round(middle / reach * top) if reach else 0] * along.width for middle in middles
    )


def ticks(
    labels: Sequence[str],
    steps: Sequence[tuple[int, int]],
    along: CellAxis,
    room: int,
    *,
    centred: bool,
) -> tuple[str, str]:
    """Return a rule with ticks, and the labels below them in at most `room` cells.

    Parameters
    ----------
    labels
        The label of the edge before each bin (of the bin itself where `centred`).
    steps
        First label and distance of labels, the closest first; one is taken that leaves blanks
        between them.
    """
    placed: list[_Label] = []
    for first, every in steps:
        edges = range(first, along.bins + (not centred), every)
        placed = [_label(labels[edge], edge, along, centred=centred) for edge in edges]
        placed = [each for each in placed if each.start + len(each.text) <= room]
        if all(left.start + len(left.text) + 2 <= right.start for left, right in pairwise(placed)):
            break
    rule = [_RULE] * along.cells
    below = ""
    for each in placed:
        rule[min(each.cell, along.cells - 1)] = _TICK
        below = below.ljust(each.start) + each.text
    return "".join(rule), below


class _Label(NamedTuple):
    text: str
    cell: int
    start: int


def _label(text: str, edge: int, along: CellAxis, *, centred: bool) -> _Label:
    """Return a label with the cell of its tick, and the cell where its text begins."""
    cell = edge * along.width // along.joined + (along.width - 1) // 2 * centred
    return _Label(text, cell, max(0, cell - len(text) // 2))


def lying(share: float, highest: float, cells: int, look: Look) -> str:
    """Return a bar of at most `cells` cells, with at least a sliver for what is there."""
    if not share or not cells:
        return ""
    if look.ascii_only:
        return "#" * max(1, round(share / highest * cells))
    eighths = max(1, round(share / highest * cells * 8))
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest - 1] if rest else "")
