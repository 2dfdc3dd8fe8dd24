"""`drift merge`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from driftcli.cli import options
from driftcli.cli.boundary import guarded

EPILOG = """\
\b
Examples:
  drift merge mon.profile tue.profile wed.profile --output week.profile
  drift merge all.profile today.parquet --output all.profile
"""


@guarded
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
    delimiter: options.Delimiter = None,
    quote: options.Quote = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    null: options.Null = None,
    threads: options.Threads = None,
    debug: options.Debug = False,
) -> int:
    """Make one profile of several, as if their data had been profiled together."""
    del debug
    from driftcli.cli.output import checked, refuse_to_replace, write_profile
    from driftcli.cli.progress import progress_line
    from driftcli.config import load
    from driftcli.engine import keep_freed_memory
    from driftcli.metrics import METRICS
    from driftcli.pipeline import Selection, merged

    path = checked(output)
    refuse_to_replace(path, data)
    loaded = load(
        metrics=METRICS,
        config=config,
        environ=os.environ,
        cwd=Path.cwd(),
        overrides=options.reading(delimiter, quote, decimal, encoding, null),
    )
    selection = Selection(columns=options.listed(columns), exclude=options.listed(exclude))
    keep_freed_memory()
    with progress_line() as progress:
        made = merged(data, loaded, selection, threads=threads, progress=progress)
    write_profile(made, path, points=points)
    return 0
