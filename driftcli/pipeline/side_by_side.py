"""Where columns are compared: on threads or, where they are many, on processes."""

from __future__ import annotations

from functools import partial

from driftcli.comparison.ahead import InOrder, InTurn, in_turn, on_processes
from driftcli.engine import children, in_order

#: So many comparisons of a column take a second and more: another process takes some 0.4 to start.
_MANY = 600
#: Those of a timeline are less work each, as few scores of its periods are tested.
_MANY_CELLS = 3_000


def in_turn_for(comparisons: int, threads: int | None) -> InTurn:
    """Return what compares so many columns side by side."""
    if comparisons < _MANY:
        return partial(in_turn, in_order=partial(in_order, threads=threads))
    return partial(on_processes, in_order=partial(children.in_order, threads=threads))


def in_order_for(cells: int, threads: int | None) -> InOrder:
    """Return what maps work over the columns of a timeline: in this thread, where little is."""
    return map if cells < _MANY_CELLS else partial(children.in_order, threads=threads)
