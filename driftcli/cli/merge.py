"""`drift merge`."""

from typing import Annotated

import typer

from driftcli.cli import options, parsing
from driftcli.cli.command import command
from driftcli.cli.panels import Heading
from driftcli.cli.settings import Text, settings
from driftcli.errors import UsageError

EPILOG = """\
\b
Examples:
  drift merge mon.profile tue.profile wed.profile --output week.profile
  drift merge all.profile today.parquet --output all.profile
  drift merge days/ --output year.profile
  drift merge 's3://lake/profiles/*.profile' --output january.profile
"""


@command
def merge(
    data: Annotated[
        list[str] | None,
        typer.Argument(
            help="Profiles, or data as for compare, of the same columns: files, folders, patterns"
            " in quotes or URIs of profiles, in natural order.",
            metavar="PROFILE...",
            show_default=False,
        ),
    ] = None,
    *,
    output: options.ProfileFile,
    from_file: Annotated[
        str | None,
        typer.Option(
            "--from-file",
            help="A file that names profiles, one a line; - reads standard input.",
            metavar="LIST",
            rich_help_panel=Heading.INPUT,
        ),
    ] = None,
    points: options.Points = None,
    config: options.Config = None,
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    where: options.DataWhere = None,
    text: Text = Text(),
    engine: options.Engine = None,
    threads: options.Threads = None,
) -> int:
    """Make one profile of several.

    It is the profile of all their data, as if that had been profiled together.
    """
    from driftcli.cli.output import placed, refuse_to_replace, write_profile
    from driftcli.cli.progress import progress_line
    from driftcli.engine import keep_freed_memory
    from driftcli.pipeline.elsewhere import engine_for
    from driftcli.pipeline.gathering import listed
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.profiling import merged
    from driftcli.pipeline.selection import Selection

    path = placed(output)
    names = [*(data or ()), *(() if from_file is None else listed(from_file))]
    if not names:
        raise UsageError("nothing to merge; name profiles, a folder of them, or a --from-file")
    refuse_to_replace(path, names)
    configuration = settings(config, text, where=parsing.condition(where), engine=engine)
    selection = Selection(columns=parsing.listed(columns), exclude=parsing.listed(exclude))
    keep_freed_memory()
    with progress_line() as progress, engine_for(configuration, names, threads) as used:
        made = merged(
            names,
            configuration,
            selection,
            Reading(threads=threads, progress=progress, engine=used),
        )
    write_profile(made, path, points=points)
    return 0
