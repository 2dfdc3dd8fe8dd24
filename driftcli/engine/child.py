"""What a child process does: work that it is sent, until nothing more can come."""

from __future__ import annotations

import os
import pickle
import struct
import sys
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

import numpy as np

from driftcli.engine.failures import sent
from driftcli.engine.threads import keep_freed_memory

#: The line after which nothing but answers is written: what starts with Python may print, too.
READY = b"drift child is ready\n"
#: Arrays of fewer bytes are copied sooner than they are sent by themselves.
_SMALL = 1 << 12
#: A value as it is sent: what it is, and its large arrays.
Parts = Sequence[memoryview]


def serve(processors: int) -> None:
    """Answer what comes on standard input; end with it, even in the middle of work."""
    import pyarrow as pa

    answers = _standard_output()
    asked: SimpleQueue[Parts] = SimpleQueue()
    Thread(target=_take, args=(sys.stdin.buffer, asked), daemon=True).start()
    keep_freed_memory()
    pa.set_cpu_count(processors)
    answers.write(READY)
    answers.flush()
    worker = _Worker()
    while True:
        send(answers, worker.answer(asked.get()))


def _standard_output() -> IO[bytes]:
    """Return where answers go; what libraries print goes where errors do."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _take(stream: IO[bytes], asked: SimpleQueue[Parts]) -> None:
    try:
        while True:
            asked.put(received(stream))
    except EOFError:
        os._exit(0)


class _Worker:
    """Does the work it was told of last."""

    _work: Callable[[Any], Any]

    def answer(self, asked: Parts) -> tuple[Any, Exception | None]:
        """Return what work makes of an item, or its error."""
        try:
            other, item = opened(asked)
            self._work = other or self._work
            return self._work(item), None
        except MemoryError:
            return None, MemoryError()
        except Exception as error:  # noqa: BLE001 - raised where it is awaited
            return None, sent(error)


def send(stream: IO[bytes], value: Any) -> None:
    """Write a value, its large arrays as they lie in memory."""
    large: list[memoryview] = []

    def taken(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < _SMALL:
            return True
        large.append(raw)
        return False

    parts = [memoryview(pickle.dumps(value, 5, buffer_callback=taken)), *large]
    stream.write(struct.pack(f"<{1 + len(parts)}Q", len(parts), *(each.nbytes for each in parts)))
    for part in parts:
        stream.write(part)
    stream.flush()


def received(stream: IO[bytes]) -> Parts:
    """Read the next value, for `opened`.

    Raises
    ------
    EOFError
        When there is none.
    """
    (count,) = struct.unpack("<Q", _read(stream, 8))
    sizes = struct.unpack(f"<{count}Q", _read(stream, 8 * count))
    return [_read(stream, size) for size in sizes]


def opened(parts: Parts) -> Any:
    """Return a value that was received."""
    whole, *large = parts
    return pickle.loads(whole, buffers=large)  # noqa: S301 - ours


def _read(stream: IO[bytes], size: int) -> memoryview:
    # Not zeroed first, as a bytearray is.
    memory = np.empty(size, np.uint8).data
    if stream.readinto(memory) < size:  # type: ignore[attr-defined]  # buffered, as all of ours
        raise EOFError
    return memory
