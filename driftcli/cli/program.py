"""The commands of the program, each imported when it is asked for."""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from driftcli.cli.earlier import Command

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


class Program(TyperGroup):
    """The program, one of whose commands was a part of another."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.commands = _Commands(_FUNCTIONS)

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
            held = self.data[name] = _made(name, held)
        return held


def _made(name: str, function: str) -> Any:
    module = import_module(f"driftcli.cli.{name}")
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    epilog = getattr(module, "EPILOG", None)
    alone.command(name, cls=Command, epilog=epilog)(getattr(module, function))
    return typer.main.get_command(alone)
