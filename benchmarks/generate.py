"""Write the benchmark data: a baseline and a current file of the same columns, some drifted.

Every block of `BLOCK` rows of every column has a random stream of its own, keyed by seed, side,
column and block. So the same seed gives the same bytes, a short file is the beginning of a long
one, and memory holds one row group whatever the number of rows.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

SEED = 20_260_101
SIDES = ("baseline", "current")
BLOCK = 16_384
GROUP_ROWS = 1_048_576
# Half a gigabyte of doubles: the row group that Parquet's own guide suggests for wide files.
GROUP_CELLS = 67_108_864

FIRST_ID = {False: 1_000_000, True: 1_000_000_000}
FIRST_MOMENT = {False: np.datetime64("2024-01-01", "us"), True: np.datetime64("2025-01-01", "us")}
MICROSECONDS_A_ROW = 250_000


@dataclass(frozen=True)
class Block:
    """A run of `BLOCK` consecutive rows of one column of one side."""

    rng: np.random.Generator
    first_row: int
    is_current: bool


@dataclass(frozen=True)
class Shape:
    """A kind of column: its name, its Arrow type and how a block of it is drawn."""

    name: str
    type: pa.DataType
    draw: Callable[[Block], pa.Array]


def normal(block: Block) -> pa.Array:
    """Return N(50, 12²); the current side is two units higher."""
    return pa.array(block.rng.normal(52 if block.is_current else 50, 12, BLOCK))


def lognormal(block: Block) -> pa.Array:
    """Return values that span several orders of magnitude."""
    return pa.array(block.rng.lognormal(3, 0.8, BLOCK))


def uniform(block: Block) -> pa.Array:
    """Return values spread evenly over [0, 1)."""
    return pa.array(block.rng.random(BLOCK))


def two_clusters(block: Block) -> pa.Array:
    """Return two clusters a million apart; the current side has more of the upper one."""
    upper = block.rng.random(BLOCK) < (0.4 if block.is_current else 0.3)
    return pa.array(block.rng.normal(0, 1, BLOCK) + 1e6 * upper)


def student_t2(block: Block) -> pa.Array:
    """Return a heavy tail: Student's t with two degrees of freedom has no variance."""
    return pa.array(block.rng.standard_t(2, BLOCK))


def zero_inflated(block: Block) -> pa.Array:
    """Return zero four times in five, else an exponential amount."""
    spent = block.rng.random(BLOCK) < 0.2
    return pa.array(block.rng.exponential(35, BLOCK) * spent)


def price(block: Block) -> pa.Array:
    """Return amounts in whole cents: many values, much repeated."""
    return pa.array(np.round(block.rng.lognormal(3.5, 1.1, BLOCK), 2))


def with_nulls(block: Block) -> pa.Array:
    """Return gamma values of which 5 % are missing, 9 % on the current side."""
    missing = block.rng.random(BLOCK) < (0.09 if block.is_current else 0.05)
    return pa.array(block.rng.gamma(2, 3, BLOCK), mask=missing)


def temperature(block: Block) -> pa.Array:
    """Return single-precision readings."""
    return pa.array(block.rng.normal(18, 6, BLOCK).astype(np.float32))


def visits(block: Block) -> pa.Array:
    """Return small counts."""
    return pa.array(block.rng.poisson(4, BLOCK).astype(np.int32))


def running_id(block: Block) -> pa.Array:
    """Return the running number of each row."""
    first = FIRST_ID[block.is_current] + block.first_row
    return pa.array(np.arange(first, first + BLOCK, dtype=np.int64))


def zipf(block: Block) -> pa.Array:
    """Return ranks by Zipf's law, the largest far beyond the rest."""
    return pa.array(block.rng.zipf(1.8, BLOCK).astype(np.int64))


def year(block: Block) -> pa.Array:
    """Return one of 35 years, late ones more often."""
    age = 35 * block.rng.random(BLOCK) ** 2
    return pa.array((2024 - age.astype(np.int16)).astype(np.int16))


@cache
def vocabulary(stem: str, size: int) -> pa.Array:
    """Return `size` category names of one length."""
    width = len(str(size - 1))
    return pa.array([f"{stem}-{number:0{width}d}" for number in range(size)])


def category(
    stem: str, size: int, skew: float, current_skew: float | None = None
) -> Callable[[Block], pa.Array]:
    """Return a drawer of `size` categories, the first ones common and the last ones rare."""

    def draw(block: Block) -> pa.Array:
        power = current_skew or skew if block.is_current else skew
        codes = (size * block.rng.random(BLOCK) ** power).astype(np.int32)
        return vocabulary(stem, size).take(pa.array(codes))

    return draw


def is_member(block: Block) -> pa.Array:
    """Return true three times in ten."""
    return pa.array(block.rng.random(BLOCK) < 0.3)


