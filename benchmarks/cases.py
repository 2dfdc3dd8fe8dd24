"""What the benchmark measures: to add a case, add a row to the table in `cases`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from measure import (
    HERE,
    Command,
    Dataset,
    EqualCellsSlope,
    NetSizeSlope,
    Sample,
    SizeSlope,
    inner_milliseconds,
    inner_ratio,
    inner_share,
    peak_megabytes,
    peak_ratio,
    wall_ratio,
    wall_seconds,
)

#: Rows of each of many files, as `derive.py` writes them.
FILE_ROWS = 10_000


@dataclass(frozen=True)
class Target:
    """The range that the median must lie in."""

    low: float | None = None
    high: float | None = None
    unit: str = ""

    def met(self, value: float) -> bool:
        """Return whether `value` lies in the range; NaN does not."""
        above = self.low is None or value >= self.low
        return above and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        """Return the range as the table shows it."""
        if self.low is None:
            return f"≤ {self.high:,g}{self.unit}"
        if self.high is None:
            return f"≥ {self.low:,g}{self.unit}"
        return f"{self.low:g} to {self.high:,g}{self.unit}"


@dataclass(frozen=True)
class Case:
    """One row of the table.

    The cases of a `group` share their rounds: each round runs every command of the group once,
    in turn, and `value` makes one number of the samples of this case's `commands`.
    """

    name: str
    group: str
    what: str
    target: Target
    value: Callable[[Sequence[Sample]], float]
    commands: tuple[Command, ...]


def short(number: int) -> str:
    """Return a row count as people say it: 10M, 500k, 1,000."""
    if number >= 1_000_000 and number % 1_000_000 == 0:
        return f"{number // 1_000_000}M"
    if number >= 10_000 and number % 1_000 == 0:
        return f"{number // 1_000}k"
    return f"{number:,}"


def size_of(dataset: Dataset) -> str:
    """Return the size of a pair in words."""
    forms = {
        "profile": "profiles",
        "year": "parquet, a year",
        "shuffled": "parquet, a year in no order",
        "segments": "parquet, 50 regions",
    }
    form = forms.get(dataset.suffix, dataset.suffix)
    return f"{short(dataset.rows)} × {dataset.columns:,} {form}"


def drift(dataset: Dataset, *options: str) -> Command:
    """Return `drift compare` over a pair; drift found (exit code 1) is an answer too."""
    return Command(
        label=" ".join(("drift", *options, size_of(dataset))),
        arguments=("-m", "driftcli", "compare", "--format", "json", *options),
        dataset=dataset,
        accepts=(0, 1),
    )


def drift_saved(profiles: Dataset, dataset: Dataset) -> Command:
    """Return the same with a saved profile in the place of the baseline."""
    command = drift(dataset)
    label = f"{command.label} against a saved baseline"
    return replace(command, label=label, baseline=profiles)


def timeline(dataset: Dataset, every: str) -> Command:
    """Return `drift timeline` over the only side of a dataset."""
    clock = ("--time", "ordered_at", "--every", every)
    return Command(
        label=f"drift timeline --every {every} {size_of(dataset)}",
        arguments=("-m", "driftcli", "timeline", "--format", "json", *clock),
        dataset=dataset,
        accepts=(0, 1),
    )


def profile(dataset: Dataset) -> Command:
    """Return `drift profile` of the only side of a dataset."""
    arguments = ("-m", "driftcli", "profile", "--output", "new.profile")
    return Command(f"drift profile {size_of(dataset)}", arguments, dataset)


def script(label: str, file: str, dataset: Dataset, *options: str) -> Command:
    """Return a script of this folder over a pair."""
    arguments = (str(HERE / file), *options)
    return Command(f"{label} {size_of(dataset)}", arguments, dataset)


def noise_of_categories(count: int) -> Command:
    """Return what times the noise of a column."""
    arguments = (str(HERE / "noise.py"), "--categories", str(count))
    return Command(f"noise of {count:,} categories", arguments)


def start() -> Command:
    """Return a small program that parses one option and imports what any such needs."""
    return Command("a Typer program", (str(HERE / "start.py"), "--count", "2"))


def imports(modules: str) -> Command:
    """Return a process that only imports."""
    return Command(f"import {modules}", ("-c", f"import {modules}"))


def cases(shrink: int = 1) -> tuple[Case, ...]:
    """Return the table of cases, the large sizes divided by `shrink`."""
    tiny = Dataset(1_000)
    one, ten, forty = (Dataset(million * 1_000_000 // shrink) for million in (1, 10, 40))
    text = Dataset(2_000_000 // shrink, suffix="csv")
    profiles, many = replace(ten, suffix="profile"), replace(ten, suffix="files")
    wide = Dataset(1_000, columns=5_000 // shrink)
    year = replace(ten, suffix="year", sides=("baseline",))
    shuffled = replace(year, suffix="shuffled")
    # A quarter of a second a row: 365 hours.
    hours = Dataset(5_256_000 // shrink, 100, sides=("baseline",))
    parts = replace(ten, suffix="segments")
    by_columns = (ten, Dataset(ten.rows // 10, 200), Dataset(ten.rows // 100, 2_000))
    by_rows = (one, ten, forty)
    rows = tuple(dataset.rows for dataset in by_rows)
    columns = tuple(dataset.columns for dataset in by_columns)
    sizes = ", ".join(map(short, rows))
    widths = ", ".join(f"{count:,}" for count in columns)
    return (
        Case(
            "load",
            "large",
            f"compare {size_of(ten)}, against loading both whole",
            Target(high=0.42),
            wall_ratio,
            (drift(ten), script("load", "floors.py", ten, "load")),
        ),
        Case(
            "stream",
            "large",
            f"compare {size_of(ten)}, against reading and dropping row groups",
            Target(high=1.9),
            wall_ratio,
            (drift(ten), script("stream", "floors.py", ten, "stream")),
        ),
        Case(
            "threads",
            "large",
            f"one thread against two, {size_of(ten)}",
            Target(low=1.75),
            wall_ratio,
            (drift(ten, "--threads", "1"), drift(ten, "--threads", "2")),
        ),
        Case(
            "noise",
            "noise",
            "noise of a column of 50,000 categories, a million rows a side, processor time",
            Target(high=20, unit=" ms"),
            inner_milliseconds,
            (noise_of_categories(50_000),),
        ),
        Case(
            "noise-share",
            "noise",
            f"noise in the processor time of compare {size_of(ten)}",
            Target(high=8, unit=" %"),
            inner_share,
            (script("noise of", "noise.py", ten),),
        ),
        Case(
            "blocks",
            "noise",
            f"compare {size_of(ten)} and look for rows that move together, against not to",
            Target(high=1.15),
            wall_ratio,
            (drift(ten), drift(ten, "--block", "none")),
        ),
        Case(
            "pandas",
            "pandas",
            f"pandas + scipy script against compare, {size_of(one)}",
            Target(low=8),
            wall_ratio,
            (script("pandas + scipy", "pandas_scipy.py", one), drift(one)),
        ),
        Case(
            "memory",
            "sizes",
            f"peak memory of compare, {size_of(ten)}",
            Target(high=800, unit=" MB"),
            peak_megabytes,
            (drift(ten),),
        ),
        Case(
            "memory-growth",
            "sizes",
            f"peak memory, {short(forty.rows)} rows against {short(ten.rows)}",
            Target(high=1.1),
            peak_ratio,
            (drift(forty), drift(ten)),
        ),
        Case(
            "rows",
            "sizes",
            f"slope of log time, {sizes} rows, nothing taken off",
            Target(0.9, 1.1),
            SizeSlope(rows),
            tuple(map(drift, by_rows)),
        ),
        Case(
            "rows-net",
            "sizes",
            f"the same, less the time of {short(tiny.rows)} rows in the same round",
            Target(0.9, 1.1),
            NetSizeSlope(rows),
            tuple(map(drift, (tiny, *by_rows))),
        ),
        Case(
            "columns",
            "widths",
            f"exponent of time in columns, {widths} at equal cells, nothing taken off",
            Target(0.9, 1.15),
            EqualCellsSlope(columns),
            tuple(map(drift, by_columns)),
        ),
        Case(
            "columns-memory",
            "widths",
            f"peak memory of compare, {size_of(by_columns[-1])}",
            Target(high=700, unit=" MB"),
            peak_megabytes,
            (drift(by_columns[-1]),),
        ),
        Case(
            "csv",
            "csv",
            f"compare {size_of(text)}, against pyarrow.csv.read_csv of both",
            Target(high=1.25),
            wall_ratio,
            (drift(text), script("read_csv", "floors.py", text, "csv")),
        ),
        Case(
            "wasserstein",
            "wasserstein",
            f"scipy's wasserstein_distance against ours, one column of {short(ten.rows)} rows",
            Target(low=40),
            inner_ratio,
            (
                script("scipy", "wasserstein.py", ten, "scipy"),
                script("ours", "wasserstein.py", ten, "drift"),
            ),
        ),
        Case(
            "help",
            "start-up",
            "drift --help, against importing typer and rich",
            Target(high=1.5),
            wall_ratio,
            (
                Command("drift --help", ("-m", "driftcli", "--help")),
                imports("typer, rich.console"),
            ),
        ),
        Case(
            "small",
            "start-up",
            f"compare {size_of(tiny)}, against a Typer program that imports what it needs",
            Target(high=1.5),
            wall_ratio,
            (drift(tiny), start()),
        ),
        Case(
            "profiles",
            "start-up",
            f"compare {size_of(profiles)}, against a Typer program that imports what it needs",
            Target(high=1.7),
            wall_ratio,
            (drift(profiles), start()),
        ),
        Case(
            "saved",
            "saved",
            f"compare a saved baseline with {size_of(ten)}, against comparing the two files",
            Target(high=0.55),
            wall_ratio,
            (drift_saved(profiles, ten), drift(ten)),
        ),
        Case(
            "files",
            "files",
            f"compare {short(many.rows // FILE_ROWS)} files of {short(FILE_ROWS)} rows × 20,"
            " against one file of them",
            Target(high=1.4),
            wall_ratio,
            (drift(many), drift(ten)),
        ),
        Case(
            "timeline",
            "timeline",
            f"timeline of 365 days, {size_of(year)}, against one profile of it",
            Target(high=2),
            wall_ratio,
            (timeline(year, "1d"), profile(year)),
        ),
        Case(
            "timeline-unordered",
            "timeline",
            f"timeline of 365 days, {size_of(shuffled)}, against one profile of it",
            Target(high=4),
            wall_ratio,
            (timeline(shuffled, "1d"), profile(shuffled)),
        ),
        Case(
            "timeline-memory",
            "timeline-memory",
            f"peak memory of a timeline of 365 hours, {size_of(hours)}",
            Target(high=1_000, unit=" MB"),
            peak_megabytes,
            (timeline(hours, "1h"),),
        ),
        Case(
            "segments",
            "segments",
            f"compare {size_of(parts)} by 50 segments, against comparing them",
            Target(high=2.2),
            wall_ratio,
            (drift(parts, "--by", "plan"), drift(parts)),
        ),
        Case(
            "wide",
            "wide",
            f"compare {size_of(wide)}, wall time",
            Target(high=8, unit=" s"),
            wall_seconds,
            (drift(wide),),
        ),
        Case(
            "wide-memory",
            "wide",
            f"compare {size_of(wide)}, peak memory",
            Target(high=1_000, unit=" MB"),
            peak_megabytes,
            (drift(wide),),
        ),
    )
