"""Standard input and pipes: what is no data is refused, what does not end or begin is told."""

import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftcli.errors import InputError
from driftcli.text import visible

if TYPE_CHECKING:
    import pyarrow as pa

#: What a pipe may deliver: data without an end must not fill the disk.
PIPE_BYTES = 4 << 30
#: Seconds without data after which it is said what is waited for.
PATIENCE = 5.0
_DEVICES = {
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
    stat.S_IFSOCK: "a socket",
}


def is_piped(name: str) -> bool:
    """Return whether data comes through a pipe, or from a device, and so once only."""
    if name == "-":
        return True
    try:
        return not stat.S_ISREG(mode := Path(name).stat().st_mode) and not stat.S_ISDIR(mode)
    except (OSError, ValueError):  # none, or no path: told as it is opened
        return False


def standard_input() -> "pa.Buffer":
    """Return what comes on standard input."""
    if sys.stdin is None or sys.stdin.isatty():
        what = "closed" if sys.stdin is None else "a terminal"
        raise InputError(f"-: standard input is {what}. Pipe the data in, or name a file.")
    with suppress(AttributeError, OSError):  # a stand-in without a descriptor
        _refuse_devices(os.fstat(sys.stdin.fileno()), "-")
    with _told_of_waiting("-") as heard:
        return _kept(sys.stdin.buffer, "-", heard)


def pipe(path: str) -> "pa.Buffer":
    """Return what a pipe delivers, such as `<(zcat data.csv.gz)`."""
    _refuse_devices(Path(path).stat(), path)
    # A named pipe opens once somebody writes to it.
    with _told_of_waiting(path) as heard, Path(path).open("rb") as stream:
        return _kept(stream, path, heard)


def _kept(stream: Any, shown: str, heard: Callable[[], None]) -> "pa.Buffer":
    from driftcli.source.spool import spooled

    return spooled(_Bounded(stream, visible(shown), heard, PIPE_BYTES), visible(shown))


@dataclass
class _Bounded:
    """A stream that must come to an end, and whose every delivery is `heard` of."""

    stream: Any
    shown: str
    heard: Callable[[], None]
    left: int

    def read1(self, size: int) -> bytes:
        data: bytes = self.stream.read1(size)
        self.heard()
        self.left -= len(data)
        if self.left < 0:
            raise InputError(
                f"{self.shown}: more than {PIPE_BYTES:,} bytes came through a pipe. Write them to "
                "a file, which may have any size, and name it."
            )
        return data


def _refuse_devices(status: os.stat_result, shown: str) -> None:
    """Refuse what is neither a file nor a pipe; the null device is an empty file."""
    device = _DEVICES.get(stat.S_IFMT(status.st_mode))
    if device and status.st_rdev != os.stat(os.devnull).st_rdev:  # noqa: PTH116 - no path of ours
        raise InputError(
            f"{visible(shown)}: this is {device}, which holds no dataset. Name a file or a pipe."
        )


@contextmanager
def _told_of_waiting(shown: str) -> Iterator[Callable[[], None]]:
    """Say once on stderr when no data comes; the caller tells when some does."""
    last = [time.monotonic()]
    ended = threading.Event()

    def heard() -> None:
        last[0] = time.monotonic()

    def watch() -> None:
        while not ended.wait(PATIENCE / 10):
            if time.monotonic() - last[0] >= PATIENCE:
                with suppress(OSError, ValueError):  # nobody reads it
                    print(_waiting(shown), file=sys.stderr, flush=True)  # noqa: T201
                return

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield heard
    finally:
        ended.set()


def _waiting(shown: str) -> str:
    return (
        f"drift: {visible(shown)}: no data for {PATIENCE:g} s, waiting for more. "
        "Ctrl-C or --timeout ends it."
    )
