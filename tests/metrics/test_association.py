"""How two columns depend on each other, before and after: tables against oracles and by laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from driftcli.metrics.association import (
    chi_square,
    correlation_change,
    degrees_of_freedom,
    expected_beyond,
    lost,
    rank_correlations,
    split,
    unchanged,
)
from driftcli.metrics.divergence import js_divergence

#: Rows of 2 sides in at most 5 × 4 cells, of which each side has some.
TABLES = st.tuples(st.integers(2, 5), st.integers(2, 4)).flatmap(
    lambda shape: arrays(np.int64, (2, *shape), elements=st.integers(0, 60)).filter(
        lambda found: found.sum(axis=(1, 2)).min() > 0
    )
)
#: Where cells are empty, the fit may not arrive in as many sweeps as it takes.
FULL = TABLES.map(lambda each: each + 1)
FEW = settings(max_examples=40)


def normal(correlation=0.0, shift=(0.0, 0.0), step=0.15):
    """Return the chances of two normal columns in the cells of a fine lattice."""
    x = np.arange(-9, 9 + step / 2, step)
    first, second = np.meshgrid(x - shift[0], x - shift[1], indexing="ij")
    square = first**2 - 2 * correlation * first * second + second**2
    density = np.exp(-square / (2 * (1 - correlation**2)))
    return density / density.sum()


def ring(weights):
    """Return the weights of eight points on a ring, by their places along both axes."""
    table = np.zeros((5, 5))
    along = [2, 1, 0, -1, -2]
    for mode, weight in enumerate(weights):
        angle = mode * math.pi / 4
        at = [
            along.index(round(math.sqrt(2) * f(angle)) if mode % 2 else round(2 * f(angle)))
            for f in (math.cos, math.sin)
        ]
        table[tuple(at)] += weight
    return table


def test_a_table_whose_margins_stay_has_all_of_its_divergence_beyond_them():
    found = split(np.array([[[0.3, 0.1], [0.1, 0.5]], [[0.2, 0.2], [0.2, 0.4]]]))
    assert found.total == pytest.approx(0.035789, abs=5e-7)
    assert found.beyond == pytest.approx(found.total, abs=1e-12)


@pytest.mark.parametrize(
    ("before", "after", "bits"),
    [
        (0, 0.15, 0.004115),
        (0, 0.3, 0.017188),
        (0.5, 0.3, 0.011778),
        (0, 0.5, 0.053265),
        (-0.5, 0.5, 0.170869),
        (0.8, 0, 0.192808),
    ],
)
def test_normals_whose_correlation_changes_differ_beyond_their_margins(before, after, bits):
    """Bits by numerical integration of the densities."""
    found = split(np.array([normal(before), normal(after)]))
    assert found.total == pytest.approx(bits, abs=1e-6)
    assert found.beyond == pytest.approx(bits, abs=1e-6)


@pytest.mark.parametrize(
    ("shift", "bits"), [(0.1, 0.001801), (0.2, 0.007178), (0.5, 0.043730), (1, 0.160747)]
)
def test_shifts_are_explained_by_their_margins(shift, bits):
    one = split(np.array([normal(), normal(shift=(shift, 0))]))
    assert one.margins == pytest.approx(bits, abs=1e-6)
    assert one.beyond == pytest.approx(0, abs=1e-9)


def test_two_shifts_are_not_the_sum_of_both():
    found = split(np.array([normal(), normal(shift=(0.5, 0.5))]))
    assert found.margins == pytest.approx(0.084943, abs=1e-6)
    assert found.beyond == pytest.approx(0, abs=1e-9)


def test_a_ring_that_lost_two_modes_of_eight_keeps_its_margins():
    before = ring([1 / 8] * 8)
    after = ring([1 / 8, 1 / 4, 1 / 8, 0, 1 / 8, 1 / 4, 1 / 8, 0])
    tables = np.array([before, after])
    for axis in (1, 2):
        assert tables.sum(axis=axis)[0] == pytest.approx(tables.sum(axis=axis)[1])
    found = split(tables)
    assert found.total == found.beyond == pytest.approx(0.155639, abs=1e-6)
    assert lost(np.rint(8_000 * tables), 0.01) == 0.25
    assert rank_correlations(tables) == pytest.approx([0, 0.395], abs=1e-3)


def test_what_is_lost_by_chance_or_by_one_column_is_not_lost():
    rows = np.array([[[500, 4], [490, 6]], [[500, 0], [490, 10]]])
    assert lost(rows, 0.01) == 0
    gone = np.array([[[500, 40], [490, 60]], [[500, 0], [590, 0]]])  # the second column shows it
    assert lost(gone, 0.01) == 0
    moved = np.array([[[500, 40], [490, 60]], [[500, 0], [490, 100]]])
    assert lost(moved, 0.01) == pytest.approx(40 / 1090)


@FEW
@given(TABLES)
def test_both_parts_sum_to_the_divergence_and_none_is_negative(tables):
    found = split(tables)
    p, q = (side.ravel() / side.sum() for side in tables)
    assert found.total == pytest.approx(js_divergence(p, q), abs=1e-12)
    assert found.margins + found.beyond == pytest.approx(found.total, abs=1e-12)
    assert min(found.margins, found.beyond) >= 0


@FEW
@given(FULL)
def test_what_the_margins_explain_is_the_distance_of_the_fit(tables):
    """Pythagoras: the other route to it, of the fit to what says nothing of the side."""
    shares = tables / tables.sum(axis=(1, 2), keepdims=True) / 2
    fit = unchanged(shares)
    explained = float((fit * np.log2(fit / (fit.sum(axis=0) / 2))).sum())
    assert split(tables).margins == pytest.approx(explained, abs=1e-7)


@FEW
@given(TABLES)
def test_the_fit_has_the_margins_and_one_association(tables):
    fit = unchanged(tables)
    size = tables.sum()
    for axis in (0, 1, 2):
        assert np.abs(fit.sum(axis=axis) - tables.sum(axis=axis)).max() <= 0.02 * size
    ratios = fit[:, :-1, :-1] * fit[:, 1:, 1:] - fit[:, :-1, 1:] * fit[:, 1:, :-1]
    assert np.isfinite(ratios).all()


@FEW
@given(FULL)
def test_odds_ratios_of_the_fit_are_those_of_both_sides(tables):
    fit = unchanged(tables)
    ratios = np.log(fit[:, :-1, :-1] * fit[:, 1:, 1:] / (fit[:, :-1, 1:] * fit[:, 1:, :-1]))
    assert ratios[0] == pytest.approx(ratios[1], abs=1e-6)


@FEW
@given(FULL)
def test_nothing_depends_on_which_column_comes_first(tables):
    turned = tables.swapaxes(1, 2)
    assert split(turned).beyond == pytest.approx(split(tables).beyond, abs=1e-7)
    assert chi_square(turned) == pytest.approx(chi_square(tables), rel=1e-5, abs=1e-6)
    assert degrees_of_freedom(turned) == degrees_of_freedom(tables)
    assert rank_correlations(turned) == pytest.approx(rank_correlations(tables))
    assert correlation_change(turned) == pytest.approx(correlation_change(tables), abs=1e-9)
    assert lost(turned, 0.01) == lost(tables, 0.01)


@FEW
@given(TABLES)
def test_a_side_does_not_differ_from_itself(tables):
    same = np.stack([tables[0], tables[0]])
    found = split(same)
    assert max(found.total, found.beyond) == pytest.approx(0, abs=1e-12)
    assert chi_square(same) == pytest.approx(0, abs=1e-9)
    assert correlation_change(same) == pytest.approx(0, abs=1e-9)
    assert lost(same, 0.01) == 0


@FEW
@given(TABLES)
def test_empty_cells_beside_a_table_change_nothing(tables):
    wider = np.pad(tables, ((0, 0), (0, 2), (1, 0)))
    assert split(wider).beyond == pytest.approx(split(tables).beyond, abs=1e-9)
    assert chi_square(wider) == pytest.approx(chi_square(tables), abs=1e-6)
    assert degrees_of_freedom(wider) == degrees_of_freedom(tables)
    assert rank_correlations(wider) == pytest.approx(rank_correlations(tables))


@FEW
@given(TABLES, TABLES)
def test_tables_of_a_stack_are_worked_on_one_by_one(first, second):
    shape = np.maximum(first.shape, second.shape)
    stack = np.stack(
        [
            np.pad(each, [(0, n - m) for n, m in zip(shape, each.shape, strict=True)])
            for each in (first, second)
        ]
    )
    for function in (chi_square, degrees_of_freedom, correlation_change, rank_correlations):
        alone = [function(each) for each in (first, second)]
        assert function(stack) == pytest.approx(np.array(alone), rel=1e-3, abs=1e-3)


def test_x_squared_of_two_by_two_tables_is_that_of_a_root_of_the_fit():
    """Of 2 × 2 tables the fit is one number d: both odds ratios are equal after moving d rows."""
    tables = np.array([[[30, 12], [9, 45]], [[22, 31], [17, 33]]])

    def odds(d):
        a, b = tables + d * np.array([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
        return a[0, 0] * a[1, 1] * b[0, 1] * b[1, 0] - b[0, 0] * b[1, 1] * a[0, 1] * a[1, 0]

    low, high = -9.0, 12.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if odds(low) * odds(middle) > 0 else (low, middle)
    moved = low * np.array([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
    expected = (moved**2 / (tables + moved)).sum()
    assert chi_square(tables) == pytest.approx(expected, rel=1e-6)


def test_rank_correlations_of_fine_cells_are_those_of_the_rows():
    rng = np.random.default_rng(1)
    before = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 4_000)
    after = before * [1, -1]
    edges = np.quantile(before[:, 0], np.linspace(0, 1, 41)[1:-1])
    tables = np.zeros((2, 40, 40))
    for side, rows in enumerate((before, after)):
        np.add.at(tables[side], tuple(np.searchsorted(edges, rows[:, i]) for i in (0, 1)), 1)
    expected = [stats.spearmanr(rows).statistic for rows in (before, after)]
    assert rank_correlations(tables) == pytest.approx(expected, abs=0.01)


def test_statistics_without_a_change_have_the_laws_that_p_values_take():
    rng = np.random.default_rng(2)
    shares = (normal(0.5, step=2.0) + 0.002).ravel()
    tables = rng.multinomial(20_000, shares / shares.sum(), size=(300, 2)).reshape(300, 2, 10, 10)
    freedom = degrees_of_freedom(tables)
    x2, deviates = chi_square(tables), correlation_change(tables)
    assert x2.mean() == pytest.approx(freedom.mean(), rel=0.03)
    assert deviates.std() == pytest.approx(1, abs=0.12)
    assert np.mean(stats.chi2.sf(x2, freedom) < 0.05) == pytest.approx(0.05, abs=0.04)
    beyond, expected = split(tables).beyond.mean(), expected_beyond(freedom, 20_000, 20_000).mean()
    assert beyond == pytest.approx(expected, rel=0.05)
