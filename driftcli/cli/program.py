"""The commands of the program, each imported when it is asked for."""

from __future__ import annotations

import inspect
from collections import UserDict
from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from driftcli.cli.earlier import Command
from driftcli.cli.unconverted import Unconverted

#: The function of each command, in the module of its name, in the order in which help has them.
_FUNCTIONS = {
    "compare": "compare",
    "joint": "joint",
    "show": "show",
    "profile": "profile",
    "merge": "merge",
    "timeline": "timeline",
    "run": "run",
    "calibrate": "calibrate",
    "report": "report",
    "history": "history",
    "prune": "prune",
    "accept": "accept",
    "explain": "explain",
    "init": "init",
    "config": "show_config",
    "metrics": "show_metrics",
    "schema": "schema",
}


class Program(Unconverted, TyperGroup):
    """The program, one of whose commands was a part of another."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.commands = _Commands(_FUNCTIONS)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as in Typer
        """Return the names of the commands, none of which is made for it."""
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write what each command does: that takes its function, and none of its options."""
        names = self.list_commands(ctx)
        limit = formatter.width - 6 - max(map(len, names))
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(name, limit)) for name in names])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Take `history prune` for `prune`; a check of that name goes behind an option."""
        if args[:2] == ["history", "prune"]:
            typer.echo("drift: warning: history prune is called prune now", err=True)
            args = args[1:]
        return super().resolve_command(ctx, args)


class _Commands(UserDict[str, Any]):
    """The commands by their names: functions, until a command is asked for."""

    def __getitem__(self, name: str) -> Any:
        held = super().__getitem__(name)
        if isinstance(held, str):
            held = self.data[name] = _made(name)
        return held


def _summary(name: str, limit: int) -> str:
    documented = TyperCommand(name, help=inspect.getdoc(_function(name)))
    return documented.get_short_help_str(limit)


def _function(name: str) -> Callable[..., int]:
    function: Callable[..., int] = getattr(import_module(f"driftcli.cli.{name}"), _FUNCTIONS[name])
    return function


def _made(name: str) -> Any:
    module = import_module(f"driftcli.cli.{name}")
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    epilog = getattr(module, "EPILOG", None)
    alone.command(name, cls=Command, epilog=epilog)(_function(name))
    return typer.main.get_command(alone)
