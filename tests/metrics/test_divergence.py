"""Divergences against scipy, against published values and by the book."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr
from scipy.stats import entropy

from driftcli.metrics import divergence

COUNTS = st.integers(1, 40).flatmap(
    lambda bins: st.tuples(
        *[arrays(np.int64, bins, elements=st.integers(0, 10**6)).filter(np.any) for _ in range(2)]
    )
)


def shares(counts):
    return counts / counts.sum()


@given(COUNTS)
def test_kl_equals_scipy_in_nats(counts):
    p, q = map(shares, counts)
    assert divergence.kl_divergence(p, q) == pytest.approx(
        float(entropy(p, q)), rel=1e-9, abs=1e-14
    )
    assert divergence.kl_divergence_reverse(p, q) == divergence.kl_divergence(q, p)


@given(COUNTS)
def test_js_equals_scipy_in_bits(counts):
    p, q = map(shares, counts)
    expected = float(jensenshannon(p, q, base=2)) if np.any(p != q) else 0.0
    assert divergence.js_divergence(p, q) == pytest.approx(expected**2, rel=1e-9, abs=1e-14)
    assert divergence.js_distance(p, q) == math.sqrt(divergence.js_divergence(p, q))


@given(COUNTS)
def test_disjoint_sides_are_exactly_one_bit_apart(counts):
    p, q = map(shares, counts)
    nothing = np.zeros(p.size)
    apart = np.concatenate([p, nothing]), np.concatenate([nothing, q])
    assert divergence.js_divergence(*apart) == 1


@given(COUNTS)
def test_psi_is_the_sum_of_both_relative_entropies(counts):
    p, q = map(shares, counts)
    expected = float(np.sum(rel_entr(p, q)) + np.sum(rel_entr(q, p)))
    found = divergence.population_stability_index(p, q)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-14)


@given(COUNTS)
def test_hellinger_and_total_variation_follow_their_definitions(counts):
    p, q = map(shares, counts)
    affinity = math.fsum(np.sqrt(p * q))
    assert divergence.hellinger_distance(p, q) ** 2 == pytest.approx(1 - affinity, abs=1e-12)
    variation = math.fsum(np.abs(p - q)) / 2
    assert divergence.total_variation(p, q) == pytest.approx(variation, rel=1e-12, abs=1e-15)


def test_the_four_numbers_called_jensen_shannon_are_told_apart():
    # The example of STYLE: distance and divergence of these two, in bits.
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.35, 0.35])
    assert divergence.js_distance(p, q) == pytest.approx(0.186, abs=5e-4)
    assert divergence.js_divergence(p, q) == pytest.approx(0.035, abs=5e-4)


def test_disjoint_supports_give_infinity_and_one_bit():
    p, q = np.array([0.3, 0.7, 0.0]), np.array([0.0, 0.0, 1.0])
    assert divergence.kl_divergence(p, q) == math.inf
    assert divergence.population_stability_index(p, q) == math.inf
    assert divergence.js_divergence(p, q) == pytest.approx(1, abs=1e-15)
    assert divergence.hellinger_distance(p, q) == pytest.approx(1, abs=1e-15)
    assert divergence.total_variation(p, q) == 1


def test_an_empty_bin_of_the_baseline_costs_kl_nothing():
    p, q = np.array([0.0, 1.0]), np.array([0.5, 0.5])
    assert divergence.kl_divergence(p, q) == pytest.approx(math.log(2))
    assert divergence.kl_divergence(q, p) == math.inf


@given(COUNTS)
def test_the_share_ratio_is_the_largest_of_any_bin(counts):
    p, q = map(shares, counts)
    pairs = [(min(pair), max(pair)) for pair in zip(p, q, strict=True)]
    ratios = [b / a if a else math.inf for a, b in pairs if a != b]
    assert divergence.share_ratio(p, q) == pytest.approx(max(ratios, default=0.0))
    stacked = divergence.share_ratio(np.stack([p, p]), np.stack([q, p]))
    assert stacked.tolist() == [divergence.share_ratio(p, q), 0.0]


@given(COUNTS)
def test_what_is_made_of_other_functions_is_that(counts):
    p, q = (shares(side + 1) for side in counts)
    for function, (whole, parts) in divergence.MADE_OF.items():
        assert whole(*(part(p, q) for part in parts)) == function(p, q)
