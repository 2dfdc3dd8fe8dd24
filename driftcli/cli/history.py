"""`drift history` and `drift history prune`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftcli.cli import history_store, options
from driftcli.cli.command import command
from driftcli.cli.earlier import Command
from driftcli.cli.panels import Panel
from driftcli.errors import UsageError, nearest

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from driftcli.history.store import History
    from driftcli.render import Look

EPILOG = """\
\b
Examples:
  drift history
  drift history orders --since 90d
  drift history orders --column price
  drift history orders -o scores.parquet
  drift history prune --keep 400d --dry-run
"""
#: What is written of trends, and of scores: a row each.
_OF_TRENDS = ("table", "json")
_OF_SCORES = ("csv", "jsonl", "parquet")
#: Runs in a table, unless --since says more.
_LAST = 40


@command
def history(
    check: Annotated[
        str | None,
        typer.Argument(help="The check, by its name.", metavar="CHECK", show_default=False),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(
            help="One column of it: each metric.",
            metavar="COLUMN",
            rich_help_panel=Panel.HISTORY,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            help="Trends from this day on, or over this long: 2025-03-01, 90d, 12w. The table has"
            " the last 40 runs by default, all else has all.",
            metavar="DAY",
            rich_help_panel=Panel.HISTORY,
        ),
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help="table (the default) and json tell trends; csv and jsonl have a row for each"
            " score, and so has parquet, which needs -o.",
            metavar="FORMAT",
            rich_help_panel=Panel.OUTPUT,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="Write to a file, in the format of its suffix.",
            metavar="FILE",
            rich_help_panel=Panel.OUTPUT,
        ),
    ] = None,
    color: options.Color = None,
    store: history_store.Store = None,
    config: history_store.Config = None,
) -> int:
    """Tell how checks went, and since when they are as they are.

    Shows trends of all checks, of one, or of one column of it. `drift history prune` removes what
    is old.
    """
    from driftcli.cli.output import emit, emit_table, tell_written, terminal_look
    from driftcli.cli.targets import checked
    from driftcli.render import Look
    from driftcli.writing import write_whole

    if column is not None and check is None:
        raise UsageError("--column is one of a check; name the check too")
    path = None if output is None else checked(output)
    form = _format(format_, path)
    first = None if since is None else history_store.since(since)
    look = terminal_look(color) if path is None and form == "table" else Look()
    with history_store.opened(store, history_store.settings(config)) as opened:
        text = _written(opened, form, (check, column, first), look)
    if path is not None:
        write_whole(path, text)
        tell_written(path)
    elif isinstance(text, str):  # only Parquet is not, and goes to files only
        (emit_table if form == "table" else emit)(text)
    return 0


def _format(format_: str | None, path: Path | None) -> str:
    known = (*_OF_TRENDS, *_OF_SCORES)
    if format_ is not None and format_ not in known:
        raise UsageError(f"--format {format_!r}: {nearest(format_, known)}")
    if format_ == "parquet" and path is None:
        raise UsageError("--format parquet: name the file to write with --output")
    return format_ or ("table" if path is None else _form_of(path))


def _form_of(path: Path) -> str:
    from driftcli.render import SUFFIXES
    from driftcli.render.files import form_of
    from driftcli.writing import is_device

    if is_device(path):
        return "table"
    suffixes = {**SUFFIXES, ".parquet": "parquet"}
    return form_of(path, (*_OF_TRENDS, *_OF_SCORES), suffixes)


def _written(
    history: History,
    form: str,
    asked: tuple[str | None, str | None, date | None],
    look: Look,
) -> str | bytes:
    """Return what was asked for: trends of a check, a column, from a day on, or their scores."""
    check, column, since = asked
    if form in _OF_SCORES:
        from driftcli.history.trends import require_recorded
        from driftcli.render import score_rows

        require_recorded(history, check, column)
        return score_rows.render(history.scores(check, column, since), form)
    from driftcli.history.trends import trends

    last = _LAST if form == "table" and since is None else None
    found = trends(history, check, column, since=since, last=last)
    from driftcli.render import render

    return render(found, form, look)


_pruning = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@_pruning.command(cls=Command)
@command
def prune(
    keep: Annotated[
        str,
        typer.Option(
            help="Keep the results of this long: 400d, 52w.",
            metavar="LENGTH",
            show_default=False,
            rich_help_panel=Panel.HISTORY,
        ),
    ],
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Tell what would go, and remove nothing.",
            rich_help_panel=Panel.HISTORY,
        ),
    ] = False,
    store: history_store.Store = None,
    config: history_store.Config = None,
) -> int:
    """Remove old results from the history, and their profiles; waivers stay."""
    from driftcli.render.figures import counted

    before = history_store.today() - history_store.age(keep, "--keep")
    with history_store.opened(store, history_store.settings(config)) as opened:
        gone = opened.prune(before, dry_run=dry_run)
    typer.echo(
        f"drift: {'would remove' if dry_run else 'removed'} {counted(gone.results, 'result')}"
        f" ({counted(gone.profiles, 'profile')}) of days before {before}",
        err=True,
    )
    return 0


class WithPrune(Command):
    """`drift history`, which takes the name of a check, and `drift history prune` beside it.

    A group cannot take an argument and have commands: it would take `prune` for a check. A check
    of that name is asked for with an option before it.
    """

    @property
    def commands(self) -> dict[str, Any]:
        """The command beside it, as a group has it."""
        return {"prune": typer.main.get_command(_pruning)}

    def make_context(self, info_name: str | None, args: list[str], **more: Any) -> Any:  # type: ignore[override]  # the same, named by position
        """Begin the command, or the one that the first argument names."""
        if args and args[0] in self.commands:
            path = f"{info_name} {args[0]}"
            return self.commands[args[0]].make_context(path, args[1:], **more)
        return super().make_context(info_name, args, **more)
