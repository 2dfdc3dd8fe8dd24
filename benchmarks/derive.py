"""Make other forms of Parquet files: saved profiles, many small files, years, segments."""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet as pq

import driftcli

#: Rows of each file of a directory.
FILE_ROWS = 10_000
YEAR = np.timedelta64(365, "D")
REGIONS = 50


def profile(source: Path, target: Path) -> None:
    """Write the saved profile of a file, as `drift profile` does."""
    driftcli.Profile.of(source).save(target)


def files(source: Path, target: Path) -> None:
    """Write the rows of a file as files of `FILE_ROWS` rows into a directory."""
    part = target.with_name(f"part-{target.name}")
    part.mkdir(parents=True, exist_ok=True)
    number = 0
    data = pq.ParquetFile(source)
    # Whole row groups, since a batch does not span two of them.
    for group in range(data.num_row_groups):
        table = data.read_row_group(group)
        for start in range(0, table.num_rows, FILE_ROWS):
            pq.write_table(table.slice(start, FILE_ROWS), part / f"{number:06}.parquet")
            number += 1
    part.rename(target)


def year(source: Path, target: Path) -> None:
    """Write the rows of a file with `ordered_at` spread over 365 days, in the order of the rows."""
    rows = pq.read_metadata(source).num_rows
    first = np.datetime64("2024-01-01", "us")

    def moments(at: int, size: int) -> pa.Array:
        return pa.array(first + np.arange(at, at + size) * (YEAR.astype("m8[us]") // rows))

    _with_column(source, target, "ordered_at", moments)


def shuffled(source: Path, target: Path) -> None:
    """Write the rows of a file with `ordered_at` spread over 365 days, in no order."""
    rng = np.random.default_rng(365)
    first = np.datetime64("2024-01-01", "us")

    def moments(at: int, size: int) -> pa.Array:  # noqa: ARG001 - as for other columns
        return pa.array(first + rng.integers(0, YEAR.astype("m8[us]").astype(int), size))

    _with_column(source, target, "ordered_at", moments)


def segments(source: Path, target: Path) -> None:
    """Write the rows of a file with 50 regions, some commoner than others, in the place of `plan`.

    They come in no order, as segments do.
    """
    rng = np.random.default_rng([50, target.stem == "current"])
    shares = np.arange(1, REGIONS + 1) ** -0.7
    names = pa.array([f"region-{number:02}" for number in range(REGIONS)])

    def regions(at: int, size: int) -> pa.Array:  # noqa: ARG001 - as for other columns
        return names.take(pa.array(rng.choice(REGIONS, size, p=shares / shares.sum())))

    _with_column(source, target, "plan", regions)


def _with_column(
    source: Path, target: Path, name: str, made: Callable[[int, int], pa.Array]
) -> None:
    """Write a file with one column made anew; `made` takes the first row and how many there are."""
    part = target.with_name(f"part-{target.name}")
    data = pq.ParquetFile(source)
    at = 0
    with pq.ParquetWriter(part, data.schema_arrow) as writer:
        for group in range(data.num_row_groups):
            table = data.read_row_group(group)
            column = made(at, table.num_rows)
            writer.write_table(table.set_column(table.schema.get_field_index(name), name, column))
            at += table.num_rows
    part.replace(target)


FORMS: dict[str, Callable[[Path, Path], None]] = {
    "profile": profile,
    "files": files,
    "year": year,
    "shuffled": shuffled,
    "segments": segments,
}


def main() -> None:
    """Write the form that the command line names; the sources come first, then the targets."""
    parser = argparse.ArgumentParser(description="Make other forms of Parquet files.")
    parser.add_argument("form", choices=sorted(FORMS))
    parser.add_argument("paths", type=Path, nargs="+")
    args = parser.parse_args()
    pairs = len(args.paths) // 2
    for source, target in zip(args.paths[:pairs], args.paths[pairs:], strict=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        FORMS[args.form](source, target)


if __name__ == "__main__":
    main()
