"""The store of past runs, and days, as the commands about it take them."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcli.cli import options
from driftcli.errors import UsageError

if TYPE_CHECKING:
    from driftcli.config import Loaded
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
    ),
]
Config = options.Config
_LENGTH = re.compile(r"([1-9]\d{0,4})([dw])\Z")


def opened(store: str | None, loaded: Loaded, *, create: bool = False) -> History:
    """Open the store that the option, the environment or the configuration names.

    Raises
    ------
    HistoryError
        When it cannot be opened.
    """
    from driftcli.history import open_history

    return open_history(place(store, loaded), create=create)


def settings(config: Path | None) -> Loaded:
    """Return the configuration in force."""
    from driftcli.config import load
    from driftcli.metrics import METRICS

    return load(metrics=METRICS, config=config, environ=os.environ, cwd=Path.cwd())


def place(store: str | None, loaded: Loaded) -> str:
    """Return the path or URL of the store."""
    from driftcli.history.opening import where

    folder = loaded.path.parent if loaded.path else Path()
    return where(store, os.environ, loaded.history, folder)


def today() -> date:
    """Return the day it is, in UTC as the days of checks are."""
    return datetime.now(UTC).date()


def day(text: str, option: str) -> date:
    """Return the day that an option names.

    Raises
    ------
    UsageError
        When it names none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r}: expected a day, such as 2026-01-31") from None


def length(text: str, option: str) -> timedelta:
    """Return the days that an option names: `30d`, or `4w`.

    Raises
    ------
    UsageError
        When it names none.
    """
    found = _LENGTH.match(text)
    if not found:
        raise UsageError(f"{option} {text!r}: expected a number of days or weeks: 400d or 52w")
    return timedelta(days=int(found[1]) * (7 if found[2] == "w" else 1))


def since(text: str, option: str = "--since") -> date:
    """Return the day that an option names, or that lies as long ago as it says.

    Raises
    ------
    UsageError
        When it says neither.
    """
    if _LENGTH.match(text):
        return today() - length(text, option)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} {text!r}: expected a day such as 2025-03-01, or how long ago: 30d or 4w"
        ) from None
