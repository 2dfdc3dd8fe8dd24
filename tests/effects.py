"""Changes of a known size, in samples without chance: what the scores of each are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtri

import driftcli

ROWS = 100_000
METRICS = ("js_distance", "wasserstein", "kl", "psi", "ks", "new")
NORMAL = ndtri((np.arange(ROWS) + 0.5) / ROWS)
LOGNORMAL = np.exp(NORMAL)
FAR = np.where(np.arange(ROWS) % 100 == 0, NORMAL + 10, NORMAL)


def _categories(*shares: float) -> NDArray[np.str_]:
    counts = np.round(np.array(shares) * ROWS).astype(int)
    return np.repeat([f"category {number}" for number in range(len(shares))], counts)


FIVE = _categories(*[0.2] * 5)
#: What a change is called, the column before it and after it.
CHANGES = {
    "mean + 0.05 sd": (NORMAL, NORMAL + 0.05),
    "mean + 0.1 sd": (NORMAL, NORMAL + 0.1),
    "mean + 0.25 sd": (NORMAL, NORMAL + 0.25),
    "mean + 0.5 sd": (NORMAL, NORMAL + 0.5),
    "mean + 1 sd": (NORMAL, NORMAL + 1),
    "spread × 1.1": (NORMAL, NORMAL * 1.1),
    "spread × 1.5": (NORMAL, NORMAL * 1.5),
    "1 % of rows + 10 sd": (NORMAL, FAR),
    "lognormal × 1.1": (LOGNORMAL, LOGNORMAL * 1.1),
    "20 % → 22 %": (FIVE, _categories(0.22, 0.18, 0.2, 0.2, 0.2)),
    "20 % → 25 %": (FIVE, _categories(0.25, 0.15, 0.2, 0.2, 0.2)),
    "20 % → 30 %": (FIVE, _categories(0.3, 0.1, 0.2, 0.2, 0.2)),
    "a new category of 1 %": (FIVE, _categories(*[0.198] * 5, 0.01)),
    "a new category of 5 %": (FIVE, _categories(*[0.19] * 5, 0.05)),
}


def effects() -> list[list[str]]:
    """Return the table: a row a change, its scores and its status by default."""
    head = ["change", *(f"`{metric}`" for metric in METRICS), "by default"]
    return [head, *(_row(change, *sides) for change, sides in CHANGES.items())]


def _row(change: str, before: NDArray[np.generic], after: NDArray[np.generic]) -> list[str]:
    (column,) = driftcli.compare(pa.table({"x": before}), pa.table({"x": after})).columns
    scores = (column.score(metric) for metric in METRICS)
    return [change, *(_shown(score) for score in scores), column.status]


def _shown(score: driftcli.Score | None) -> str:
    if score is None or score.number < 5e-4:
        return "–"
    return f"{score.number:.2g}"
