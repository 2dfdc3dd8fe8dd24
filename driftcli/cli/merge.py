"""`drift merge`."""

from typing import Annotated

import typer

from driftcli.cli import options, parsing
from driftcli.cli.command import command
from driftcli.cli.settings import Text, settings

EPILOG = """\
\b
Examples:
  drift merge mon.profile tue.profile wed.profile --output week.profile
  drift merge all.profile today.parquet --output all.profile
"""


@command
def merge(
    data: Annotated[
        list[str],
        typer.Argument(
            help="Profiles, or data as for compare, of the same columns.",
            metavar="PROFILE...",
            show_default=False,
        ),
    ],
    output: options.ProfileFile,
    points: options.Points = None,
    config: options.Config = None,
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    where: options.DataWhere = None,
    text: Text = Text(),
    threads: options.Threads = None,
) -> int:
    """Make one profile of several.

    It is the profile of all their data, as if that had been profiled together.
    """
    from driftcli.cli.output import checked, refuse_to_replace, write_profile
    from driftcli.cli.progress import progress_line
    from driftcli.engine import keep_freed_memory
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.profiling import merged
    from driftcli.pipeline.selection import Selection

    path = checked(output)
    refuse_to_replace(path, data)
    configuration = settings(config, text, where=where)
    selection = Selection(columns=parsing.listed(columns), exclude=parsing.listed(exclude))
    keep_freed_memory()
    with progress_line() as progress:
        made = merged(data, configuration, selection, Reading(threads=threads, progress=progress))
    write_profile(made, path, points=points)
    return 0
