"""Progress on a terminal: one line on stderr, for work that takes over a second."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from driftcli.engine import Progress

_PATIENCE = 1.0
_EVERY = 0.1
_CLEAR = "\r\x1b[K"


@contextmanager
def progress_line() -> Iterator[Progress | None]:
    """Yield what draws rows, bytes, rate and time left; None when stderr is no terminal."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    line = _Line()
    try:
        yield line
    finally:
        line.clear()


class _Line:
    def __init__(self) -> None:
        self._total: int | None = None
        self._started = time.monotonic()
        self._drawn = self._started + _PATIENCE - _EVERY
        self._rows = 0.0
        self._bytes = 0
        self._shown = False

    def expect(self, size: int | None) -> None:
        """Take note of how many bytes there are to read, if that is known."""
        self._total = size

    def advance(self, rows: float, size: int) -> None:
        """Count what was read, and redraw now and then."""
        self._rows += rows
        self._bytes += size
        now = time.monotonic()
        if now - self._drawn >= _EVERY:
            self._drawn, self._shown = now, True
            # The terminal's last cell stays free: some break the line there.
            text = self._text(now - self._started)[: _columns() - 1]
            sys.stderr.write(_CLEAR + text)
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()

    def _text(self, seconds: float) -> str:
        parts = [f"{self._rows:,.0f} rows", _megabytes(self._bytes)]
        if self._total:
            share = min(1.0, self._bytes / self._total)
            parts = [f"{share:4.0%}", parts[0], f"{parts[1]} of {_megabytes(self._total)}"]
            if share > 0:
                parts.append(f"{seconds / share - seconds:,.0f} s left")
        return " · ".join([*parts, f"{self._rows / seconds:,.0f} rows/s"])


def _columns() -> int:
    """Return the width of the terminal that stderr is, or a usual one if it does not say."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return 80


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
