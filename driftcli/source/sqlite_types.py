"""Rows of SQLite, whose driver takes a column whose first rows have no value for one of integers.

Such a column is read anew as what its values are; without any it has no type.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain

import pyarrow as pa

#: Values that stand for the missing ones while rows are read, by the types that they have.
_EMPTY = {"text": "''", "real": "0.0", "blob": "x''"}

Run = Callable[[str], pa.RecordBatchReader]


def typed(
    run: Run, text: str, rows: int, only: Collection[str] | None = None
) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Return the columns of a query, and its rows.

    Parameters
    ----------
    run
        Takes a query and returns its rows, after which none of an earlier query are read.
    rows
        The rows from which the driver guesses types.
    only
        The columns whose types are asked for, where not all are.
    """
    found = run(text)
    first = next(iter(found), None)
    unknown = _without_values(found.schema, first, only)
    ahead = [] if first is None else [first]
    if not unknown:
        return found.schema, chain(ahead, found)
    more = first is not None and first.num_rows >= rows
    kinds = _kinds(run, text, unknown) if more else {}
    again = {name: kind for name, kind in kinds.items() if kind in _EMPTY}
    if more:
        found, ahead = run(_filled(text, found.schema.names, again)), []
    void = [name for name in unknown if kinds.get(name) is None]
    names = [name for name in found.schema.names if name not in _signs(again)]
    types = {name: pa.null() if name in void else found.schema.field(name).type for name in names}
    schema = pa.schema(list(types.items()))
    return schema, (_emptied(batch, schema, again) for batch in chain(ahead, found))


def _without_values(
    schema: pa.Schema, first: pa.RecordBatch | None, only: Collection[str] | None
) -> list[str]:
    return [
        field.name
        for at, field in enumerate(schema)
        if (only is None or field.name in only)
        and field.type == pa.int64()
        and (first is None or first.column(at).null_count == first.num_rows)
    ]


def _kinds(run: Run, text: str, names: Collection[str]) -> dict[str, str | None]:
    """Return what columns hold: of several types the one that holds all, None for no value."""
    kinds = ", ".join(
        f"max(CASE WHEN {each} IS NOT NULL THEN typeof({each}) END) AS {each}"
        for each in map(sql_name, names)
    )
    rows: list[dict[str, str | None]] = run(f"SELECT {kinds} FROM ({text})").read_all().to_pylist()  # noqa: S608 - quoted
    return rows[0]


def _filled(text: str, names: Collection[str], kinds: Mapping[str, str]) -> str:
    """Return a query of rows without missing values, beside which stands where these were."""
    columns = [
        f"ifnull({sql_name(each)}, {_EMPTY[kinds[each]]}) AS {sql_name(each)}"
        if each in kinds
        else sql_name(each)
        for each in names
    ]
    signs = [
        f"{sql_name(each)} IS NULL AS {sql_name(sign)}" for each, sign in _signed(kinds).items()
    ]
    return f"SELECT {', '.join([*columns, *signs])} FROM ({text})"  # noqa: S608 - quoted


def _signed(names: Collection[str]) -> dict[str, str]:
    return {name: f"drift lacks {name}" for name in names}


def _signs(names: Collection[str]) -> Collection[str]:
    return _signed(names).values()


def _emptied(batch: pa.RecordBatch, schema: pa.Schema, filled: Collection[str]) -> pa.RecordBatch:
    import pyarrow.compute as pc

    arrays = []
    for field, values in zip(schema, batch.columns, strict=False):
        if field.name in filled:
            missing = pc.equal(batch.column(_signed([field.name])[field.name]), 1)
            arrays.append(pc.if_else(missing, pa.scalar(None, field.type), values))
        else:
            arrays.append(pa.nulls(len(values)) if field.type == pa.null() else values)
    return pa.record_batch(arrays, schema=schema)


def sql_name(name: str) -> str:
    """Return a name as SQLite takes it, whatever is in it."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
