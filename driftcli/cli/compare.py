"""`drift compare`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from driftcli.cli import options
from driftcli.cli.boundary import guarded
from driftcli.errors import UsageError

_EPILOG = """\
[bold]Examples[/bold]

drift compare base.parquet new.parquet

drift compare 'lake/day=2025-01-*' lake/day=2025-02-01 --exclude '*_id'

zcat new.csv.gz | drift compare base.profile.csv - --threshold price.wasserstein=0.3

drift compare base.csv new.csv --output json:report.json --fail-on warn

[bold]Exit codes[/bold]: 0 no drift · 1 drift · 2 could not tell (bad usage or input)
"""


@guarded
def compare(
    baseline: Annotated[
        str,
        typer.Argument(
            help="What the data should look like: a CSV, Parquet, Arrow or JSON Lines file, a"
            " directory, a glob, a URI (s3://…), or - for CSV on stdin.",
            show_default=False,
        ),
    ],
    current: Annotated[
        str, typer.Argument(help="The data to check, likewise.", show_default=False)
    ],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", help="table (the default), json, markdown or csv.", metavar="FORMAT"
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
            rich_help_panel="Settings",
        ),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            "-m",
            help="Score only these metrics; `drift metrics` lists them. May repeat.",
            metavar="NAME",
            rich_help_panel="Settings",
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            help="What makes the exit code 1: drift (the default), warn (or worse), never.",
            metavar="LEVEL",
            rich_help_panel="Settings",
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
            rich_help_panel="Columns and rows",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude",
            "-x",
            help="Leave out columns that match this glob. May repeat; commas separate several.",
            metavar="GLOB",
            rich_help_panel="Columns and rows",
        ),
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            "--rename",
            help="Take the current data's column OLD for the baseline's NEW. May repeat.",
            metavar="OLD=NEW",
            rich_help_panel="Columns and rows",
        ),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Score uniform samples of N rows of each side; the report says so.",
            metavar="N",
            rich_help_panel="Columns and rows",
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            min=0,
            help="The seed of --sample.",
            metavar="N",
            rich_help_panel="Columns and rows",
        ),
    ] = 0,
    delimiter: options.Delimiter = None,
    quote: options.Quote = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    null: options.Null = None,
    threads: Annotated[
        int | None,
        typer.Option(
            min=1, help="Threads to read with; as many as processors by default.", metavar="N"
        ),
    ] = None,
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

    _check_stdin(baseline, current)
    files, shown = targets(output or [], _checked_format(format_))
    loaded = load(
        metrics=METRICS,
        config=config,
        environ=os.environ,
        cwd=Path.cwd(),
        overrides={
            "fail_on": fail_on,
            "metrics": metric or None,
            **options.reading(delimiter, quote, decimal, encoding, null),
        },
        thresholds=threshold or [],
    )
    selection = Selection(
        columns=_listed(columns),
        exclude=_listed(exclude),
        rename=_renames(rename or []),
        sample=sample,
        seed=seed,
    )
    keep_freed_memory()
    with progress_line() as progress:
        report = run(baseline, current, loaded, selection, threads=threads, progress=progress)
    write_report(report, files, shown, show_all=show_all)
    return report.exit_code


def _check_stdin(baseline: str, current: str) -> None:
    if baseline == current == "-":
        raise UsageError("only one side can be '-', there is one standard input")


def _checked_format(format_: str | None) -> str | None:
    from driftcli.errors import nearest
    from driftcli.render import FORMATS

    if format_ is not None and format_ not in FORMATS:
        raise UsageError(f"--format {format_!r}: {nearest(format_, FORMATS)}")
    return format_


def _listed(globs: list[str] | None) -> list[str]:
    """Split lists at commas: column names rarely hold one, and '?' matches it where they do."""
    return [part for glob in globs or [] for part in glob.split(",") if part]


def _renames(pairs: list[str]) -> dict[str, str]:
    renames = {}
    for pair in pairs:
        old, equals, new = pair.partition("=")
        if not (old and equals and new):
            raise UsageError(f"--rename {pair!r}: expected OLD=NEW, such as --rename amt=amount")
        renames[old] = new
    return renames
