"""`drift explain`."""

from typing import Annotated

import typer

from driftcli.cli import options, parsing
from driftcli.cli.command import command
from driftcli.cli.settings import Filtering, Text, settings
from driftcli.cli.timeout import timed

EPILOG = """\
\b
Examples:
  drift explain base.parquet new.parquet price
  drift explain base.csv new.csv amount --rename amt=amount
  drift explain base.csv new.csv city --format json

\b
Exit codes: 0 explained, whatever moved · 2 could not (bad usage or input)
"""


@command
@timed
def explain(
    baseline: options.Baseline,
    current: options.Current,
    column: Annotated[
        str,
        typer.Argument(help="The column to explain.", metavar="COLUMN", show_default=False),
    ],
    format_: Annotated[
        str | None,
        options.format_of(("table", "json"), "JSON is a report of this column with its details."),
    ] = None,
    color: options.Color = None,
    config: options.Config = None,
    rename: options.Rename = None,
    rows: Filtering = Filtering(),
    block: options.Block = None,
    sample: options.Sample = None,
    seed: options.Seed = 0,
    text: Text = Text(),
    engine: options.Engine = None,
    threads: options.Threads = None,
) -> int:
    """Show what moved in one column.

    Prints both distributions, quantiles, and which rows went where. Explains and does not judge:
    exits with 0 whether or not the column drifted.
    """
    from driftcli.cli.output import show
    from driftcli.cli.progress import progress_line
    from driftcli.pipeline.comparing import run
    from driftcli.pipeline.elsewhere import engine_for
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.selection import Selection
    from driftcli.report.comparison import Explained

    parsing.check_stdin(baseline, current)
    configuration = settings(config, text, block=block, engine=engine, **rows.overrides())
    selection = Selection(column=column, rename=parsing.renames(rename))
    with (
        progress_line() as progress,
        engine_for(configuration, (baseline, current), threads) as used,
    ):
        reading = Reading(sample, seed, threads, progress, engine=used)
        report = run(baseline, current, configuration, selection, reading, details=True).report
    show(Explained.of(report), format_ or "table", color=color)
    return 0
