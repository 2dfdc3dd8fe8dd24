"""Scores of whole comparisons against scipy, numpy and exact arithmetic, over the zoo."""

import math
from fractions import Fraction

import exactly
import numpy as np
import pyarrow as pa
import pytest
import zoo
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr
from zoo import COLUMNS, FLOATS, K

from driftcli import wasserstein_distance
from driftcli.api.compare import compare

#: scipy's own sums overflow or lose all digits on these.
BEYOND_SCIPY = {"extremes", "spread_extremes", "largest", "huge_and_tiny", "few_ulps_apart"}
SIZES = (1, 2, 50, 2000)


def table(values, *, chunks=1, time_unit=None):
    parts = np.array_split(values, chunks)
    kind = pa.timestamp(time_unit) if time_unit else None
    return pa.table({"x": pa.chunked_array([pa.array(part, kind) for part in parts])})


def scored(baseline, current, **options):
    (column,) = compare(table(baseline), table(current), **options).columns
    return {score.metric: score for score in column.scores}


def sides(name, size):
    """Two columns of one kind that share some values."""
    both = zoo.column(name, 2 * size, seed=21)
    return both[:size], np.concatenate([both[size:], both[: size // 3]])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", COLUMNS)
def test_wasserstein_of_few_values_is_exact(name, size):
    p, q = sides(name, size)
    score = scored(p, q)["wasserstein_raw"]
    true = exactly.wasserstein(_double(p), _double(q))
    assert score.number == pytest.approx(exactly.as_float(true), rel=1e-9)
    # A bound that is not 0 is that of offsets which no float holds.
    assert score.error_bound <= 1e-9 * exactly.as_float(true)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", FLOATS)
def test_the_distance_of_two_arrays_is_exact_while_they_have_few_values(name, size):
    p, q = sides(name, size)
    found = wasserstein_distance(p, q)
    true = exactly.wasserstein(_double(p), _double(q))
    assert float(found) == pytest.approx(exactly.as_float(true), rel=1e-9)
    assert found.error_bound == 0


@pytest.mark.parametrize("size", [2, 50, 2000])
@pytest.mark.parametrize("name", sorted(set(COLUMNS) - BEYOND_SCIPY))
def test_wasserstein_and_ks_equal_scipy(name, size):
    p, q = sides(name, size)
    scores = scored(p, q)
    if name in FLOATS:
        expected = stats.wasserstein_distance(p.astype(float), q.astype(float))
        assert scores["wasserstein_raw"].number == pytest.approx(expected, rel=1e-9)
    assert scores["ks"].number == pytest.approx(_ks(p, q), abs=1e-12)


@pytest.mark.parametrize("name", ["prices", "ties_of_heavy_tail", "zero_inflated", "constant"])
@pytest.mark.parametrize("size", [40_000, 300_000])
def test_many_rows_of_few_values_are_exact(name, size):
    p, q = (zoo.column(name, size, seed) for seed in (22, 23))
    if name in ("zero_inflated", "prices"):
        p, q = (np.round(side, 1 if name == "prices" else 3) for side in (p, q))
    p, q = p[: size // 2], np.concatenate([q, q[:7] + 1])
    assert max(np.unique(p).size, np.unique(q).size) <= K
    score = scored(p, q)["wasserstein_raw"]
    assert score.error_bound == 0
    assert score.number == pytest.approx(stats.wasserstein_distance(p, q), rel=1e-9)
    found = wasserstein_distance(p, q)
    assert (found.value, found.error_bound) == (score.number, 0)


# Of subnormal numbers, the last product of a distance has no digits left.
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(COLUMNS) - {"subnormal"}))
def test_wasserstein_of_many_values_is_within_its_bound(name):
    check_bound(name, 40_000)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["normal", "sentinel", "prices", "full_range", "nanoseconds"])
def test_wasserstein_of_many_more_values_is_within_its_bound(name):
    check_bound(name, 250_000)


def check_bound(name, size):
    p = zoo.column(name, size, seed=24)
    q = zoo.shifted(p, seed=25)
    # In chunks: merged from parts, which are each reduced before when they are large.
    (column,) = compare(table(p, chunks=7), table(q, chunks=4)).columns
    score = column.score("wasserstein_raw")
    true = exactly.wasserstein(_double(p), _double(q))
    assert abs(Fraction(score.number) - true) <= Fraction(score.error_bound) + true / 10**9
    if name in FLOATS:
        found = wasserstein_distance(p, q)
        assert abs(Fraction(found.value) - true) <= Fraction(found.error_bound) + true / 10**9


@pytest.mark.parametrize("name", sorted(set(FLOATS) - BEYOND_SCIPY - {"subnormal", "tiny"}))
def test_the_bound_is_small_beside_the_spread(name):
    p = zoo.column(name, 150_000, seed=26).astype(np.float64)
    found = wasserstein_distance(p, zoo.shifted(p, seed=27))
    # The zoo's shapes need at most a few ten-thousandths of a standard deviation.
    assert found.error_bound <= 5e-4 * p.std()


@pytest.mark.parametrize("name", ["normal", "lognormal", "cauchy", "sentinel", "two_clusters"])
def test_ranks_and_bins_of_many_values_are_close_to_those_of_the_data(name):
    p = zoo.column(name, 150_000, seed=28)
    q = zoo.column(name, 100_000, seed=29) + np.float64(0.7)
    scores = scored(p, q)
    assert scores["ks"].number == pytest.approx(_ks(p, q), abs=2e-3)
    # Twenty bins of equal mass under the mixture, cut from all rows.
    weights = np.concatenate([np.full(side.size, 0.5 / side.size) for side in (p, q)])
    both = np.concatenate([p, q])
    order = np.argsort(both)
    edges = both[order][np.searchsorted(np.cumsum(weights[order]), np.arange(1, 20) / 20)]
    counts = [np.bincount(np.searchsorted(edges, side), minlength=20) for side in (p, q)]
    expected = jensenshannon(*(each / each.sum() for each in counts), base=2)
    assert scores["js_distance"].number == pytest.approx(expected, abs=5e-3)


def test_timestamps_in_nanoseconds_are_scored_in_seconds():
    p, q = (zoo.column("nanoseconds", 1000, seed) for seed in (30, 31))
    both = (table(side, time_unit="ns") for side in (p, q))
    (column,) = compare(*both).columns
    score = column.score("wasserstein_raw")
    expected = float(exactly.wasserstein(p, q) / 10**9)
    assert (score.unit, score.error_bound) == ("s", 0)
    assert score.number == pytest.approx(expected, rel=1e-9)
    assert column.score("wasserstein").number == pytest.approx(
        float(exactly.wasserstein(p, q)) / np.std(p - p.min()), rel=1e-9
    )


@pytest.mark.parametrize("name", ["beyond_2_53", "wide_integers", "least_integer_as_sentinel"])
def test_integers_that_floats_cannot_hold_are_told_apart(name):
    p = zoo.column(name, 500, seed=32)
    scores = scored(p, p + np.where(p > -(2**62), 1, 0))
    moved = np.mean(p > -(2**62))
    assert scores["wasserstein_raw"].number == pytest.approx(float(moved), rel=1e-9)
    assert scores["ks"].number > 0


@pytest.mark.parametrize("name", ["normal", "prices", "zero_inflated", "small_integers"])
@pytest.mark.parametrize("binning", ["mixture", "baseline", "uniform", "edges"])
def test_divergences_equal_scipys_on_the_same_bins(name, binning, tmp_path):
    p, q = zoo.column(name, 3000, seed=33), zoo.column(name, 2000, seed=34) * 1.1
    edges = [-1.0, 0.0, 0.5, 2.0, 30.0]
    config = tmp_path / "drift.toml"
    rule = f"edges = {edges}" if binning == "edges" else f'binning = "{binning}"\nbins = 10'
    config.write_text(f"[columns.x]\n{rule}\n")
    scores = scored(p, q, config=config)
    p_counts, q_counts = _binned(p, q, binning, edges)
    plain = [counts / counts.sum() for counts in (p_counts, q_counts)]
    smooth = [(counts + 0.5) / (counts + 0.5).sum() for counts in (p_counts, q_counts)]
    expected = {
        "kl": stats.entropy(*smooth),
        "kl_reverse": stats.entropy(*smooth[::-1]),
        "psi": np.sum(rel_entr(*smooth)) + np.sum(rel_entr(*smooth[::-1])),
        "jsd": jensenshannon(*plain, base=2) ** 2,
        "js_distance": jensenshannon(*plain, base=2),
        "hellinger": math.sqrt(np.sum((np.sqrt(plain[0]) - np.sqrt(plain[1])) ** 2) / 2),
        "tv": np.abs(plain[0] - plain[1]).sum() / 2,
    }
    found = {metric: scores[metric].number for metric in expected}
    assert found == pytest.approx({metric: float(each) for metric, each in expected.items()})


def test_divergences_of_categories_equal_scipys():
    rng = np.random.default_rng(35)
    names = np.array(["a", "b", "c", "d"])
    p, q = rng.choice(names, 4000, p=[0.4, 0.3, 0.2, 0.1]), rng.choice(names, 900)
    scores = scored(p, q)
    counts = [np.array([(side == name).sum() for name in names]) for side in (p, q)]
    shares = [each / each.sum() for each in counts]
    smooth = [(each + 0.5) / (each + 0.5).sum() for each in counts]
    assert scores["kl"].number == pytest.approx(stats.entropy(*smooth))
    assert scores["js_distance"].number == pytest.approx(jensenshannon(*shares, base=2))
    variation = np.abs(shares[0] - shares[1]).sum() / 2
    for metric in ("tv", "wasserstein", "wasserstein_raw"):
        assert scores[metric].number == pytest.approx(variation)
    assert not {"ks", "wasserstein_2", "nonfinite"} & set(scores)


@pytest.mark.parametrize("theta", [1.5, 40, -7, 1e6])
@pytest.mark.parametrize("size", [1000, 50_000])
def test_the_textbook_case_comes_out_by_the_book(theta, size, tmp_path):
    config = tmp_path / "drift.toml"
    config.write_text("smoothing = 0\n")
    p = np.arange(size) / size
    scores = scored(p, p + theta, config=config)
    for metric in ("kl", "kl_reverse", "psi"):
        assert scores[metric].value is None
        assert scores[metric].infinite
    assert scores["jsd"].number == pytest.approx(1, abs=1e-12)
    distance = scores["wasserstein_raw"]
    assert abs(distance.number - abs(theta)) <= distance.error_bound + 1e-9 * abs(theta)
    assert scores["wasserstein"].number == pytest.approx(abs(theta) / p.std(), rel=1e-3)
    assert (scores["ks"].number, scores["new"].number, scores["lost"].number) == (1, 1, 1)


@pytest.mark.parametrize("size", [1, 2, 3, 10, 1001, 16_384])
@pytest.mark.parametrize("name", ["normal", "lognormal", "prices", "small_integers"])
def test_summaries_equal_numpys_while_exact(name, size):
    values = zoo.column(name, size, seed=36)
    (column,) = compare(table(values), table(values)).columns
    found = column.baseline
    assert found.distinct_exact
    assert found.distinct == np.unique(values).size
    assert (found.min, found.max) == (values.min(), values.max())
    assert found.mean == pytest.approx(np.mean(values), rel=1e-9, abs=1e-12)
    assert found.sd == pytest.approx(np.std(values), rel=1e-9, abs=1e-12)
    quartiles = np.quantile(values, [0.25, 0.5, 0.75])
    assert [found.q25, found.median, found.q75] == pytest.approx(quartiles.tolist(), rel=1e-12)


def test_summaries_beyond_k_keep_mean_and_deviation_and_nearly_the_quartiles():
    values = zoo.column("lognormal", 120_000, seed=37)
    (column,) = compare(table(values, chunks=5), table(values)).columns
    found = column.baseline
    assert not found.distinct_exact
    assert found.distinct <= 120_000
    assert (found.min, found.max) == (values.min(), values.max())
    assert found.mean == pytest.approx(np.mean(values), rel=1e-9)
    assert found.sd == pytest.approx(np.std(values), rel=1e-9)
    quartiles = np.quantile(values, [0.25, 0.5, 0.75])
    assert [found.q25, found.median, found.q75] == pytest.approx(quartiles.tolist(), rel=2e-3)


@pytest.mark.parametrize("bad", [[], [[1.0, 2.0]], [1.0, np.nan], [np.inf]])
def test_the_distance_of_arrays_refuses_what_has_none(bad):
    with pytest.raises(ValueError, match="a sample must"):
        wasserstein_distance([1.0, 2.0], bad)


def _double(values):
    """Return values that are not integers as float64, which the profile holds them as."""
    return values.astype(np.float64) if values.dtype.kind == "f" else values


def _ks(p, q) -> float:
    values = np.unique(np.concatenate([p, q]))
    below = [np.searchsorted(np.sort(side), values, side="right") / side.size for side in (p, q)]
    expected = float(np.abs(below[0] - below[1]).max())
    if min(p.size, q.size) > 10:
        assert stats.ks_2samp(p, q, method="asymp").statistic == pytest.approx(expected)
    return expected


def _binned(p, q, binning, edges):
    """Count both sides in bins found independently of the program."""
    values = np.unique(np.concatenate([p, q]))
    if binning == "edges":
        inner = edges[1:-1]
    elif binning == "uniform":
        inner = np.linspace(values[0], values[-1], 11)[1:-1]
    elif binning == "baseline":
        ordered = np.sort(p)
        quantiles = [ordered[math.ceil(ordered.size * i / 10) - 1] for i in range(1, 10)]
        inner = np.unique([ordered[0], *quantiles, ordered[-1]])[1:-1]
    else:
        inner = _mixture_cuts(p, q, values)
    size = len(inner) + 1
    labels = [np.searchsorted(inner, side, side="right") for side in (p, q)]
    return [np.bincount(each, minlength=size) for each in labels]


def _mixture_cuts(p, q, values):
    """Cut ten bins as DESIGN says: heavy values alone, the rest in even pieces of the mixture."""
    shares = [np.array([np.mean(side == value) for value in values]) for side in (p, q)]
    mass = (shares[0] + shares[1]) / 2
    heavy = mass >= 0.1
    light = np.where(heavy, 0, mass)
    pieces = max(1, 10 - int(heavy.sum()))
    cuts, piece, before = [], 0, 0.0
    for at, value in enumerate(values):
        middle = before + light[at] / 2
        now = min(int(middle * pieces / light.sum()), pieces - 1) if light.sum() else 0
        before += light[at]
        if at and (heavy[at] or heavy[at - 1] or now > piece):
            cuts.append(value)
        piece = now if not heavy[at] else piece
    return cuts
