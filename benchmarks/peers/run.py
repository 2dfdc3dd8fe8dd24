"""Time, memory and verdicts of other tools beside ours, on the data of the benchmark.

    python benchmarks/peers/run.py --evidently /venvs/evidently/bin/python \
        --nannyml /venvs/nannyml/bin/python

Each tool runs with its defaults, in the environment of the interpreter that is named. Prints a
Markdown table: medians over the repeats, in turn.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from measure import BYTES_A_MAXRSS, Dataset, child_environment, generate  # noqa: E402

#: The columns that `generate.py` moves; the times and numbers that move on are in none of the sets.
MOVED = {"normal", "two_clusters", "with_nulls", "country"}
MOVING_ON = {"running_id", "ordered_at"}
#: Writes two random halves of a file: nothing drifts between them.
HALVES = """
import sys, numpy as np, pyarrow as pa, pyarrow.parquet as pq
source, first, second, rows = sys.argv[1:]
table = pq.read_table(source).slice(0, 2 * int(rows))
order = np.random.default_rng(7).permutation(len(table))
pq.write_table(table.take(pa.array(np.sort(order[: int(rows)]))), first)
pq.write_table(table.take(pa.array(np.sort(order[int(rows) :]))), second)
"""


@dataclass
class Tool:
    name: str
    argv: list[str]
    wall_s: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    drifted: set[str] = field(default_factory=set)

    def run(self, pair: tuple[Path, ...]) -> set[str]:
        """Run it as a fresh process, note what it costs, and return what it calls drifted."""
        with tempfile.TemporaryFile("w+") as answer, tempfile.TemporaryFile("w+") as complaint:
            start = perf_counter()
            process = subprocess.Popen(
                [*self.argv, *map(str, pair)],
                stdout=answer,
                stderr=complaint,
                cwd=tempfile.gettempdir(),
                env=child_environment(),
            )
            _, status, usage = os.wait4(process.pid, 0)
            self.wall_s.append(perf_counter() - start)
            self.peak_mb.append(usage.ru_maxrss * BYTES_A_MAXRSS / 1e6)
            process.returncode = os.waitstatus_to_exitcode(status)
            answer.seek(0)
            complaint.seek(0)
            if process.returncode not in (0, 1) or complaint.read().startswith("Traceback"):
                raise SystemExit(f"{self.name} failed on {pair[0]}")
            return names(answer.read())


def names(answer: str) -> set[str]:
    """Return the drifted columns of a JSON report of ours, or of a list of names."""
    if not answer.startswith("{"):
        return set(answer.split())
    return {each["name"] for each in json.loads(answer)["columns"] if each["status"] == "drift"}


def halves(source: Path, folder: Path, rows: int) -> tuple[Path, ...]:
    """Return two files of `rows` rows each, in which nothing drifts."""
    pair = folder / "first.parquet", folder / "second.parquet"
    subprocess.run([sys.executable, "-c", HALVES, source, *pair, str(rows)], check=True)
    return pair


def listed(columns: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(columns)) or "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--evidently", help="an interpreter that has Evidently")
    parser.add_argument("--nannyml", help="an interpreter that has NannyML")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--data", type=Path, default=HERE.parent / "data")
    options = parser.parse_args()
    tools = [Tool("drift", [sys.executable, "-m", "driftcli", "compare", "--format", "json"])]
    tools += [
        Tool(name, [interpreter, str(HERE / f"with_{name}.py")])
        for name in ("evidently", "nannyml")
        if (interpreter := getattr(options, name))
    ]
    dataset = Dataset(options.rows)
    generate(dataset, options.data)
    pair = dataset.paths(options.data)
    for _ in range(options.repeats):
        for tool in tools:
            tool.drifted = tool.run(pair)
    print(f"{options.rows:,} rows × 20 columns a side; {options.repeats} runs each, medians.\n")
    print("| tool | time | peak memory | moved and found | moved and missed | false alarms |")
    print("| --- | --- | --- | --- | --- | --- |")
    for tool in tools:
        cost = f"{median(tool.wall_s):.1f} s | {median(tool.peak_mb):,.0f} MB"
        found, missed = tool.drifted & MOVED, MOVED - tool.drifted
        print(f"| {tool.name} | {cost} | {len(found)} of {len(MOVED)} | {listed(missed)}"
              f" | {listed(tool.drifted - MOVED - MOVING_ON)} |")  # fmt: skip
    print("\nTwo random halves of the baseline, in which nothing drifts: columns that alarm.\n")
    sizes = (1_000, 10_000, 100_000)
    print("| tool |", " | ".join(f"{rows:,} rows" for rows in sizes), "|")
    print("| --- |", " | ".join("---" for _ in sizes), "|")
    for tool in tools:
        with tempfile.TemporaryDirectory() as folder:
            cells = [listed(tool.run(halves(pair[0], Path(folder), rows))) for rows in sizes]
        print(f"| {tool.name} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
