"""A dataset's profile as an Arrow table with one row a column, and back: what a file holds.

No field is ever null: an empty text, an empty list or 0 stands for what a column does not have.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, cast

import numpy as np
import pyarrow as pa
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.arrays import from_numpy, from_texts, to_numpy, type_of
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile, Invalid
from driftcli.profile.kinds import Kind
from driftcli.profile.numeric import Numbers
from driftcli.profile.points import Points
from driftcli.profile.shape import Forms, TextShape
from driftcli.profile.sketch import Sketch

#: How each field is stored: as texts, whole numbers, floats, truths, or lists of them.
FIELDS = {
    "name": "text",
    "type": "text",
    "arrow_type": "bytes",
    "kind": "text",
    "rows": "integer",
    "missing": "integer",
    "integers": "truth",
    "time_unit": "text",
    "zone": "text",
    "invalid": "integer",
    "invalid_value": "text",
    "invalid_row": "integer",
    "distinct": "integer",
    "repeats": "integer",
    "rounding": "float",
    "mean": "float",
    "sd": "float",
    "low": "text",
    "high": "text",
    "nan": "integer",
    "positive_infinity": "integer",
    "negative_infinity": "integer",
    "values": "floats",
    "integer_values": "integers",
    "names": "texts",
    "counts": "integers",
    "buckets": "integers",
    "hours_of_week": "integers",
    "sketch_hashes": "integers",
    "sketch_counts": "integers",
    "sketch_bound": "integer",
    "sketch_keyed": "truth",
    "text": "truth",
    "lengths": "floats",
    "length_counts": "integers",
    "length_rounding": "float",
    "forms": "texts",
    "form_counts": "integers",
    "form_rest": "integer",
    "forms_looked": "integer",
    "shape_of_all": "truth",
    "older": "truth",
}
#: How Parquet gives each of them back.
_TYPES = {
    "text": pa.string(),
    "bytes": pa.binary(),
    "integer": pa.int64(),
    "truth": pa.bool_(),
    "float": pa.float64(),
    "floats": pa.list_(pa.float64()),
    "integers": pa.list_(pa.int64()),
    "texts": pa.list_(pa.string()),
}
_LISTS = frozenset(form for form, type_ in _TYPES.items() if pa.types.is_list(type_))
#: Fields that profiles of earlier versions do not have.
_LATER = frozenset(list(FIELDS)[list(FIELDS).index("sketch_hashes") :])
_EMPTY: dict[str, Any] = {
    "text": "",
    "bytes": b"",
    "integer": 0,
    "truth": False,
    "float": 0.0,
    "floats": np.empty(0),
    "integers": np.empty(0, np.int64),
    "texts": from_texts([]),
}


#: Arrow arrays by the names of fields.
Fields = Mapping[str, Any]


class Held(Struct, frozen=True):
    """A column as a table holds it; no profile where its values cannot be compared."""

    name: str
    arrow_type: Any
    profile: ColumnProfile | None


def to_table(columns: Sequence[Held]) -> Any:
    """Return a pyarrow.Table with the fields of `FIELDS` and a row for each column."""
    rows = [_row(each) for each in columns]
    made = [arrays(form, [row.get(name) for row in rows]) for name, form in FIELDS.items()]
    return pa.Table.from_arrays(made, names=list(FIELDS))


def fields_of(table: Any) -> Fields:
    """Return the fields of a table by their names, each as one array.

    Raises
    ------
    ValueError
        When two have one name.
    """
    batches = table.to_batches()
    one = len(batches) == 1
    columns = batches[0].columns if one else [each.combine_chunks() for each in table.columns]
    fields = dict(zip(table.column_names, columns, strict=True))
    if len(fields) < len(columns):
        raise ValueError("two fields of one name")
    return fields


def from_table(fields: Fields) -> list[Held]:
    """Return the columns that the fields of a table hold.

    Raises
    ------
    KeyError, ValueError, TypeError, pyarrow.ArrowInvalid
        When the table is none that `to_table` has made.
    """
    held = {
        name: values(fields, name, form)
        for name, form in FIELDS.items()
        if name in fields or name not in _LATER
    }
    rows = [dict(zip(held, each, strict=True)) for each in zip(*held.values(), strict=True)]
    return [_held(row) for row in rows]


def _row(held: Held) -> dict[str, Any]:
    """Return the fields of a column that are not empty."""
    about = {
        "name": held.name,
        "arrow_type": pa.schema([(held.name, held.arrow_type)]).serialize().to_pybytes(),
    }
    profile = held.profile
    if profile is None:
        return about
    invalid = profile.invalid or Invalid(0, "", 0)
    return about | {
        "type": profile.type,
        "kind": profile.kind,
        "rows": profile.rows,
        "missing": profile.missing,
        "integers": profile.integers,
        "time_unit": profile.time_unit or "",
        "zone": profile.zone or "",
        "text": profile.text,
        "older": profile.older,
        "invalid": invalid.count,
        "invalid_value": invalid.first_value,
        "invalid_row": invalid.first_row,
        **_values_row(profile.values),
    }


def _values_row(values: Numbers | Categories) -> dict[str, Any]:
    if isinstance(values, Categories):
        return {
            "names": values.names,
            "counts": values.counts,
            "buckets": values.buckets,
            "distinct": values.distinct,
            "repeats": values.repeats,
            **_sketch_row(values.sketch),
            **_shape_row(values.shape),
        }
    points = values.points
    return {
        "values" if points.values.dtype.kind == "f" else "integer_values": points.values,
        "counts": points.counts,
        "rounding": points.rounding,
        "distinct": points.distinct,
        "repeats": points.repeats,
        "mean": values.mean,
        "sd": values.sd,
        "low": repr(values.low),
        "high": repr(values.high),
        "nan": values.nan,
        "positive_infinity": values.positive_infinity,
        "negative_infinity": values.negative_infinity,
        "hours_of_week": values.hours_of_week,
    }


def _sketch_row(sketch: Sketch | None) -> dict[str, Any]:
    """Return the fields of a sample of names; hashes are unsigned and stored as signed ones."""
    if sketch is None:
        return {}
    return {
        "sketch_hashes": sketch.hashes.view(np.int64),
        "sketch_counts": sketch.counts,
        "sketch_bound": sketch.bound - 2**63,
        "sketch_keyed": sketch.keyed,
    }


def _shape_row(shape: TextShape | None) -> dict[str, Any]:
    if shape is None:
        return {}
    return {
        "lengths": shape.lengths.values,
        "length_counts": shape.lengths.counts,
        "length_rounding": shape.lengths.rounding,
        "forms": shape.forms.names,
        "form_counts": shape.forms.counts,
        "form_rest": shape.forms.rest,
        "forms_looked": shape.forms.looked,
        "shape_of_all": shape.whole,
    }


def _held(row: Mapping[str, Any]) -> Held:
    arrow_type = _arrow_type(row["arrow_type"])
    if not row["kind"]:
        return Held(row["name"], arrow_type, None)
    kind = cast("Kind", row["kind"])
    profile = ColumnProfile(
        kind=kind,
        type=row["type"],
        rows=row["rows"],
        missing=row["missing"],
        values=_categories(row) if kind in ("categorical", "unsupported") else _numbers(row),
        invalid=Invalid(row["invalid"], row["invalid_value"], row["invalid_row"])
        if row["invalid"]
        else None,
        integers=row["integers"],
        time_unit=row["time_unit"] or None,
        zone=row["zone"] or None,
        text=row.get("text", False),
        older=row.get("older", True),
    )
    return Held(row["name"], arrow_type, profile)


@lru_cache(maxsize=4096)
def _arrow_type(schema: bytes) -> Any:
    """Return the type that a stored schema holds: thousands of profiles have the same columns."""
    return type_of(pa.ipc.read_schema(pa.py_buffer(schema)).field(0))


def _categories(row: Mapping[str, Any]) -> Categories:
    return Categories(
        names=row["names"],
        counts=row["counts"],
        buckets=row["buckets"],
        distinct=row["distinct"],
        repeats=row["repeats"],
        sketch=_sketch(row),
        shape=_shape(row),
    )


def _sketch(row: Mapping[str, Any]) -> Sketch | None:
    if not len(row.get("sketch_hashes", ())):
        return None
    return Sketch(
        hashes=row["sketch_hashes"].view(np.uint64),
        counts=row["sketch_counts"],
        bound=row["sketch_bound"] + 2**63,
        keyed=row["sketch_keyed"],
    )


def _shape(row: Mapping[str, Any]) -> TextShape | None:
    if not len(row.get("lengths", ())):
        return None
    values, counts = row["lengths"], row["length_counts"]
    repeats = int(counts.sum()) - values.size
    forms = Forms(row["forms"], row["form_counts"], row["form_rest"], row["forms_looked"])
    lengths = Points(values, counts, row["length_rounding"], values.size, repeats)
    return TextShape(lengths, forms, row["shape_of_all"])


def _numbers(row: Mapping[str, Any]) -> Numbers:
    whole = row["integer_values"]
    points = Points(
        values=whole if whole.size else row["values"],
        counts=row["counts"],
        rounding=row["rounding"],
        distinct=row["distinct"],
        repeats=row["repeats"],
    )
    return Numbers(
        points=points,
        mean=row["mean"],
        sd=row["sd"],
        low=_number(row["low"]),
        high=_number(row["high"]),
        nan=row["nan"],
        positive_infinity=row["positive_infinity"],
        negative_infinity=row["negative_infinity"],
        hours_of_week=row["hours_of_week"],
    )


def _number(text: str) -> float:
    """Return what `repr` has written: whole numbers beyond 2^53 must not become floats."""
    return int(text) if text.lstrip("-").isdecimal() else float(text)


def _lists(items: Sequence[Any], child: Any) -> Any:
    lengths = np.array([len(item) for item in items], np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(from_numpy(offsets), child)


def _number_lists(items: Sequence[NDArray[Any]], dtype: type) -> Any:
    empty: NDArray[Any] = np.empty(0, dtype)
    return _lists(items, from_numpy(np.concatenate([empty, *items]).astype(dtype, copy=False)))


def _bytes(items: Sequence[bytes]) -> Any:
    offsets = np.cumsum([0, *map(len, items)], dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(items))]
    return pa.Array.from_buffers(pa.binary(), len(items), buffers)


_ARRAYS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "text": from_texts,
    "bytes": _bytes,
    "integer": lambda items: from_numpy(np.array(items, np.int64)),
    "truth": lambda items: from_numpy(np.array(items, bool)),
    "float": lambda items: from_numpy(np.array(items, np.float64)),
    "floats": lambda items: _number_lists(items, np.float64),
    "integers": lambda items: _number_lists(items, np.int64),
    "texts": lambda items: _lists(items, pa.concat_arrays([_EMPTY["texts"], *items])),
}


def arrays(form: str, items: Sequence[Any]) -> Any:
    """Return an Arrow array of items that are stored in a form; None stands for an empty one."""
    return _ARRAYS[form]([_EMPTY[form] if item is None else item for item in items])


def values(fields: Fields, name: str, form: str) -> list[Any]:
    """Return the items of a field.

    Raises
    ------
    KeyError, ValueError, TypeError
        When there is none of this form.
    """
    array = fields[name]
    if array.type != _TYPES[form]:
        raise TypeError(f"{name} is of type {array.type}")
    if array.null_count:
        raise ValueError(f"{name} has nulls")
    if form in _LISTS and array.values.null_count:
        raise ValueError(f"{name} has nulls in its lists")
    return _VALUES[form](array)


def _slices(array: Any, child_of: Callable[[Any], Any], form: str) -> list[Any]:
    """Return the items of lists, of a child that numpy or Arrow has."""
    if not len(array.values):
        return [_EMPTY[form]] * len(array)
    child, offsets = child_of(array.values), to_numpy(array.offsets).tolist()
    return [child[start:end] for start, end in pairwise(offsets)]


_VALUES: dict[str, Callable[[Any], list[Any]]] = {
    "text": lambda array: array.to_pylist(),
    "bytes": lambda array: array.to_pylist(),
    "integer": lambda array: to_numpy(array).tolist(),
    "truth": lambda array: to_numpy(array).tolist(),
    "float": lambda array: to_numpy(array).tolist(),
    "floats": lambda array: _slices(array, to_numpy, "floats"),
    "integers": lambda array: _slices(array, to_numpy, "integers"),
    "texts": lambda array: _slices(array, lambda texts: texts.cast(pa.large_string()), "texts"),
}
