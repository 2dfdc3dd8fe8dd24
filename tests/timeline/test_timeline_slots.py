"""Which periods are shown and what each is compared with, against a slow reading of the rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.comparison.timeline.periods import Periods
from driftcli.comparison.timeline.plan import Plan, TimeColumn, slots
from driftcli.errors import UsageError
from driftcli.profile.calendar import Every
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Group

NOTHING = DatasetProfile("data", "memory", 0, {}, {})
TIME, DAY = TimeColumn("ts"), Every.parse("1d")


def periods(rows: dict[int, int], inside: tuple[int, ...] = ()) -> Periods:
    by_number = {number: Group(count) for number, count in rows.items() if count}
    baseline = Group(sum(rows[each] for each in inside)) if inside else None
    return Periods(NOTHING, by_number, 0, inside, baseline)


def told(rows: dict[int, int], plan: Plan, inside: tuple[int, ...] = ()) -> dict[int, object]:
    """Return for each period its reference, "fixed", or why it is not compared."""
    found = slots(periods(rows, inside), plan)
    return {
        each.number: each.note or ("fixed" if each.reference is None else each.reference)
        for each in found
    }


def test_the_one_before_is_the_newest_that_has_rows() -> None:
    rows = {0: 9, 1: 9, 4: 9, 5: 9}
    assert told(rows, Plan(TIME, DAY, way="previous")) == {
        0: "none before it",
        1: 0,
        2: "no rows",
        3: "no rows",
        4: 1,
        5: 4,
    }


def test_the_first_is_a_full_one() -> None:
    rows = {0: 4, 1: 10, 2: 10, 3: 10, 4: 3}
    assert told(rows, Plan(TIME, DAY, way="first")) == {
        0: "before the first full one",
        1: "the first",
        2: 1,
        3: 1,
        4: 1,
    }
    assert told(rows, Plan(TIME, DAY, window=2, way="first")) == {
        0: "no whole window yet",
        1: "before the first full one",
        2: "the first",
        3: "shares rows with the first",
        4: 2,
    }


def test_a_season_lies_so_many_periods_back() -> None:
    rows = dict.fromkeys([0, 1, 7, 8, 9], 9)
    found = told(rows, Plan(TIME, DAY, way="season", lag=7))
    assert [found[at] for at in (0, 1, 7, 8, 9)] == [
        *["no rows a season before"] * 2,
        0,
        1,
        "no rows a season before",
    ]


def test_periods_of_the_baseline_are_not_compared_with_it() -> None:
    rows = dict.fromkeys(range(6), 9)
    assert told(rows, Plan(TIME, DAY, way="baseline"), inside=(1, 2)) == {
        0: "fixed",
        1: "in the baseline",
        2: "in the baseline",
        3: "fixed",
        4: "fixed",
        5: "fixed",
    }
    wide = told(rows, Plan(TIME, DAY, window=2, way="baseline"), inside=(1, 2))
    assert wide[0] == "no whole window yet"
    assert [wide[at] for at in (3, 4)] == ["in the baseline", "fixed"]


def test_only_the_last_are_shown_with_what_came_before_them() -> None:
    rows = dict.fromkeys(range(9), 9)
    assert told(rows, Plan(TIME, DAY, way="previous", last=2)) == {7: 6, 8: 7}
    assert told(rows, Plan(TIME, DAY, way="first", last=99)).keys() == rows.keys()


@given(
    rows=st.dictionaries(st.integers(-5, 25), st.integers(1, 30), min_size=2),
    window=st.integers(1, 4),
    lag=st.integers(4, 8),
    way=st.sampled_from(["previous", "first", "season"]),
)
def test_no_window_is_compared_with_one_that_shares_a_row(
    rows: dict[int, int], window: int, lag: int, way: str
) -> None:
    plan = Plan(TIME, DAY, window=window, way=way, lag=lag)  # type: ignore[arg-type]  # drawn from these
    try:
        found = slots(periods(rows), plan)
    except UsageError:
        return
    assert [slot.number for slot in found] == list(range(min(rows), max(rows) + 1))
    for slot in found:
        if slot.note is None:
            assert slot.reference is not None
            own = set(range(slot.number - window + 1, slot.number + 1))
            other = set(range(slot.reference - window + 1, slot.reference + 1))
            assert not own & other
            assert max(other) < min(own)
            assert min(other) >= min(rows)
            assert own & rows.keys()
            assert other & rows.keys()


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(UsageError) as raised:
        told({0: 9}, Plan(TIME, DAY, way="previous"))
    assert str(raised.value) == (
        "no period to compare (none before it); see --against, --baseline and --every"
    )


def test_times_far_apart_are_refused_or_left_out() -> None:
    rows = {0: 9, 19_000: 9, 19_001: 9}
    with pytest.raises(UsageError) as raised:
        told(rows, Plan(TIME, DAY, way="previous"))
    assert str(raised.value) == (
        "19,002 periods of 1d from 1970-01-01 to 2022-01-09, most of them without rows; mend the"
        " times, take a longer --every, or --last N periods"
    )
    assert told(rows, Plan(TIME, DAY, way="previous", last=1)) == {19_001: 19_000}
