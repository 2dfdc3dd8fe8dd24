"""Days that the folders of a dataset are of: `day=2013-06-01`, or `year=2013/month=6/day=1`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftcli.arrays import from_numpy, scalar
from driftcli.text import late

_KEY = late(r"(?:^|[/\\])([^/\\=?]+)=([^/\\?*\[]+)(?=[/\\?]|$)")
_DATE = late(r"(\d{4})-?(\d{2})-?(\d{2})")
#: The day from which Arrow counts.
_EPOCH = date(1970, 1, 1).toordinal()
#: Keys that make a day together.
_PARTS = ("year", "month", "day")


def named_in(path: str, columns: Collection[str]) -> dict[str, str]:
    """Return the keys of days in the name of a dataset that make none of its columns.

    Examples
    --------
    >>> named_in("lake/orders/day=2025-01-30", ["size"])
    {'day': '2025-01-30'}
    """
    keys = {key: unquote(text) for key, text in _KEY.findall(path) if key not in columns}
    return {key: text for key, text in keys.items() if key in _PARTS or _day(text)}


def telling(schema: pa.Schema, keys: Collection[str]) -> pa.Schema:
    """Return the schema of rows with the columns of folders, any of which may be days."""
    for key in keys:
        at, field = schema.get_field_index(key), pa.field(key, pa.date32())
        schema = schema.append(field) if at < 0 else schema.set(at, field)
    return schema


def with_named(rows: pa.Table, named: Mapping[str, str]) -> pa.Table:
    """Return rows with the keys that the name of their dataset has."""
    for key, text in named.items():
        rows = rows.append_column(key, pa.repeat(pa.scalar(text), rows.num_rows))
    return rows


def with_days(rows: pa.Table, keys: Collection[str]) -> pa.Table:
    """Return rows whose columns of folders, those of `keys`, are dates where all name days."""
    if set(_PARTS) <= set(keys):
        return _with_dates(rows, "day", _PARTS)
    for key in keys:
        rows = _with_dates(rows, key, [key])
    return rows


def days_of(rows: pa.Table, keys: Collection[str]) -> list[str]:
    """Return the columns of `keys` that are dates."""
    return [key for key in keys if key in rows.schema.names and _is_date(rows.schema.field(key))]


def _is_date(field: pa.Field) -> bool:
    return bool(pa.types.is_date(field.type))


def _with_dates(rows: pa.Table, key: str, parts: Sequence[str]) -> pa.Table:
    if any(part not in rows.schema.names for part in parts):
        return rows
    texts = [pc.utf8_lpad(rows.column(part).cast(pa.string()), 2, "0") for part in parts]
    joined = pc.binary_join_element_wise(*texts, scalar("-"))
    encoded = pc.dictionary_encode(joined.combine_chunks())
    found = [_day(text) for text in encoded.dictionary.to_pylist()]
    days = [day.toordinal() - _EPOCH for day in found if day]
    if len(days) < len(found) or not days:
        return rows
    dates = from_numpy(np.array(days, np.int32)).cast(pa.date32()).take(encoded.indices)
    return rows.set_column(rows.schema.get_field_index(key), key, dates)


def _day(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
