"""Measure how far the verdicts of `drift` can be trusted, beside the rules that people use.

python benchmarks/verdicts/run.py            # everything, on all cores
python benchmarks/verdicts/run.py --quick    # a few pairs: does it still run?
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
from tables import false_alarms, power
from trials import FRESH, Outcome, Trial, drift_trials, no_drift_trials, outcomes

FALSE_ALARMS, POWER = "false-alarms", "power"
SIZES = (100, 1_000, 10_000, 100_000)
PROGRESS_STEPS = 10


def usable_cores() -> int:
    """Return the cores that this process and its children may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def positive(text: str) -> int:
    """Return a whole number from 1 up."""
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return count


def row_counts(text: str) -> tuple[int, ...]:
    """Return the sizes of a list such as 100,1000, smallest first."""
    return tuple(sorted({positive(part) for part in text.split(",")}))


def parse_arguments() -> argparse.Namespace:
    """Return the options of the command line; a quick run has small numbers of its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    option = parser.add_argument
    option("--pairs", type=positive, default=900, help="no-drift pairs for each size (900)")
    option("--repeats", type=positive, default=100, help="pairs for each drift and size (100)")
    option("--sizes", type=row_counts, default=SIZES, help="rows a side (100,1000,10000,100000)")
    option("--only", choices=(FALSE_ALARMS, POWER), help="measure one half")
    option("--config", metavar="FILE", help="a drift.toml of other settings than the defaults")
    option(
        "--study", type=int, default=FRESH, help=f"whose seeds; 0: those of development ({FRESH})"
    )
    option("--jobs", type=positive, default=usable_cores(), help="processes (one for each core)")
    option("--quick", action="store_true", help="9 pairs, 1 repeat, up to 1,000 rows")
    option("--output", type=Path, metavar="FILE", help="write the Markdown there")
    option("--json", type=Path, metavar="FILE", help="write every outcome there")
    args = parser.parse_args()
    if args.quick:
        args.pairs, args.repeats, args.sizes = 9, 1, SIZES[:2]
    return args


def measured(what: str, trials: Sequence[Trial], jobs: int) -> Iterator[Outcome]:
    """Yield the outcomes, and say now and then how far they have come."""
    step = max(1, len(trials) // PROGRESS_STEPS)
    for number, outcome in enumerate(outcomes(trials, jobs), start=1):
        if number % step == 0:
            print(f"{what}: {number:,} of {len(trials):,} pairs", file=sys.stderr, flush=True)
        yield outcome


def main() -> None:
    """Measure, print the Markdown, and write what was asked for."""
    args = parse_arguments()
    pa.set_cpu_count(1)
    found: list[Outcome] = []
    parts = ["# How far the verdicts can be trusted"]
    if args.only != POWER:
        found += measured(
            FALSE_ALARMS,
            no_drift_trials(args.pairs, args.sizes, args.config, args.study),
            args.jobs,
        )
        parts.append(false_alarms(found))
    if args.only != FALSE_ALARMS:
        drifted = list(
            measured(
                POWER, drift_trials(args.repeats, args.sizes, args.config, args.study), args.jobs
            )
        )
        found += drifted
        parts.append(power(drifted))
    text = "\n\n".join(parts) + "\n"
    if args.output:
        args.output.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    if args.json:
        args.json.write_text(json.dumps([asdict(each) for each in found]), encoding="utf-8")


if __name__ == "__main__":
    main()
