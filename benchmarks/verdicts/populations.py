"""The populations that datasets are drawn from: eight real tables and one of synthetic shapes.

Two draws of one population are two datasets between which nothing drifted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "examples"
REFERENCE_ROWS = 12_000

Generator = np.random.Generator
Shape = Callable[[Generator, int], pa.Array]


@dataclass(frozen=True)
class Population:
    """Where the rows of a dataset come from.

    Attributes
    ----------
    files
        The files whose rows together are the population; none for the synthetic one.
    """

    name: str
    files: tuple[Path, ...] = ()

    @property
    def reference(self) -> pa.Table:
        """The whole population, or many rows of the synthetic one."""
        return _pooled(self.files) if self.files else _reference()

    def draw(self, rng: Generator, rows: int) -> pa.Table:
        """Return independent rows: with replacement where the population is a table."""
        if not self.files:
            return synthetic(rng, rows)
        table = self.reference
        return table.take(pa.array(rng.integers(0, table.num_rows, rows)))


@lru_cache
def _pooled(files: Sequence[Path]) -> pa.Table:
    table = pa.concat_tables([_read(path) for path in files])
    columns = [_encoded(column) for column in table.columns]
    return pa.table(columns, names=table.column_names)


def _read(path: Path) -> pa.Table:
    return pq.read_table(path) if path.suffix == ".parquet" else pa.csv.read_csv(path)


def _encoded(column: pa.ChunkedArray) -> pa.Array:
    """Return one array; text and booleans as a dictionary of text, which is cheap to draw from."""
    kind = column.type
    if is_categorical(kind) or pa.types.is_boolean(kind) or pa.types.is_large_string(kind):
        kind = pa.string()
    array = column.cast(kind).combine_chunks()
    return array.dictionary_encode() if pa.types.is_string(kind) else array


def is_categorical(kind: pa.DataType) -> bool:
    """Return whether a column of the populations holds categories."""
    return bool(pa.types.is_dictionary(kind))


def is_numeric(kind: pa.DataType) -> bool:
    """Return whether a column of the populations holds numbers."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def numbers(column: pa.Array) -> NDArray[np.float64]:
    """Return the values of a numeric column that are not missing: shape (values,)."""
    return np.asarray(column.drop_null().cast(pa.float64(), safe=False), dtype=np.float64)


def names_rows(column: pa.Array) -> bool:
    """Return whether the categories of a column name its rows, as they hardly repeat."""
    values = column.drop_null()
    return is_categorical(values.type) and len(values.unique()) >= 0.9 * len(values)


def synthetic(rng: Generator, rows: int) -> pa.Table:
    """Return fresh rows of every shape."""
    return pa.table({name: shape(rng, rows) for name, shape in SHAPES.items()})


@lru_cache
def _reference() -> pa.Table:
    return synthetic(np.random.default_rng(0), REFERENCE_ROWS)


def _bimodal(rng: Generator, rows: int) -> pa.Array:
    """Draw three in ten around 10, the others around 0, both with standard deviation 1."""
    return pa.array(rng.standard_normal(rows) + 10 * (rng.random(rows) < 0.3))


def _zero_inflated(rng: Generator, rows: int) -> pa.Array:
    return pa.array(np.where(rng.random(rows) < 0.9, 0.0, rng.lognormal(3, 1, rows)))


def _prices(rng: Generator, rows: int) -> pa.Array:
    """Draw prices in cents, seven in ten of which end in .99."""
    exact = np.round(rng.lognormal(3, 0.8, rows), 2)
    return pa.array(np.where(rng.random(rows) < 0.7, np.floor(exact) + 0.99, exact))


def _categories(shares: NDArray[np.float64], missing: float = 0.0) -> Shape:
    """Return the shape of a column with these shares of categories, summing to 1."""
    labels = pa.array([f"c{number}" for number in range(shares.size)])

    def draw(rng: Generator, rows: int) -> pa.Array:
        codes = rng.choice(shares.size, rows, p=shares).astype(np.int32)
        indices = pa.array(codes, mask=rng.random(rows) < missing)
        return pa.DictionaryArray.from_arrays(indices, labels)

    return draw


def _zipf(count: int) -> NDArray[np.float64]:
    weights = 1 / np.arange(1, count + 1)
    return np.asarray(weights / weights.sum())


def _with_missing(rng: Generator, rows: int) -> pa.Array:
    return pa.array(rng.standard_normal(rows), mask=rng.random(rows) < 0.1)


SHAPES: dict[str, Shape] = {
    "normal": lambda rng, rows: pa.array(rng.standard_normal(rows)),
    "uniform": lambda rng, rows: pa.array(rng.random(rows)),
    "lognormal": lambda rng, rows: pa.array(rng.lognormal(0, 1, rows)),
    "student_2": lambda rng, rows: pa.array(rng.standard_t(2, rows)),
    "student_1_5": lambda rng, rows: pa.array(rng.standard_t(1.5, rows)),
    "exponential": lambda rng, rows: pa.array(rng.exponential(1, rows)),
    "bimodal": _bimodal,
    "zero_inflated": _zero_inflated,
    "prices": _prices,
    "counts": lambda rng, rows: pa.array(rng.poisson(2, rows)),
    "binary": lambda rng, rows: pa.array((rng.random(rows) < 0.3).astype(np.int64)),
    "wide_integers": lambda rng, rows: pa.array(rng.integers(0, 10**12, rows)),
    "beta": lambda rng, rows: pa.array(rng.beta(0.5, 0.5, rows)),
    "five_equal": _categories(np.full(5, 0.2)),
    "zipf_30": _categories(_zipf(30)),
    "zipf_1000": _categories(_zipf(1_000)),
    "category_missing": _categories(np.array([0.4, 0.3, 0.2, 0.1]), missing=0.05),
    "normal_missing": _with_missing,
}

_SPLIT, _SEASON = EXAMPLES / "random-split", EXAMPLES / "flights-season"
POPULATIONS = {
    each.name: each
    for each in (
        Population("flights", (_SPLIT / "baseline.parquet", _SPLIT / "current.parquet")),
        Population("flights summer", (_SEASON / "baseline.parquet",)),
        Population("flights autumn", (_SEASON / "current.parquet",)),
        Population("car loans", (EXAMPLES / "car-loans" / "baseline.csv.gz",)),
        Population("ACS", (HERE / "data" / "acs.parquet",)),
        Population("powerlifting", (HERE / "data" / "powerlifting.parquet",)),
        Population("weather January", (HERE / "data" / "weather-january.parquet",)),
        Population("weather July", (HERE / "data" / "weather-july.parquet",)),
        Population("synthetic"),
    )
}
