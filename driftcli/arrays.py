"""Arrow arrays as numpy arrays and back, sharing memory where they can.

pyarrow's own conversions do the same but import pandas when it is installed, which costs more
than comparing two small files.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_DTYPES = {
    pa.int8(): np.int8,
    pa.int16(): np.int16,
    pa.int32(): np.int32,
    pa.int64(): np.int64,
    pa.uint8(): np.uint8,
    pa.uint16(): np.uint16,
    pa.uint32(): np.uint32,
    pa.uint64(): np.uint64,
    pa.float32(): np.float32,
    pa.float64(): np.float64,
}
_TYPES = {np.dtype(dtype): type_ for type_, dtype in _DTYPES.items()}


#: How a schema that is stored marks a column of `EncryptedType`.
ENCRYPTED = "drift.encrypted"
#: How it marks one of `UnreadType`.
UNREAD = "drift.unread"


class EncryptedType(pa.ExtensionType):  # type: ignore[misc] # pyarrow has no types
    """The type of a column whose values are encrypted; what they are stored as is not."""

    def __init__(self, storage: pa.DataType) -> None:
        super().__init__(storage, ENCRYPTED)

    def __arrow_ext_serialize__(self) -> bytes:
        """Return the type's parameters: none."""
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage: Any, _: bytes) -> "EncryptedType":
        """Return the type anew, as Arrow does where nobody else holds it."""
        return cls(storage)


class UnreadType(pa.ExtensionType):  # type: ignore[misc] # pyarrow has no types
    """The type of a column of which no more is read than which values are missing.

    Attributes
    ----------
    word : str
        What the type is called where the values are.
    """

    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(pa.binary(), UNREAD)

    def __str__(self) -> str:
        """Return what it is called."""
        return self.word

    def __hash__(self) -> int:
        """Return the same for equal ones, as those of Arrow's types do."""
        return hash(self.word)

    def __arrow_ext_serialize__(self) -> bytes:
        """Return the type's parameter."""
        return self.word.encode()

    @classmethod
    def __arrow_ext_deserialize__(cls, _: Any, word: bytes) -> "UnreadType":
        """Return the type anew, as Arrow does where nobody else holds it."""
        return cls(word.decode())


def type_of(field: pa.Field) -> Any:
    """Return the type of a field of a stored schema, as it was before it was stored."""
    metadata = field.metadata or {}
    name = metadata.get(b"ARROW:extension:name", b"").decode()
    if name == UNREAD:
        return UnreadType(metadata[b"ARROW:extension:metadata"].decode())
    return EncryptedType(field.type) if name == ENCRYPTED else field.type


def to_numpy(array: Any) -> NDArray[Any]:
    """Return the values of an Arrow array of numbers or truths; those of nulls are arbitrary."""
    data = array.buffers()[1]
    if data is None:
        return np.zeros(len(array), bool if array.type == pa.bool_() else _DTYPES[array.type])
    if array.type == pa.bool_():
        packed = np.frombuffer(data, np.uint8)
        return np.unpackbits(packed, bitorder="little", count=array.offset + len(array))[
            array.offset :
        ].astype(bool)
    dtype = np.dtype(_DTYPES[array.type])
    return np.frombuffer(data, dtype, len(array), array.offset * dtype.itemsize)


def filled(indices: Any, null: int) -> NDArray[Any]:
    """Return Arrow indices as numpy has them, `null` in the place of nulls."""
    if not indices.null_count:
        return to_numpy(indices)
    held = to_numpy(indices)
    # Of all the words that a byte can number, none is left for what is missing.
    kind = np.promote_types(held.dtype, np.min_scalar_type(null))
    return np.where(to_numpy(indices.is_valid()), held, np.array(null, kind))


def from_numpy(values: NDArray[Any]) -> Any:
    """Return a contiguous array of numbers or truths as an Arrow array without nulls."""
    if values.dtype == bool:
        packed = np.packbits(values, bitorder="little")
        return pa.Array.from_buffers(pa.bool_(), values.size, [None, pa.py_buffer(packed)])
    buffer = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(_TYPES[values.dtype], values.size, [None, buffer])


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Return the distinct ones of numbers without NaN, sorted: `np.unique` imports `numpy.ma`."""
    ordered = np.sort(values)
    fresh = np.ones(ordered.size, bool)
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    return np.compress(fresh, ordered)


def tallied(places: NDArray[Any], size: int) -> NDArray[np.int64]:
    """Return how often each place from 0 to `size` − 1 occurs.

    `np.bincount` would keep all other threads from going on meanwhile.
    """
    counts = np.zeros(size, np.int64)
    np.add.at(counts, places, 1)
    return counts


def concatenated(arrays: Sequence[Any]) -> Any:
    """Return arrays of one type as one; dictionaries of their own become one for all."""
    if len(arrays) == 1:
        return arrays[0]
    if pa.types.is_dictionary(arrays[0].type):
        arrays = pa.chunked_array(arrays).unify_dictionaries().chunks
    return pa.concat_arrays(arrays)


def scalar(value: str | float) -> Any:
    """Return a text, a number or a truth as an Arrow scalar."""
    if isinstance(value, str):
        return from_texts([value]).cast(pa.string())[0]
    return from_numpy(np.array([value]))[0]


def scalar_of(value: Any, kind: Any) -> Any:
    """Return a value, None for a missing one, as a scalar of an Arrow type.

    Raises
    ------
    pyarrow.ArrowException, OverflowError
        When the type cannot hold it.
    """
    if value is None:
        return null(kind)
    if isinstance(value, str | float) or (isinstance(value, int) and -(2**63) <= value < 2**63):
        return scalar(value).cast(kind)
    return pa.scalar(value, kind)


def null(kind: Any) -> Any:
    """Return the missing value of an Arrow type."""
    return pa.nulls(1, kind)[0]


def from_texts(texts: Sequence[str]) -> Any:
    """Return texts as an Arrow array of large strings."""
    together = "".join(texts)
    data = together.encode()
    ascii_alone = len(data) == len(together)
    lengths = map(len, texts) if ascii_alone else (len(text.encode()) for text in texts)
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(lengths, np.int64, len(texts)), out=offsets[1:])
    return pa.Array.from_buffers(
        pa.large_string(), len(texts), [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )
