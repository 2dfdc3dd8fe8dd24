"""The one shape of merging, and engines of any kind that give the same bits as threads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.engine import Threads
from driftcli.engine.contract import Worked
from driftcli.engine.failures import FailedUnit
from driftcli.engine.tree import FAN, Branch, Carry, Node, Outcome, finished, grown, joined
from driftcli.errors import InputError


def named(parts: Sequence[str], *, last: bool) -> str:
    """Return how parts were put together: what is in brackets was merged at once."""
    return ("<{}>" if last else "({})").format(" ".join(parts))


def by_levels(leaves: Sequence[str]) -> str:
    """Return the same by its definition: a level at a time, with all leaves at hand."""
    while len(leaves) > FAN:
        some = [leaves[at : at + FAN] for at in range(0, len(leaves), FAN)]
        leaves = [each[0] if len(each) == 1 else named(each, last=False) for each in some]
    return named(leaves, last=True)


def carried(leaves: Sequence[str]) -> Outcome[str]:
    carry = Carry(partial(joined, named))
    for place, leaf in enumerate(leaves):
        carry.add(Node(place, Worked(leaf)))
        assert all(len(waiting) <= FAN for waiting in carry._levels)
    return carry.finish()


@pytest.mark.parametrize("count", [*range(1, 140), 511, 512, 513, 520, 521, 577, 4_097])
def test_parts_that_come_one_by_one_make_the_tree_of_all_of_them(count: int) -> None:
    leaves = [str(place) for place in range(count)]
    made = carried(leaves)
    assert isinstance(made, Node)
    assert made.worked.part == by_levels(leaves)


@pytest.mark.parametrize("count", [1, 2, 8, 9, 64, 65])
def test_a_part_of_a_tree_is_merged_with_others_later(count: int) -> None:
    carry = Carry(named)
    for place in range(count):
        carry.add(str(place))
    made = carry.finish(last=False)
    assert "<" not in made
    assert made.replace("(", "").replace(")", "").split() == [str(n) for n in range(count)]


def test_up_to_eight_parts_are_merged_at_once() -> None:
    made = carried(list("abcdefgh"))
    assert isinstance(made, Node)
    assert made.worked.part == "<a b c d e f g h>"


def test_the_first_error_of_some_parts_is_what_comes_of_them() -> None:
    carry = Carry(partial(joined, named))
    for place in range(20):
        wrong = place in (3, 11)
        carry.add(FailedUnit(place, InputError(str(place))) if wrong else Node(place, Worked("a")))
    made = carry.finish()
    assert isinstance(made, FailedUnit)
    assert str(made.error) == "3"


def square(unit: int) -> Worked[int]:
    if unit < 0:
        raise InputError(f"no {unit}")
    return Worked(unit * unit, 1.0, unit)


def total(parts: Sequence[int], *, last: bool) -> int:
    return sum(parts)


@given(st.lists(st.integers(-30, 900), max_size=60), st.sampled_from([1, 2, 3]))
def test_threads_raise_the_first_error_in_row_order(units: list[int], threads: int) -> None:
    told: list[Worked[Any]] = []
    lanes = [(unit % 3, unit) for unit in units]
    wrong = [unit for unit in units if unit < 0]
    if wrong:
        with pytest.raises(InputError, match=f"^no {wrong[0]}$"):
            Threads(threads).map_merge(square, total, lanes, told.append)
        return
    made = Threads(threads).map_merge(square, total, lanes, told.append)
    assert [each.part for each in told] == [unit * unit for unit in units]
    assert {lane: each.part for lane, each in made.items()} == {
        lane: sum(unit * unit for unit in units if unit % 3 == lane)
        for lane in {unit % 3 for unit in units}
    }
    assert sum(each.size for each in made.values()) == sum(units)


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_in_finding_the_units_comes_after_those_before_it(threads: int) -> None:
    def lanes(first: int) -> Any:
        yield 0, first
        yield 0, 2
        raise InputError("no more")

    for first, message in ((-1, "no -1"), (1, "no more")):
        with pytest.raises(InputError, match=message):
            Threads(threads).map_merge(square, total, lanes(first), lambda _: None)


@given(
    st.integers(1, 700), st.lists(st.integers(0, 700), max_size=30), st.lists(st.integers(0, 30))
)
def test_branches_make_the_tree_of_all_wherever_they_are_parted(
    count: int, cuts: list[int], joins: list[int]
) -> None:
    ends = sorted({min(cut, count) for cut in cuts} | {0, count})
    parts = [[Branch(0, at, str(at)) for at in range(*each)] for each in pairwise(ends)]
    parts = [grown(part, named) for part in parts]
    for at in joins:
        if at + 1 < len(parts):
            parts[at : at + 2] = [grown([*parts[at], *parts[at + 1]], named)]
    made = grown([each for part in parts for each in part], named)
    assert finished(made, named) == by_levels([str(at) for at in range(count)])
    assert len(made) <= FAN * 4
