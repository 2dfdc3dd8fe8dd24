"""JSON records as Python reads them: what columns and types they have, for where Arrow gives up."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from driftcli.errors import InputError
from driftcli.source.files import File
from driftcli.source.json_documents import Scan
from driftcli.source.observing import Path
from driftcli.source.records import Chunk, wrong_encoding
from driftcli.source.text_types import BOOL, DOUBLE, INT, NULL, STRING, join
from driftcli.text import quoted

#: A JSON array: only how many elements it has is kept.
LIST = pa.list_(pa.null())
#: A record is flattened by recursion, by Arrow and by us.
DEEPEST = 100
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
#: Escapes in strings, one after another; the group is half of a surrogate pair.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_INT64 = range(-(1 << 63), 1 << 63)


def records(chunk: Chunk, file: File) -> Iterator[dict[str, Any]]:
    """Yield the objects of a chunk, one a line; blank lines are passed over.

    Raises
    ------
    InputError
        When a line is not a JSON object.
    """
    for number, text in enumerate(chunk.data.split(b"\n"), chunk.line):
        if not text.strip():
            continue
        where = f"{file.shown}: {chunk.unit} {number:,}"
        try:
            record = json.loads(text)
        except UnicodeDecodeError as error:
            raise InputError(f"{where} is not utf-8 text.") from error
        except ValueError as error:
            reason = str(error).partition(":")[0].lower()
            raise InputError(f"{where} is not JSON: {reason}. {_each(chunk)}") from error
        if not isinstance(record, dict):
            shown = quoted(text.strip()[:20].decode(errors="replace"))
            raise InputError(f"{where} is not a JSON object but {shown}. {_each(chunk)}")
        yield record


def _each(chunk: Chunk) -> str:
    if chunk.unit == "line":
        return "Each line must be one JSON object."
    return "Each record must be one JSON object."


def readable(chunk: Chunk, file: File) -> bytes:
    """Return the text of a chunk, its half surrogate pairs replaced by U+FFFD.

    Raises
    ------
    InputError
        When it is not UTF-8, which Arrow would pass on, or nested so deep that Arrow would crash.
    """
    if not chunk.data.isascii():
        try:
            chunk.data.decode()
        except UnicodeDecodeError as error:
            raise wrong_encoding(file, chunk.offset + error.start, "utf-8") from error
    deep = first_too_deep(chunk.data)
    if deep is not None:
        raise InputError(
            f"{file.shown}: {chunk.unit} {chunk.line + deep:,} is nested more than {DEEPEST} deep. "
            "Such values are no table: leave them out, or write them as text."
        )
    return _ESCAPE.sub(_whole, chunk.data) if _SURROGATE.search(chunk.data) else chunk.data


def _whole(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape[1] else escape[0]


def first_too_deep(data: bytes) -> int | None:
    """Return the first line, counted from 0, that has more than `DEEPEST` brackets open at once."""
    letters = np.frombuffer(data, np.uint8)
    # "[" and "{" differ in one bit.
    opened = np.flatnonzero(letters | 0x20 == ord("{"))
    if len(opened) <= DEEPEST:
        return None
    ends = np.append(np.flatnonzero(letters == ord("\n")), len(letters))
    counts = np.diff(np.searchsorted(opened, ends), prepend=0)
    for line in np.flatnonzero(counts > DEEPEST).tolist():
        start = ends[line - 1] + 1 if line else 0
        if Scan().piece(letters[start : ends[line]])[0].max() > DEEPEST:
            return line
    return None


def cells(record: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield (path, value) of each value of a record, nested objects flattened."""
    for key, value in record.items():
        path = (*above, key)
        if isinstance(value, dict):
            yield from cells(value, path)
        else:
            yield path, value


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[Path, list[Any]]:
    """Return the values of each path over all rows, None where it is missing."""
    found: dict[Path, list[Any]] = {}
    for number, row in enumerate(rows):
        for path, value in cells(row):
            if value is not None:
                column = found.setdefault(path, [])
                column.extend([None] * (number - len(column)))
                column.append(value)
            else:
                found.setdefault(path, [])
    for column in found.values():
        column.extend([None] * (len(rows) - len(column)))
    return found


def json_type(values: Sequence[Any]) -> pa.DataType:
    """Return the join of the types of JSON values. Strings are text, whatever they hold."""
    kind = NULL
    for found in {type(value) for value in values}:
        if found is int:
            inside = all(value in _INT64 for value in values if type(value) is int)
            kind = join(kind, INT if inside else DOUBLE)
        else:
            kind = join(kind, _TYPES[found])
    return kind


_TYPES = {type(None): NULL, bool: BOOL, float: DOUBLE, str: STRING, list: LIST}


def lists(values: Sequence[Any]) -> pa.Array:
    """Return JSON values as lists of as many nulls; what is no array is null."""
    return pa.array([[None] * len(v) if isinstance(v, list) else None for v in values], LIST)


def without_elements(array: pa.Array) -> pa.Array:
    """Return lists with nulls in the place of their elements."""
    if pa.types.is_null(array.type):
        return array.cast(LIST)
    offsets = array.offsets.cast(pa.int32())
    mask = array.is_null() if array.null_count else None
    return pa.ListArray.from_arrays(offsets, pa.nulls(offsets[-1].as_py() or 0), mask=mask)


def texts(values: Sequence[Any], *, as_written: bool = False) -> pa.Array:
    """Return values as text: as JSON writes them, but for strings where not all are asked for."""
    kept = type(None) if as_written else (type(None), str)
    return pa.array([v if isinstance(v, kept) else _written(v) for v in values], STRING)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
