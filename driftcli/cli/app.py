"""The `drift` program and its commands."""

from typing import Annotated

import typer

from driftcli.cli import (
    accept,
    calibrate,
    compare,
    config,
    explain,
    history,
    init,
    joint,
    merge,
    metrics,
    profile,
    prune,
    report,
    run,
    schema,
    show,
    timeline,
)
from driftcli.cli.boundary import USAGE
from driftcli.cli.earlier import Command, Program
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
app.command("compare", cls=Command, epilog=compare.EPILOG)(compare.compare)
app.command("joint", cls=Command, epilog=joint.EPILOG)(joint.joint)
app.command("show", cls=Command, epilog=show.EPILOG)(show.show)
app.command("profile", cls=Command, epilog=profile.EPILOG)(profile.profile)
app.command("merge", cls=Command, epilog=merge.EPILOG)(merge.merge)
app.command("timeline", cls=Command, epilog=timeline.EPILOG)(timeline.timeline)
app.command("run", cls=Command, epilog=run.EPILOG)(run.run)
app.command("calibrate", cls=Command, epilog=calibrate.EPILOG)(calibrate.calibrate)
app.command("report", cls=Command, epilog=report.EPILOG)(report.report)
app.command("history", cls=Command, epilog=history.EPILOG)(history.history)
app.command("prune", cls=Command, epilog=prune.EPILOG)(prune.prune)
app.command("accept", cls=Command, epilog=accept.EPILOG)(accept.accept)
app.command("explain", cls=Command, epilog=explain.EPILOG)(explain.explain)
app.command("init", cls=Command, epilog=init.EPILOG)(init.init)
app.command("config", cls=Command)(config.show_config)
app.command("metrics", cls=Command)(metrics.show_metrics)
app.command("schema", cls=Command)(schema.schema)


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
