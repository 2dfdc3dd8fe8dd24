"""Which columns of a Parquet file are encrypted: Arrow ends the process where it is asked for one.

A file with a footer in clear is signed: its footer is longer than the metadata in it. Only of such
a file is the footer read here, in Thrift's compact protocol, as far as the columns' key metadata.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq

from driftcli.errors import InputError
from driftcli.source.files import File

#: How a file ends whose footer is encrypted as well.
SEALED = b"PARE"
_TAIL = 8
#: Fields by number: FileMetaData.row_groups, RowGroup.columns, ColumnChunk.crypto_metadata.
_ROW_GROUPS, _COLUMNS, _CRYPTO = 4, 1, 8
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12


def refuse_sealed(file: File, stored: Any) -> None:
    """Raise the error for a file, opened as `stored`, whose footer is encrypted."""
    if _tail(stored)[-4:] == SEALED:
        raise InputError(
            f"{file.shown}: a Parquet file whose footer is encrypted, so that nothing of it can "
            "be read. Decrypt it with its key, and compare the copy."
        )


def encrypted_columns(file: File, stored: Any, metadata: pq.FileMetaData) -> frozenset[str]:
    """Return the leaf columns that are encrypted in any row group, by their path in the schema."""
    length = int.from_bytes(_tail(stored)[:4], "little")
    if length == metadata.serialized_size:
        return frozenset()
    stored.seek(stored.size() - _TAIL - length)
    try:
        places = set(_encrypted(_Compact(stored.read(length))))
    except (IndexError, RecursionError) as error:
        raise InputError(
            f"{file.shown}: not a complete Parquet file: its footer cannot be read. Write it again."
        ) from error
    return frozenset(metadata.schema.column(i).path for i in places if i < metadata.num_columns)


def _tail(stored: Any) -> bytes:
    stored.seek(max(0, stored.size() - _TAIL))
    tail: bytes = stored.read(_TAIL)
    return tail


class _Compact:
    """A reader of Thrift's compact protocol that passes over what is not asked for."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """Yield (field, type) of a struct; the caller reads or skips each before the next."""
        number = 0
        while head := self._byte():
            delta = head >> 4
            number = number + delta if delta else self._zigzag()
            yield number, head & 15

    def elements(self) -> Iterator[int]:
        """Yield the type of each element of a list; the caller reads or skips it."""
        head = self._byte()
        size = head >> 4
        for _ in range(self._varint() if size == 15 else size):
            yield head & 15

    def skip(self, kind: int, *, in_list: bool = False) -> None:
        """Pass over a value."""
        if kind in (_TRUE, _FALSE):
            self._at += in_list
        elif kind == _BYTE:
            self._at += 1
        elif kind == _DOUBLE:
            self._at += 8
        elif kind == _BINARY:
            size = self._varint()
            self._at += size
        elif kind in (_LIST, _SET):
            for each in self.elements():
                self.skip(each, in_list=True)
        elif kind == _MAP:
            self._skip_map()
        elif kind == _STRUCT:
            for _, each in self.fields():
                self.skip(each)
        else:
            self._varint()

    def _skip_map(self) -> None:
        if size := self._varint():
            kinds = self._byte()
            for _ in range(size):
                self.skip(kinds >> 4, in_list=True)
                self.skip(kinds & 15, in_list=True)

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def _zigzag(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)


def _encrypted(footer: _Compact) -> Iterator[int]:
    """Yield the places of encrypted columns among the leaves, once for each row group."""
    for number, kind in footer.fields():
        if number != _ROW_GROUPS:
            footer.skip(kind)
            continue
        for _ in footer.elements():
            yield from _of_group(footer)


def _of_group(footer: _Compact) -> Iterator[int]:
    for number, kind in footer.fields():
        if number != _COLUMNS:
            footer.skip(kind)
            continue
        for place, _ in enumerate(footer.elements()):
            crypto = False
            for own, each in footer.fields():
                crypto |= own == _CRYPTO
                footer.skip(each)
            if crypto:
                yield place
