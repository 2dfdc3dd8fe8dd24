"""Types of columns that are stored as text: what a column's texts have in common, and parsing.

The types form a lattice: null < bool; null < int64 < double; null < date32 < timestamp[us] <
timestamp[ns]; null < timestamp[us, UTC] < timestamp[ns, UTC]; and all of them < string. The type
of a column is the join of the types of its values, whatever their order. In particular:

- booleans are true, True, TRUE, false, False and FALSE; 0 and 1 are integers;
- a column that holds a zero-padded integer such as "01234" is text: it is a code, and as a number
  it would lose its zeros;
- integers beyond 64 bits are doubles; nan, inf and -inf are doubles;
- seconds and milliseconds are read as microseconds; timestamps with a zone offset are instants in
  UTC and do not mix with those without one;
- times of day, durations and everything else are text.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from driftcli.arrays import from_numpy, from_texts, to_numpy

NULL = pa.null()
BOOL = pa.bool_()
INT = pa.int64()
DOUBLE = pa.float64()
DATE = pa.date32()
STRING = pa.string()
#: What text columns are read as: categories are then counted without hashing each value again.
TEXT = pa.dictionary(pa.int32(), STRING)

NUMBERS = (INT, DOUBLE)
TIMES = (DATE, pa.timestamp("us"), pa.timestamp("ns"))
INSTANTS = (pa.timestamp("us", "UTC"), pa.timestamp("ns", "UTC"))
CHAINS: tuple[tuple[pa.DataType, ...], ...] = (NUMBERS, (BOOL,), TIMES, INSTANTS)

TRUE = ("true", "True", "TRUE")
FALSE = ("false", "False", "FALSE")
#: Accepted as booleans too where the baseline says that a column is boolean.
TRUE_EXPECTED = (*TRUE, "1", "1.0", "Y", "y", "Yes", "yes", "YES", "T", "t")
FALSE_EXPECTED = (*FALSE, "0", "0.0", "N", "n", "No", "no", "NO", "F", "f")

_CLOCK = r"([ T]\d\d(:\d\d(:\d\d(\.\d{1,9})?)?)?)"
#: Texts outside these patterns never parse; most within them do.
_PLAUSIBLE = {
    "number": r"^[ \t]*[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|(?i:nan|inf|infinity))[ \t]*$",
    "integer": r"^[ \t]*-?(\d+|0[xX][0-9a-fA-F]+)[ \t]*$",
    "date": r"^[ \t]*\d{4}-\d\d-\d\d[ \t]*$",
    "time": rf"^\d{{4}}-\d\d-\d\d{_CLOCK}?$",
    "instant": rf"^\d{{4}}-\d\d-\d\d{_CLOCK}(Z|[+-]\d\d(:?\d\d)?)$",
}
_CODE = r"^0([0-9]+|[xX][0-9a-fA-F]+)$"


def join(a: pa.DataType, b: pa.DataType) -> pa.DataType:
    """Return the least type that holds all values of types `a` and `b`."""
    if b in (a, NULL):
        return a
    if a == NULL:
        return b
    for chain in CHAINS:
        if a in chain and b in chain:
            return chain[max(chain.index(a), chain.index(b))]
    return STRING


def chain_from(kind: pa.DataType) -> Sequence[pa.DataType]:
    """Return `kind` and the types of its family that hold more, which it may widen to."""
    for chain in CHAINS:
        if kind in chain:
            return chain[chain.index(kind) :]
    return (kind,)


def is_time(kind: pa.DataType | None) -> bool:
    """Tell whether texts of a type are dates or times."""
    return kind in TIMES or kind in INSTANTS


def expected_types(types: Mapping[str, pa.DataType]) -> dict[str, pa.DataType]:
    """Return, of the types of a baseline's columns, those that text can be read as."""
    found = {name: _expected(kind) for name, kind in types.items()}
    return {name: kind for name, kind in found.items() if kind is not None}


def _expected(kind: pa.DataType) -> pa.DataType | None:
    t = pa.types
    if t.is_dictionary(kind):
        return _expected(kind.value_type)
    if t.is_integer(kind):
        return INT
    if t.is_floating(kind) or t.is_decimal(kind):
        return DOUBLE
    if t.is_string(kind) or t.is_large_string(kind) or t.is_string_view(kind):
        return STRING
    if t.is_date(kind):
        return DATE
    if t.is_timestamp(kind):
        return pa.timestamp("ns" if kind.unit == "ns" else "us", "UTC" if kind.tz else None)
    return BOOL if t.is_boolean(kind) else None


def as_texts(values: pa.Array) -> pa.Array:
    """Return values as strings, whatever they are stored as."""
    return values if pa.types.is_string(values.type) else values.cast(STRING)


def least_type(values: pa.Array, decimal: str = ".") -> pa.DataType:
    """Return the join of the types of all values; null when there is none.

    Parameters
    ----------
    values : StringArray, shape (rows,)
    decimal : str
        The decimal point of doubles.
    """
    texts = pc.drop_null(pc.unique(values))
    if not len(texts):
        return NULL
    for chain in CHAINS:
        for kind in chain:
            if _cast(texts, kind, decimal) is not None:
                return STRING if kind in NUMBERS and has_codes(texts) else kind
    return STRING


