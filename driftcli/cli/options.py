"""Options that several commands share."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from driftcli.cli.panels import Heading
from driftcli.config.flags import flag
from driftcli.config.meaning import meaning
from driftcli.errors import UsageError, nearest


def at_least(least: int) -> Callable[[int | None], int | None]:
    """Return a check of a number; Typer's own clutters the help with [x>=1]."""

    def check(value: int | None) -> int | None:
        if value is not None and value < least:
            raise typer.BadParameter(f"{value} is less than {least}")
        return value

    return check


def one_of(option: str, known: Collection[str]) -> Callable[[str | None], str | None]:
    """Return a check of the word that an option takes."""

    def check(value: str | None) -> str | None:
        if value is not None and value not in known:
            raise UsageError(f"{option} {value!r}: {nearest(value, known)}")
        return value

    return check


def format_of(formats: Collection[str], more: str = "", *, default: str = "table") -> Any:
    """Return the option --format, which takes one of some formats.

    Parameters
    ----------
    more
        Sentences to follow the list of them.
    default
        The one in which the command writes when it is not told; "" for none.
    """
    *some, last = (f"{each} (the default)" if each == default else each for each in formats)
    return typer.Option(
        "--format",
        "-f",
        help=f"{', '.join(some)} or {last}. {more}".rstrip(),
        metavar="FORMAT",
        callback=one_of("--format", formats),
        autocompletion=completed(formats),
        rich_help_panel=Heading.OUTPUT,
    )


def setting(key: str, *names: str, more: str = "", panel: Heading, **how: Any) -> Any:
    """Return the option of a setting, which says of it what the setting says: meaning and default.

    Parameters
    ----------
    key
        The setting by its dotted key.
    names
        Those of the option, where they are not that of the setting.
    more
        Sentences to follow.
    how
        What else Typer is to know.
    """
    about = meaning(key)
    text = about.text.removesuffix(".") + f"{_by_default(about.default)}."
    return typer.Option(
        *(names or (flag(key),)),
        help=f"{text} {more}".rstrip(),
        rich_help_panel=panel,
        **{"autocompletion": completed(about.words), **how},
    )


def _by_default(default: object) -> str:
    if default is None or default in (False, "", (), {}):
        return ""
    text = f"'{default}'" if default in ("'", '"') or not str(default)[0].isalnum() else default
    return f"; {text} by default"


