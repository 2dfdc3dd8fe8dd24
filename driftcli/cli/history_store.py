"""The store of past runs, as the commands about it take it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from driftcli.cli import parsing
from driftcli.cli.panels import Heading
from driftcli.config import Configuration, length
from driftcli.errors import LostStoreError

if TYPE_CHECKING:
    from driftcli.config import Configuration
    from driftcli.history.store import History

Store = Annotated[
    str | None,
    typer.Option(
        "--history",
        help="The history: a path or a database URL, in the place of that in drift.toml"
        " (drift-history.db beside it).",
        metavar="STORE",
        envvar="DRIFT_HISTORY",
        show_envvar=False,
        rich_help_panel=Heading.HISTORY,
    ),
]


def open_store(store: str | None, configuration: Configuration, *, create: bool = False) -> History:
    """Open the store that the option, the environment or the configuration names.

    Raises
    ------
    HistoryError
        When it cannot be opened.
    """
    from driftcli.history import open_history

    return open_history(place(store, configuration), create=create)


def place(store: str | None, configuration: Configuration) -> str:
    """Return the path or URL of the store."""
    from driftcli.history.opening import where

    folder = configuration.path.parent if configuration.path else Path()
    return where(store, os.environ, configuration.history, folder)


class Opened(NamedTuple):
    """What a store is called, and the store, or why it cannot be used now; nothing without one."""

    where: str | None = None
    history: History | None = None
    lost: str | None = None


@dataclass(frozen=True)  # as all options that a command takes together
class Keeping:
    """Where results are kept, and the lock of those who write there."""

    history: Store = None
    no_history: Annotated[
        bool,
        typer.Option("--no-history", help="Keep no results.", rich_help_panel=Heading.HISTORY),
    ] = False
    lock: Annotated[
        Path | None,
        typer.Option(
            help="The file that keeps two runs apart; beside the history by default.",
            metavar="FILE",
            rich_help_panel=Heading.RUNNING,
        ),
    ] = None
    wait: Annotated[
        str | None,
        typer.Option(
            help="Wait so long for another run to end, such as 10m; not at all by default.",
            metavar="DURATION",
            rich_help_panel=Heading.RUNNING,
        ),
    ] = None

    @contextmanager
    def open(self, configuration: Configuration) -> Iterator[Opened]:
        """Hold the lock, and yield the store.

        Raises
        ------
        DriftError
            When another run holds the lock, or the store is none that could ever be opened.
        """
        from driftcli.checks.lock import locked

        patience = length(parsing.duration("--wait", self.wait) or "0s")
        where = None if self.no_history else place(self.history, configuration)
        with locked(self.lock or _lock(where, configuration), patience):
            if where is None:
                yield Opened()
                return
            from driftcli.history import open_history

            try:
                history = open_history(where)
            except LostStoreError as error:
                yield Opened(where, lost=str(error))
                return
            with history:
                yield Opened(where, history)


def folder_of(configuration: Configuration) -> Path:
    """Return the folder that paths in the configuration are relative to."""
    assert configuration.path is not None
    return configuration.path.absolute().parent


def _lock(where: str | None, configuration: Configuration) -> Path:
    """Return the lock's file: beside the store where that is a file, or else the configuration."""
    if where is None or "://" in where:
        return folder_of(configuration) / ".drift-run.lock"
    return Path(f"{where}.lock")
