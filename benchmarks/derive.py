"""Make other forms of a Parquet pair: saved profiles, or directories of many small files."""

import argparse
from collections.abc import Callable
from pathlib import Path

from pyarrow import parquet as pq

import driftcli

#: Rows of each file of a directory.
FILE_ROWS = 10_000


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


FORMS: dict[str, Callable[[Path, Path], None]] = {"profile": profile, "files": files}


def main() -> None:
    """Write the form that the command line names; the sources come first, then the targets."""
    parser = argparse.ArgumentParser(description="Make other forms of a Parquet pair.")
    parser.add_argument("form", choices=sorted(FORMS))
    parser.add_argument("paths", type=Path, nargs=4)
    args = parser.parse_args()
    for source, target in zip(args.paths[:2], args.paths[2:], strict=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        FORMS[args.form](source, target)


if __name__ == "__main__":
    main()
