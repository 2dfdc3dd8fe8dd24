"""The facts of an explanation: that they sum to the scores, and known changes told rightly."""

from datetime import datetime, timedelta
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pytest
from zoo import COLUMNS, column, shifted

from driftcli.api.compare import compare
from driftcli.comparison.histograms import MOST_CELLS
from driftcli.report.explanation import Explanation
from driftcli.report.schemas import json_schema


def only(baseline, current, **options: Any):
    tables = [pa.table({"x": side}) for side in (baseline, current)]
    (found,) = compare(*tables, details=True, **options).columns
    return found


def explained(baseline, current, **options: Any) -> Explanation:
    found = only(baseline, current, **options).details
    assert found is not None
    return found


def rows(**counts: int):
    return [name for name, count in counts.items() for _ in range(count)]


NORMAL = np.random.default_rng(3).normal(50, 10, 4_000)


def test_details_are_off_by_default():
    (found,) = compare(pa.table({"x": [1, 2]}), pa.table({"x": [2, 3]})).columns
    assert found.details is None


@pytest.mark.slow
@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_every_shape_are_explained_as_the_schema_says(name):
    values = column(name, 3_000, 5)
    tables = [pa.table({"x": side}) for side in (values, shifted(values, 6))]
    report = compare(*tables, details=True)
    jsonschema.validate(report.to_dict(), json_schema())
    (found,) = report.columns
    bins = found.details.bins
    assert len(bins.edges) - 1 == len(bins.baseline) == len(bins.current) <= MOST_CELLS
    for at, side in enumerate((bins.baseline, bins.current)):
        assert sum(side) + bins.below[at] + bins.above[at] == pytest.approx(1)
    assert len(found.details.transport.witness) == len(bins.edges)


@pytest.mark.parametrize("name", COLUMNS)
def test_the_parts_of_the_transport_sum_to_the_reported_w1(name):
    values = column(name, 3_000, 5)
    found = only(values, shifted(values, 6))
    plan = found.details.transport
    score = found.score("wasserstein_raw")
    if score.infinite:
        assert plan.cost is None
        return
    assert plan.cost == score.value
    parts = [plan.stayed_cost, plan.rest_cost, *(move.cost for move in plan.moves)]
    assert sum(parts) == pytest.approx(plan.cost, rel=1e-6, abs=1e-318)
    shares = [plan.stayed, plan.rest, *(move.share for move in plan.moves)]
    assert sum(shares) == pytest.approx(1)


def test_contributions_are_shares_of_the_reported_jsd():
    found = only(rows(a=50, b=30, c=20), rows(a=20, b=30, c=30, d=20))
    parts = found.details.contributions
    assert [part.label for part in parts] == ["d", "a", "c"]
    assert sum(part.share for part in parts) == pytest.approx(1)
    d = parts[0]
    assert (d.baseline, d.current) == (0, 0.2)
    # A bin that one side lacks adds half of the other's share: ½ q log₂(q / ½q).
    assert d.share * found.score("jsd").value == pytest.approx(0.1)


def test_equal_sides_have_nothing_that_moved():
    found = explained(NORMAL, NORMAL)
    assert (found.contributions, found.new, found.lost) == ((), (), ())
    assert found.transport.cost == 0
    assert (found.transport.stayed, found.transport.moves) == (1, ())
    assert set(found.transport.witness) == {0}


def test_a_shift_is_one_move_of_all_rows():
    found = explained(NORMAL, NORMAL + 30)
    (move,) = found.transport.moves
    assert move.share == pytest.approx(1)
    assert move.distance == pytest.approx(30)
    assert move.from_low == NORMAL.min()
    assert move.to_high == NORMAL.max() + 30
    assert [each.difference for each in found.quantiles] == pytest.approx([30] * 9)


