"""Time one Wasserstein distance between two columns that are already arrays in memory.

Reading the column and importing the function are not timed; the call is, once, as the first of
its process. Prints `{"seconds": …, "value": …}`.
"""

import argparse
import json
from collections.abc import Callable
from time import perf_counter

import numpy as np
from pyarrow import parquet as pq
from scipy.stats import wasserstein_distance

from driftcli import wasserstein_distance as certified_distance

Distance = Callable[[np.ndarray, np.ndarray], float]


def drift_distance(p: np.ndarray, q: np.ndarray) -> float:
    """Return ours; where it is a record with an error bound, its value counts."""
    result = certified_distance(p, q)
    return float(getattr(result, "value", result))


IMPLEMENTATIONS: dict[str, Distance] = {"scipy": wasserstein_distance, "drift": drift_distance}


def read_column(path: str, name: str) -> np.ndarray:
    """Return a column without its nulls, as a contiguous array of doubles."""
    column = pq.read_table(path, columns=[name])[name].drop_null()
    return np.asarray(column, dtype=np.float64)


def main() -> None:
    """Time the implementation that the command line names."""
    parser = argparse.ArgumentParser(description="Time one Wasserstein distance from arrays.")
    parser.add_argument("implementation", choices=sorted(IMPLEMENTATIONS))
    parser.add_argument("baseline")
    parser.add_argument("current")
    parser.add_argument("--column", default="normal")
    args = parser.parse_args()
    distance = IMPLEMENTATIONS[args.implementation]
    p, q = (read_column(path, args.column) for path in (args.baseline, args.current))
    start = perf_counter()
    value = distance(p, q)
    print(json.dumps({"seconds": perf_counter() - start, "value": float(value)}))


if __name__ == "__main__":
    main()
