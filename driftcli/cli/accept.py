"""`drift accept`."""

from __future__ import annotations

import getpass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from driftcli.cli import history_store, options, parsing
from driftcli.cli.command import command
from driftcli.cli.panels import Heading
from driftcli.cli.settings import settings
from driftcli.errors import UsageError, nearest, no_column

if TYPE_CHECKING:
    from driftcli.config import Configuration
    from driftcli.history.records import RecordedWaiver
    from driftcli.history.store import History

EPILOG = """\
\b
Examples:
  drift accept orders price --until 2026-01-31 --why "new price list"
  drift accept orders 'promo_*' --until 2026-01-31 --why "campaign"
  drift accept orders price --with size --until 2026-01-31 --why "new halls"
  drift accept --list
  drift accept orders price --revoke
"""
_AHEAD = "--ahead accepts what is to come"


@command
def accept(
    check: Annotated[
        str | None,
        typer.Argument(help="The check, by its name.", metavar="CHECK", show_default=False),
    ] = None,
    column: Annotated[
        str | None,
        typer.Argument(help="The column, or a glob.", metavar="COLUMN", show_default=False),
    ] = None,
    paired: Annotated[
        str | None,
        typer.Option(
            "--with",
            help="Another column, or a glob: what is accepted is of both together, as a pair.",
            metavar="COLUMN",
            rich_help_panel=Heading.WAIVER,
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            help="The last day on which it holds.",
            metavar="DAY",
            rich_help_panel=Heading.WAIVER,
        ),
    ] = None,
    why: Annotated[
        str | None,
        typer.Option(
            help="The reason, which reports repeat.",
            metavar="TEXT",
            rich_help_panel=Heading.WAIVER,
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="Who accepts it: your user name by default.",
            metavar="NAME",
            rich_help_panel=Heading.WAIVER,
        ),
    ] = None,
    list_: Annotated[
        bool,
        typer.Option(
            "--list",
            help="List what is accepted, of all checks or of CHECK.",
            rich_help_panel=Heading.WAIVER,
        ),
    ] = False,
    ahead: Annotated[
        bool,
        typer.Option(
            "--ahead",
            help="Accept it although there is no such check or column yet.",
            rich_help_panel=Heading.WAIVER,
        ),
    ] = False,
    revoke: Annotated[
        bool,
        typer.Option(
            "--revoke",
            help="Take back what was accepted of COLUMN.",
            rich_help_panel=Heading.WAIVER,
        ),
    ] = False,
    color: options.Color = None,
    store: history_store.Store = None,
    config: options.Config = None,
) -> int:
    """Accept that a column or a pair of them drifts, until a day.

    It is still scored and shown, but the verdict and the exit code of `drift run` leave it out.
    """
    asked = _Asked(check or "", column, paired, until, why, by)
    _check_together(asked, list_=list_, revoke=revoke)
    configuration = settings(config)
    with history_store.open_store(store, configuration, create=not (list_ or revoke)) as history:
        if list_:
            _list(history, check, color)
        elif revoke:
            _revoke(history, asked)
        else:
            _accept(history, configuration, asked, ahead=ahead)
    return 0


class _Asked(Struct, frozen=True):
    """What is to be accepted, listed or revoked, as far as it is told."""

    check: str
    column: str | None
    paired: str | None
    until: str | None
    why: str | None
    by: str | None

    @property
    def named(self) -> str:
        """The column, or both of a pair, as messages name them."""
        from driftcli.render.escape import short_name

        both = [each for each in (self.column, self.paired) if each is not None]
        return " × ".join(map(short_name, both))


def _check_together(asked: _Asked, *, list_: bool, revoke: bool) -> None:
    if list_ and revoke:
        raise UsageError("--list and --revoke are two things to do; give one")
    if list_ or revoke:
        if any(each is not None for each in (asked.until, asked.why, asked.by)):
            what = "--list" if list_ else "--revoke"
            raise UsageError(f"{what} takes no --until, --why and --by")
        if list_ and not (asked.column is None and asked.paired is None):
            raise UsageError("--list takes a check at most")
    if not list_ and (not asked.check or asked.column is None):
        raise UsageError("name the check and the column, such as: drift accept orders price")
    if not (list_ or revoke) and not (asked.until and asked.why and asked.why.strip()):
        raise UsageError("what is accepted needs both --until DAY and --why TEXT")


