"""`drift show`."""

from typing import Annotated

import typer

from driftcli.cli import options, parsing
from driftcli.cli.command import command
from driftcli.cli.panels import Heading
from driftcli.cli.settings import Text, settings
from driftcli.cli.timeout import timed
from driftcli.render import FORMATS

EPILOG = """\
\b
Examples:
  drift show base.profile
  drift show new.parquet --columns 'price*,city'
  drift show new.csv --format json
"""


@command
@timed
def show(
    data: options.Data,
    format_: Annotated[str | None, options.format_of(FORMATS["profile"])] = None,
    show_all: Annotated[
        bool,
        typer.Option(
            "--all",
            "-a",
            help="Show all columns.",
            rich_help_panel=Heading.OUTPUT,
        ),
    ] = False,
    color: options.Color = None,
    config: options.Config = None,
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    where: options.DataWhere = None,
    sample: options.Sample = None,
    seed: options.Seed = 0,
    text: Text = Text(),
    engine: options.Engine = None,
    threads: options.Threads = None,
) -> int:
    """Show what a dataset or a saved profile holds, column by column."""
    from driftcli.cli.output import show as show_document
    from driftcli.cli.progress import progress_line
    from driftcli.comparison.summary import summary
    from driftcli.engine import keep_freed_memory
    from driftcli.pipeline.elsewhere import engine_for
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.profiling import profiled
    from driftcli.pipeline.selection import Selection

    configuration = settings(config, text, where=parsing.condition(where), engine=engine)
    selection = Selection(columns=parsing.listed(columns), exclude=parsing.listed(exclude))
    keep_freed_memory()
    with progress_line() as progress, engine_for(configuration, (data,), threads) as used:
        reading = Reading(sample, seed, threads, progress, engine=used)
        profile = profiled(data, configuration, selection, reading)
    show_document(summary(profile), format_ or "table", color=color, show_all=show_all)
    return 0
