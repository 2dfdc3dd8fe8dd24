"""The `drift` program and its commands."""

from typing import Annotated

import typer

from driftcli import __version__
from driftcli.cli.compare import compare
from driftcli.cli.config import show_config
from driftcli.cli.init import init
from driftcli.cli.metrics import show_metrics
from driftcli.cli.schema import schema

app = typer.Typer(
    name="drift",
    epilog="Exit codes: 0 no drift · 1 drift · 2 could not tell (bad usage or input) ·"
    " 70 a crash of our own · 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(compare)
app.command()(init)
app.command("config")(show_config)
app.command("metrics")(show_metrics)
app.command()(schema)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"drift {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Tell whether a dataset still looks like its baseline."""
