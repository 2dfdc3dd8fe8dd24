"""Measure `drift compare` on two executors of Spark against two threads.

Each is a fresh process that starts Spark as well, so that what counts is the time that is added
from a small pair of Parquet files to a large one. Rounds run one command after the other.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

MASTER = "local-cluster[2,1,1400]"


class Run(NamedTuple):
    """Seconds of a command, and the peaks of it and of any Python of an executor, in 10⁶ bytes."""

    seconds: float
    driver: float
    executor: float


def main() -> None:
    """Print the times, the ratios of what is added, and the peaks of memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("small_baseline", "small_current", "large_baseline", "large_current"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    pairs = {
        "small": (args.small_baseline, args.small_current),
        "large": (args.large_baseline, args.large_current),
    }
    added: dict[str, list[float]] = {"threads": [], "files": [], "table": []}
    for round_ in range(args.rounds):
        for way, known in added.items():
            runs = {size: compared(pair, way) for size, pair in pairs.items()}
            known.append(runs["large"].seconds - runs["small"].seconds)
            told = "; ".join(
                f"{size} {run.seconds:.1f} s, driver {run.driver:.0f} MB,"
                f" executor {run.executor:.0f} MB"
                for size, run in runs.items()
            )
            print(f"round {round_}: {way}: {told}", flush=True)
    for way in ("files", "table"):
        ratios = [one / other for one, other in zip(added[way], added["threads"], strict=True)]
        print(f"spark, {way}, added time against threads: {statistics.median(ratios):.2f}", ratios)


def compared(pair: tuple[Path, Path], way: str) -> Run:
    """Run a comparison and look at its memory."""
    names = [f"spark:parquet.`{path.absolute()}`" if way == "table" else path for path in pair]
    engine = ("--threads", "2") if way == "threads" else ("--engine", MASTER)
    options = ("--format", "json", "--fail-on", "never", *engine)
    began = time.perf_counter()
    process = subprocess.Popen(
        (sys.executable, "-m", "driftcli", "compare", *map(str, names), *options),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    peaks: dict[int, float] = {}
    watching = threading.Thread(target=watch, args=(process, peaks))
    watching.start()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    watching.join()
    if process.returncode:
        sys.exit(f"drift ended with {process.returncode}")
    return Run(seconds, used.ru_maxrss * 1024 / 1e6, max(peaks.values(), default=0.0))


def watch(process: subprocess.Popen[bytes], peaks: dict[int, float]) -> None:
    """Note the peaks of the Python processes that executors have."""
    while process.returncode is None:
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                command = (status.parent / "cmdline").read_bytes()
                text = status.read_text()
            except OSError:
                continue
            if b"pyspark" in command and b"daemon" in command and "VmHWM" in text:
                peak = int(text.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
                peaks[int(status.parent.name)] = peak
        time.sleep(0.2)


if __name__ == "__main__":
    main()
