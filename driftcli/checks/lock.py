"""A lock that keeps two runs apart.

The operating system holds it for the process and drops it when that ends, however it ends: what a
crashed run leaves is a file that locks nothing. The file stays, since a lock on a file that is
removed and made again is a lock on another file.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from driftcli.errors import DriftError, UsageError
from driftcli.writing import unwritable

_EVERY = 0.2
_LONGEST = 4096


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
        When the file cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        _take(descriptor, path, time.monotonic() + patience.total_seconds())
        _sign(descriptor)
        yield
    finally:
        os.close(descriptor)


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


def _sign(descriptor: int) -> None:
    """Write into the file who holds it, for the message of those who come later."""
    holder = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(" ", "seconds"),
    }
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(holder).encode() + b"\n", 0)


def _holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, _LONGEST, 0))
        return (
            f"another run holds the lock: process {holder['pid']} on {holder['host']},"
            f" since {holder['since']}"
        )
    except (ValueError, KeyError, TypeError):  # it has not signed yet
        return "another run holds the lock"
