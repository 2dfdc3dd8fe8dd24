"""The `drift` program and its commands."""

from typing import Annotated

import typer

from driftcli.cli.boundary import USAGE
from driftcli.cli.program import Program
from driftcli.version import __version__

app = typer.Typer(
    name="drift",
    cls=Program,
    epilog="Exit codes: 0 no drift · 1 drift · 2 could not tell (nothing judged, bad input"
    " or usage) · 70 a crash of our own · 130 interrupted.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Rich costs more than all the rest of the help
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"drift {__version__}")
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Tell whether a dataset still looks like its baseline."""
    del version
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(USAGE)
