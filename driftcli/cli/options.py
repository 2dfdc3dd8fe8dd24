"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, get_args

import typer

from driftcli.cli.panels import Panel
from driftcli.errors import UsageError


def at_least(least: int) -> Callable[[int | None], int | None]:
    """Return a check of a number; Typer's own clutters the help with [x>=1]."""

    def check(value: int | None) -> int | None:
        if value is not None and value < least:
            raise typer.BadParameter(f"{value} is less than {least}")
        return value

    return check


def one_of(*known: str) -> Callable[[str | None], str | None]:
    """Return a check of a word."""

    def check(value: str | None) -> str | None:
        if value is not None and value not in known:
            raise typer.BadParameter(f"{value!r}; known: {', '.join(known)}")
        return value

    return check


Baseline = Annotated[
    str,
    typer.Argument(
        help="What the data should look like: a CSV, Parquet, Arrow or JSON Lines file, a"
        " directory, a glob, a URI (s3://…), - for CSV on stdin, or a saved profile.",
        metavar="BASELINE",
        show_default=False,
    ),
]
Current = Annotated[
    str,
    typer.Argument(help="The data to check, likewise.", metavar="CURRENT", show_default=False),
]
Data = Annotated[
    str,
    typer.Argument(
        help="The dataset or the saved profile, as for compare.", metavar="DATA", show_default=False
    ),
]
ProfileFile = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        help="The profile to write, whole or not at all.",
        metavar="FILE",
        show_default=False,
        rich_help_panel=Panel.OUTPUT,
    ),
]
#: As `profile.saved` has it, which is not imported for a help text.
FEWEST_POINTS = 64
Points = Annotated[
    int | None,
    typer.Option(
        callback=at_least(FEWEST_POINTS),
        help="Points of a numeric column at most, 4,096 by default: fewer are smaller and less"
        " exact.",
        metavar="N",
        rich_help_panel=Panel.OUTPUT,
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        "-c",
        help="Only columns that match this glob. May repeat; commas separate several.",
        metavar="GLOB",
        rich_help_panel=Panel.INPUT,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        "-x",
        help="Leave out columns that match this glob. May repeat; commas separate several.",
        metavar="GLOB",
        rich_help_panel=Panel.INPUT,
    ),
]
Rename = Annotated[
    list[str] | None,
    typer.Option(
        "--rename",
        help="Take the current data's column OLD for the baseline's NEW. May repeat.",
        metavar="OLD=NEW",
        rich_help_panel=Panel.INPUT,
    ),
]
Sample = Annotated[
    int | None,
    typer.Option(
        callback=at_least(1),
        help="Take a uniform sample of N rows, of each side where there are two; what is"
        " printed says so. All rows by default.",
        metavar="N",
        rich_help_panel=Panel.INPUT,
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        callback=at_least(0),
        help="The seed of --sample, 0 by default.",
        show_default=False,
        metavar="N",
        rich_help_panel=Panel.INPUT,
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        callback=at_least(1),
        help="Threads to read with; as many as processors by default.",
        metavar="N",
    ),
]
Timeout = Annotated[
    str | None,
    typer.Option(
        "--timeout",
        help="Stop with exit code 2 what takes longer than 30s or 10m, such as an endless pipe;"
        " nothing by default.",
        metavar="DURATION",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Read settings from this drift.toml or pyproject.toml. Without it DRIFT_CONFIG names"
        " one, or the nearest one upwards from the working directory is used.",
        metavar="FILE",
    ),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        help="Write the report to a file, whole or not at all. FORMAT:FILE writes it beside"
        " the report on stdout. May repeat.",
        metavar="[FORMAT:]FILE",
        rich_help_panel=Panel.OUTPUT,
    ),
]
ShowAll = Annotated[
    bool,
    typer.Option(
        "--all",
        "-a",
        help="Show the unchanged columns too.",
        rich_help_panel=Panel.OUTPUT,
    ),
]
Threshold = Annotated[
    list[str] | None,
    typer.Option(
        "--threshold",
        "-t",
        help="The score from which on a metric drifts: js_distance=0.2, missing=5%,"
        " price.wasserstein=0.3, 'amount_*.kl=off', 'city.*=off', missing=0.01:0.05"
        " (warn:drift). May repeat.",
        metavar="[COLUMN.]METRIC=LEVEL",
        rich_help_panel=Panel.THRESHOLDS,
    ),
]


