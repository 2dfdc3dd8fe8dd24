"""JSON records as Python reads them: what columns and types they have, for where Arrow gives up."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from driftcli.errors import InputError
from driftcli.source.files import File
from driftcli.source.text_types import BOOL, DOUBLE, INT, NULL, STRING, join
from driftcli.source.wording import quoted

#: A JSON array: kept in the schema as not comparable, its values are not decoded.
LIST = pa.list_(pa.null())
Path = tuple[str, ...]
_INT64 = range(-(1 << 63), 1 << 63)


def records(data: bytes, file: File, line: int) -> Iterator[dict[str, Any]]:
    """Yield the objects of `data`, which starts at `line`; blank lines are passed over.

    Raises
    ------
    InputError
        When a line is not a JSON object.
    """
    for number, text in enumerate(data.split(b"\n"), line):
        if not text.strip():
            continue
        try:
            record = json.loads(text)
        except UnicodeDecodeError as error:
            raise InputError(f"{file.shown}: line {number:,} is not utf-8 text.") from error
        except ValueError as error:
            reason = str(error).partition(":")[0].lower()
            raise InputError(
                f"{file.shown}: line {number:,} is not JSON: {reason}. "
                "Each line must be one JSON object."
            ) from error
        except RecursionError as error:
            raise InputError(f"{file.shown}: line {number:,} is nested too deeply.") from error
        if not isinstance(record, dict):
            raise InputError(
                f"{file.shown}: line {number:,} is not a JSON object but "
                f"{quoted(text[:20].decode(errors='replace'))}. Each line must be one JSON object."
            )
        yield record


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


def texts(values: Sequence[Any]) -> pa.Array:
    """Return values as text: strings as they are, others as JSON writes them."""
    return pa.array([v if v is None or isinstance(v, str) else _written(v) for v in values], STRING)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
