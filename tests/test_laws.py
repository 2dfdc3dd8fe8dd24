"""Laws that every metric keeps, over all of METRICS: none needs to be added here by hand."""

import math
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from driftcli.api.compare import compare
from driftcli.metrics import METRICS, Basis

pytestmark = pytest.mark.slow

NUMBERS = arrays(
    np.float64,
    st.integers(1, 80),
    elements=st.one_of(
        st.integers(-20, 20).map(float), st.floats(-1e6, 1e6, width=32, allow_subnormal=False)
    ),
)
WITH_GAPS = st.lists(
    st.one_of(st.none(), st.integers(-5, 5).map(float), st.sampled_from([math.nan, math.inf])),
    min_size=1,
    max_size=60,
)
NAMES = st.lists(st.one_of(st.none(), st.sampled_from("abcdefg")), min_size=1, max_size=60)
TIMES = st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9)), min_size=1, max_size=40).map(
    lambda ticks: pa.array(ticks, pa.timestamp("us"))
)


def scores(p, q):
    (column,) = compare(pa.table({"x": p}), pa.table({"x": q})).columns
    return {score.metric: score for score in column.scores}


def same_kind(kind):
    return st.tuples(kind, kind)


PAIRS = st.one_of(
    same_kind(NUMBERS.map(pa.array)),
    same_kind(WITH_GAPS.map(lambda each: pa.array(each, pa.float64()))),
    same_kind(NAMES.map(lambda names: pa.array(names, pa.string()))),
    same_kind(TIMES),
)


@given(PAIRS)
def test_every_metric_of_equal_columns_is_zero(pair):
    for metric, score in scores(pair[0], pair[0]).items():
        assert math.isnan(score.number) or score.number == 0, metric


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_count(pair, random):
    rows = pair[1].to_pylist()
    random.shuffle(rows)
    mixed = pa.array(rows, pair[1].type)
    before, after = scores(*pair), scores(pair[0], mixed)
    assert {m: repr(s) for m, s in before.items()} == {m: repr(s) for m, s in after.items()}


@given(PAIRS)
def test_every_metric_is_within_its_declared_range(pair):
    found = scores(*pair)
    for metric, score in found.items():
        assert math.isnan(score.number) or 0 <= score.number <= METRICS[metric].upper_bound, metric
        assert score.infinite == math.isinf(score.number)
    filled = all(
        any(value is not None and math.isfinite(value) for value in side.to_pylist())
        for side in pair
        if pa.types.is_floating(side.type)
    ) and all(side.null_count < len(side) for side in pair)
    shares = {
        name for name, row in METRICS.items() if row.basis in (Basis.MISSING, Basis.NONFINITE)
    }
    for metric, score in found.items():
        assert math.isnan(score.number) == (not filled and metric not in shares), metric


@given(PAIRS)
def test_symmetric_metrics_ignore_the_order_of_the_sides(pair):
    there, back = scores(*pair), scores(*pair[::-1])
    for metric in there:
        if METRICS[metric].symmetric:
            expected = pytest.approx(there[metric].number, rel=1e-12, abs=1e-300, nan_ok=True)
            assert back[metric].number == expected, metric


@given(PAIRS)
def test_directed_metrics_are_each_others_mirror(pair):
    there, back = scores(*pair), scores(*pair[::-1])
    for one, other in (("kl", "kl_reverse"), ("new", "lost")):
        expected = pytest.approx(there[one].number, nan_ok=True)
        assert back[other].number == expected


@given(PAIRS)
def test_scores_that_define_one_another_agree(pair):
    number = {metric: score.number for metric, score in scores(*pair).items()}
    assert number["psi"] == pytest.approx(number["kl"] + number["kl_reverse"], nan_ok=True)
    assert number["jsd"] == pytest.approx(number["js_distance"] ** 2, nan_ok=True, abs=1e-15)
    if "wasserstein_2" in number and not math.isnan(number["wasserstein_2"]):
        slack = 1 - 1e-9
        assert number["wasserstein_2"] >= number["wasserstein_raw"] * slack
    if not math.isnan(number["tv"]):
        assert number["hellinger"] ** 2 <= number["tv"] + 1e-12
        assert number["tv"] <= math.sqrt(2) * number["hellinger"] + 1e-12


