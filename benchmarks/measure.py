"""Run commands as fresh processes and turn what they cost into numbers.

Standard library only, on purpose: Linux lets a child inherit the peak memory of the process that
started it, so a runner that had loaded numpy would add its own size to each small measurement.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from driftcli.cli.processor import VARIABLE, prepare  # noqa: E402

SIDES = ("baseline", "current")
#: The forms of a pair that `derive.py` makes.
DERIVED = ("profile", "files", "year", "shuffled", "segments")
#: Seconds between looks at the memory of processes.
_LOOK_S = 0.02
BYTES_A_MAXRSS = 1 if sys.platform == "darwin" else 1024


class BenchmarkError(Exception):
    """A measured command failed, so its time means nothing."""


@dataclass(frozen=True)
class Dataset:
    """A pair of benchmark files.

    `suffix` is `parquet` or `csv`; or one of the forms that `derive.py` makes of a Parquet pair:
    `profile`, `files` for a directory of many, `year`, `shuffled` or `segments`. With one of the
    `sides` it is no pair.
    """

    rows: int
    columns: int = 20
    suffix: str = "parquet"
    sides: tuple[str, ...] = SIDES

    @property
    def folder(self) -> str:
        """Return the name of the folder that holds the pair."""
        return f"{self.suffix}-{self.rows}-rows-{self.columns}-columns"

    def paths(self, root: Path) -> tuple[Path, ...]:
        """Return the paths of its sides below `root`."""
        kept = self.suffix in ("year", "shuffled", "segments")
        suffix = "parquet" if kept else self.suffix
        return tuple(root / self.folder / f"{side}.{suffix}" for side in self.sides)


@dataclass(frozen=True)
class Command:
    """A Python command line to measure; the paths of its dataset follow the arguments.

    Where there is a `baseline`, its first path takes the place of the dataset's.
    """

    label: str
    arguments: tuple[str, ...]
    dataset: Dataset | None = None
    accepts: tuple[int, ...] = (0,)
    baseline: Dataset | None = None

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """Return what it reads."""
        return tuple(filter(None, (self.baseline, self.dataset)))

    def argv(self, root: Path) -> list[str]:
        """Return the command line, with this interpreter and the paths of the data."""
        paths = self.dataset.paths(root) if self.dataset else ()
        if self.baseline:
            paths = (self.baseline.paths(root)[0], *paths[1:])
        return [sys.executable, *self.arguments, *map(str, paths)]


@dataclass(frozen=True)
class Sample:
    """The cost of one run; `inner_s` is what the command itself says it timed."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    inner_s: float | None = None


