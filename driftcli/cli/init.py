"""`drift init`."""

from typing import Annotated

import typer

from driftcli.cli.command import command
from driftcli.cli.panels import Heading
from driftcli.cli.settings import Text
from driftcli.errors import UsageError
from driftcli.writing import write_whole

EPILOG = """\
\b
Examples:
  drift init base.parquet
  drift init base.csv --output - --null NA
"""


@command
def init(
    data: Annotated[
        str,
        typer.Argument(
            help="The dataset to start from, as for compare.", metavar="DATA", show_default=False
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            help="The file to write; - prints it.",
            metavar="FILE",
            rich_help_panel=Heading.OUTPUT,
        ),
    ] = "drift.toml",
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Replace a file that exists.",
            rich_help_panel=Heading.OUTPUT,
        ),
    ] = False,
    text: Text = Text(),
) -> int:
    """Write a commented starter drift.toml from a dataset."""
    from driftcli.cli.output import checked, emit, tell_configured
    from driftcli.config import load
    from driftcli.metrics import METRICS
    from driftcli.pipeline.profiling import starter_for

    path = None if output == "-" else checked(output)
    if path and path.exists() and not force:
        raise UsageError(f"{output}: exists already; --force replaces it, --output - prints")
    starter = starter_for(data, load(metrics=METRICS, overrides=text.overrides()))
    if path is None:
        emit(starter)
    else:
        write_whole(path, starter)
        tell_configured(path)
    return 0
