"""Iceberg tables whose rows are deleted by their values, against rows worked out by hand.

The library reads no such table, so that nothing but the specification can be asked.
"""

import datetime as dt
import pickle
from decimal import Decimal

import pyarrow as pa
import pytest
from filtering import kept
from iceberg_tables import Deletes, catalog, values, with_deletes
from reading import READ, whole

from driftcli import compare
from driftcli.errors import InputError
from driftcli.source import open_source

pytest.importorskip("pyiceberg")

from pyiceberg.types import LongType, StringType

MORNING = dt.datetime.fromisoformat("2025-01-01T06:00:00")
SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string()), ("v", pa.int64())])


@pytest.fixture
def shop(tmp_path):
    made = catalog(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def upserted(shop):
    """Two files: of age 1 and 2."""
    table = shop.create_table("shop.upserted", schema=SCHEMA)
    first = {"id": [1, 2, 3, None, 1], "name": ["a", "b", None, "d", None], "v": range(5)}
    table.append(pa.table(first, schema=SCHEMA))
    table.append(pa.table({"id": [2, None], "name": ["b", None], "v": [10, 11]}, schema=SCHEMA))
    return table


def left(metadata):
    return sorted(whole(metadata).cells["v"])


@pytest.mark.parametrize(
    ("deletes", "expected"),
    [
        # Of older files alone: the second has the same age, or is younger.
        ([Deletes(values([1], [2], [None]), (1,), sequence=2)], [0, 2, 4, 10, 11]),
        ([Deletes(values([1], [2], [None]), (1,), sequence=1)], [0, 1, 2, 3, 4, 10, 11]),
        ([Deletes(values([1], [2], [None]), (1,), sequence=3)], [0, 2, 4]),
        # All columns must be alike, and nulls are.
        ([Deletes(values([1, 2], [1, None], [3, "c"]), (1, 2))], [0, 1, 2, 3, 10, 11]),
        ([Deletes(values([1, 2], [1, "a"], [None, None]), (1, 2))], [1, 2, 3, 4, 10]),
        # A file may have more columns than those that count, and the others in another order.
        ([Deletes(values([2, 1], ["a", 3], ["x", 2]), (1,))], [0, 3, 4, 11]),
        # Several files add up: of the same columns, and of others.
        (
            [
                Deletes(values([1], [1]), (1,)),
                Deletes(values([1], [3]), (1,)),
                Deletes(values([2], ["b"]), (2,), sequence=2),
            ],
            [3, 10, 11],
        ),
        ([Deletes(values([1], types=[pa.int64()]), (1,))], [0, 1, 2, 3, 4, 10, 11]),
    ],
)
def test_rows_deleted_by_their_values_are_not_read(upserted, deletes, expected):
    metadata = with_deletes(upserted, deletes)
    assert left(metadata) == expected
    assert sorted(whole(metadata, columns=["v"]).cells["v"]) == expected
    assert len(whole(metadata, columns=["name"]).cells["name"]) == len(expected)


def test_places_and_values_go_together(upserted):
    [first] = [t.file for t in upserted.scan().plan_files() if t.file.record_count == 5]
    schema = pa.schema(
        [
            pa.field("file_path", pa.string(), False, {b"PARQUET:field_id": b"2147483546"}),
            pa.field("pos", pa.int64(), False, {b"PARQUET:field_id": b"2147483545"}),
        ]
    )
    places = pa.table([[first.file_path] * 2, [0, 2]], schema=schema)
    both = [Deletes(places), Deletes(values([1], [2]), (1,), sequence=2)]
    assert left(with_deletes(upserted, both)) == [3, 4, 10, 11]


def test_values_count_in_their_own_partition_or_in_all(shop):
    table = shop.create_table("shop.days", schema=SCHEMA)
    with table.update_spec() as spec:
        spec.add_identity("name")
    table.append(
        pa.table({"id": [1, 2, 1, 2], "name": ["x", "x", "y", "y"], "v": range(4)}, schema=SCHEMA)
    )
    own = Deletes(values([1], [1]), (1,), partition=("x",))
    assert left(with_deletes(table, [own])) == [1, 2, 3]
    everywhere = Deletes(values([1], [2]), (1,), spec=0)
    assert left(with_deletes(table, [own, everywhere])) == [2]


def test_columns_are_found_by_their_ids(upserted):
    with upserted.update_schema() as schema:
        schema.rename_column("name", "called")
        schema.delete_column("id")
        schema.add_column("note", StringType())
    with upserted.update_schema() as schema:
        schema.add_column("id", StringType())
    upserted.append(
        pa.table({"called": ["b", "c"], "v": [20, 21], "note": ["n", None], "id": ["2", "3"]})
    )
    found = with_deletes(upserted, [Deletes(values([2], ["b"]), (2,), sequence=3)])
    assert left(found) == [0, 2, 3, 4, 11, 20, 21]
    # A column that the table has no more counts in the files that have it; one that came later is
    # null in those before.
    assert left(with_deletes(upserted, [Deletes(values([1], [1]), (1,))])) == [
        1,
        2,
        3,
        10,
        11,
        20,
        21,
    ]
    assert left(
        with_deletes(upserted, [Deletes(values([4], [None], types=[pa.string()]), (4,))])
    ) == [20]


@pytest.mark.parametrize(
    ("kind", "cells", "gone"),
    [
        (pa.date32(), [dt.date(2025, 1, 1), dt.date(2025, 1, 2)], dt.date(2025, 1, 2)),
        (pa.decimal128(10, 2), [Decimal("1.25"), Decimal("1.20")], Decimal("1.20")),
        (
            pa.timestamp("us"),
            [MORNING, MORNING + dt.timedelta(microseconds=1)],
            MORNING + dt.timedelta(microseconds=1),
        ),
        (pa.bool_(), [True, False], False),
        (pa.binary(), [b"a", b"b"], b"b"),
        (pa.int32(), [1, 2], 2),
    ],
)
def test_values_of_many_types_are_told_apart(shop, kind, cells, gone):
    schema = pa.schema([("k", kind), ("v", pa.int64())])
    table = shop.create_table("shop.types", schema=schema)
    table.append(pa.table({"k": cells, "v": [0, 1]}, schema=schema))
    found = with_deletes(table, [Deletes(values([1], [gone], types=[kind]), (1,))])
    assert left(found) == [0]


def test_types_may_have_been_promoted_since(shop):
    schema = pa.schema([("k", pa.int32()), ("v", pa.int64())])
    table = shop.create_table("shop.wide", schema=schema)
    table.append(pa.table({"k": [1, 2], "v": [0, 1]}, schema=schema))
    with table.update_schema() as changed:
        changed.update_column("k", LongType())
    found = with_deletes(table, [Deletes(values([1], [2], types=[pa.int32()]), (1,))])
    assert left(found) == [0]


def test_what_cannot_be_told_to_be_the_same_is_refused(shop):
    schema = pa.schema([("x", pa.float64()), ("v", pa.int64())])
    table = shop.create_table("shop.real", schema=schema)
    table.append(pa.table({"x": [1.0], "v": [0]}, schema=schema))
    found = with_deletes(table, [Deletes(values([1], [1.0]), (1,))])
    with pytest.raises(InputError, match=r"values of a column 'x' \(double\).*rewrite its data"):
        open_source(found, READ)


def test_footers_do_not_count_what_is_left(upserted):
    found = str(with_deletes(upserted, [Deletes(values([1], [2]), (1,))]))
    with pytest.raises(InputError, match="deleted by their places or values") as caught:
        compare(found, found, footers=True)
    assert "\n" not in str(caught.value)


def test_filters_samples_and_other_processes_leave_them_out(upserted):
    metadata = with_deletes(upserted, [Deletes(values([1], [2], [3]), (1,), sequence=2)])
    found = kept(metadata, "v >= 2", columns=["name"]).cells["name"]
    assert sorted(found, key=str) == [None, None, "b", "d"]
    source = open_source(metadata, READ)
    assert source.rows is None
    assert sorted(source.sample(["v"])["v"].to_pylist()) == [0, 3, 4, 10, 11]
    for fragment in source.fragments(["v", "name"]):
        data = pickle.dumps(fragment)
        assert len(data) < 12_000
        assert [each.batch for each in pickle.loads(data).blocks()] == [
            each.batch for each in fragment.blocks()
        ]
