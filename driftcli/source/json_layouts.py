"""JSON files that hold one table in one object, as pandas and web services write them."""

from collections.abc import Mapping
from typing import Any

from driftcli.errors import InputError
from driftcli.source.files import File
from driftcli.text import quoted

_PANDAS = (
    "as pandas' DataFrame.to_json() writes it{}. Write it with orient='records', lines=True: one "
    "object a row."
)


def refuse_tables(record: Mapping[str, Any], file: File) -> None:
    """Refuse the only record of a file when it is a whole table.

    Raises
    ------
    InputError
        Which says how to write a record for each row.
    """
    if found := _table(record):
        raise InputError(f"{file.shown}: {found}")


def _table(record: Mapping[str, Any]) -> str | None:
    if _is_list_of(list, record.get("data")) and "columns" in record:
        return "columns and data in one object, " + _PANDAS.format(" with orient='split'")
    if _is_list_of(dict, record.get("data")) and isinstance(record.get("schema"), dict):
        return "a schema and data in one object, " + _PANDAS.format(" with orient='table'")
    if _rows_by_key(record):
        return "one object with a key for each row, " + _PANDAS.format(" with orient='index'")
    if _columns_by_key(record):
        return "one object with a key for each column, " + _PANDAS.format("")
    lists = [key for key, value in record.items() if _is_list_of(dict, value) and len(value) > 1]
    if len(lists) == 1:
        return (
            f"one object, whose key {quoted(lists[0])} holds the records. Write one object a row, "
            f"for example with jq -c '.[{quoted(lists[0]).replace(chr(39), chr(34))}][]'."
        )
    return None


def _is_list_of(kind: type, value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, kind) for v in value)


def _rows_by_key(record: Mapping[str, Any]) -> bool:
    return _counted(record) and _alike(record)


def _columns_by_key(record: Mapping[str, Any]) -> bool:
    first = next(iter(record.values()), None)
    if not isinstance(first, dict) or not _alike(record):
        return False
    return _counted(first) or min(len(record), len(first)) > 2


def _counted(keys: Mapping[str, Any]) -> bool:
    """Tell whether keys are 0, 1, 2, … as those of rows without names are."""
    return len(keys) > 1 and all(key == str(i) for i, key in enumerate(keys))


def _alike(record: Mapping[str, Any]) -> bool:
    """Tell whether all values are objects of the same keys."""
    values = list(record.values())
    return all(isinstance(v, dict) and v.keys() == values[0].keys() for v in values)
