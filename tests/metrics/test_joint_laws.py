"""The values that all columns together are measured against, by other ways to come to them."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

# The laws are those of the benchmark.
sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks" / "joint"))

from laws import DISTANCES, DIVERGENCES

Density = Callable[[np.ndarray, np.ndarray], np.ndarray]


def normal(correlation: float = 0.0, x: float = 0.0, y: float = 0.0) -> Density:
    def density(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        along = (v - y - correlation * (u - x)) / math.sqrt(1 - correlation**2)
        return norm.pdf(u - x) * norm.pdf(along) / math.sqrt(1 - correlation**2)

    return density


def ring(*weights: float) -> Density:
    def density(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        angles = np.arange(8) * math.pi / 4
        return sum(
            weight * norm.pdf(u, 2 * math.cos(angle), 0.05) * norm.pdf(v, 2 * math.sin(angle), 0.05)
            for weight, angle in zip(weights, angles, strict=True)
        )

    return density


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    """Return the divergence in bits of what sums to one."""
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(side > 1e-300, side * np.log2(side / middle), 0) for side in (p, q)]
    return float(sum(each.sum() for each in terms)) / 2


def integrated(p: Density, q: Density, most: float = 9.0, step: float = 0.02) -> float:
    """Return the divergence by the trapezoidal rule, which is exact to all digits for these."""
    line = np.arange(-most, most + step, step)
    u, v = np.meshgrid(line, line)
    return divergence(p(u, v) * step**2, q(u, v) * step**2)


SHIFTS = [0.1, 0.2, 0.5, 1, 2]
CORRELATIONS = [(0, 0.15), (0, 0.3), (0.5, 0.3), (0, 0.5), (-0.5, 0.5), (0.8, 0)]
BY_INTEGRATION = {
    **{f"shift {shift:g}": (normal(), normal(x=shift)) for shift in SHIFTS},
    **{
        f"correlation {before:g} → {after:g}": (normal(before), normal(after))
        for before, after in CORRELATIONS
    },
    "both shifted by 0.5": (normal(), normal(x=0.5, y=0.5)),
}


@pytest.mark.parametrize("name", BY_INTEGRATION)
def test_a_divergence_of_normal_laws_is_its_integral(name: str) -> None:
    assert integrated(*BY_INTEGRATION[name]) == pytest.approx(DIVERGENCES[name].value, abs=1e-6)


def test_the_divergence_of_the_ring_is_its_integral() -> None:
    collapsed = (1 / 8, 1 / 4, 1 / 8, 0, 1 / 8, 1 / 4, 1 / 8, 0)
    found = integrated(ring(*[1 / 8] * 8), ring(*collapsed), most=2.5, step=0.0125)
    assert found == pytest.approx(DIVERGENCES["balanced ring"].value, abs=1e-6)


def test_the_other_divergences_are_sums() -> None:
    table = divergence(np.array([0.3, 0.1, 0.1, 0.5]), np.array([0.2, 0.2, 0.2, 0.4]))
    assert table == pytest.approx(DIVERGENCES["table"].value, abs=1e-6)
    # Within either sign of the product the laws are alike.
    parity = divergence(np.array([0.5, 0.5]), np.array([0.75, 0.25]))
    assert parity == pytest.approx(DIVERGENCES["parity of three"].value, abs=1e-6)
    assert DIVERGENCES["segments"].value == divergence(np.array([1.0, 0]), np.array([0, 1.0]))


@pytest.mark.parametrize(
    ("name", "columns", "scale"),
    [("radial × 2, 2 columns", 2, 2), ("radial × 1.5, 10 columns", 10, 1.5)],
)
def test_what_is_stretched_moves_by_its_length(name: str, columns: int, scale: float) -> None:
    length = math.sqrt(2) * math.gamma((columns + 1) / 2) / math.gamma(columns / 2)
    assert (scale - 1) * length == pytest.approx(DISTANCES[name].value, abs=1e-4)


def test_all_samples_are_those_of_their_laws() -> None:
    rng = np.random.default_rng(0)
    for case in DIVERGENCES.values():
        for draw in (case.p, case.q):
            assert np.isfinite(draw(rng, 10)).all()
    rows = DIVERGENCES["correlation 0.8 → 0"].p(rng, 20_000)
    assert np.corrcoef(rows.T)[0, 1] == pytest.approx(0.8, abs=0.02)
    signs = np.sign(DIVERGENCES["parity of three"].q(rng, 20_000).prod(axis=1))
    assert (signs > 0).mean() == pytest.approx(0.75, abs=0.02)
    ends = DISTANCES["shift 1, 10 columns"].q(rng, 20_000).mean(axis=0)
    assert np.linalg.norm(ends) == pytest.approx(1, abs=0.05)
