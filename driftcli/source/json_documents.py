"""JSON that is not one object a line: arrays of objects, and objects over several lines.

A document is made into lines as it is read, byte for byte: what parts its records becomes the
end of a line, and the ends of lines within a record become blanks. So chunks, offsets and the
parsing of lines serve both.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from driftcli.errors import InputError
from driftcli.source import records
from driftcli.source.files import File
from driftcli.source.records import Chunk, Dialect, chunks, decoded

LINES = Dialect(quote=b"")
#: So much of a file tells how it is written.
HEAD_BYTES = 4 << 10
_QUOTE, _BACKSLASH, _COMMA, _OPEN, _CLOSE = b'"\\,[]'
_BLANK, _NEWLINE, _RETURN = b" \n\r"
_STEPS = np.zeros(256, np.int8)
_STEPS[list(b"[{")] = 1
_STEPS[list(b"]}")] = -1


@dataclass
class Scan:
    """Where a scan of JSON stands: how deep, whether in a string, whether after a backslash."""

    depth: int = 0
    in_string: bool = False
    escaped: bool = False

    def piece(self, letters: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Return what the next piece holds.

        Returns
        -------
        depths : shape (bytes,)
            How many brackets are open after each byte.
        inside : shape (bytes,)
            Whether it belongs to a string; the quote that ends one does not.
        """
        flips = (letters == _QUOTE).astype(np.uint8)
        flips[self._escaped(letters)] = 0
        if self.in_string:
            flips[:1] ^= 1
        inside = np.bitwise_xor.accumulate(flips).view(np.bool_)
        steps = _STEPS[letters]
        steps[inside] = 0
        depths = np.cumsum(steps, dtype=np.int32) + np.int32(self.depth)
        if len(letters):
            self.depth, self.in_string = int(depths[-1]), bool(inside[-1])
        return depths, inside

    def _escaped(self, letters: NDArray[np.uint8]) -> NDArray[np.intp]:
        """Return where the letters are that a backslash escapes."""
        slashes = np.flatnonzero(letters == _BACKSLASH)
        before = np.array([-1] if self.escaped else [], np.intp)
        slashes = np.concatenate([before, slashes])
        # Of a run of backslashes every second one is escaped itself.
        first = np.flatnonzero(np.diff(slashes, prepend=-3) != 1)
        lengths = np.diff(first, append=len(slashes))
        after = (slashes[first] + lengths)[lengths % 2 == 1]
        self.escaped = bool(len(after)) and int(after[-1]) == len(letters)
        within: NDArray[np.intp] = after[after < len(letters)]
        return within


def json_chunks(file: File, encoding: str, size: int = 0) -> Iterator[Chunk]:
    """Yield the records of a file, one a line, read in pieces of `size` bytes.

    Raises
    ------
    InputError
        When the file ends within a record, or cannot be read.
    """
    pieces: Iterator[bytes] = decoded(file, encoding, size or records.CHUNK_BYTES)
    first = _head(pieces)
    pieces = chain([first], pieces)
    head = first.lstrip()
    if head.startswith(b"["):
        return chunks(file, _lines_of_array(file, pieces), LINES, unit="record")
    if _over_lines(head):
        return chunks(file, _lines_of_objects(file, pieces), LINES, unit="record")
    return chunks(file, pieces, LINES)


def _head(pieces: Iterator[bytes]) -> bytes:
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= HEAD_BYTES or b"\n" in head.lstrip():
            break
    return head


def _over_lines(head: bytes) -> bool:
    """Tell whether an object goes on after its first line."""
    first, newline, _ = head.partition(b"\n")
    return head.startswith(b"{") and bool(newline) and first.rstrip().endswith((b"{", b"[", b","))


def _lines_of_array(file: File, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for letters, depths, inside in _scanned(file, pieces):
        _blank_ends(letters)
        outside = ~inside
        letters[(letters == _OPEN) & (depths == 1) & outside] = _BLANK
        letters[(letters == _COMMA) & (depths == 1) & outside] = _NEWLINE
        letters[(letters == _CLOSE) & (depths == 0) & outside] = _NEWLINE
        yield letters.tobytes()


def _lines_of_objects(file: File, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for letters, depths, _ in _scanned(file, pieces):
        _blank_ends(letters, depths > 0)
        yield letters.tobytes()


def _blank_ends(letters: NDArray[np.uint8], where: NDArray[np.bool_] | None = None) -> None:
    ends = (letters == _NEWLINE) | (letters == _RETURN)
    letters[ends if where is None else ends & where] = _BLANK


def _scanned(
    file: File, pieces: Iterable[bytes]
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.bool_]]]:
    scan = Scan()
    for piece in pieces:
        letters = np.frombuffer(piece, np.uint8).copy()
        yield letters, *scan.piece(letters)
    if scan.depth > 0:
        raise InputError(
            f"{file.shown}: the JSON ends within a record or an array. The file may be truncated; "
            "write it again."
        )
