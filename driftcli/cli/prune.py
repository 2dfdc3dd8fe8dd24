"""`drift prune`."""

from __future__ import annotations

from typing import Annotated

import typer

from driftcli.cli import history_store, options, parsing
from driftcli.cli.command import command
from driftcli.cli.panels import Heading
from driftcli.cli.settings import settings

EPILOG = """\
\b
Examples:
  drift prune --keep 400d --dry-run
  drift prune --keep 52w
"""


@command
def prune(
    keep: Annotated[
        str,
        typer.Option(
            help="Keep the results of this long: 400d, 52w.",
            metavar="LENGTH",
            show_default=False,
            rich_help_panel=Heading.HISTORY,
        ),
    ],
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Tell what would go, and remove nothing.",
            rich_help_panel=Heading.HISTORY,
        ),
    ] = False,
    store: history_store.Store = None,
    config: options.Config = None,
) -> int:
    """Remove old results, and their profiles, from the history."""
    from driftcli.render.figures import counted

    before = parsing.today() - parsing.age(keep, "--keep")
    with history_store.open_store(store, settings(config)) as opened:
        gone = opened.prune(before, dry_run=dry_run)
    typer.echo(
        f"drift: {'would remove' if dry_run else 'removed'} {counted(gone.results, 'result')}"
        f" ({counted(gone.profiles, 'profile')}) of days before {before}",
        err=True,
    )
    return 0