def _of_both(before, after):
    """Return the metrics of two columns; what names rows, and so has repeats, is seen by values."""
    assert before.keys() ^ after.keys() <= {"repeats"}
    return before.keys() & after.keys()


@given(NUMBERS, NUMBERS, st.sampled_from([2.0**-40, 0.125, 8.0, 2.0**60]))
def test_wasserstein_grows_with_the_unit_and_other_scores_ignore_it(p, q, factor):
    # Powers of two are exact, so that equal values stay equal.
    before, after = scores(p, q), scores(p * factor, q * factor)
    for metric in _of_both(before, after):
        scale = factor if metric in ("wasserstein_raw", "wasserstein_2") else 1.0
        expected = pytest.approx(before[metric].number * scale, rel=1e-9, nan_ok=True)
        assert after[metric].number == expected, metric


INTEGERS = arrays(np.int64, st.integers(1, 80), elements=st.integers(-40, 40))


@given(INTEGERS, INTEGERS, st.sampled_from([np.exp, lambda x: x**3 + x, lambda x: 5 * x - 2**20]))
def test_scores_of_ranks_and_bins_ignore_strictly_increasing_maps(p, q, increase):
    before, after = scores(p, q), scores(increase(p.astype(float)), increase(q.astype(float)))
    for metric, row in METRICS.items():
        if row.basis in (Basis.BINS, Basis.SMOOTHED, Basis.SUPPORT) or metric == "ks":
            assert after[metric].number == before[metric].number, metric


@given(INTEGERS, INTEGERS, st.integers(-(10**6), 10**6))
def test_distances_ignore_where_zero_is(p, q, shift):
    before, after = scores(p, q), scores(p + shift, q + shift)
    for metric in _of_both(before, after):
        expected = pytest.approx(before[metric].number, rel=1e-9, nan_ok=True)
        assert after[metric].number == expected, metric


@given(NUMBERS, NUMBERS, NUMBERS)
def test_wasserstein_keeps_the_triangle_inequality(p, q, r):
    for metric in ("wasserstein_raw", "wasserstein_2", "ks"):
        one, two, direct = (scores(*pair)[metric].number for pair in ((p, q), (q, r), (p, r)))
        assert direct <= (one + two) * (1 + 1e-9) + 1e-12, metric


@given(*[st.lists(st.integers(6, 50), min_size=4, max_size=4)] * 3)
def test_distances_over_common_bins_keep_the_triangle_inequality(p, q, r):
    # Categories of which none is rare: the same bins for every pair.
    columns = [
        pa.array([n for n, rows in zip("abcd", each, strict=True) for _ in range(rows)])
        for each in (p, q, r)
    ]
    for metric in ("js_distance", "hellinger", "tv"):
        a, b, c = columns
        one, two, direct = (scores(*pair)[metric].number for pair in ((a, b), (b, c), (a, c)))
        assert direct <= one + two + 1e-12, metric


def _kind_of_row(value):
    return "finite" if value is None or math.isfinite(value) else str(value)


@given(WITH_GAPS, WITH_GAPS)
def test_missing_and_nonfinite_are_differences_of_shares(p, q):
    found = scores(pa.array(p, pa.float64()), pa.array(q, pa.float64()))
    missing = [sum(value is None for value in side) / len(side) for side in (p, q)]
    # Of NaN, infinite and finite values, the total variation.
    kinds = [Counter(map(_kind_of_row, side)) for side in (p, q)]
    before, after = kinds
    apart = [abs(before[kind] / len(p) - after[kind] / len(q)) for kind in before | after]
    assert found["missing"].number == pytest.approx(abs(missing[0] - missing[1]))
    assert found["nonfinite"].number == pytest.approx(sum(apart) / 2)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_metric_says_what_its_number_means(metric):
    assert metric.name == metric.name.lower()
    assert metric.meaning
    assert not metric.meaning.endswith(".")
    assert metric.function.__doc__
    assert metric.upper_bound > 0


def test_a_constant_baseline_is_infinitely_far_from_anything_else():
    assert scores([5.0] * 9, [5.0, 5.0, 5.1])["wasserstein"].infinite
    assert scores([5.0] * 9, [5.0])["wasserstein"].number == 0
    assert scores([1.0, 2.0], [5.0])["wasserstein"].number == pytest.approx(7)
