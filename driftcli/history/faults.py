"""What errors of a store are called, in one line: those of one that is lost, and mistakes."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, exc

from driftcli.errors import HistoryError, LostStoreError, missing_package
from driftcli.history.values import RESTORE
from driftcli.text import safe, scrubbed

#: What SQLite says when it is not of use, but was or will be.
_LOST = {
    "locked": "locked by another process; try again when it is done",
    "full": "the disk is full",
    "malformed": f"the file is damaged; {RESTORE}",
    "could not decode": f"the store is damaged: it holds a text that is none; {RESTORE}",
    "no such": f"the store is damaged: it lacks a table or a column; {RESTORE}",
    "disk i/o": f"the disk does not read or write; {RESTORE}",
}
_UNFIT = {
    "not a database": "not an SQLite database; name another file",
    "readonly": "no permission to write there; name another place",
}


@contextmanager
def as_history_error(url: URL) -> Iterator[None]:
    """Turn what a database complains about into one line."""
    try:
        yield
    except HistoryError as error:
        raise _named(url, error) from error
    except ModuleNotFoundError as error:
        unfit = HistoryError(missing_package(error.name or "its driver"))
        raise _named(url, unfit) from error
    except exc.NoSuchModuleError:
        unfit = HistoryError("there is no such driver; postgresql://… takes psycopg")
        raise _named(url, unfit) from None
    except UnicodeDecodeError as error:  # SQLite repeats what it finds in a file that is damaged
        raise _named(url, LostStoreError(_LOST["malformed"])) from error
    except (exc.DBAPIError, sqlite3.Error) as error:
        raise _named(url, _failure(url, error)) from error
    except OSError as error:
        raise _named(url, _unwritten(url, error)) from error


def _named(url: URL, error: HistoryError) -> HistoryError:
    return type(error)(f"history {shown(url)}: {error}")


def _failure(url: URL, error: Exception) -> HistoryError:
    """Return what a database complains about."""
    complaint = " ".join(str(getattr(error, "orig", None) or error).split()) or type(error).__name__
    if url.get_backend_name() != "sqlite":
        return LostStoreError(scrubbed(complaint))
    path = Path(url.database or "")
    for sign, cause in _UNFIT.items():
        if sign in complaint.lower():
            return HistoryError(cause)
    if _is_full(path):
        return LostStoreError(_LOST["full"])
    for sign, cause in _LOST.items():
        if sign in complaint.lower():
            return LostStoreError(cause)
    return HistoryError(_unopened(path) or scrubbed(complaint))


def _is_full(path: Path) -> bool:
    """Return whether there is no room beside a file, which SQLite does not always tell."""
    try:
        free = os.statvfs(path.parent)
    except (OSError, AttributeError):
        return False
    return free.f_bavail == 0


def _unwritten(url: URL, error: OSError) -> HistoryError:
    if error.errno == errno.ENOSPC:
        return LostStoreError(_LOST["full"])
    reason = (error.strerror or type(error).__name__).lower()
    return HistoryError(_unopened(Path(url.database or "")) or reason)


def shown(url: URL) -> str:
    """Return how messages call a store: without its secrets."""
    if url.get_backend_name() == "sqlite" and not url.query:
        return safe(url.database or "")
    return safe(url.render_as_string(hide_password=False))


def _unopened(path: Path) -> str | None:
    """Return why a file cannot be opened, where the file system knows."""
    if path.is_dir():
        return "a directory; name a file in it"
    if not path.parent.is_dir():
        return f"there is no directory '{safe(str(path.parent))}'; make it"
    place = path if path.exists() else path.parent
    if not os.access(place, os.R_OK | os.W_OK):
        return "no permission; name another place"
    return None
