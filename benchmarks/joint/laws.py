"""Pairs of samples whose divergence or distance is known, and mixed data without a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Values = NDArray[np.float64]
Generator = np.random.Generator
#: A generator and a number of rows to rows.
Draw = Callable[[Generator, int], Values]


@dataclass(frozen=True)
class Case:
    """Two laws, and what is true of them."""

    p: Draw
    q: Draw
    value: float


def normal(columns: int = 2, shift: float = 0.0, scale: float = 1.0) -> Draw:
    """Return draws of a normal law, shifted along the diagonal by a length."""
    moved = shift / np.sqrt(columns)
    return lambda rng, rows: scale * rng.normal(size=(rows, columns)) + moved


def correlated(correlation: float) -> Draw:
    def draw(rng: Generator, rows: int) -> Values:
        x, y = rng.normal(size=(2, rows))
        return np.column_stack([x, correlation * x + np.sqrt(1 - correlation**2) * y])

    return draw


def first_shifted(shift: float) -> Draw:
    return lambda rng, rows: rng.normal((shift, 0), 1, (rows, 2))


def table(shares: list[float]) -> Draw:
    def draw(rng: Generator, rows: int) -> Values:
        cells = rng.choice(4, rows, p=shares)
        return np.column_stack([cells // 2, cells % 2]).astype(float)

    return draw


def parity(share: float) -> Draw:
    """Return draws of three columns whose signs have a positive product in so many rows."""

    def draw(rng: Generator, rows: int) -> Values:
        drawn = rng.normal(size=(rows, 3))
        wanted = np.where(rng.random(rows) < share, 1, -1)
        drawn[:, 0] *= wanted * np.sign(drawn.prod(axis=1))
        return drawn

    return draw


def ring(weights: list[float]) -> Draw:
    def draw(rng: Generator, rows: int) -> Values:
        angle = rng.choice(8, rows, p=weights) * np.pi / 4
        around = 2 * np.column_stack([np.cos(angle), np.sin(angle)])
        return around + rng.normal(0, 0.05, (rows, 2))

    return draw


def segment(at: float) -> Draw:
    return lambda rng, rows: np.column_stack([np.full(rows, at), rng.random(rows)])


#: In bits.
DIVERGENCES: Mapping[str, Case] = {
    **{
        f"shift {shift:g}": Case(normal(2), first_shifted(shift), value)
        for shift, value in (
            (0.1, 0.001801),
            (0.2, 0.007178),
            (0.5, 0.043730),
            (1.0, 0.160747),
            (2.0, 0.485944),
        )
    },
    **{
        f"correlation {before:g} → {after:g}": Case(correlated(before), correlated(after), value)
        for before, after, value in (
            (0, 0.15, 0.004115),
            (0, 0.3, 0.017188),
            (0.5, 0.3, 0.011778),
            (0, 0.5, 0.053265),
            (-0.5, 0.5, 0.170869),
            (0.8, 0, 0.192808),
        )
    },
    "both shifted by 0.5": Case(normal(2), normal(2, 0.5 * np.sqrt(2)), 0.084943),
    "table": Case(table([0.3, 0.1, 0.1, 0.5]), table([0.2, 0.2, 0.2, 0.4]), 0.035789),
    "parity of three": Case(parity(0.5), parity(0.75), 0.048795),
    "balanced ring": Case(
        ring([1 / 8] * 8), ring([1 / 8, 1 / 4, 1 / 8, 0, 1 / 8, 1 / 4, 1 / 8, 0]), 0.155639
    ),
    "segments": Case(segment(0), segment(0.5), 1.0),
}
#: Of columns that are not standardised.
DISTANCES: Mapping[str, Case] = {
    **{
        f"shift {shift:g}, {columns} columns": Case(normal(columns), normal(columns, shift), shift)
        for columns in (2, 10)
        for shift in (0.0, 0.3, 1.0)
    },
    "radial × 2, 2 columns": Case(normal(2), normal(2, scale=2), 1.2533),
    "radial × 1.5, 10 columns": Case(normal(10), normal(10, scale=1.5), 1.5422),
    "segments, 2 apart": Case(segment(0), segment(2), 2.0),
}


def mixed(rng: Generator, rows: int) -> pa.Table:
    """Return ten columns of mixed kinds, two of them with missing values, unrelated but for two."""
    x = rng.normal(size=(rows, 6))
    x[:, 1] = 0.5 * x[:, 0] + np.sqrt(0.75) * x[:, 1]
    columns = {f"x{at}": x[:, at] for at in range(4)}
    columns["late"] = pa.array(np.exp(x[:, 4]), mask=rng.random(rows) < 0.05)
    columns["round"] = pa.array(np.round(x[:, 5], 1), mask=rng.random(rows) < 0.05)
    columns["count"] = rng.poisson(2, rows)
    columns["five"] = pa.array([f"c{each}" for each in rng.choice(5, rows, p=_FALLING)])
    columns["thirty"] = pa.array([f"k{each}" for each in rng.integers(0, 30, rows)])
    columns["flag"] = rng.random(rows) < 0.3
    return pa.table(columns)


_FALLING = [0.4, 0.25, 0.2, 0.1, 0.05]
