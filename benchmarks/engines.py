"""Measure `drift compare` on a Dask cluster of two one-thread workers against two threads.

The cluster stands before, on the loopback; the client's start is part of what is timed. Rounds run
one command after the other, and the ratios are of the same round: by the clock, and of processor
time, that of the scheduler and of the workers among it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

WORKERS = 2
#: As docs/engines.md has workers started: Dask's own settings give each freed block back at once.
KEEP_FREED_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "MALLOC_MMAP_THRESHOLD_": "33554432",
}


def main() -> None:
    """Print the times, their ratios and the peaks of memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("baseline", type=Path)
    parser.add_argument("current", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    made: list[dict[str, Run]] = []
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder)) as address:
        engines = {"threads": "threads", "dask": address.replace("tcp://", "dask://")}
        for round_ in range(args.rounds + 1):
            runs = {name: compared(args, engine) for name, engine in engines.items()}
            told = "; ".join(f"{name} {run}" for name, run in runs.items())
            print("warming:" if round_ == 0 else f"round {round_}:", told, flush=True)
            made += [runs] if round_ else []
        held = ", ".join(f"{peak:.0f}" for peak in peaks_of_workers(address))
    for name in ("seconds", "processor"):
        ratios = [getattr(runs["dask"], name) / getattr(runs["threads"], name) for runs in made]
        print(
            f"dask against threads, {name}: {statistics.median(ratios):.2f}"
            f" ({min(ratios):.2f} to {max(ratios):.2f})"
        )
    print(f"driver {max(runs['dask'].peak for runs in made):.0f} MB, workers {held} MB")


class Run(NamedTuple):
    """The seconds of a comparison, those of processors, and its process's peak in 10⁶ bytes."""

    seconds: float
    processor: float
    peak: float

    def __str__(self) -> str:
        """Return the figures."""
        return f"{self.seconds:.1f} s, {self.processor:.1f} s of processors, {self.peak:.0f} MB"


def compared(args: argparse.Namespace, engine: str) -> Run:
    """Return what a comparison took, here and on the cluster."""
    command = ("compare", str(args.baseline), str(args.current), "--fail-on", "never")
    options = ("--engine", engine) if engine != "threads" else ("--threads", str(WORKERS))
    before, began = of_cluster(), time.perf_counter()
    process = subprocess.Popen(
        (sys.executable, "-m", "driftcli", *command, *options), stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"drift ended with {os.waitstatus_to_exitcode(status)}")
    seconds = time.perf_counter() - began
    processor = used.ru_utime + used.ru_stime + of_cluster() - before
    return Run(seconds, processor, used.ru_maxrss * 1024 / 1e6)


def of_cluster() -> float:
    """Return the seconds of processors that the scheduler and the workers have taken so far."""
    times = [each.cpu_times() for each in psutil.Process().children(recursive=True)]
    return float(sum(each.user + each.system for each in times))


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Have a scheduler and workers stand, and yield the address."""
    file = folder / "scheduler.json"
    host = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file))
    with ExitStack() as stack:
        stack.enter_context(running(folder, "scheduler", "--port", "0", *host))
        while not (file.exists() and file.read_text("utf-8").endswith("}")):
            time.sleep(0.1)
        for _ in range(WORKERS):
            limits = ("--nthreads", "1", "--memory-limit", "2GB")
            stack.enter_context(running(folder, "worker", *limits, *host))
        address = json.loads(file.read_text("utf-8"))["address"]
        from distributed import Client

        with Client(address) as client:
            client.wait_for_workers(WORKERS)
        yield address


@contextmanager
def running(folder: Path, program: str, *options: str) -> Iterator[None]:
    """Run a program of Dask's, and end it."""
    process = subprocess.Popen(
        (sys.executable, "-m", f"distributed.cli.dask_{program}", *options),
        cwd=folder,
        env=os.environ | KEEP_FREED_MEMORY,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def peaks_of_workers(address: str) -> list[float]:
    """Return the peak of each worker in 10⁶ bytes."""
    from distributed import Client

    with Client(address) as client:
        found = client.run(lambda: Path("/proc/self/status").read_text("utf-8"))
    lines = [line for text in found.values() for line in text.splitlines()]
    return [int(each.split()[1]) * 1024 / 1e6 for each in lines if each.startswith("VmHWM")]


if __name__ == "__main__":
    main()
