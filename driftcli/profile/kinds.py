"""What an Arrow type says of a column: how its values are scored, and what it is called."""

from functools import lru_cache
from typing import Any, Literal

import pyarrow as pa

from driftcli.arrays import EncryptedType

Kind = Literal["numeric", "categorical", "timestamp", "list", "unsupported"]
#: How the name of a type ends whose values are encrypted.
ENCRYPTED = ", encrypted"


def kind_of(type_: Any) -> Kind | None:
    """Return how values of an Arrow type are scored, or None when they cannot even be read."""
    types = pa.types
    if isinstance(type_, EncryptedType):
        return None
    if types.is_dictionary(type_):
        scored = kind_of(type_.value_type) not in ("list", "unsupported")
        return "categorical" if scored else "unsupported"
    if types.is_timestamp(type_) or types.is_date(type_):
        return "timestamp"
    if (
        types.is_string(type_)
        or types.is_large_string(type_)
        or types.is_string_view(type_)
        or types.is_boolean(type_)
    ):
        return "categorical"
    numeric = (types.is_integer, types.is_floating, types.is_decimal)
    spans = (types.is_duration, types.is_time, types.is_null)
    if any(is_a(type_) for is_a in (*numeric, *spans)):
        return "numeric"
    return "list" if is_list(type_) else "unsupported"


def is_list(type_: Any) -> bool:
    """Return whether values of an Arrow type are lists of any layout."""
    types = pa.types
    lists = (types.is_list, types.is_large_list, types.is_fixed_size_list)
    return any(is_a(type_) for is_a in (*lists, types.is_list_view, types.is_large_list_view))


def type_name(type_: Any) -> str:
    """Name the type of the values: how a file encodes them says nothing about the column."""
    # Types that are made in Python have no hash.
    return (_named if isinstance(type_, pa.ExtensionType) else _known)(type_)


def _named(type_: Any) -> str:
    if pa.types.is_dictionary(type_):
        return type_name(type_.value_type)
    if isinstance(type_, EncryptedType):
        return type_name(type_.storage_type) + ENCRYPTED
    if is_list(type_):
        return f"list<{type_name(type_.value_type)}>"
    if pa.types.is_large_string(type_):
        return "string"
    return "binary" if pa.types.is_large_binary(type_) else str(type_)


_known = lru_cache(maxsize=4096)(_named)