def child_environment() -> dict[str, str]:
    """Return this environment with the working tree first and no settings of drift.

    Bytecode is kept, as it is where packages are installed, and NumPy sorts in all processes as it
    does in those of drift.
    """
    left_out = ("DRIFT_CONFIG", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    path = [str(HERE.parent), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    prepare(environment)
    return environment


def sort_of_numpy() -> str:
    """Return which sort NumPy takes in the processes."""
    chosen = child_environment().get(VARIABLE)
    return "NumPy's own" if chosen is None else f"with {VARIABLE}={chosen!r}"


def run_command(command: Command, root: Path) -> Sample:
    """Return what one fresh process of `command` costs.

    It starts in an empty folder, so no `drift.toml` is found on the way up.

    Raises
    ------
    BenchmarkError
        If the command ends with an exit code that it does not accept.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as answer,
        tempfile.TemporaryFile() as complaint,
    ):
        argv = command.argv(root)
        start = perf_counter()
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=complaint,
            cwd=folder,
            env=child_environment(),
        )
        with peak_of_all(process.pid) as peak:
            _, status, usage = os.wait4(process.pid, 0)
            wall_s = perf_counter() - start
        # `wait4` has already collected the child, which Popen cannot know.
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in command.accepts:
            raise BenchmarkError(failure(command, process.returncode, text_of(complaint)))
        return Sample(
            wall_s=wall_s,
            cpu_s=usage.ru_utime + usage.ru_stime,
            peak_mb=max(usage.ru_maxrss * BYTES_A_MAXRSS, *peak) / 1e6,
            inner_s=inner_seconds(answer),
        )


@contextmanager
def peak_of_all(pid: int) -> Iterator[list[int]]:
    """Look at a process and its children while it runs, and return the bytes of all, as they grow.

    What they share, such as libraries, counts for each. `wait4` knows of the largest alone.
    """
    peak, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(_LOOK_S):
            peak.append(max(peak.pop(), sum(map(resident, family(pid)))))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def family(pid: int) -> list[int]:
    """Return a process and its children, as far as the system tells."""
    found = [pid]
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it has just ended
            found += map(int, path.read_text().split())
    return found


def resident(pid: int) -> int:
    """Return the bytes of a process that are in memory; 0 where it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def failure(command: Command, code: int, complaint: str) -> str:
    """Return the sentence for a command that failed."""
    return f"{command.label} ended with exit code {code}:\n{complaint.strip()}"


def text_of(file: BinaryIO) -> str:
    """Return the whole text of a file that a child has written."""
    file.seek(0)
    return file.read().decode(errors="replace")


def inner_seconds(answer: BinaryIO) -> float | None:
    """Return `seconds` where the answer is a short JSON object that has it."""
    answer.seek(0, os.SEEK_END)
    if answer.tell() > 1_000:
        return None
    try:
        document = json.loads(text_of(answer))
    except ValueError:
        return None
    return document.get("seconds") if isinstance(document, Mapping) else None


def generate(dataset: Dataset, root: Path) -> None:
    """Write the files in a process of its own, unless they are there."""
    # A profile is the program's own work, and may be of an earlier state of it.
    if dataset.suffix != "profile" and all(path.exists() for path in dataset.paths(root)):
        return
    if dataset.suffix in DERIVED:
        source = replace(dataset, suffix="parquet")
        generate(source, root)
        paths = [*source.paths(root), *dataset.paths(root)]
        arguments = [str(HERE / "derive.py"), dataset.suffix, *map(str, paths)]
        subprocess.run([sys.executable, *arguments], check=True, env=child_environment())
        return
    arguments = [str(root / dataset.folder), f"--rows={dataset.rows}"]
    arguments += [f"--columns={dataset.columns}", f"--format={dataset.suffix}"]
    arguments += [f"--side={side}" for side in dataset.sides]
    subprocess.run([sys.executable, str(HERE / "generate.py"), *arguments], check=True)


def wall_ratio(samples: Sequence[Sample]) -> float:
    """Return the wall time of the first command over that of the second."""
    return samples[0].wall_s / samples[1].wall_s


def inner_ratio(samples: Sequence[Sample]) -> float:
    """Return the time the first command reports over the one that the second reports."""
    first, second = (sample.inner_s or math.nan for sample in samples)
    return first / second


def inner_milliseconds(samples: Sequence[Sample]) -> float:
    """Return the time that the only command reports, in milliseconds."""
    return 1_000 * (samples[0].inner_s or math.nan)


def inner_share(samples: Sequence[Sample]) -> float:
    """Return the time that the only command reports in its processor time, in per cent."""
    return 100 * (samples[0].inner_s or math.nan) / samples[0].cpu_s


def wall_seconds(samples: Sequence[Sample]) -> float:
    """Return the wall time of the only command."""
    return samples[0].wall_s


def peak_megabytes(samples: Sequence[Sample]) -> float:
    """Return the peak memory of the only command, in units of 10⁶ bytes."""
    return samples[0].peak_mb


def peak_ratio(samples: Sequence[Sample]) -> float:
    """Return the peak memory of the first command over that of the second."""
    return samples[0].peak_mb / samples[1].peak_mb


def log_slope(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the least-squares slope of log cost against log size, NaN if a cost is not positive.

    One means linear: twice the size costs twice the time.
    """
    if min(costs) <= 0:
        return math.nan
    x = [math.log(size) for size in sizes]
    y = [math.log(cost) for cost in costs]
    x_mean, y_mean = math.fsum(x) / len(x), math.fsum(y) / len(y)
    covariance = math.fsum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True))
    return covariance / math.fsum((a - x_mean) ** 2 for a in x)


@dataclass(frozen=True)
class SizeSlope:
    """The slope of wall time over `sizes`, one a command, nothing taken off."""

    sizes: tuple[int, ...]

    def __call__(self, samples: Sequence[Sample]) -> float:
        """Return the slope of one round."""
        return log_slope(self.sizes, [sample.wall_s for sample in samples])


@dataclass(frozen=True)
class NetSizeSlope:
    """The same, less the wall time of the first command, which has no size: the fixed cost."""

    sizes: tuple[int, ...]

    def __call__(self, samples: Sequence[Sample]) -> float:
        """Return the slope of one round."""
        fixed, *rest = (sample.wall_s for sample in samples)
        return log_slope(self.sizes, [wall_s - fixed for wall_s in rest])


@dataclass(frozen=True)
class EqualCellsSlope:
    """The exponent of the cost in columns, from files of different width and equal cells.

    If time is rows times columns to the power e, then time at equal cells goes as columns to the
    power e − 1. So e is one plus the slope, and linear is one here too.
    """

    columns: tuple[int, ...]

    def __call__(self, samples: Sequence[Sample]) -> float:
        """Return the exponent of one round."""
        return 1 + log_slope(self.columns, [sample.wall_s for sample in samples])
