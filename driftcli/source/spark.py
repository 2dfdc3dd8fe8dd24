"""Tables, queries and data frames of Spark: what Spark reads stays where it is.

Its rows have no fragments here: what is made of a fragment is a form, which executors fill with
the rows that they hold.
"""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from driftcli.errors import InputError, UsageError
from driftcli.source.columns import checked_schema, is_row_label
from driftcli.source.contract import Block, Fragment, InnerFragment, Seen
from driftcli.source.memory import SAMPLE_ROWS, BatchFragment
from driftcli.source.spark_names import PREFIX
from driftcli.source.spark_sessions import session_at_hand, settled, started, told
from driftcli.source.where import Where
from driftcli.text import named, quoted

#: Columns that are profiled and merged together.
_LANE = 20
#: A sample has no more characters of a text: where one has so many, rows may be heavy.
_MOST_CHARACTERS = 4_096
_READS = re.compile(
    r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*(?:select|with|values|from)\b", re.IGNORECASE | re.DOTALL
)
_TYPES: Mapping[str, pa.DataType] = {
    "NullType": pa.null(),
    "BooleanType": pa.bool_(),
    "ByteType": pa.int8(),
    "ShortType": pa.int16(),
    "IntegerType": pa.int32(),
    "LongType": pa.int64(),
    "FloatType": pa.float32(),
    "DoubleType": pa.float64(),
    "StringType": pa.string(),
    "CharType": pa.string(),
    "VarcharType": pa.string(),
    "BinaryType": pa.binary(),
    "DateType": pa.date32(),
    "TimestampType": pa.timestamp("us", "UTC"),
    "TimestampNTZType": pa.timestamp("us"),
    "DayTimeIntervalType": pa.duration("us"),
}


class SparkColumn(Struct, frozen=True):
    """A column as we call it, and how Spark gives it."""

    name: str
    type: pa.DataType
    given: Any


@dataclass(frozen=True)
class SparkFragment:
    """The form of a fragment: some columns of whatever rows of a `frame` it is filled with.

    They are `heavy` where texts were seen that are long.
    """

    stored: Mapping[str, str]
    name: str
    frame: Any = field(compare=False)
    heavy: bool = False

    rows: int | None = None
    size: int = 0

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the form."""
        return list(self.stored)

    def blocks(self) -> Iterator[Block]:
        """Refuse to be read here: that would have all rows of a cluster come."""
        raise UsageError(f"{self.name}: rows of Spark are read by Spark; leave --engine out")


def form_in(fragment: Fragment) -> SparkFragment | None:
    """Return the form that is within a fragment; None where there is none."""
    while isinstance(fragment, InnerFragment):
        fragment = fragment.inner
    return fragment if isinstance(fragment, SparkFragment) else None


def unfilled(forms: Any) -> bytes:
    """Return what holds forms of fragments, to be filled elsewhere."""
    written = io.BytesIO()
    _Forms(written).dump(forms)
    return written.getvalue()


def filled(written: bytes, batch: pa.RecordBatch) -> Any:
    """Return what was written by `unfilled`, its fragments filled with some rows."""
    return _Filled(io.BytesIO(written), batch).load()


class _Forms(pickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        return (list(obj.columns), obj.name) if isinstance(obj, SparkFragment) else None


class _Filled(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, batch: pa.RecordBatch) -> None:
        super().__init__(file)
        self._batch = batch

    def persistent_load(self, pid: Any) -> BatchFragment:
        columns, name = pid
        return BatchFragment(self._batch, columns, name)


class SparkSource:
    """The rows of a data frame of Spark, structs flattened there."""

    format = "spark"
    rows: int | None = None
    size: int | None = None
    notes: tuple[str, ...] = ()
    partial: Mapping[str, tuple[int, int]] = MappingProxyType({})
    path_keys: Mapping[str, bool] = MappingProxyType({})

    def __init__(self, frame: Any, name: str = "data", where: Where | None = None) -> None:
        self.name = name
        with told(name), settled(frame.sparkSession):
            numbered = frame.toDF(*(f"c{at}" for at in range(len(frame.columns))))
            columns = list(_flat(frame.schema))
            self.schema = checked_schema(((each.name, each.type) for each in columns), name)
            self._frame = numbered.select(
                [each.given.alias(f"c{at}") for at, each in enumerate(columns)]
            )
            if where is not None:
                self._frame = self._frame.filter(self._filter(where))
        self._heavy = False
        self._given = {each.name: f"c{at}" for at, each in enumerate(columns)}

    def _filter(self, where: Where) -> str:
        """Return a filter in Spark's words."""
        names = [where.renamed.get(name, name) for name in self.schema.names]
        known = pa.schema([(n, f.type) for n, f in zip(names, self.schema, strict=True)])
        where.check(known, self.name)
        return where.sql({name: f"c{at}" for at, name in enumerate(names)}, known, "spark")

    def fragments(self, columns: Sequence[str]) -> Iterator[SparkFragment]:
        """Yield forms of fragments of some columns each."""
        for first in range(0, max(1, len(columns)), _LANE):
            lane = {name: self._given[name] for name in columns[first : first + _LANE]}
            yield SparkFragment(lane, self.name, self._frame, self._heavy)

    def sample(self, columns: Sequence[str]) -> dict[str, pa.Array]:
        """Return the first rows that Spark comes upon, of texts their beginning."""
        if not columns:
            return {}
        with told(self.name), settled(self._frame.sparkSession, len(columns)):
            given = self._frame.select([self._begun(name) for name in columns])
            found = given.limit(SAMPLE_ROWS).toArrow()
        self._heavy |= any(map(_has_long, found.columns))
        return {
            name: pa.concat_arrays(column.chunks)
            for name, column in zip(columns, found.columns, strict=True)
            if column.num_chunks
        }

    def _begun(self, name: str) -> Any:
        from pyspark.sql import functions

        given, is_text = self._given[name], pa.types.is_string(self.schema.field(name).type)
        return functions.substring(given, 1, _MOST_CHARACTERS) if is_text else given

    def learn(self, seen: Seen) -> None:
        """Take nothing: types are what they are."""

    def expecting(self, types: Mapping[str, pa.DataType]) -> SparkSource:  # noqa: ARG002 - text only
        """Return the source itself: its types are what they are."""
        return self

    def revised(self) -> None:
        """Return None: types of tables are what they are."""


