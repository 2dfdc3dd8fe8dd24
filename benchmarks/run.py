"""Measure every speed and memory target of `drift` in one run, and print one Markdown table.

python benchmarks/run.py                 # everything: generates its data first
python benchmarks/run.py --only help     # one row
python benchmarks/run.py --quick         # sizes a tenth: does it still run?
"""

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cases import Case, cases
from measure import (
    HERE,
    VARIABLE,
    BenchmarkError,
    Command,
    Sample,
    generate,
    run_command,
    sort_of_numpy,
)

PACKAGES = ("numpy", "pyarrow", "scipy", "pandas", "typer", "rich")
QUICK_SHRINK = 10
HEADER = ("what", "target", "measured: median (min to max)", "medians of each command", "met?")

Round = dict[Command, Sample]


@dataclass(frozen=True)
class Row:
    """A case with what was measured: one round after the other."""

    case: Case
    rounds: tuple[Round, ...]

    @property
    def values(self) -> tuple[float, ...]:
        """Return the number that each round gives."""
        return tuple(
            self.case.value([samples[command] for command in self.case.commands])
            for samples in self.rounds
        )

    @property
    def median(self) -> float:
        """Return the median over the rounds; NaN if a round gave NaN."""
        values = self.values
        return math.nan if any(map(math.isnan, values)) else statistics.median(values)

    def samples(self, command: Command) -> list[Sample]:
        """Return the samples of one command, a round each."""
        return [samples[command] for samples in self.rounds]


def measure(selected: Sequence[Case], repeats: int, root: Path) -> list[Row]:
    """Return a row for each case, in their order."""
    rounds = {
        group: measure_group([case for case in selected if case.group == group], repeats, root)
        for group in dict.fromkeys(case.group for case in selected)
    }
    return [Row(case, rounds[case.group]) for case in selected]


def measure_group(group: Sequence[Case], repeats: int, root: Path) -> tuple[Round, ...]:
    """Return the rounds of the cases of a group, after one that is thrown away.

    Commands take turns within a round (A B C, A B C, …), so that a slow minute of the machine
    falls on all of them. The first round fills the page cache and the bytecode cache.
    """
    commands = tuple(dict.fromkeys(command for case in group for command in case.commands))
    for command in commands:
        for dataset in command.datasets:
            generate(dataset, root)
    rounds = tuple(
        measure_round(commands, root, f"{group[0].group}, round {number} of {repeats}")
        for number in range(repeats + 1)
    )
    return rounds[1:]


def measure_round(commands: Iterable[Command], root: Path, title: str) -> Round:
    """Return one sample of each command, run one after the other."""
    samples = {}
    for command in commands:
        print(f"{title}: {command.label}", file=sys.stderr, flush=True)
        samples[command] = run_command(command, root)
    return samples


def number(value: float) -> str:
    """Return three significant digits without an exponent; NaN is a dash."""
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}".rstrip(".")


def summary(row: Row) -> str:
    """Return the measured value: median, least and greatest."""
    spread = f"({number(min(row.values))} to {number(max(row.values))})"
    return f"{number(row.median)}{row.case.target.unit} {spread}"


def absolutes(row: Row, command: Command) -> str:
    """Return the medians of one command: the time that counts, and peak memory."""
    samples = row.samples(command)
    seconds = statistics.median(
        sample.wall_s if sample.inner_s is None else sample.inner_s for sample in samples
    )
    peak_mb = statistics.median(sample.peak_mb for sample in samples)
    return f"{command.label}: {number(seconds)} s, {number(peak_mb)} MB"


def verdict(row: Row, *, quick: bool) -> str:
    """Return whether the median meets the target, which a quick run cannot tell."""
    if quick:
        return "–"
    return "yes" if row.case.target.met(row.median) else "**no**"


def table(rows: Sequence[Row], *, quick: bool = False) -> str:
    """Return the Markdown table."""
    lines = [HEADER, tuple("---" for _ in HEADER)]
    for row in rows:
        details = "; ".join(absolutes(row, command) for command in row.case.commands)
        met = verdict(row, quick=quick)
        lines.append((row.case.what, str(row.case.target), summary(row), details, met))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def processor() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def usable_cores() -> int:
    """Return the cores that this process and its children may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def limit_cores(count: int) -> None:
    """Bind this process, and so every child, to its first `count` cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def installed_version(package: str) -> str:
    """Return the version of a package, or a dash."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "–"


def facts() -> dict[str, str]:
    """Return what a reader must know of the machine, as it is now."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": f"{processor()}, {usable_cores()} cores used",
        "sort": sort_of_numpy(),
        "memory": f"{memory / 1e9:.0f} GB",
        "load at the start": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{package: installed_version(package) for package in PACKAGES},
    }


def document(rows: Sequence[Row], machine: dict[str, str], *, quick: bool) -> str:
    """Return the measurements as JSON, each sample of each round included."""
    return json.dumps(
        {
            "machine": machine,
            "quick": quick,
            "rows": [
                {
                    "name": row.case.name,
                    "what": row.case.what,
                    "target": str(row.case.target),
                    "met": row.case.target.met(row.median),
                    "median": finite(row.median),
                    "values": [finite(value) for value in row.values],
                    "samples": {
                        command.label: [asdict(sample) for sample in row.samples(command)]
                        for command in row.case.commands
                    },
                }
                for row in rows
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def finite(value: float) -> float | None:
    """Return the number, or None where JSON has no word for it."""
    return value if math.isfinite(value) else None


def select(table_of_cases: Sequence[Case], names: Sequence[str]) -> list[Case]:
    """Return the cases of these names, all of them where none is given.

    Raises
    ------
    BenchmarkError
        If a name is not in the table.
    """
    known = [case.name for case in table_of_cases]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BenchmarkError(f"no case {', '.join(unknown)}; there are {', '.join(known)}")
    return [case for case in table_of_cases if not names or case.name in names]


def positive(text: str) -> int:
    """Return a whole number from 1 up."""
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return count


def parse_arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    names = ", ".join(case.name for case in cases())
    parser = argparse.ArgumentParser(
        description="Measure the speed and memory targets of drift in one run.",
        epilog=f"Cases: {names}.",
    )
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="may repeat")
    parser.add_argument("--repeats", type=positive, default=5, help="rounds that count (5)")
    parser.add_argument("--quick", action="store_true", help="sizes a tenth, for a smoke run")
    parser.add_argument("--cores", type=positive, help="bind every process to so many cores")
    parser.add_argument("--own-sort", action="store_true", help="leave its sort to NumPy")
    parser.add_argument("--data", type=Path, default=HERE / "data", help="where the data is kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there too")
    return parser.parse_args()


def report(args: argparse.Namespace) -> None:
    """Measure and print."""
    if args.cores:
        limit_cores(args.cores)
    if args.own_sort:
        os.environ[VARIABLE] = ""
    selected = select(cases(QUICK_SHRINK if args.quick else 1), args.only)
    machine = facts()
    rows = measure(selected, args.repeats, args.data.resolve())
    print(table(rows, quick=args.quick), end="\n\n")
    print("; ".join(f"{name} {fact}" for name, fact in machine.items()) + ".")
    if args.quick:
        print("A quick run: sizes are a tenth, so the targets do not apply.")
    if args.json:
        args.json.write_text(document(rows, machine, quick=args.quick) + "\n", encoding="utf-8")


def main() -> None:
    """Run the benchmark; a failure is one message and exit code 1."""
    args = parse_arguments()
    try:
        report(args)
    except (BenchmarkError, subprocess.CalledProcessError) as error:
        sys.exit(f"benchmark: {error}")


if __name__ == "__main__":
    main()
