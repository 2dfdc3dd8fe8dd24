"""Time what `drift compare` spends on noise: the CPU of its calls, on all threads.

python benchmarks/noise.py baseline.parquet current.parquet    # two files
python benchmarks/noise.py --categories 50000                  # a column of a million rows a side

Prints `{"seconds": …}`: of a column the median of some comparisons, in the way that its rows are
spread over the categories that costs most.
"""

import argparse
import json
import statistics
from collections.abc import Callable
from threading import local
from time import thread_time
from typing import Any

import numpy as np
import pyarrow as pa

import driftcli
from driftcli.comparison.blocks import NoiseOfBlocks
from driftcli.comparison.noise import NoiseOfColumn

ROWS = 1_000_000
REPEATS = 5
#: How rows are spread over categories.
SPREADS: dict[str, Callable[[int], Any]] = {
    "equal": np.ones,
    "zipf": lambda count: 1 / np.arange(1, count + 1),
    "half in one": lambda count: np.concatenate([[count - 1], np.ones(count - 1)]),
}


class Clock:
    """The CPU of all calls of some methods, one within another counted once."""

    def __init__(self) -> None:
        self.spent: list[float] = []
        self._running = local()

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that adds what its calls take."""

        def timed(*args: Any) -> Any:
            if getattr(self._running, "now", False):
                return function(*args)
            self._running.now = True
            start = thread_time()
            try:
                return function(*args)
            finally:
                self.spent.append(thread_time() - start)
                self._running.now = False

        return timed

    def watch(self, *owners: type) -> None:
        """Time the noise of scores."""
        for owner in owners:
            for name in ("of", "plain"):
                setattr(owner, name, self.timed(getattr(owner, name)))

    def median(self, baseline: Any, current: Any, repeats: int) -> float:
        """Return what a comparison spends on it."""
        found = []
        for _ in range(repeats):
            self.spent.clear()
            driftcli.compare(baseline, current)
            found.append(sum(self.spent))
        return statistics.median(found)


def column(spread: str, categories: int) -> tuple[pa.Table, pa.Table]:
    """Return a column of categories on both sides."""
    rng = np.random.default_rng(20_261_130)
    shares = SPREADS[spread](categories)
    names = pa.array([f"c{number}" for number in range(categories)])

    def side() -> pa.Table:
        drawn = rng.choice(categories, ROWS, p=shares / shares.sum()).astype(np.int32)
        return pa.table({"category": pa.DictionaryArray.from_arrays(drawn, names)})

    return side(), side()


def main() -> None:
    """Time the noise of what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--categories", type=int)
    args = parser.parse_args()
    pairs = [column(each, args.categories) for each in SPREADS] if args.categories else [args.files]
    clock = Clock()
    clock.watch(NoiseOfColumn, NoiseOfBlocks)
    spent = [clock.median(*pair, REPEATS if args.categories else 1) for pair in pairs]
    print(json.dumps({"seconds": max(spent)}))


if __name__ == "__main__":
    main()