def ordered_at(block: Block) -> pa.Array:
    """Return moments that follow the rows, a quarter of a second apart with jitter."""
    steps = np.arange(block.first_row, block.first_row + BLOCK) * MICROSECONDS_A_ROW
    jitter = block.rng.integers(0, MICROSECONDS_A_ROW, BLOCK)
    return pa.array(FIRST_MOMENT[block.is_current] + (steps + jitter).astype("timedelta64[us]"))


SHAPES = (
    Shape("normal", pa.float64(), normal),
    Shape("lognormal", pa.float64(), lognormal),
    Shape("uniform", pa.float64(), uniform),
    Shape("two_clusters", pa.float64(), two_clusters),
    Shape("student_t2", pa.float64(), student_t2),
    Shape("zero_inflated", pa.float64(), zero_inflated),
    Shape("price", pa.float64(), price),
    Shape("with_nulls", pa.float64(), with_nulls),
    Shape("temperature", pa.float32(), temperature),
    Shape("visits", pa.int32(), visits),
    Shape("running_id", pa.int64(), running_id),
    Shape("zipf", pa.int64(), zipf),
    Shape("year", pa.int16(), year),
    Shape("plan", pa.string(), category("plan", 2, skew=1.5)),
    Shape("channel", pa.string(), category("channel", 12, skew=2)),
    Shape("country", pa.string(), category("country", 200, skew=3, current_skew=2.5)),
    Shape("city", pa.string(), category("city", 5_000, skew=3)),
    Shape("product", pa.string(), category("product", 50_000, skew=2)),
    Shape("is_member", pa.bool_(), is_member),
    Shape("ordered_at", pa.timestamp("us"), ordered_at),
)


def shape_of(column: int) -> Shape:
    """Return the shape of the column at this place: a wide file repeats the twenty in turn."""
    return SHAPES[column % len(SHAPES)]


def schema_of(columns: int) -> pa.Schema:
    """Return the schema of a file with so many columns; repeats are numbered from 2."""
    turns = (divmod(column, len(SHAPES))[0] for column in range(columns))
    return pa.schema(
        (shape_of(column).name + (f"_{turn + 1}" if turn else ""), shape_of(column).type)
        for column, turn in enumerate(turns)
    )


def draw_column(column: int, start: int, stop: int, *, is_current: bool, seed: int) -> pa.Array:
    """Return rows `start` to `stop` of a column; `start` is a multiple of `BLOCK`."""
    blocks = [
        shape_of(column).draw(
            Block(
                rng=np.random.default_rng([seed, is_current, column, first_row // BLOCK]),
                first_row=first_row,
                is_current=is_current,
            )
        )
        for first_row in range(start, stop, BLOCK)
    ]
    return pa.concat_arrays(blocks).slice(0, stop - start)


def rows_per_group(columns: int) -> int:
    """Return the rows of a row group: a million, fewer where the file is wide."""
    by_cells = GROUP_CELLS // columns // BLOCK * BLOCK
    return max(BLOCK, min(GROUP_ROWS, by_cells))


def draw_groups(rows: int, columns: int, *, is_current: bool, seed: int) -> Iterator[pa.Table]:
    """Yield one side, a row group at a time."""
    schema = schema_of(columns)
    step = rows_per_group(columns)
    for start in range(0, rows, step):
        stop = min(rows, start + step)
        arrays = [
            draw_column(column, start, stop, is_current=is_current, seed=seed)
            for column in range(columns)
        ]
        yield pa.Table.from_arrays(arrays, schema=schema)


def open_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter | pacsv.CSVWriter:
    """Return the writer that the suffix of `path` names."""
    if path.suffix == ".csv":
        # No name or number here needs a quote, and `DataFrame.to_csv` would write none.
        options = pacsv.WriteOptions(quoting_style="none", quoting_header="none")
        return pacsv.CSVWriter(path, schema, write_options=options)
    return pq.ParquetWriter(path, schema)


def write_side(path: Path, rows: int, columns: int, *, is_current: bool, seed: int = SEED) -> None:
    """Write one side to `path`, which appears only once it is complete."""
    part = path.with_name(f"part-{path.name}")
    with open_writer(part, schema_of(columns)) as writer:
        for table in draw_groups(rows, columns, is_current=is_current, seed=seed):
            writer.write_table(table, max(1, table.num_rows))
    part.replace(path)


def write_pair(
    folder: Path,
    rows: int,
    columns: int = len(SHAPES),
    suffix: str = "parquet",
    seed: int = SEED,
    sides: Sequence[str] = SIDES,
) -> None:
    """Write `baseline` and `current` of one size into `folder`, or one of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for side in sides:
        path = folder / f"{side}.{suffix}"
        write_side(path, rows, columns, is_current=side == "current", seed=seed)


def main() -> None:
    """Write the pair that the command line asks for."""
    parser = argparse.ArgumentParser(description="Write baseline and current benchmark files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=len(SHAPES))
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--side", choices=SIDES, action="append", help="both when left out")
    args = parser.parse_args()
    sides = args.side or SIDES
    write_pair(args.folder, args.rows, args.columns, args.format, args.seed, sides)


if __name__ == "__main__":
    main()
