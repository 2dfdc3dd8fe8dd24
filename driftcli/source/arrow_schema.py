"""Fields that Arrow's own reader refuses a whole file for, found in the schema's FlatBuffer."""

import struct
from collections.abc import Iterator

#: What a message begins with, and what ends a file, behind the size of its footer.
_CONTINUED, _END = b"\xff\xff\xff\xff", b"ARROW1"
#: `Type.Int` of Schema.fbs, and the slots of its tables that are read here.
_INT = 2
_HEADER, _SCHEMA, _FIELDS, _NAME, _TYPE_KIND, _TYPE, _CHILDREN, _BITS = 2, 1, 1, 0, 2, 3, 5, 0


def wide_integers(data: bytes) -> list[str]:
    """Return the columns of more than 64 bits in the schema of a file or stream.

    Empty where there are none, or no schema that could be followed.
    """
    try:
        schema = _of_file(data) if data.endswith(_END) else _of_stream(data)
        return [] if schema is None else list(_wide(schema, _FIELDS, ""))
    except (struct.error, IndexError, RecursionError, UnicodeDecodeError):
        return []


def _of_file(data: bytes) -> "_Table | None":
    size = int.from_bytes(data[-10:-6], "little")
    footer = data[-10 - size : -10]
    return _Table(footer, _offset(footer, 0)).table(_SCHEMA)


def _of_stream(data: bytes) -> "_Table | None":
    message = data.removeprefix(_CONTINUED)[4:]
    return _Table(message, _offset(message, 0)).table(_HEADER)


class _Table:
    """A table of a FlatBuffer: its slots by number."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at
        self._slots = at - int(struct.unpack_from("<i", data, at)[0])

    def _place(self, slot: int) -> int | None:
        at = 4 + 2 * slot
        size = struct.unpack_from("<H", self._data, self._slots)[0]
        inside = struct.unpack_from("<H", self._data, self._slots + at)[0] if at < size else 0
        return self._at + inside if inside else None

    def number(self, slot: int, form: str) -> int:
        place = self._place(slot)
        return 0 if place is None else int(struct.unpack_from(form, self._data, place)[0])

    def table(self, slot: int) -> "_Table | None":
        place = self._place(slot)
        return None if place is None else _Table(self._data, _offset(self._data, place))

    def text(self, slot: int) -> str:
        place = self._place(slot)
        if place is None:
            return ""
        start = _offset(self._data, place)
        size = struct.unpack_from("<I", self._data, start)[0]
        return self._data[start + 4 : start + 4 + size].decode()

    def tables(self, slot: int) -> Iterator["_Table"]:
        place = self._place(slot)
        if place is None:
            return
        start = _offset(self._data, place)
        for i in range(struct.unpack_from("<I", self._data, start)[0]):
            yield _Table(self._data, _offset(self._data, start + 4 + 4 * i))


def _offset(data: bytes, at: int) -> int:
    return at + int(struct.unpack_from("<I", data, at)[0])


def _wide(parent: _Table, slot: int, prefix: str) -> Iterator[str]:
    for field in parent.tables(slot):
        name = prefix + field.text(_NAME)
        kind = field.table(_TYPE)
        is_int = field.number(_TYPE_KIND, "<B") == _INT
        if is_int and kind is not None and kind.number(_BITS, "<i") > 64:
            yield name
        yield from _wide(field, _CHILDREN, name + ".")
