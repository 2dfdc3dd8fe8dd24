"""Pairs of columns in rows that move together: days between which the dependence varies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

import driftcli
from driftcli.comparison.joint.blocks import RowsInBlocks
from driftcli.comparison.joint.cells import cells_of
from driftcli.errors import UsageError

START = datetime(2025, 3, 3, tzinfo=UTC)


def days(
    seed: int, first: int, count: int = 14, correlation: float = 0.3, spread: float = 0.25
) -> pa.Table:
    """Return 200 rows a day, of which each day has a correlation of its own."""
    rng = np.random.default_rng(seed)
    x, noise = rng.normal(size=(2, count, 200))
    own = np.clip(correlation + spread * rng.normal(size=(count, 1)), -0.95, 0.95)
    times = [START + timedelta(days=first + day) for day in range(count) for _ in range(200)]
    y = own * x + np.sqrt(1 - own**2) * noise
    return pa.table({"at": times, "x": x.ravel(), "y": y.ravel()})


def flagged(seeds: range, block: str | None = None, **changed: float) -> int:
    """Return in how many of some comparisons the pair drifts."""
    return sum(
        driftcli.joint(
            days(2 * seed, 0), days(2 * seed + 1, 100, **changed), block=block, threads=1
        ).exit_code
        for seed in seeds
    )


def test_days_that_differ_among_themselves_are_no_drift():
    assert flagged(range(20), "none") >= 3  # what taking rows as independent comes to
    assert flagged(range(20)) == 0


def test_a_change_of_all_days_is_found():
    assert flagged(range(5), correlation=-0.5) == 5


def test_one_day_against_many_is_judged_as_a_day():
    joints = [
        driftcli.joint(days(seed, 0, 28), days(1_000 + seed, 50, 1), threads=1)
        for seed in range(10)
    ]
    # What one day shows is within what days differ by, and tells no more.
    assert {each.verdict for each in joints} <= {"ok", "inconclusive"}
    assert joints[0].findings[0].message.startswith("noise by day of at, 28 + 1")
    changed = driftcli.joint(days(1, 0, 28), days(2, 50, 1, correlation=-0.9), threads=1)
    assert changed.verdict == "drift"


def test_what_was_found_says_which_rows_move_together():
    found = driftcli.joint(days(1, 0), days(2, 100), threads=1).findings
    assert [(each.kind, each.status, each.message) for each in found] == [
        ("blocks", "ok", "noise by day of at, 14 + 14; --block none for independent rows")
    ]
    asked = driftcli.joint(days(1, 0), days(2, 100), block="at:1w", threads=1).findings
    assert [each.message for each in asked] == ["noise by week of at, 2 + 3"]
    assert driftcli.joint(days(1, 0), days(2, 100), block="none", threads=1).findings == ()


def test_too_few_blocks_leave_rows_independent():
    sides = days(1, 0, 2), days(2, 50, 2)
    asked = driftcli.joint(*sides, block="at", threads=1)
    (told,) = asked.findings
    assert told.message == (
        "noise by day of at, 2 + 2: too few to tell how they differ, so that rows are taken as"
        " independent"
    )
    assert asked.pairs == driftcli.joint(*sides, block="none", threads=1).pairs


def test_entities_are_blocks_too():
    def rows(seed: int, names: range) -> pa.Table:
        table = days(seed, 0, len(names))
        who = [f"customer {name}" for name in names for _ in range(200)]
        return table.append_column("who", pa.array(who)).drop_columns("at")

    sides = rows(1, range(14)), rows(2, range(14, 28))
    found = driftcli.joint(*sides, block="who", threads=1)
    assert [each.message for each in found.findings] == ["noise by value of who, 14 + 14"]
    pair = next(each for each in found.pairs if each.columns == ("x", "y"))
    alone = driftcli.joint(*sides, block="none", columns=["x", "y"], threads=1).pairs[0]
    assert pair.scores[1].p_value >= alone.scores[1].p_value


def test_the_order_of_columns_and_of_blocks_changes_nothing():
    base, new = days(3, 0), days(4, 100, correlation=-0.1)
    first = driftcli.joint(base, new, threads=1).pairs[0]
    turned = driftcli.joint(
        base.select(["y", "x", "at"]), new.select(["y", "x", "at"]), threads=1
    ).pairs[0]
    back = driftcli.joint(base.take(np.arange(base.num_rows)[::-1]), new, threads=1).pairs[0]
    for other in (turned, back):
        assert [each.p_value for each in other.scores] == pytest.approx(
            [each.p_value for each in first.scores], rel=1e-9
        )


def test_small_changes_of_other_pairs_do_not_help_to_find_one():
    """Those of rows that move together are beyond the chance of rows, nearly all of them."""
    base, new = (days(seed, 100 * seed) for seed in (5, 6))
    rng = np.random.default_rng(7)
    for at in range(6):  # two thirds of all pairs change a little, day by day
        base = base.append_column(f"z{at}", pa.array(rng.normal(size=base.num_rows)))
        new = new.append_column(f"z{at}", pa.array(rng.normal(size=new.num_rows)))
    pairs = driftcli.joint(base, new, threads=1).pairs
    below = [each for each in pairs if all(score.excess < 1 for score in each.scores)]
    assert below
    assert {score.p_value for each in below for score in each.scores} == {1.0}


def test_any_change_asks_how_blocks_differ_of_every_pair():
    found = driftcli.joint(days(1, 0), days(2, 100), fail_on="change", threads=1)
    assert found.pairs[0].scores[0].p_value < 1


def test_tables_in_blocks_sum_to_those_of_the_rows():
    rng = np.random.default_rng(8)
    x, y = (
        cells_of(*(pa.array(rng.normal(size=300)) for _ in range(2)), "numeric", 4)
        for _ in range(2)
    )
    numbers = [rng.integers(-1, 4, 300) for _ in range(2)]
    p, q = RowsInBlocks("day", "at", False, (numbers[0], numbers[1])).tables(x, y)
    for side, found in enumerate((p, q)):
        known = numbers[side] >= 0
        expected = np.zeros((4, *found.shape[1:]), int)
        np.add.at(expected, (numbers[side][known], x.common[side][known], y.common[side][known]), 1)
        assert (found == expected).all()


def test_a_block_that_is_no_column_is_refused():
    with pytest.raises(UsageError, match="no column 'att'; did you mean 'at'"):
        driftcli.joint(days(1, 0), days(2, 100), block="att", threads=1)
