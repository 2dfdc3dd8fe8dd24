"""Columns of every shape that tests of scores and profiles go through, by name."""

from collections.abc import Callable

import numpy as np

#: Values a finished profile holds at most; columns with no more distinct values are exact.
K = 16_384

Maker = Callable[[np.random.Generator, int], np.ndarray]


def _two_clusters(rng, size):
    return rng.normal(size=size) + np.where(rng.random(size) < 0.3, 1e6, 0)


def _sentinel(rng, size):
    values = rng.normal(size=size)
    values[rng.random(size) < 0.01] = 1e18
    return values


def _huge_and_tiny(rng, size):
    return 10.0 ** rng.uniform(-300, 300, size) * rng.choice([-1, 1], size)


FLOATS: dict[str, Maker] = {
    "normal": lambda rng, size: rng.normal(size=size),
    "lognormal": lambda rng, size: rng.lognormal(0, 2, size),
    "cauchy": lambda rng, size: rng.standard_cauchy(size),
    "t2": lambda rng, size: rng.standard_t(2, size),
    "uniform": lambda rng, size: rng.random(size),
    "zero_inflated": lambda rng, size: np.where(
        rng.random(size) < 0.6, 0, rng.exponential(size=size)
    ),
    "prices": lambda rng, size: np.round(rng.lognormal(3, 1, size), 2),
    "two_clusters": _two_clusters,
    "sentinel": _sentinel,
    "constant": lambda rng, size: np.full(size, 42.5),
    "extremes": lambda rng, size: rng.choice([-1e300, 1e300], size),
    "spread_extremes": lambda rng, size: rng.uniform(-1e300, 1e300, size),
    "largest": lambda rng, size: rng.choice([-1.7e308, 1.7e308], size),
    "float32": lambda rng, size: rng.normal(size=size).astype(np.float32),
    "tiny": lambda rng, size: rng.normal(size=size) * 1e-300,
    "subnormal": lambda rng, size: rng.integers(0, 10**5, size) * 5e-324,
    "huge_and_tiny": _huge_and_tiny,
    "few_ulps_apart": lambda rng, size: 1e15 + 0.125 * rng.integers(0, 50_000, size),
    "far_from_zero": lambda rng, size: 1e9 + rng.normal(size=size),
    "ties_of_heavy_tail": lambda rng, size: np.exp(rng.integers(0, 12_000, size) / 100),
}

INTEGERS: dict[str, Maker] = {
    "small_integers": lambda rng, size: rng.poisson(4, size),
    "wide_integers": lambda rng, size: rng.integers(-(10**12), 10**12, size),
    "beyond_2_53": lambda rng, size: 2**60 + rng.integers(0, 10**6, size),
    "full_range": lambda rng, size: rng.integers(-(2**63), 2**63 - 1, size, endpoint=True),
    "nanoseconds": lambda rng, size: 1_700_000_000 * 10**9 + rng.integers(0, 10**16, size),
    "least_integer_as_sentinel": lambda rng, size: np.where(
        rng.random(size) < 0.01, -(2**63), rng.integers(0, 10**6, size)
    ),
}

COLUMNS = FLOATS | INTEGERS


def column(name: str, size: int, seed: int) -> np.ndarray:
    """Draw a column of the zoo."""
    return COLUMNS[name](np.random.default_rng(seed), size)


def shifted(values: np.ndarray, seed: int) -> np.ndarray:
    """Return about nine tenths of the values, some of them moved to other rows' values."""
    rng = np.random.default_rng(seed)
    kept = np.sort(values)[: max(1, int(values.size * 0.9))]
    return rng.permutation(kept)
