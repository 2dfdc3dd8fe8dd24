"""Names that options and commands had before, which still work and no help shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from driftcli.cli.panels import Paneled
from driftcli.cli.unconverted import Unconverted

#: What options were called, and are called now.
_NAMES = {"--store": "--history", "--ignore": "--exclude"}
#: Those of which people are told.
_TOLD = {"--store"}


class Command(Unconverted, Paneled):
    """A command whose options may go by the names that they had."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take options by their names of now."""
        known = {name for each in self.params for name in each.opts}
        return super().parse_args(ctx, list(_by_names_of_now(args, known)))


def _by_names_of_now(args: list[str], known: set[str]) -> Iterator[str]:
    for at, text in enumerate(args):
        if text == "--":
            yield from args[at:]
            return
        old, equals, value = text.partition("=")
        new = _NAMES.get(old)
        if new is None or old in known or new not in known:
            yield text
            continue
        if old in _TOLD:
            typer.echo(f"drift: warning: {old} is called {new} now", err=True)
        yield f"{new}{equals}{value}"
