"""Measure what docs/lakes.md, docs/sql.md and docs/partitions.md promise, one part at a time.

Each part makes its data, runs `drift` in processes of its own, and prints a line. Rounds run what
is compared one after the other; times are of the processor, but those of S3, where requests wait.
S3 and PostgreSQL are the servers of the tests, on the loopback.

    python benchmarks/lakes.py where              # one of 60 folders, against that folder alone
    python benchmarks/lakes.py merge --rows 1000 --parts 10000
    python benchmarks/lakes.py sql --rows 10000000
    python benchmarks/lakes.py s3 --parts 1000    # small files there, against the same here
    python benchmarks/lakes.py tree --rows 40000000
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).parents[1]
#: Rows of a file of the pair that is cut, and of what the engine takes at a time.
_FILE_ROWS, _LEAF_ROWS = 1_000_000, 250_000
_QUERY = (
    "select i as id, i % 1000 as n, random() as a, random() * random() as b, ln(1 + i) as c,"
    " (random() * 1000)::numeric(10, 2) as price, 'c' || i % 50 as s, i % 3 = 0 as flag,"
    " timestamptz '2025-01-01' + i * interval '1 second' as at, random() + i as d"
    " from generate_series(1, {rows}) i"
)


def main() -> None:
    """Measure the part that is named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--rows", type=int, help="Rows of all data, or of each file.")
    parser.add_argument("--parts", type=int, help="Files or profiles.")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="drift-lakes-") as folder:
        PARTS[args.part](Path(folder), args)


def where(folder: Path, args: argparse.Namespace) -> None:
    """Read one of 60 folders by a filter, and by its name."""
    for day in range(60):
        inner = folder / f"day=2025-{1 + day // 30:02d}-{1 + day % 30:02d}"
        write(inner / "part.parquet", args.rows or 300_000, day, columns=4)
    kept, alone = [], []
    for _ in range(args.rounds):
        alone.append(ran("show", folder / "day=2025-02-10")[0])
        kept.append(ran("show", folder, "--where", "day = '2025-02-10'")[0])
    told("where, 1 of 60 folders against it alone", kept, alone)


def merge(folder: Path, args: argparse.Namespace) -> None:
    """Merge profiles of 20 columns on one core: ten are made, and stand for all."""
    parts = args.parts or 10_000
    for at in range(10):
        data = folder / f"{at}.parquet"
        write(data, args.rows or 1_000, at, columns=20)
        ran("profile", data, "-o", folder / f"{at}.profile")
        data.unlink()
    for at in range(10, parts):
        os.link(folder / f"{at % 10}.profile", folder / f"{at}.profile")
    two = ran("merge", folder / "0.profile", folder / "1.profile", "-o", folder / "a")[0]
    seconds, _, peak = ran("merge", folder, "--threads", "1", "-o", folder / "all")
    size = (folder / "0.profile").stat().st_size
    each = (seconds - two) / parts * 1e3
    print(
        f"merge of {parts:,} profiles of {size / 1e3:.0f} kB: {each:.1f} ms each beyond the start,"
        f" peak {peak:.0f} MB"
    )


def sql(folder: Path, args: argparse.Namespace) -> None:
    """Read one stream of 10 columns from PostgreSQL."""
    from postgres import PASSWORD, served

    rows = args.rows or 10_000_000
    with served() as address:
        os.environ["PGPASSWORD"] = PASSWORD
        seconds, _, peak = ran(
            "profile", f"{address}#{_QUERY.format(rows=rows)}", "-o", folder / "a"
        )
    print(f"sql, {rows:,} rows × 10: {seconds:.0f} s of the processor, peak {peak:.0f} MB")


def s3(folder: Path, args: argparse.Namespace) -> None:
    """Read small files from S3, and the same here."""
    from object_stores import CLOSED, served_s3

    os.environ.update(CLOSED)  # no address that lacks its server leads to a cloud
    parts = args.parts or 1_000
    for at in range(parts):
        write(folder / "data" / f"{at}.parquet", args.rows or 1_000, at, columns=5)
    with served_s3(folder) as server:
        os.environ.update(server.environment)
        server.empty("lake")
        for path in (folder / "data").iterdir():
            server.put(f"data/{path.name}", path.read_bytes())
        there, here = [], []
        for _ in range(args.rounds):
            here.append(ran("show", folder / "data")[1])
            before = len(server.requests())
            there.append(ran("show", "s3://lake/data/")[1])
            asked = [p for _, p in server.requests()[before:] if p.endswith(".parquet")]
        told(f"S3, {parts:,} files against the same here (whole time)", there, here)
        print(f"{len(asked) / parts:.2f} requests a file")


def tree(folder: Path, args: argparse.Namespace) -> None:
    """Merge the parts of 20 columns in a tree, and in a chain as it was before."""
    rows = args.rows or 40_000_000
    for at in range(-(-rows // _FILE_ROWS)):
        write(folder / "data" / f"{at}.parquet", min(rows, _FILE_ROWS), at, columns=20)
    made: dict[str, list[tuple[float, float, float]]] = {"tree": [], "chain": []}
    for _ in range(args.rounds):
        for shape, found in made.items():
            out = folder / f"{shape}.profile"
            seconds, _, peak = ran("profile", folder / "data", "-o", out, chained=shape == "chain")
            found.append((seconds, peak, rounding(out)))
    for at, name in enumerate(("time", "peak memory", "rounding")):
        told(
            f"tree against chain, {rows:,} rows × 20, {name}",
            *([each[at] for each in made[shape]] for shape in ("tree", "chain")),
        )


def write(path: Path, rows: int, seed: int, columns: int) -> None:
    """Write normal columns, every fourth one of few values."""
    rng = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {
        f"c{at}": rng.normal(size=rows) if at % 4 < 3 else rng.poisson(3.0, rows)
        for at in range(columns)
    }
    pq.write_table(pa.table(values), path, row_group_size=_LEAF_ROWS)


#: Has each part wait for the one before it: a chain instead of the tree.
_CHAINED = """
import sys
from driftcli.engine import tree

def add(self, item, level=0):
    waiting = self._levels or [[]]
    self._levels = waiting
    if len(waiting[0]) == tree.FAN + 1:
        waiting[0] = [self.combine(waiting[0], last=False)]
    waiting[0].append(item)

tree.Carry.add = add
from driftcli.__main__ import main
main()
"""


def ran(*arguments: object, chained: bool = False) -> tuple[float, float, float]:
    """Return the seconds of the processor and of the clock, and the peak in 10⁶ bytes."""
    program = ["-c", _CHAINED] if chained else ["-m", "driftcli"]
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *program, *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _, status, own = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"drift {' '.join(map(str, arguments))}: exit {process.returncode}")
    return own.ru_utime + own.ru_stime, time.perf_counter() - began, own.ru_maxrss * 1024 / 1e6


def rounding(path: Path) -> float:
    """Return the mean rounding of the columns of a profile that are rounded."""
    found = pq.read_table(path, columns=["rounding"]).column(0).to_pylist()
    return statistics.mean(each for each in found if each) if any(found) else 0.0


def told(what: str, measured: Sequence[float], against: Sequence[float]) -> None:
    """Print medians and the median of the ratios of the rounds."""
    ratios = sorted(m / a for m, a in zip(measured, against, strict=True))
    print(
        f"{what}: {statistics.median(measured):.4g} against {statistics.median(against):.4g},"
        f" ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
        flush=True,
    )


PARTS = {"where": where, "merge": merge, "sql": sql, "s3": s3, "tree": tree}


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    main()