def _metrics(start: str) -> list[str]:
    from driftcli.metrics import METRICS

    return [name for name in METRICS if name.startswith(start)]


def _levels(start: str) -> list[str]:
    from driftcli.config import FailOn

    return [name for name in get_args(FailOn) if name.startswith(start)]


def _corrections(start: str) -> list[str]:
    from driftcli.config import Correction

    return [name for name in get_args(Correction) if name.startswith(start)]


Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metric",
        "-m",
        help="Score only these metrics; `drift metrics` lists them. May repeat.",
        metavar="NAME",
        autocompletion=_metrics,
        rich_help_panel=Panel.THRESHOLDS,
    ),
]
FailOnLevel = Annotated[
    str | None,
    typer.Option(
        "--fail-on",
        help="What makes the exit code 1: drift (the default), warn (or worse), change (beyond"
        " noise, however small), never.",
        metavar="LEVEL",
        autocompletion=_levels,
        rich_help_panel=Panel.THRESHOLDS,
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Fail when a column is inconclusive, too, or nothing was judged.",
        rich_help_panel=Panel.THRESHOLDS,
    ),
]
Alpha = Annotated[
    float | None,
    typer.Option(
        help="A score drifts only if chance explains it with a probability of at most this,"
        " 0.01 by default, corrected for all tests of the run.",
        metavar="P",
        rich_help_panel=Panel.THRESHOLDS,
    ),
]
CorrectionName = Annotated[
    str | None,
    typer.Option(
        "--correction",
        help="How p-values are corrected: bh (Benjamini-Hochberg, the default), holm, none.",
        metavar="NAME",
        autocompletion=_corrections,
        rich_help_panel=Panel.THRESHOLDS,
    ),
]
DriftedColumns = Annotated[
    str | None,
    typer.Option(
        help="How many columns make the dataset drift: 1 (the default), 3, or 0.2 for a fifth"
        " of them. Fewer are a warning.",
        metavar="N",
        rich_help_panel=Panel.THRESHOLDS,
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(
        help="What stands between the fields; guessed when not given. '\\t' is a tab, '\\x01' is"
        " Ctrl-A.",
        metavar="CHAR",
        rich_help_panel=Panel.TEXT,
    ),
]
Quote = Annotated[
    str | None,
    typer.Option(
        help="What quotes a field, '\"' by default; '' for nothing.",
        metavar="CHAR",
        rich_help_panel=Panel.TEXT,
    ),
]
Escape = Annotated[
    str | None,
    typer.Option(
        help="What escapes a quote within quotes, such as '\\'; guessed when not given, '' for"
        " nothing.",
        metavar="CHAR",
        rich_help_panel=Panel.TEXT,
    ),
]
Comment = Annotated[
    str | None,
    typer.Option(
        help="Pass over lines that begin with this, such as '#'.",
        metavar="CHAR",
        rich_help_panel=Panel.TEXT,
    ),
]
Skip = Annotated[
    int | None,
    typer.Option(
        callback=at_least(0),
        help="Pass over N lines above the header; guessed when not given.",
        metavar="N",
        rich_help_panel=Panel.TEXT,
    ),
]
Decimal = Annotated[
    str | None,
    typer.Option(
        help="The decimal sign, '.' by default.",
        metavar="CHAR",
        rich_help_panel=Panel.TEXT,
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        help="The encoding, utf-8 by default; a byte order mark wins.",
        metavar="NAME",
        rich_help_panel=Panel.TEXT,
    ),
]
Null = Annotated[
    list[str] | None,
    typer.Option(
        "--null",
        help="A text that means a missing value, beside the empty field: NA, NULL, -. May repeat.",
        metavar="TEXT",
        rich_help_panel=Panel.TEXT,
    ),
]
Written = Annotated[
    list[str] | None,
    typer.Option(
        "--written",
        help="How the values of a column are written: at=%d/%m/%Y, at=ms (since 1970), or a number"
        " as an example, such as 'amount=1.234,50 EUR'. May repeat.",
        metavar="COLUMN=FORMAT",
        rich_help_panel=Panel.TEXT,
    ),
]
Brief = Annotated[
    bool,
    typer.Option(
        "--brief",
        help="A line a column, of a run a line a check, and no more; of the table only.",
        rich_help_panel=Panel.OUTPUT,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="Print nothing unless something is wrong, and then only that.",
        rich_help_panel=Panel.OUTPUT,
    ),
]
Color = Annotated[
    str | None,
    typer.Option(
        callback=one_of("always", "never"),
        help="Colour the table always or never; by default on a terminal, unless NO_COLOR is set.",
        metavar="WHEN",
        rich_help_panel=Panel.OUTPUT,
    ),
]
NoGate = Annotated[
    list[str] | None,
    typer.Option(
        "--no-gate",
        help="Report columns that match this glob, and let them not drift. May repeat; commas"
        " separate several.",
        metavar="COLUMN",
        rich_help_panel=Panel.THRESHOLDS,
    ),
]
Debug = Annotated[
    bool, typer.Option("--debug", help="Show the traceback of an error.", hidden=True)
]


def number(text: str | None) -> int | float | str | None:
    """Return a number as a file has it: whole ones as integers; what is none stays a text."""
    for convert in (int, float):
        try:
            return None if text is None else convert(text)
        except ValueError:
            continue
    return text


def duration(option: str, text: str | None) -> str | None:
    """Return a time such as 30m.

    Raises
    ------
    UsageError
        When it is none.
    """
    import msgspec

    from driftcli.config.settings import Duration
    from driftcli.config.wording import expectation

    try:
        return None if text is None else msgspec.convert(text, Duration)
    except msgspec.ValidationError:
        raise UsageError(f"{option} {text!r}: expected {expectation(Duration)}") from None


def renames(pairs: list[str] | None) -> dict[str, str]:
    """Return the pairs of --rename as old names to new ones.

    Raises
    ------
    UsageError
        When a pair is none.
    """
    found = {}
    for pair in pairs or []:
        old, equals, new = pair.partition("=")
        if not equals:
            raise UsageError(f"--rename {pair!r}: expected OLD=NEW, such as --rename amt=amount")
        found[old] = new
    return found


def written(pairs: list[str] | None) -> dict[str, str] | None:
    """Return the pairs of --written as columns to formats; None when there are none.

    Raises
    ------
    UsageError
        When a pair is none.
    """
    found = {}
    for pair in pairs or []:
        column, equals, text = pair.partition("=")
        if not (column and equals and text):
            raise UsageError(
                f"--written {pair!r}: expected COLUMN=FORMAT, such as --written at=%d/%m/%Y"
            )
        found[column] = text
    return found or None


def check_stdin(baseline: str, current: str) -> None:
    """Refuse to read both sides from the one standard input.

    Raises
    ------
    UsageError
        When both are '-'.
    """
    if baseline == current == "-":
        raise UsageError("only one side can be '-', there is one standard input")


def listed(globs: list[str] | None) -> list[str]:
    """Split lists at commas: column names rarely hold one, and '?' matches it where they do.

    An empty text by itself is the column whose name is empty.
    """
    return [part for glob in globs or [] for part in glob.split(",") if part or not glob]