def completed(words: Iterable[str]) -> Callable[[str], list[str]]:
    """Return what completes one of some words."""

    def complete(start: str) -> list[str]:
        return [word for word in words if word.startswith(start)]

    return complete


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
        help="The profile to write, whole or not at all: a file, or an object (s3://…).",
        metavar="FILE",
        show_default=False,
        rich_help_panel=Heading.OUTPUT,
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
        rich_help_panel=Heading.OUTPUT,
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        "-c",
        help="Only columns that match this glob. May repeat; commas separate several.",
        metavar="GLOB",
        rich_help_panel=Heading.INPUT,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        "-x",
        help="Leave out columns that match this glob. May repeat; commas separate several.",
        metavar="GLOB",
        rich_help_panel=Heading.INPUT,
    ),
]
Rename = Annotated[
    list[str] | None,
    typer.Option(
        "--rename",
        help="Take the current data's column OLD for the baseline's NEW. May repeat.",
        metavar="OLD=NEW",
        rich_help_panel=Heading.INPUT,
    ),
]
Sample = Annotated[
    int | None,
    typer.Option(
        callback=at_least(1),
        help="Take a uniform sample of N rows, of each side where there are two; what is"
        " printed says so. All rows by default.",
        metavar="N",
        rich_help_panel=Heading.INPUT,
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        callback=at_least(0),
        help="The seed of --sample, 0 by default.",
        show_default=False,
        metavar="N",
        rich_help_panel=Heading.INPUT,
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        callback=at_least(1),
        help="Processors to use, by threads and child processes; all by default.",
        metavar="N",
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        help="Where to read: threads (the default), the Dask cluster of dask://HOST:PORT, or Spark:"
        " spark, spark://HOST:PORT or local-cluster[N,CORES,MB].",
        metavar="ENGINE",
        autocompletion=completed(("threads", "dask://", "spark", "spark://")),
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
Footers = Annotated[
    bool,
    typer.Option(
        "--footers",
        help="Read no rows: judge rows, columns, types and missing values by what Parquet footers,"
        " Delta logs and Iceberg manifests say, in milliseconds.",
        rich_help_panel=Heading.INPUT,
    ),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        help="Write the report to a file or an object (s3://…), whole or not at all. FORMAT:FILE"
        " writes it beside the report on stdout. May repeat.",
        metavar="[FORMAT:]FILE",
        rich_help_panel=Heading.OUTPUT,
    ),
]
ShowAll = Annotated[
    bool,
    typer.Option(
        "--all",
        "-a",
        help="Show the unchanged columns too.",
        rich_help_panel=Heading.OUTPUT,
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
        rich_help_panel=Heading.THRESHOLDS,
    ),
]


def _metrics(start: str) -> list[str]:
    from driftcli.metrics import METRICS

    return [name for name in METRICS if name.startswith(start)]


Metrics = Annotated[
    list[str] | None,
    setting(
        "metrics",
        "--metric",
        "-m",
        more="May repeat.",
        metavar="NAME",
        autocompletion=_metrics,
        panel=Heading.THRESHOLDS,
    ),
]
FailOnLevel = Annotated[str | None, setting("fail_on", metavar="LEVEL", panel=Heading.THRESHOLDS)]
Strict = Annotated[bool, setting("strict", "--strict", panel=Heading.THRESHOLDS)]
Alpha = Annotated[float | None, setting("alpha", metavar="P", panel=Heading.THRESHOLDS)]
CorrectionName = Annotated[
    str | None, setting("correction", metavar="NAME", panel=Heading.THRESHOLDS)
]
DriftedColumns = Annotated[
    str | None, setting("drifted_columns", metavar="N", panel=Heading.THRESHOLDS)
]
LikeTool = Annotated[str | None, setting("like", metavar="TOOL", panel=Heading.THRESHOLDS)]
By = Annotated[
    list[str] | None,
    setting(
        "by", more="May repeat; commas separate several.", metavar="COLUMN", panel=Heading.INPUT
    ),
]
_ALL_OF_THEM = "May repeat; all must hold."
Block = Annotated[str | None, setting("block", metavar="COLUMN[:1d]", panel=Heading.THRESHOLDS)]
RowsWhere = Annotated[
    list[str] | None,
    setting("where", more=_ALL_OF_THEM, metavar="EXPR", panel=Heading.INPUT),
]
BaselineWhere = Annotated[
    list[str] | None,
    setting("where_baseline", more=_ALL_OF_THEM, metavar="EXPR", panel=Heading.INPUT),
]
CurrentWhere = Annotated[
    list[str] | None,
    setting("where_current", more=_ALL_OF_THEM, metavar="EXPR", panel=Heading.INPUT),
]
#: For commands that take one dataset, which is no side.
DataWhere = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        help="Only rows that meet this condition: comparisons, and, or, not, in, between, like, is"
        f" null. {_ALL_OF_THEM}",
        metavar="EXPR",
        rich_help_panel=Heading.INPUT,
    ),
]
Delimiter = Annotated[str | None, setting("read.delimiter", metavar="CHAR", panel=Heading.TEXT)]
Quote = Annotated[str | None, setting("read.quote", metavar="CHAR", panel=Heading.TEXT)]
Escape = Annotated[str | None, setting("read.escape", metavar="CHAR", panel=Heading.TEXT)]
Comment = Annotated[str | None, setting("read.comment", metavar="CHAR", panel=Heading.TEXT)]
Skip = Annotated[
    int | None,
    setting("read.skip", metavar="N", callback=at_least(0), panel=Heading.TEXT),
]
Decimal = Annotated[str | None, setting("read.decimal", metavar="CHAR", panel=Heading.TEXT)]
Encoding = Annotated[str | None, setting("read.encoding", metavar="NAME", panel=Heading.TEXT)]
Null = Annotated[
    list[str] | None,
    setting("read.null", more="As NA, NULL or -; may repeat.", metavar="TEXT", panel=Heading.TEXT),
]
Written = Annotated[
    list[str] | None,
    setting(
        "read.written",
        more="As at=%d/%m/%Y, or at=ms; may repeat.",
        metavar="COLUMN=FORMAT",
        panel=Heading.TEXT,
    ),
]
Brief = Annotated[
    bool,
    typer.Option(
        "--brief",
        help="A line a column, of a run a line a check, and no more; of the table only.",
        rich_help_panel=Heading.OUTPUT,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="Print nothing unless something is wrong, and then only that.",
        rich_help_panel=Heading.OUTPUT,
    ),
]
Color = Annotated[
    str | None,
    typer.Option(
        callback=one_of("--color", ("always", "never")),
        autocompletion=completed(("always", "never")),
        help="Colour the table always or never; by default on a terminal, unless NO_COLOR is set.",
        metavar="WHEN",
        rich_help_panel=Heading.OUTPUT,
    ),
]
NoGate = Annotated[
    list[str] | None,
    typer.Option(
        "--no-gate",
        help="Report columns that match this glob, and let them not drift. May repeat; commas"
        " separate several.",
        metavar="COLUMN",
        rich_help_panel=Heading.THRESHOLDS,
    ),
]
Debug = Annotated[
    bool, typer.Option("--debug", help="Show the traceback of an error.", hidden=True)
]
