"""A stream kept on disk, since a pass over the data may have to be repeated.

The file has no name, so that nothing is left of it however the process ends.
"""

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from driftcli.errors import InputError
from driftcli.text import cause

_PIECE = 1 << 20


def spooled(stream: Any, shown: str) -> pa.Buffer:
    """Copy a buffered stream to a file without a name, and return what it holds.

    Raises
    ------
    InputError
        When there is no room for it.
    OSError
        When the stream cannot be read.
    """
    with _room(shown):
        kept = tempfile.TemporaryFile(prefix="drift-")  # noqa: SIM115 - closed below
    with kept:
        # One read of the pipe at a time, so that an interrupt need not wait for the next.
        while data := stream.read1(_PIECE):
            with _room(shown):
                kept.write(data)
        with _room(shown):
            kept.flush()
        if not kept.tell():
            return pa.py_buffer(b"")
        return pa.py_buffer(mmap.mmap(kept.fileno(), 0, access=mmap.ACCESS_READ))


@contextmanager
def _room(shown: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{shown}: cannot be kept on disk: {cause(error)}. TMPDIR names another folder."
        ) from error