def has_codes(texts: pa.Array) -> bool:
    """Tell whether any text is an integer written with a leading zero."""
    return bool(pc.any(pc.match_substring_regex(texts, _CODE)).as_py())


def parse(
    values: pa.Array, kind: pa.DataType, decimal: str = ".", *, expected: bool = False
) -> tuple[pa.Array, npt.NDArray[np.bool_] | None]:
    """Parse texts as `kind`.

    Returns
    -------
    array : Array of `kind`, shape (rows,)
        Null where the text is missing or does not parse.
    bad : shape (rows,), or None
        Where a text did not parse; None when all did.
    """
    whole = _cast(values, kind, decimal, expected=expected)
    if whole is not None:
        return whole, None
    encoded = values.dictionary_encode()
    texts = encoded.dictionary
    good = castable(texts, kind, decimal, expected=expected)
    kept = pc.if_else(from_numpy(good), texts, pa.nulls(1, STRING)[0])
    parsed: pa.Array = _cast(kept, kind, decimal, expected=expected)
    bad_text = np.append(~good, False)
    places = np.where(to_numpy(encoded.indices.is_valid()), to_numpy(encoded.indices), len(texts))
    return parsed.take(encoded.indices), bad_text[places]


def castable(
    texts: pa.Array, kind: pa.DataType, decimal: str = ".", *, expected: bool = False
) -> npt.NDArray[np.bool_]:
    """Return which of `texts` (without nulls) parse as `kind`, shape (texts,).

    A pattern finds the candidates; Arrow's own parser has the last word, on halves of halves of
    those that it refuses, so that the answer is the same as that of the fast path.
    """
    good = np.zeros(len(texts), dtype=bool)
    if kind == BOOL:
        known = TRUE_EXPECTED + FALSE_EXPECTED if expected else TRUE + FALSE
        good[:] = to_numpy(pc.is_in(texts, texts_of(known)))
        return good
    if kind in (NULL, STRING):
        return good if kind == NULL else ~good
    plausible = pc.match_substring_regex(_pointed(texts, kind, decimal), _pattern(kind))
    stack = [np.flatnonzero(to_numpy(plausible))]
    while stack:
        places = stack.pop()
        if not len(places):
            continue
        if _cast(texts.take(from_numpy(places)), kind, decimal) is not None:
            good[places] = True
        elif len(places) > 1:
            stack += [places[: len(places) // 2], places[len(places) // 2 :]]
    return good


def _pattern(kind: pa.DataType) -> str:
    if kind in NUMBERS:
        return _PLAUSIBLE["integer" if kind == INT else "number"]
    if kind == DATE:
        return _PLAUSIBLE["date"]
    return _PLAUSIBLE["instant" if kind.tz else "time"]


def _cast(
    texts: pa.Array, kind: pa.DataType, decimal: str, *, expected: bool = False
) -> pa.Array | None:
    """Return all texts as `kind`, or None when one does not parse."""
    if kind == STRING:
        return texts
    if kind == NULL:
        return pa.nulls(len(texts)) if texts.null_count == len(texts) else None
    if kind == BOOL:
        return _booleans(texts, expected=expected)
    if kind in (INT, DOUBLE, DATE):
        # As Arrow's CSV reader does, for numbers and dates, but not for timestamps.
        texts = pc.utf8_trim(texts, " \t")
    try:
        return pc.cast(_pointed(texts, kind, decimal), kind)
    except pa.ArrowInvalid:
        return None


def _pointed(texts: pa.Array, kind: pa.DataType, decimal: str) -> pa.Array:
    """Return texts of doubles with "." for the decimal point; "." itself is then refused."""
    if kind != DOUBLE or decimal == ".":
        return texts
    return pc.replace_substring(pc.replace_substring(texts, ".", "?"), decimal, ".")


def _booleans(texts: pa.Array, *, expected: bool) -> pa.Array | None:
    true, false = (TRUE_EXPECTED, FALSE_EXPECTED) if expected else (TRUE, FALSE)
    known = pc.or_(pc.is_null(texts), pc.is_in(texts, texts_of([*true, *false])))
    if not pc.all(known).as_py() and len(texts):
        return None
    yes = pc.is_in(texts, texts_of(true))
    return pc.if_else(pc.is_valid(texts), yes, pa.nulls(1, BOOL)[0])


def texts_of(texts: Sequence[str]) -> pa.Array:
    """Return texts as an array of strings."""
    return from_texts(texts).cast(STRING)


def typed_nulls(rows: int, kind: pa.DataType) -> pa.Array:
    """Return `rows` nulls; those of text columns as a dictionary, like their values."""
    return pa.nulls(rows, TEXT if kind == STRING else kind)


def schema_of(types: Mapping[str, Any]) -> pa.Schema:
    """Return the schema of columns by name."""
    return pa.schema(list(types.items()))
