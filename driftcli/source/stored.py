"""Chunks of text by where they lie in their file, so that whoever parses them reads them.

A file is cut once, by someone who sees it, and places go from one process to another. That holds
for files that store their text as it is parsed; packed and recoded ones are cut as they are read.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

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


class StoredFragment(Struct, frozen=True):
    """A fragment whose records are read as they are parsed."""

    chunk: StoredChunk
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
    chunk: Chunk | StoredChunk, parse: Callable[[Chunk], Fragment], columns: Sequence[str]
) -> Fragment:
    """Return the fragment of a chunk, which is read now or when it is parsed."""
    if isinstance(chunk, StoredChunk):
        return StoredFragment(chunk, parse, columns)
    return parse(chunk)


class Cuts(Struct, frozen=True):
    """The chunks of a file in their order, last lines that are no records, and what ended them."""

    chunks: Sequence[StoredChunk]
    footers: Sequence[str] = ()
    error: InputError | None = None

    def each(self) -> Iterator[StoredChunk]:
        """Yield the chunks, and raise the error that ended them."""
        yield from self.chunks
        if self.error:
            raise self.error


class Uncut(Protocol):
    """A file of text, and how it is to be cut; it can be pickled."""

    @property
    def file(self) -> File:
        """The file."""

    def cuts(self) -> Cuts | None:
        """Return its chunks; None where they are not the bytes of the file."""


#: Cuts files somewhere, and returns what came of each in their order.
Cutter = Callable[[Sequence[Any]], Sequence[Cuts | None]]


@runtime_checkable
class TextSource(Protocol):
    """A source of text files, which are cut as they are read."""

    def cut(self, cutter: Cutter) -> Source:
        """Return the source with those files cut that can be."""


def cut_by(cutter: Cutter, files: Iterable[Uncut]) -> dict[File, Cuts]:
    """Return the chunks of those files that can be cut apart from being read."""
    some = [each for each in files if each.file.compression is None and each.file.spool is None]
    made = zip(some, cutter(some), strict=True) if some else ()
    return {each.file: cuts for each, cuts in made if cuts is not None}


def stored(file: File, records: Iterable[tuple[Chunk, str]]) -> Cuts | None:
    """Return where chunks lie in a file, each of which comes with a last line that is no record.

    None where they are not the bytes of the file.
    """
    head = file.read(3)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    first = len(head) if head == codecs.BOM_UTF8 else 0
    found: list[StoredChunk] = []
    footers: list[str] = []
    try:
        for chunk, footer in records:
            if chunk.unit != "line":
                return None
            start = first + chunk.offset
            found.append(StoredChunk(file, start, chunk.size, chunk.line, chunk.offset))
            footers += [footer] if footer else []
    except InputError as error:
        return Cuts(found, footers, error)
    return Cuts(found, footers)
