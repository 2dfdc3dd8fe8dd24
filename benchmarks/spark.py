"""Measure `drift compare` on two executors of Spark against two threads.

Each is a fresh process that starts Spark as well, so that what counts is the time that is added
from a small pair of Parquet files to a large one: of the clock, and of processors, which other
work on the machine changes less. Rounds run one command after the other.
"""

from __future__ import annotations

import argparse
import operator
import os
import statistics
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import NamedTuple

MASTER = "local-cluster[2,1,1400]"
_TICKS = os.sysconf("SC_CLK_TCK")


class Run(NamedTuple):
    """What a command took: seconds, those of processors, and peaks of memory in 10⁶ bytes.

    Its own peak, and that of any Python of an executor.
    """

    seconds: float
    busy: float
    driver: float
    executor: float

    def __str__(self) -> str:
        """Return it as it is printed."""
        return (
            f"{self.seconds:.1f} s, {self.busy:.1f} s of processors, driver {self.driver:.0f} MB,"
            f" executor {self.executor:.0f} MB"
        )


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
    added: dict[str, list[Run]] = {"threads": [], "files": [], "table": []}
    for round_ in range(args.rounds):
        for way, known in added.items():
            runs = {size: compared(pair, way) for size, pair in pairs.items()}
            known.append(Run(*map(operator.sub, runs["large"], runs["small"])))
            told = "; ".join(f"{size} {run}" for size, run in runs.items())
            print(f"round {round_}: {way}: {told}", flush=True)
    for way, field in product(("files", "table"), ("seconds", "busy")):
        ratios = [
            getattr(one, field) / getattr(other, field)
            for one, other in zip(added[way], added["threads"], strict=True)
        ]
        print(
            f"spark, {way}, added {field} against threads: {statistics.median(ratios):.2f}", ratios
        )


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
    seen = Seen(process)
    watching = threading.Thread(target=seen.watch)
    watching.start()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    watching.join()
    if process.returncode:
        sys.exit(f"drift ended with {process.returncode}")
    own = used.ru_utime + used.ru_stime
    return Run(seconds, max(own, seen.busy), used.ru_maxrss * 1024 / 1e6, seen.peak)


class Seen:
    """What the processes of a session take, as they are looked at while it lasts."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._busy: dict[int, float] = {}
        self.peak = 0.0

    @property
    def busy(self) -> float:
        """Seconds of processors of all of them."""
        return sum(self._busy.values())

    def watch(self) -> None:
        """Look until the process ends."""
        while self._process.returncode is None:
            for folder in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    self._look(folder)
            time.sleep(0.2)

    def _look(self, folder: Path) -> None:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        if int(fields[3]) != self._process.pid:
            return
        self._busy[int(folder.name)] = (int(fields[11]) + int(fields[12])) / _TICKS
        text = (folder / "status").read_text()
        if b"daemon" in (folder / "cmdline").read_bytes() and "VmHWM" in text:
            self.peak = max(self.peak, int(text.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6)


if __name__ == "__main__":
    main()
