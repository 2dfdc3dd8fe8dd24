"""Whatever is in a file or a table, its footers say what reading all of it says, or nothing."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iceberg_tables import catalog, folder_of
from test_footers import checked

#: Bounds are cut to 16 letters by Iceberg and to 32 by Delta.
LONG = 40
VALUES = {
    "whole": (st.integers(-(2**63), 2**63 - 1), pa.int64()),
    "small": (st.integers(-5, 5), pa.int32()),
    "real": (st.floats(), pa.float64()),
    "single": (st.floats(width=32), pa.float32()),
    "text": (st.text("aé\U0001f600", max_size=LONG), pa.string()),
    "truth": (st.booleans(), pa.bool_()),
    "day": (st.integers(-40_000, 40_000), pa.date32()),
    "moment": (st.integers(-(10**15), 10**16), pa.timestamp("us", "UTC")),
    "price": (st.decimals(-999, 999, places=2), pa.decimal128(9, 2)),
    "none": (st.nothing(), pa.int64()),
}
#: A column that tables have from their second part on.
LATER = "later"


def column(name, rows):
    values, kind = VALUES[name]
    cell = st.one_of(st.none(), values)
    whole = st.lists(cell, min_size=rows, max_size=rows)
    return whole.map(lambda found: pa.array(found, kind))


@st.composite
def part(draw):
    """Draw rows of every type, some of which are missing."""
    rows = draw(st.integers(1, 5))
    return pa.table({name: draw(column(name, rows)) for name in VALUES})


parts = st.lists(part(), min_size=1, max_size=3).map(
    lambda made: [
        each.append_column(LATER, [pa.array(range(len(each)))]) if at else each
        for at, each in enumerate(made)
    ]
)
#: Tables take long to write.
few = settings(max_examples=25)


@given(parts, st.integers(1, 5))
@few
def test_of_parquet_files(tmp_path_factory, made, rows):
    folder = tmp_path_factory.mktemp("files")
    for at, data in enumerate(made):
        pq.write_table(data, folder / f"{at}.parquet", row_group_size=rows)
    checked(folder)


@given(parts, st.sampled_from([None, "small > 0", "truth", "whole < 0", "true"]))
@few
def test_of_delta_tables(tmp_path_factory, made, deleted):
    deltalake = pytest.importorskip("deltalake")
    name = str(tmp_path_factory.mktemp("delta") / "t")
    for data in made:
        deltalake.write_deltalake(name, data, mode="append", schema_mode="merge")
    if deleted:
        deltalake.DeltaTable(name).delete(deleted)
    checked(name)
    checked(f"{name}@v0")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Delete operation did not match any records")
@given(parts, st.sampled_from([None, "small > 0", "truth == true", "whole < 0"]))
@few
def test_of_iceberg_tables(tmp_path_factory, made, deleted):
    pytest.importorskip("pyiceberg")
    shop = catalog(tmp_path_factory.mktemp("iceberg"))
    try:
        table = shop.create_table("shop.t", schema=made[0].schema)
        for data in made:
            with table.update_schema() as schema:
                schema.union_by_name(data.schema)
            table.append(data)
        if deleted:
            table.delete(deleted)
        checked(str(folder_of(table)))
    finally:
        shop.engine.dispose()
