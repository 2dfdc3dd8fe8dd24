"""Chunks of text by where they lie in their file, so that whoever parses them reads them.

A file is cut once, by someone who sees it, and places go from one process to another. Where its
text is not stored as it is parsed, packed or in another encoding, whoever parses some of it reads
it from its start, and on from there for what follows.
"""

from __future__ import annotations

import codecs
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol, runtime_checkable
from uuid import uuid4

from msgspec import Struct

from driftcli.errors import InputError
from driftcli.source.contract import Block, Fragment, Source
from driftcli.source.files import File
from driftcli.source.records import Chunk


class StoredChunk(Struct, frozen=True):
    """Whole records of one file that are not read yet: `size` bytes from `start` on."""

    file: File
    start: int
    size: int
    line: int
    offset: int

    def read(self) -> Chunk:
        """Return the records."""
        return Chunk(self.file.read(self.size, start=self.start), self.line, self.offset)


class CountedChunk(Struct, frozen=True):
    """Whole records of one file that are not read yet: the chunk of a `number`, counted from 0.

    `cut` is one for all chunks of the file that were cut together.
    """

    uncut: Uncut
    cut: str
    number: int
    size: int

    def read(self) -> Chunk:
        """Return the records."""
        return _reading.chunk(self)


UnreadChunk = StoredChunk | CountedChunk


class _Reading(threading.local):
    """The file that a thread reads from its start, and how far it is."""

    cut = ""
    number = 0
    chunks: Iterator[Chunk] = iter(())

    def chunk(self, asked: CountedChunk) -> Chunk:
        """Return a chunk, of a file that is begun anew only where it comes before the last one."""
        if self.cut != asked.cut or self.number > asked.number:
            self.number, self.chunks = 0, (chunk for chunk, _ in asked.uncut.records())
        self.cut = ""  # where what follows fails, it is not read on
        chunk = next(islice(self.chunks, asked.number - self.number, None), None)
        if chunk is None or chunk.size != asked.size:
            shown = asked.uncut.file.shown
            raise InputError(f"{shown}: was changed while it was read. Run the command again.")
        self.cut, self.number = asked.cut, asked.number + 1
        return chunk


_reading = _Reading()


class StoredFragment(Struct, frozen=True):
    """A fragment whose records are read as they are parsed."""

    chunk: UnreadChunk
    parse: Callable[[Chunk], Fragment]
    columns: Sequence[str]
    rows: int | None = None

    @property
    def size(self) -> int:
        """Bytes of text."""
        return self.chunk.size

    def blocks(self) -> Iterator[Block]:
        """Read the records and parse them."""
        return self.parse(self.chunk.read()).blocks()


def fragment_of(
    chunk: Chunk | UnreadChunk, parse: Callable[[Chunk], Fragment], columns: Sequence[str]
) -> Fragment:
    """Return the fragment of a chunk, which is read now or when it is parsed."""
    if isinstance(chunk, UnreadChunk):
        return StoredFragment(chunk, parse, columns)
    return parse(chunk)


class Cuts(Struct, frozen=True):
    """The chunks of a file in their order, last lines that are no records, and what ended them."""

    chunks: Sequence[UnreadChunk]
    footers: Sequence[str] = ()
    error: InputError | None = None

    def each(self) -> Iterator[UnreadChunk]:
        """Yield the chunks, and raise the error that ended them."""
        yield from self.chunks
        if self.error:
            raise self.error


class Uncut(Protocol):
    """A file of text, and how it is to be cut; it can be pickled."""

    @property
    def file(self) -> File:
        """The file."""

    @property
    def in_place(self) -> bool:
        """Whether its records are the bytes of the file, if these are UTF-8."""

    def records(self) -> Iterator[tuple[Chunk, str]]:
        """Yield its chunks, each with its last line where that is no record."""


#: Cuts files somewhere, and returns what came of each in their order.
Cutter = Callable[[Sequence[Any]], Sequence[Cuts]]


@runtime_checkable
class TextSource(Protocol):
    """A source of text files, which are cut as they are read."""

    def cut(self, cutter: Cutter) -> Source:
        """Return the source with those files cut that can be."""


def cut_by(cutter: Cutter, files: Iterable[Uncut]) -> dict[File, Cuts]:
    """Return the chunks of those files that others can read, which is all but what was piped."""
    some = [each for each in files if each.file.spool is None or each.file.filesystem is not None]
    return dict(zip((each.file for each in some), cutter(some), strict=True)) if some else {}


def cuts_of(uncut: Uncut) -> Cuts:
    """Return where the chunks of a file lie in it."""
    first = _first_byte(uncut.file) if uncut.in_place else None
    found: list[UnreadChunk] = []
    footers: list[str] = []
    cut = uuid4().hex
    try:
        for chunk, footer in uncut.records():
            if first is not None and chunk.unit == "line":
                start = first + chunk.offset
                place = chunk.size, chunk.line, chunk.offset
                found.append(StoredChunk(uncut.file, start, *place))
            else:
                found.append(CountedChunk(uncut, cut, len(found), chunk.size))
            footers += [footer] if footer else []
    except InputError as error:
        return Cuts(found, footers, error)
    return Cuts(found, footers)


def _first_byte(file: File) -> int | None:
    """Return where the text of a file begins in it; None where its bytes are not that text."""
    if file.compression is not None:
        return None
    head = file.read(3)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    return len(head) if head == codecs.BOM_UTF8 else 0