def test_quantiles_are_those_of_numpy():
    found = explained(NORMAL, NORMAL * 2)
    levels = [each.level for each in found.quantiles]
    assert levels == [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
    assert [each.baseline for each in found.quantiles] == pytest.approx(
        np.quantile(NORMAL, levels).tolist()
    )


def test_bins_have_round_edges_and_leave_a_long_tail_out():
    values = np.concatenate([np.linspace(0, 9.9, 990), [5e6] * 10])
    found = explained(values, values).bins
    assert found.edges[:3] == (0, 0.5, 1)
    assert all(edge == round(edge, 1) for edge in found.edges)
    assert found.above == (pytest.approx(0.01), pytest.approx(0.01))


def test_integers_have_bins_of_their_own_beside_an_origin_that_no_float_holds():
    base = 2**60
    found = explained([base, base + 1, base + 1], [base + 3, base + 3, base + 4]).bins
    assert len(found.baseline) == 5
    assert found.baseline == pytest.approx((1 / 3, 2 / 3, 0, 0, 0))
    assert found.current == pytest.approx((0, 0, 0, 2 / 3, 1 / 3))


def test_a_constant_has_one_bin():
    found = explained([4.5, 4.5], [4.5]).bins
    assert (found.edges, found.baseline, found.current) == ((4.5, 4.5), (1,), (1,))


def test_new_and_lost_ranges_are_those_beyond_the_other_side():
    found = explained([1.0, 2.0, 3.0, 4.0], [0.0, 2.0, 3.5, 6.0])
    assert [(part.low, part.high, part.share) for part in found.new] == [
        (0, 0, 0.25),
        (6, 6, 0.25),
    ]
    assert found.lost == ()
    (lost,) = explained([1.0, 5.0, 7.0, 7.0], [1.0, 2.0]).lost
    assert (lost.low, lost.high, lost.share) == (5, 7, 0.75)


def test_new_and_lost_categories_are_named_the_commonest_first_and_the_others_counted():
    new = {f"n{index:02}": index + 1 for index in range(12)}
    found = explained(rows(a=50, gone=5), rows(a=50, **new))
    assert [part.label for part in found.lost] == ["gone"]
    assert [part.label for part in found.new][:2] == ["n11", "n10"]
    assert (len(found.new), found.more_new, found.more_lost) == (8, 4, 0)


def test_many_categories_share_the_last_bin():
    names = [f"c{index % 40}" for index in range(4_000)]
    found = explained(names, names).bins
    assert (len(found.labels), found.labels[-1], found.other) == (16, "other", True)
    assert sum(found.baseline) == pytest.approx(1)


def test_rare_categories_are_counted_where_they_add_to_the_divergence():
    baseline = ["a"] * 900 + [f"r{index}" for index in range(50)]
    found = explained(baseline, ["a"] * 900)
    assert [(part.label, part.categories) for part in found.contributions] == [
        (None, 50),
        ("a", 1),
    ]


def hours(start: str, count: int, step: int = 1):
    first = datetime.fromisoformat(start)
    return [first + timedelta(hours=step * index) for index in range(count)]


def test_times_apart_are_said_to_be_and_how_far():
    found = explained(hours("2024-01-01", 49), hours("2024-01-06", 25))
    assert found.coverage[:3] == (
        "baseline: 2024-01-01 00:00:00 to 2024-01-03 00:00:00, 2 days",
        "current data: 2024-01-06 00:00:00 to 2024-01-07 00:00:00, 24 hours",
        "no overlap: the current data begins 3 days after the baseline ends",
    )
    assert found.transport is None
    assert found.quantiles[4].difference == 4.5 * 86400


def test_times_that_overlap_are_said_to_with_the_shares_of_both():
    found = explained(hours("2024-01-01", 10), hours("2024-01-01T06:00", 20))
    assert found.coverage[2] == (
        "overlap: 2024-01-01 06:00:00 to 2024-01-01 09:00:00,"
        " with 40 % of the baseline and 20 % of the current data"
    )


def test_the_longest_gap_of_times_is_named():
    gap = hours("2024-01-01", 5) + hours("2024-01-03", 5)
    found = explained(gap, hours("2024-01-01", 50))
    assert found.coverage[3:] == (
        "longest gap in the baseline: 44 hours, 2024-01-01 04:00:00 to 2024-01-03 00:00:00",
        "longest gap in the current data: 60 minutes, 2024-01-01 00:00:00 to 2024-01-01 01:00:00",
    )


def test_bins_of_times_begin_at_steps_of_the_clock():
    found = explained(hours("2024-01-01T00:30", 30), hours("2024-01-01T02:30", 30)).bins
    assert found.edges[:2] == ("2024-01-01T00:00:00", "2024-01-01T01:00:00")


@pytest.mark.parametrize(
    ("baseline", "current"),
    [([None, None], [1.0, 2.0]), ([1.0], ["a"]), ([], [])],
    ids=["nothing on one side", "another type", "no rows"],
)
def test_what_cannot_be_compared_has_no_details(baseline, current):
    sides = [pa.array(side, pa.float64() if not side else None) for side in (baseline, current)]
    assert only(*sides).details is None