def _has_long(column: pa.ChunkedArray) -> bool:
    """Return whether a text in a sample may have been cut."""
    if not pa.types.is_string(column.type):
        return False
    return (pc.max(pc.utf8_length(column)).as_py() or 0) >= _MOST_CHARACTERS


def open_table(name: str, where: Where | None) -> tuple[SparkSource, None]:
    """Return the source of `spark:catalog.schema.table`, or of `spark:select …`.

    Raises
    ------
    InputError
        When there is no such table, or Spark cannot be had.
    """
    shown, text = named(name), name.removeprefix(PREFIX).strip()
    if not text:
        raise UsageError(f"{shown}: name a table, spark:catalog.schema.table, or 'spark:select …'")
    session = session_at_hand() or started()
    with told(shown), settled(session):
        frame = session.sql(_query(text)) if _READS.match(text) else _table(session, text, shown)
    return SparkSource(frame, shown, where), None


def _table(session: Any, text: str, shown: str) -> Any:
    from pyspark.errors import AnalysisException

    try:
        return session.table(text)
    except AnalysisException as error:
        if error.getCondition() != "TABLE_OR_VIEW_NOT_FOUND":
            raise
        raise InputError(
            f"{shown}: no table or view {quoted(text)} in the catalogs of Spark."
        ) from error


def _query(text: str) -> str:
    """Return a query as a part of one, which no statement that writes can be."""
    return f"SELECT * FROM ({text.removesuffix(';')}\n)"  # noqa: S608 - as it is meant


def _flat(schema: Any) -> Iterator[SparkColumn]:
    """Yield the columns of a data frame, those of structs as `struct.child`.

    They are given by their places: names may differ in case alone, or have dots.
    """
    from pyspark.sql import functions

    for at, each in enumerate(schema.fields):
        if not is_row_label(each.name):
            yield from _columns(each.name, each.dataType, functions.col(f"c{at}"))


def _columns(name: str, kind: Any, given: Any) -> Iterator[SparkColumn]:
    from pyspark.sql import functions

    if type(kind).__name__ == "StructType":
        for each in kind.fields:
            yield from _columns(f"{name}.{each.name}", each.dataType, given.getField(each.name))
        return
    type_ = _type(kind)
    if type_ is not None and not pa.types.is_binary(type_):
        yield SparkColumn(name, type_, given)
        return
    # Only which are missing is compared of these: the values need not come.
    yield SparkColumn(name, pa.binary(), functions.when(given.isNotNull(), functions.lit(b"")))


def _type(kind: Any) -> pa.DataType | None:
    """Return the Arrow type of values of a Spark type; None where there is none."""
    name = type(kind).__name__
    if name == "DecimalType":
        return pa.decimal128(kind.precision, kind.scale)
    if name == "ArrayType":
        element = _type(kind.elementType)
        return None if element is None else pa.list_(element)
    if name == "MapType":
        key, value = _type(kind.keyType), _type(kind.valueType)
        return None if key is None or value is None else pa.map_(key, value)
    if name == "StructType":
        children = [(each.name, _type(each.dataType)) for each in kind.fields]
        return None if any(type_ is None for _, type_ in children) else pa.struct(children)
    return _TYPES.get(name)
