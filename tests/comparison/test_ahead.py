"""What threads do of columns before their turn, and what processes are sent of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from threading import get_ident
from typing import Any

import numpy as np
import pytest

from driftcli.comparison.ahead import in_turn, on_processes
from driftcli.comparison.stats import bare_stats
from driftcli.engine import in_order
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers
from driftcli.profile.points import Points
from driftcli.report.columns import Column

SHORT, LONG = 10, 20_000


def side(points: int) -> ColumnProfile:
    values = Points(np.arange(float(points)), np.ones(points, np.int64))
    return ColumnProfile("numeric", "double", points, 0, Numbers(values))


def record(name: str) -> Column:
    stats = bare_stats("double", 1)
    return Column(name=name, kind="numeric", status="ok", gated=True, baseline=stats, current=stats)


class Drawn:
    """A pool that says which thread made its draws."""

    @property
    def draws(self) -> None:
        self.by = get_ident()


class AtWork:
    """A column that says which thread did what of it."""

    def __init__(self, name: str, points: int) -> None:
        self.name = name
        self.p = self.q = side(points)
        self.done: dict[str, int] = {}
        self._pool = Drawn()

    @property
    def pool(self) -> Any:
        self.done.setdefault("pool", get_ident())
        return self._pool

    @property
    def column(self) -> Column:
        self.done.setdefault("column", get_ident())
        return record(self.name)

    def alone(self) -> AtWork:
        return self


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_columns_come_in_their_order(threads: int) -> None:
    sizes = [SHORT] * 11 + [LONG, SHORT, LONG, LONG] + [SHORT] * 9
    at_work = [AtWork(f"c{at}", size) for at, size in enumerate(sizes)]
    some = [*at_work[:3], record("known"), *at_work[3:]]
    found = in_turn(some, partial(in_order, threads=threads))
    assert [each.name for each in found] == [each.name for each in some]


def test_threads_draw_for_short_columns_and_do_all_of_long_ones() -> None:
    short, long = AtWork("short", SHORT), AtWork("long", LONG)
    list(in_turn([short, long], partial(in_order, threads=2)))
    here = get_ident()
    assert short.done == {"pool": here, "column": here}
    assert short.pool.by != here
    assert long.done["column"] != here


def test_threads_take_eight_short_columns_and_long_ones_alone() -> None:
    taken: list[int] = []

    def one_by_one(work: Any, runs: Any) -> Any:
        for run in runs:
            taken.append(len(run))
            yield work(run)

    sizes = [SHORT] * 17 + [LONG, SHORT, LONG // 4, LONG // 4 - 1, LONG]
    assert (
        len([*in_turn([AtWork(str(at), size) for at, size in enumerate(sizes)], one_by_one)]) == 22
    )
    assert taken == [8, 8, 1, 1, 1, 1, 1, 1]


def test_a_column_without_draws_of_its_own_is_left_to_its_turn() -> None:
    plain = AtWork("plain", SHORT)
    plain._pool = None
    assert [each.name for each in in_turn([plain], map)] == ["plain"]


def test_nothing_is_asked_for_where_there_are_no_columns() -> None:
    assert list(in_turn([], map)) == []


def test_processes_take_many_short_columns_at_once_and_few_long_ones() -> None:
    sizes = [SHORT] * 50 + [LONG] * 12
    some = [AtWork(f"c{at}", size) for at, size in enumerate(sizes)]
    taken = []

    def told(work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            taken.append(len(item))
            yield work(item)

    found = on_processes([record("known"), *some], told)
    assert [each.name for each in found] == ["known", *(each.name for each in some)]
    assert taken == [25, 24, 7, 5, 2]
