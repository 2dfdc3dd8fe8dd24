"""Score drift the way one would in a notebook today: whole tables, pandas and scipy.

    python benchmarks/pandas_scipy.py baseline.parquet current.parquet

It gives the three main scores of `drift compare` for every column and nothing else: no error
bounds, noise, verdicts or reasons. It is the "before" of the benchmark, so it uses the fast way
wherever pandas and scipy offer one.
"""

import sys

import numpy as np
import pandas as pd
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, wasserstein_distance

BINS = 50


def read(path: str) -> pd.DataFrame:
    """Return the table at `path`."""
    return pd.read_csv(path) if path.endswith(".csv") else pd.read_parquet(path)


def divergences(baseline: np.ndarray, current: np.ndarray) -> tuple[float, float]:
    """Return KL in nats, half a count added to each bin, and the JS distance to base 2."""
    kl = entropy(baseline + 0.5, current + 0.5)
    return float(kl), float(jensenshannon(baseline, current, base=2))


def score_numbers(baseline: pd.Series, current: pd.Series) -> tuple[float, float, float]:
    """Return KL, JS distance and Wasserstein in baseline standard deviations."""
    p, q = baseline.dropna().to_numpy(), current.dropna().to_numpy()
    edges = np.unique(np.quantile(p, np.linspace(0, 1, BINS + 1)))
    edges[[0, -1]] = -np.inf, np.inf
    counts = np.histogram(p, edges)[0], np.histogram(q, edges)[0]
    return *divergences(*counts), float(wasserstein_distance(p, q) / p.std())


def score_categories(baseline: pd.Series, current: pd.Series) -> tuple[float, float, float]:
    """Return KL, JS distance and, as Wasserstein over categories, the total variation."""
    p, q = baseline.value_counts().align(current.value_counts(), fill_value=0)
    p, q = p.to_numpy(dtype=float), q.to_numpy(dtype=float)
    variation = np.abs(p / p.sum() - q / q.sum()).sum() / 2
    return *divergences(p, q), float(variation)


def score(baseline: pd.Series, current: pd.Series) -> tuple[float, float, float]:
    """Return the three scores of a column by its type."""
    if pd.api.types.is_datetime64_any_dtype(baseline):
        origin = pd.Timestamp(0)
        baseline = (baseline - origin).dt.total_seconds()
        current = (current - origin).dt.total_seconds()
    if pd.api.types.is_numeric_dtype(baseline) and not pd.api.types.is_bool_dtype(baseline):
        return score_numbers(baseline, current)
    return score_categories(baseline, current)


def main() -> None:
    """Print one line a column."""
    baseline, current = (read(path) for path in sys.argv[1:3])
    scores = pd.DataFrame.from_dict(
        {name: score(baseline[name], current[name]) for name in baseline.columns},
        orient="index",
        columns=["kl", "js_distance", "wasserstein"],
    )
    print(scores.to_csv(index_label="column"), end="")


if __name__ == "__main__":
    main()
