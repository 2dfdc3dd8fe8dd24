"""`drift init`."""

from typing import Annotated

import typer

from driftcli.cli import options
from driftcli.cli.boundary import guarded
from driftcli.errors import UsageError
from driftcli.writing import write_whole

EPILOG = """\
\b
Examples:
  drift init base.parquet
  drift init base.csv --output - --null NA
"""


@guarded
def init(
    data: Annotated[
        str,
        typer.Argument(
            help="The dataset to start from, as for compare.", metavar="DATA", show_default=False
        ),
    ],
    output: Annotated[
        str,
        typer.Option("--output", "-o", help="The file to write; - prints it.", metavar="FILE"),
    ] = "drift.toml",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    delimiter: options.Delimiter = None,
    quote: options.Quote = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    null: options.Null = None,
    debug: options.Debug = False,
) -> int:
    """Write a commented starter drift.toml from a dataset."""
    del debug
    from driftcli.cli.output import checked, emit
    from driftcli.config import load
    from driftcli.metrics import METRICS
    from driftcli.pipeline import starter_for
    from driftcli.render.escape import visible

    path = None if output == "-" else checked(output)
    if path and path.exists() and not force:
        raise UsageError(f"{output}: exists already; --force replaces it, --output - prints")
    loaded = load(
        metrics=METRICS, overrides=options.reading(delimiter, quote, decimal, encoding, null)
    )
    text = starter_for(data, loaded)
    if path is None:
        emit(text)
    else:
        write_whole(path, text)
        typer.echo(
            f"drift: wrote {visible(output)}; `drift config` shows what is in force", err=True
        )
    return 0
