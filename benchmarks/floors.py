"""Read both files and do nothing with them: the floors that `drift compare` is measured against.

`load` holds both tables whole, as a script does; `stream` drops each row group as soon as it is
decoded, which is the least that any streaming comparison must do; `csv` is `load` for CSV.
"""

import argparse
from collections.abc import Callable

import pyarrow as pa
from pyarrow import csv as pacsv
from pyarrow import parquet as pq


def load(baseline: str, current: str) -> int:
    """Return the rows of both Parquet files, held in memory together."""
    tables = [pq.read_table(path) for path in (baseline, current)]
    return sum(table.num_rows for table in tables)


def stream(baseline: str, current: str) -> int:
    """Return the rows of both Parquet files, read group by group and dropped."""
    return sum(stream_one(path) for path in (baseline, current))


def stream_one(path: str) -> int:
    """Return the rows of one Parquet file; its strings are read as dictionaries."""
    schema = pq.read_schema(path)
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    file = pq.ParquetFile(path, read_dictionary=texts)
    return sum(file.read_row_group(group).num_rows for group in range(file.num_row_groups))


def csv(baseline: str, current: str) -> int:
    """Return the rows of both CSV files, held in memory together."""
    tables = [pacsv.read_csv(path) for path in (baseline, current)]
    return sum(table.num_rows for table in tables)


FLOORS: dict[str, Callable[[str, str], int]] = {"load": load, "stream": stream, "csv": csv}


def main() -> None:
    """Run the floor that the command line names."""
    parser = argparse.ArgumentParser(description="Read two files and do nothing with them.")
    parser.add_argument("floor", choices=sorted(FLOORS))
    parser.add_argument("baseline")
    parser.add_argument("current")
    args = parser.parse_args()
    print(FLOORS[args.floor](args.baseline, args.current))


if __name__ == "__main__":
    main()
