"""`drift history`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcli.cli import history_store, options, parsing
from driftcli.cli.command import command
from driftcli.cli.panels import Heading
from driftcli.cli.settings import settings
from driftcli.errors import UsageError
from driftcli.render import FORMATS, SUFFIXES, Look, render

if TYPE_CHECKING:
    from driftcli.cli.output import Output

EPILOG = """\
\b
Examples:
  drift history
  drift history orders --since 90d
  drift history orders --column price
  drift history orders --column price --with size
  drift history orders -o scores.parquet
"""
#: What is written of trends, and of scores: a row each.
_OF_TRENDS = tuple(FORMATS["history"])
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
            rich_help_panel=Heading.HISTORY,
        ),
    ] = None,
    paired: Annotated[
        str | None,
        typer.Option(
            "--with",
            help="With --column: both together, as a pair.",
            metavar="COLUMN",
            rich_help_panel=Heading.HISTORY,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            help="Trends from this day on, or over this long: 2025-03-01, 90d, 12w. The table has"
            " the last 40 runs by default, all else has all.",
            metavar="DAY",
            rich_help_panel=Heading.HISTORY,
        ),
    ] = None,
    format_: Annotated[
        str | None,
        options.format_of(
            (*_OF_TRENDS, *_OF_SCORES),
            "table and json tell trends; csv, jsonl and parquet (with -o) have a row a score.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="Write to a file, in the format of its suffix.",
            metavar="FILE",
            rich_help_panel=Heading.OUTPUT,
        ),
    ] = None,
    color: options.Color = None,
    store: history_store.Store = None,
    config: options.Config = None,
) -> int:
    """Tell how checks went, and since when they are as they are.

    Shows trends of all checks, of one, or of a column or pair of it. What is old is removed by
    `drift prune`.
    """
    from driftcli.cli.output import emit, emit_table, placed, tell_written, terminal_look, write_at
    from driftcli.history.trends import require_recorded, trends
    from driftcli.render import score_rows

    if column is not None and check is None:
        raise UsageError("--column is one of a check; name the check too")
    if paired is not None and column is None:
        raise UsageError("--with names the other column of a pair; name the first with --column")
    path = None if output is None else placed(output)
    form = _format(format_, path)
    first = None if since is None else parsing.since(since)
    look = terminal_look(color) if path is None and form == "table" else Look()
    with history_store.open_store(store, settings(config)) as opened:
        if form in _OF_SCORES:
            require_recorded(opened, check, column, paired)
            text: str | bytes = score_rows.render(
                opened.scores(check, column, first, paired=paired), form
            )
        else:
            last = _LAST if form == "table" and first is None else None
            found = trends(opened, check, column, paired=paired, since=first, last=last)
            text = render(found, form, look)
    if path is not None:
        write_at(path, text)
        tell_written(path)
    elif isinstance(text, str):  # only Parquet is not, and goes to files only
        (emit_table if form == "table" else emit)(text)
    return 0


def _format(format_: str | None, path: Output | None) -> str:
    if format_ == "parquet" and path is None:
        raise UsageError("--format parquet: name the file to write with --output")
    return format_ or ("table" if path is None else _form_of(path))


def _form_of(path: Output) -> str:
    from driftcli.render.files import form_of
    from driftcli.writing import is_device

    if isinstance(path, Path) and is_device(path):
        return "table"
    suffixes = {**SUFFIXES, ".parquet": "parquet"}
    return form_of(str(path), (*_OF_TRENDS, *_OF_SCORES), suffixes)
