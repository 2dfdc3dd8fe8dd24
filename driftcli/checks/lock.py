"""A lock that keeps two runs apart.

The operating system holds it for the process and drops it when that ends, however it ends: what a
crashed run leaves is a file that locks nothing. The file stays, since a lock on a file that is
removed and made again is a lock on another file. Nothing is written into a file that was not empty
and is not ours, or that is reached through a link.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from driftcli.errors import DriftError, UsageError
from driftcli.writing import unwritable

_EVERY = 0.2
_LONGEST = 4096
#: What a power failure can leave in the place of what was written.
_BLANK = b"\0 \n"


class LockedError(DriftError):
    """Another run holds the lock."""


@contextmanager
def locked(path: Path, patience: timedelta) -> Iterator[None]:
    """Hold the lock of a file, made where there is none, while the body runs.

    Parameters
    ----------
    patience
        How long to wait for another run that holds it.

    Raises
    ------
    LockedError
        When another run holds it still; names its process, its host and when it began.
    UsageError
        When the file is none that a lock may be written into.
    """
    descriptor = _opened(path)
    try:
        _take(descriptor, path, time.monotonic() + patience.total_seconds())
        _sign(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    """Open the file of a lock; no device, which opening alone may set going, and no link."""
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path}: not a file, and so no lock; name another one")
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UsageError(f"{path}: a link, and no lock; name the file itself") from error
        raise unwritable(path, error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UsageError(f"{path}: not a file, and so no lock; name another one")
    return descriptor


def _take(descriptor: int, path: Path, until: float) -> None:
    try:
        import fcntl
    except ModuleNotFoundError:
        raise UsageError("drift run: this system has no file locks as POSIX has") from None
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise LockedError(f"{path}: {_holder(descriptor)}; --wait 10m waits") from None
            time.sleep(_EVERY)
        except OSError as error:  # a file system without locks
            raise unwritable(path, error) from error
        else:
            return


def _sign(descriptor: int, path: Path) -> None:
    """Write into the file who holds it, for the message of those who come later."""
    held = os.pread(descriptor, _LONGEST, 0)
    if len(held) == _LONGEST or (held.strip(_BLANK) and _signature(held) is None):
        raise UsageError(f"{path}: not empty, and no lock of drift; name another file")
    holder = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(" ", "seconds"),
    }
    text = json.dumps(holder).encode() + b"\n"
    # A full disk takes the name of the holder from the message, and nothing from the lock.
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        if os.pwrite(descriptor, text, 0) < len(text):
            os.ftruncate(descriptor, 0)


def _holder(descriptor: int) -> str:
    holder = _signature(os.pread(descriptor, _LONGEST, 0))
    if holder is None:  # it has not signed yet
        return "another run holds the lock"
    return (
        f"another run holds the lock: process {holder['pid']} on {holder['host']},"
        f" since {holder['since']}"
    )


def _signature(held: bytes) -> dict[str, Any] | None:
    """Return what a run wrote into the file, None where that is anything else."""
    try:
        found = json.loads(held)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.keys() == {"pid", "host", "since"} else None
