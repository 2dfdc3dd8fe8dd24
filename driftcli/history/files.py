"""The file of an SQLite store: made whole, and watched while it is in use.

SQLite would write into a file that was removed, and make anew what was cut to nothing.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event

from driftcli.errors import LostStoreError
from driftcli.history.values import RESTORE
from driftcli.writing import temporary

_FILE = "drift_file"


def file_of(url: URL) -> Path | None:
    """Return the file of a store; None where SQLite is told in its own way, or it is no file."""
    if url.get_backend_name() != "sqlite" or url.query or not url.database:
        return None
    return None if url.database.startswith("file:") else Path(url.database)


def make(path: Path, made: Callable[[URL], None]) -> None:
    """Make a store, so that there is none until it is whole; whoever comes first makes it.

    Parameters
    ----------
    made
        Makes one at an address.
    """
    with tempfile.TemporaryDirectory(prefix="drift-") as folder:
        apart = Path(folder, "store")
        made(URL.create("sqlite", database=str(apart)))
        data = apart.read_bytes()
    place = path.resolve()  # a link may lead to where none is yet
    with temporary(place.parent) as file:
        left = memoryview(data)
        while left:  # a disk that is nearly full takes a part
            left = left[os.write(file.descriptor, left) :]
        os.fsync(file.descriptor)
        with suppress(FileExistsError):
            file.appear(place, 0o644)


def watch(engine: Engine, path: Path) -> None:
    """Have each transaction fail when the file that was opened is no longer the store."""

    def opened(_: sqlite3.Connection, record: Any) -> None:
        record.info[_FILE] = _identity(path)

    def check(connection: Connection) -> None:
        _check(path, connection.info[_FILE])

    event.listen(engine, "connect", opened)
    event.listen(engine, "begin", check)
    event.listen(engine, "commit", check)


def _check(path: Path, opened: tuple[int, int]) -> None:
    try:
        about = path.stat()
    except FileNotFoundError:
        raise LostStoreError("the store was removed while it was in use") from None
    if (about.st_dev, about.st_ino) != opened:
        raise LostStoreError("the store was replaced while it was in use")
    if not about.st_size:
        raise LostStoreError(f"the store is empty (0 bytes), so it was cut; {RESTORE}")


def _identity(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_dev, about.st_ino
