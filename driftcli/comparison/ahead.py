"""Many columns compared side by side, on threads or on processes.

Threads that compare short arrays wait for Python's lock for longer than they work, and only to draw
needs none of it. So they do all of long columns, and of others the draws alone. Processes share no
lock: they do all of a column, and take some at once, as to send one takes time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from driftcli.comparison.pool import Pool
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.report.columns import Column

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Points or names of both sides from which on the arrays of a column are long.
_LONG = 10_000
#: Columns whose draws a thread makes at once: so the lock changes hands less often.
_RUN = 8
#: Short columns that a process compares at once: some 50 ms of work.
_GROUP = 24


class InOrder(Protocol):
    """Maps work over items, its results in their order: `map`, or the like on threads."""

    def __call__(
        self, work: Callable[[Item], Result], items: Iterable[Item], /
    ) -> Iterable[Result]:
        """Return what the work makes of each item."""


class AtWork(Protocol):
    """A column of both sides, whose parts are made once, when they are first asked for."""

    p: ColumnProfile
    q: ColumnProfile

    @property
    def pool(self) -> Pool | None:
        """The pool whose splits the noise of its scores is drawn from, if that of any is."""

    @property
    def column(self) -> Column:
        """Its record."""

    def alone(self) -> AtWork:
        """Return it without what is known of other columns: to be sent elsewhere."""


Run = Sequence[AtWork | Column]


class InTurn(Protocol):
    """Yields the records of columns in their order; those that are there already as they are."""

    def __call__(self, at_work: Iterable[AtWork | Column], /) -> Iterator[Column]:
        """Yield the records."""


def in_turn(at_work: Iterable[AtWork | Column], in_order: InOrder = map) -> Iterator[Column]:
    """Yield the records of columns in their order, made in this process: see `InTurn`."""
    for run in in_order(_ahead, _runs(at_work)):
        for each in run:
            yield each if isinstance(each, Column) else each.column


def on_processes(at_work: Iterable[AtWork | Column], in_order: InOrder) -> Iterator[Column]:
    """Yield the records of columns in their order, made by several processes: see `InTurn`."""
    for columns in in_order(_compared, _groups(at_work)):
        yield from columns


def _groups(at_work: Iterable[AtWork | Column]) -> Iterator[Run]:
    """Yield what processes take at once: so many columns as are worth to be sent."""
    group: list[AtWork | Column] = []
    work = 0.0
    for each in at_work:
        group.append(each if isinstance(each, Column) else each.alone())
        work += _work(each)
        if work >= _GROUP:
            yield group
            group, work = [], 0.0
    if group:
        yield group


def _compared(group: Run) -> list[Column]:
    return [each if isinstance(each, Column) else each.column for each in group]


def _work(each: AtWork | Column) -> float:
    """Return about how much work a column is, where a short one is 1."""
    if isinstance(each, Column):
        return 0.0
    return 1.0 + (_size(each.p) + _size(each.q)) / _LONG


def _runs(at_work: Iterable[AtWork | Column]) -> Iterator[Run]:
    """Yield what threads take at once: long columns alone, and others after all but their draws."""
    run: list[AtWork | Column] = []
    for each in at_work:
        long = _is_long(each)
        if run and (long or len(run) == _RUN):
            yield run
            run = []
        if long:
            yield [each]
            continue
        if not isinstance(each, Column):
            _ = each.pool
        run.append(each)
    if run:
        yield run


def _ahead(run: Run) -> Run:
    """Return a run of columns after what a thread may do of them before their turn."""
    return [_alone(each) for each in run]


def _alone(each: AtWork | Column) -> AtWork | Column:
    if isinstance(each, Column):
        return each
    if _is_long(each):
        return each.column
    if each.pool:
        _ = each.pool.draws
    return each


def _is_long(each: AtWork | Column) -> bool:
    if isinstance(each, Column):
        return False
    return _size(each.p) + _size(each.q) >= _LONG


def _size(side: ColumnProfile) -> int:
    values = side.values
    return len(values.names) if isinstance(values, Categories) else values.points.values.size
