"""`drift compare`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from driftcli.cli import options
from driftcli.cli.boundary import guarded
from driftcli.errors import UsageError

if TYPE_CHECKING:
    from driftcli.cli.output import Target

#: Click leaves the lines of a paragraph alone that begins with \\b.
EPILOG = """\
\b
Examples:
  drift compare base.parquet new.parquet
  drift compare 'lake/day=2025-01-*' lake/day=2025-02-01 --exclude '*_id'
  zcat new.csv.gz | drift compare base.csv - --threshold price.wasserstein=0.3
  drift compare base.csv new.csv --output json:report.json --fail-on warn

\b
Exit codes: 0 no drift · 1 drift · 2 could not tell (bad usage or input)
"""


def _formats(start: str) -> list[str]:
    from driftcli.render import FORMATS

    return [name for name in FORMATS if name.startswith(start)]


def _metrics(start: str) -> list[str]:
    from driftcli.metrics import METRICS

    return [name for name in METRICS if name.startswith(start)]


def _levels(start: str) -> list[str]:
    from driftcli.config import FailOn

    return [name for name in get_args(FailOn) if name.startswith(start)]


def _corrections(start: str) -> list[str]:
    from driftcli.config import Correction

    return [name for name in get_args(Correction) if name.startswith(start)]


def _tools(start: str) -> list[str]:
    from driftcli.config import Like

    return [name for name in get_args(Like) if name.startswith(start)]


@guarded
def compare(
    baseline: options.Baseline,
    current: options.Current,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help="table (the default), json, markdown or csv.",
            metavar="FORMAT",
            autocompletion=_formats,
        ),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            help="Write the report to a file, whole or not at all. FORMAT:FILE writes it beside"
            " the report on stdout. May repeat.",
            metavar="[FORMAT:]FILE",
        ),
    ] = None,
    show_all: Annotated[
        bool, typer.Option("--all", "-a", help="Show the unchanged columns too.")
    ] = False,
    threshold: Annotated[
        list[str] | None,
        typer.Option(
            "--threshold",
            "-t",
            help="The score from which on a metric drifts: js_distance=0.2,"
            " price.wasserstein=0.3, 'amount_*.kl=off', missing=0.01:0.05 (warn:drift)."
            " May repeat.",
            metavar="[COLUMN.]METRIC=LEVEL",
        ),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            "-m",
            help="Score only these metrics; `drift metrics` lists them. May repeat.",
            metavar="NAME",
            autocompletion=_metrics,
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            help="What makes the exit code 1: drift (the default), warn (or worse), change (beyond"
            " noise, however small), never.",
            metavar="LEVEL",
            autocompletion=_levels,
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 when a column is inconclusive, too.")
    ] = False,
    alpha: Annotated[
        float | None,
        typer.Option(
            help="A score drifts only if chance explains it with a probability of at most this,"
            " 0.01 by default, corrected for all tests of the run.",
            metavar="P",
        ),
    ] = None,
    correction: Annotated[
        str | None,
        typer.Option(
            help="How p-values are corrected: bh (Benjamini-Hochberg, the default), holm, none.",
            metavar="NAME",
            autocompletion=_corrections,
        ),
    ] = None,
    drifted_columns: Annotated[
        str | None,
        typer.Option(
            help="How many columns make the dataset drift: 1 (the default), 3, or 0.2 for a fifth"
            " of them. Fewer are a warning.",
            metavar="N",
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            help="Give the numbers of another tool: evidently, nannyml, tfdv or scipy.",
            metavar="TOOL",
            autocompletion=_tools,
        ),
    ] = None,
    config: options.Config = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns",
            "-c",
            help="Compare only columns that match this glob. May repeat; commas separate several.",
            metavar="GLOB",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude",
            "-x",
            help="Leave out columns that match this glob. May repeat; commas separate several.",
            metavar="GLOB",
        ),
    ] = None,
    rename: options.Rename = None,
    sample: options.Sample = None,
    seed: options.Seed = 0,
    delimiter: options.Delimiter = None,
    quote: options.Quote = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    null: options.Null = None,
    details: Annotated[
        bool,
        typer.Option("--details", help="Have the JSON report say what moved, as `drift explain`."),
    ] = False,
    threads: options.Threads = None,
    debug: options.Debug = False,
) -> int:
    """Score how far the current data has drifted from the baseline, and judge it.

    Prints a report and exits with 0 when nothing drifted, 1 when something did.
    """
    del debug
    from driftcli.cli.output import targets, write_report
    from driftcli.cli.progress import progress_line
    from driftcli.config import load
    from driftcli.engine import keep_freed_memory
    from driftcli.metrics import METRICS
    from driftcli.pipeline import Selection, run

    options.check_stdin(baseline, current)
    files, shown = targets(output or [], _checked_format(format_))
    _check_overwriting(files, baseline, current)
    loaded = load(
        metrics=METRICS,
        config=config,
        environ=os.environ,
        cwd=Path.cwd(),
        overrides={
            "fail_on": fail_on,
            "strict": strict or None,
            "alpha": alpha,
            "correction": correction,
            "drifted_columns": options.number(drifted_columns),
            "like": like,
            "metrics": metric or None,
            **options.reading(delimiter, quote, decimal, encoding, null),
        },
        thresholds=threshold or [],
    )
    selection = Selection(
        columns=options.listed(columns),
        exclude=options.listed(exclude),
        rename=options.renames(rename),
        sample=sample,
        seed=seed,
    )
    keep_freed_memory()
    with progress_line() as progress:
        report = run(
            baseline,
            current,
            loaded,
            selection,
            threads=threads,
            progress=progress,
            details=details,
        )
    write_report(report, files, shown, show_all=show_all)
    return report.exit_code


def _check_overwriting(files: list["Target"], *data: str) -> None:
    """Refuse to write a report over the data it is about: both may be CSV."""
    for file in files:
        for name in data:
            if _is_same(file.path, name):
                raise UsageError(f"--output {file.path}: this is the data; name another file")


def _is_same(path: Path, name: str) -> bool:
    try:
        return path.samefile(name)
    except OSError:  # one of them is no file, or not yet
        return False


def _checked_format(format_: str | None) -> str | None:
    from driftcli.errors import nearest
    from driftcli.render import FORMATS

    if format_ is not None and format_ not in FORMATS:
        raise UsageError(f"--format {format_!r}: {nearest(format_, FORMATS)}")
    return format_
