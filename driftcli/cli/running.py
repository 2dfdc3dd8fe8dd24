"""Where a run of checks keeps its results, and what keeps two runs apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from driftcli.cli import options, stores
from driftcli.config import Loaded, length
from driftcli.errors import LostStoreError

if TYPE_CHECKING:
    from driftcli.history.store import History


class Opened(NamedTuple):
    """What a store is called, and the store, or why it cannot be used now; nothing without one."""

    where: str | None = None
    history: History | None = None
    lost: str | None = None


@dataclass(frozen=True)
class Keeping:
    """Where results are kept, and the lock of those who write there."""

    history: stores.Store = None
    no_history: Annotated[bool, typer.Option("--no-history", help="Keep no results.")] = False
    lock: Annotated[
        Path | None,
        typer.Option(
            help="The file that keeps two runs apart; beside the history by default.",
            metavar="FILE",
        ),
    ] = None
    wait: Annotated[
        str | None,
        typer.Option(help="Wait so long for another run to end.", metavar="DURATION"),
    ] = None

    @contextmanager
    def opened(self, loaded: Loaded) -> Iterator[Opened]:
        """Hold the lock, and yield the store.

        Raises
        ------
        DriftError
            When another run holds the lock, or the store is none that could ever be opened.
        """
        from driftcli.checks.lock import locked

        patience = length(options.duration("--wait", self.wait) or "0s")
        where = None if self.no_history else stores.place(self.history, loaded)
        with locked(self.lock or _lock(where, loaded), patience):
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


def folder_of(loaded: Loaded) -> Path:
    """Return the folder that paths in the configuration are relative to."""
    assert loaded.path is not None
    return loaded.path.absolute().parent


def _lock(where: str | None, loaded: Loaded) -> Path:
    """Return the lock's file: beside the store where that is a file, or else the configuration."""
    if where is None or "://" in where:
        return folder_of(loaded) / ".drift-run.lock"
    return Path(f"{where}.lock")