def _accept(history: History, configuration: Configuration, asked: _Asked, *, ahead: bool) -> None:
    from driftcli.text import visible

    check, column, until = asked.check, asked.column or "", asked.until or ""
    last = parsing.day(until, "--until")
    if last < parsing.today():
        raise UsageError(f"--until {until}: this day is over, so that nothing would be accepted")
    if not ahead:
        _check_known(history, configuration, check, column)
        if asked.paired is not None:
            _check_pair_known(history, check, column, asked.paired)
    why = " ".join((asked.why or "").split())
    history.accept(check, column, last, why, asked.by or _user(), paired=asked.paired)
    typer.echo(f"drift: accepted {visible(check)}: {asked.named} until {last}", err=True)


def _check_known(history: History, configuration: Configuration, check: str, column: str) -> None:
    """Refuse a slip of the pen: a check, or a column of its newest run, that does not exist.

    Of a check that has not run yet any column may be accepted.
    """
    known = dict.fromkeys([*configuration.checks, *history.checks()])
    if check not in known:
        hint = nearest(check, known)
        raise UsageError(f"there is no check {check!r}; {hint}; {_AHEAD}")
    columns = _newest_columns(history, check)
    if columns and not any(each == column or fnmatchcase(each, column) for each in columns):
        lacking = no_column(column, columns, "in its newest run")
        first, sign, second = column.partition(" × ")
        if sign:
            lacking = f"{column!r} is no column; a pair is {first!r} --with {second!r}"
        raise UsageError(f"{check}: {lacking}; {_AHEAD}")


def _check_pair_known(history: History, check: str, column: str, paired: str) -> None:
    """Refuse a pair that is none of those of the newest run."""
    from driftcli.report.columns import Waiver
    from driftcli.report.joint import pair_waiver_of

    waiver = {(column, paired): Waiver(until="", why="")}
    pairs = history.pair_runs(check)
    if any(pair_waiver_of(columns, waiver) for columns in pairs):
        return
    if not pairs:
        if _newest_columns(history, check):
            raise UsageError(f"{check}: no pair is in its runs; `joint = true` has it; {_AHEAD}")
        return
    others = {each for columns in pairs if column in columns for each in columns} - {column}
    hint = nearest(paired, sorted(others)) if others else f"{column!r} is in none"
    raise UsageError(
        f"{check}: no pair of {column!r} with {paired!r} in its runs; {hint}; {_AHEAD}"
    )


def _newest_columns(history: History, check: str) -> list[str]:
    by_column = history.column_runs(check)
    newest = max((runs[-1].day for runs in by_column.values()), default=None)
    return [name for name, runs in by_column.items() if runs[-1].day == newest]


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without users
        return None


def _revoke(history: History, asked: _Asked) -> None:
    from driftcli.text import visible

    check, column = asked.check, asked.column or ""
    if not history.revoke(check, column, asked.paired):
        known = [_pattern(each) for each in history.accepted(check)]
        if asked.paired is None:
            raise UsageError(f"{check}: {column!r} is not accepted; {nearest(column, known)}")
        hint = nearest(asked.named, known)
        raise UsageError(f"{check}: the pair {asked.named} is not accepted; {hint}")
    typer.echo(f"drift: revoked {visible(check)}: {asked.named}", err=True)


def _pattern(recorded: RecordedWaiver) -> str:
    """Return the column or glob of a waiver, or both of a pair."""
    return " × ".join(each for each in (recorded.pattern, recorded.paired) if each is not None)


def _list(history: History, check: str | None, color: str | None) -> None:
    from driftcli.cli.output import emit_table, terminal_look
    from driftcli.render.terminal.history import AcceptedRow, render_accepted

    today = parsing.today()
    found = [
        AcceptedRow(each.check, _pattern(each), each.waiver, holds=each.holds(today))
        for each in history.accepted(check)
    ]
    emit_table(render_accepted(found, terminal_look(color)))
