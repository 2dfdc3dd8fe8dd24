"""Small distributions drawn in block characters."""

from __future__ import annotations

import math
from collections.abc import Sequence

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
