"""`drift profile`."""

from typing import Annotated

import typer

from driftcli.cli import options, parsing
from driftcli.cli.command import command
from driftcli.cli.panels import Heading
from driftcli.cli.settings import Text, settings
from driftcli.cli.timeout import timed

EPILOG = """\
\b
Examples:
  drift profile base.parquet --output base.profile
  drift profile base.parquet --output small.profile --points 1024
  drift profile base.csv --output public.profile --redact
  drift profile day.csv --types base.profile --output day.profile
  drift compare base.profile new.parquet
"""


@command
@timed
def profile(
    data: options.Data,
    output: options.ProfileFile,
    points: options.Points = None,
    redact: Annotated[
        bool,
        typer.Option(
            "--redact",
            help="Leave out names of categories (hashes stand for them, salted with DRIFT_SALT if"
            " that is set) and values that fewer than 10 rows share.",
            rich_help_panel=Heading.OUTPUT,
        ),
    ] = False,
    block: options.Block = None,
    keep_rows: Annotated[
        int | None,
        typer.Option(
            "--keep-rows",
            callback=options.at_least(1),
            help="Keep a uniform sample of N rows in the profile, as they are, for drift joint and"
            " for other blocks. Not with --redact.",
            metavar="N",
            rich_help_panel=Heading.OUTPUT,
        ),
    ] = None,
    config: options.Config = None,
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    where: options.DataWhere = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            "--rename",
            help="Take the column OLD by the name NEW. May repeat.",
            metavar="OLD=NEW",
            rich_help_panel=Heading.INPUT,
        ),
    ] = None,
    types: Annotated[
        str | None,
        typer.Option(
            "--types",
            help="Read text as the data of this saved profile was read, and count pairs of columns"
            " in its cells, so that the profiles of partitions go together.",
            metavar="PROFILE",
            rich_help_panel=Heading.INPUT,
        ),
    ] = None,
    sample: options.Sample = None,
    seed: options.Seed = 0,
    text: Text = Text(),
    engine: options.Engine = None,
    threads: options.Threads = None,
) -> int:
    """Write a profile of a dataset to a file.

    Every command takes it in the data's place.
    """
    from driftcli.cli.output import placed, refuse_to_replace, tell, write_profile
    from driftcli.cli.progress import progress_line
    from driftcli.engine import keep_freed_memory
    from driftcli.errors import UsageError
    from driftcli.pipeline.elsewhere import engine_for
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.profiling import kept
    from driftcli.pipeline.selection import Selection

    path = placed(output)
    if keep_rows and redact:
        raise UsageError("--keep-rows keeps rows as they are, and --redact must not; leave one out")
    refuse_to_replace(path, [data])
    configuration = settings(
        config, text, where=parsing.condition(where), block=block, engine=engine
    )
    selection = Selection(
        columns=parsing.listed(columns),
        exclude=parsing.listed(exclude),
        rename=parsing.renames(rename),
    )
    keep_freed_memory()
    with progress_line() as progress, engine_for(configuration, (data,), threads) as used:
        reading = Reading(sample, seed, threads, progress, keep_rows=keep_rows, engine=used)
        made, lacking = kept(data, configuration, selection, reading, types)
    write_profile(made, path, points=points, redacted=redact)
    tell(lacking)
    return 0
