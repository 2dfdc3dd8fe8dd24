"""Delta tables: the rows of a version, against the library's own scan and rows known by hand."""

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from delta_tables import add, added_of, commit, field, metadata, protocol, without
from filtering import kept, where
from reading import READ, whole

from driftcli import compare
from driftcli.checks.fingerprint import fingerprint
from driftcli.errors import InputError
from driftcli.source import open_source
from driftcli.source.opening import opened

deltalake = pytest.importorskip("deltalake")


def written(path, *tables, **options):
    """Write each table as a version of its own."""
    for table in tables:
        deltalake.write_deltalake(str(path), table, mode="append", **options)
    return path


def scanned(path, version=None):
    """Return the rows as the library itself scans them, in some order."""
    table = deltalake.DeltaTable(str(path), version=version)
    return sorted(pa.table(table.scan()).to_pylist(), key=str)


def rows_of(data):
    found = whole(data).cells
    return sorted(
        (dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)), key=str
    )


@pytest.fixture
def orders(tmp_path):
    """Three versions: ten rows in two partitions, ten more, and all but v < 5 of both."""
    made = pa.table({"day": ["2025-01-01", "2025-01-02"] * 5, "v": range(10)})
    written(tmp_path / "orders", made, made, partition_by=["day"])
    deltalake.DeltaTable(str(tmp_path / "orders")).delete("v < 5")
    return tmp_path / "orders"


def test_rows_that_were_deleted_are_not_read(orders):
    left = sorted([*range(5, 10)] * 2)
    assert sorted(whole(orders).cells["v"]) == left
    assert open_source(orders, READ).rows == 10
    assert rows_of(orders) == scanned(orders)
    loose = pq.ParquetDataset(str(orders)).read()
    assert loose.num_rows == 30


@pytest.mark.parametrize(("version", "rows"), [(0, 10), (1, 20), (2, 10)])
def test_a_version_is_read_as_it_was(orders, version, rows):
    source = open_source(f"{orders}@v{version}", READ)
    assert (source.rows, source.format) == (rows, "delta")
    assert source.name == f"{orders}@v{version}"
    assert rows_of(f"{orders}@v{version}") == scanned(orders, version)
    assert rows_of(f"file://{orders}@v{version}") == scanned(orders, version)


def test_the_rows_of_a_version_come_in_one_order(orders):
    assert whole(orders).cells == whole(f"{orders}/").cells == whole(f"{orders}@v2").cells


def times(path):
    return {
        each["version"]: dt.datetime.fromtimestamp(each["timestamp"] / 1000, dt.UTC)
        for each in deltalake.DeltaTable(str(path)).history()
    }


def test_a_time_is_that_of_the_commits(tmp_path):
    data = pa.table({"v": [1, 2, 3]})
    table = written(tmp_path / "t", data)
    first = times(table)[0]
    later = first + dt.timedelta(days=2)
    info = {"commitInfo": {"timestamp": int(later.timestamp() * 1000), "operation": "WRITE"}}
    commit(table, 1, info, add(table, data, "more.parquet"))
    at = (first + dt.timedelta(days=1)).isoformat(timespec="seconds")
    assert len(whole(f"{table}@{at}").cells["v"]) == 3
    assert len(whole(f"{table}@{at.replace('+00:00', 'Z')}").cells["v"]) == 3
    assert len(whole(f"{table}@{later.isoformat()}").cells["v"]) == 6
    assert len(whole(f"{table}@{(later + dt.timedelta(days=1)).date()}").cells["v"]) == 6
    with pytest.raises(InputError, match=r"no version is as old; the oldest that is kept is v0 of"):
        open_source(f"{table}@2001-01-01", READ)


def test_a_state_that_is_not_there_is_told_in_one_line(orders):
    for at, told in {
        "v43": "no version 43; the newest is 2",
        "latest": "'latest' is no version of a Delta table: expected one such as @v41, or a time",
        "41": "'41' is no version of a Delta table",
        "2025-13-01": "'2025-13-01' is no version",
    }.items():
        with pytest.raises(InputError, match=told) as caught:
            open_source(f"{orders}@{at}", READ)
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith(f"{orders}@{at}: ")


def test_a_file_of_the_full_name_comes_first(orders):
    pq.write_table(pa.table({"w": [1]}), f"{orders}@v1")
    assert whole(f"{orders}@v1").cells == {"w": [1]}


def test_a_name_with_an_at_that_is_no_table_is_a_missing_file(tmp_path):
    (tmp_path / "plain").mkdir()
    for name in ("plain@v1", "none@v1", "@v1", "a@b/@v1"):
        with pytest.raises(InputError, match="no such file"):
            open_source(tmp_path / name, READ)


def test_columns_that_were_added_are_null_before(tmp_path):
    table = written(tmp_path / "t", pa.table({"v": [1, 2]}))
    deltalake.write_deltalake(
        str(table), pa.table({"v": [3], "w": ["x"]}), mode="append", schema_mode="merge"
    )
    found = open_source(table, READ)
    assert found.partial == {}
    assert found.schema == pa.schema({"v": pa.int64(), "w": pa.string()})
    assert rows_of(table) == scanned(table)
    assert whole(table, columns=["w"]).cells["w"].count(None) == 2
    assert whole(f"{table}@v0").cells == {"v": [1, 2]}


def test_rows_under_deletion_vectors_are_not_read(tmp_path):
    size = 70_000
    data = pa.table({"v": range(size), "n": ["x"] * size})
    table = written(tmp_path / "t", data, configuration={"delta.enableDeletionVectors": "true"})
    gone = [0, 3, 65_535, 65_536, 69_999]
    commit(table, 1, *without(added_of(table)[0], gone))
    left = [v for v in range(size) if v not in gone]
    assert whole(table).cells["v"] == left
    assert whole(table, columns=["n"]).cells["n"] == ["x"] * len(left)
    assert open_source(table, READ).rows == len(left)
    assert sorted(row["v"] for row in scanned(table)) == left
    assert open_source(f"{table}@v0", READ).rows == size


def test_vectors_go_with_their_rows_over_many_row_groups(tmp_path):
    table = tmp_path / "t"
    table.mkdir()
    data = pa.table({f"c{i}": [10 * n + i for n in range(500)] for i in range(4)})
    action = add(table, data, "f.parquet")
    pq.write_table(data, table / "f.parquet", row_group_size=7)
    features = {"readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}
    columns = [field(name, "long") for name in data.column_names]
    gone = [*range(100, 115), 250, 499]
    commit(table, 0, protocol(3, 7, **features), metadata(columns), action)
    commit(table, 1, *without(action["add"], gone))
    found = whole(table).cells
    kept = [n for n in range(500) if n not in gone]
    assert found == {f"c{i}": [10 * n + i for n in kept] for i in range(4)}


def mapped(path, mode):
    """Return a table whose columns go by other names in its file: `a b`, `s.in`, `day`."""
    path.mkdir()
    inner = pa.struct([pa.field("col-3", pa.string(), metadata={b"PARQUET:field_id": b"3"})])
    schema = pa.schema(
        [
            pa.field("col-1", pa.int64(), metadata={b"PARQUET:field_id": b"1"}),
            pa.field("col-2", inner, metadata={b"PARQUET:field_id": b"2"}),
        ]
    )
    data = pa.table([[1, 2, 3], [{"col-3": text} for text in "xyz"]], schema=schema)
    nested = {"type": "struct", "fields": [field("in", "string", "col-3", 3)]}
    columns = [
        field("a b", "integer", "col-1", 1),
        field("s", nested, "col-2", 2),
        field("col-2", "double", "col-9", 9),
        field("day", "date", "col-4", 4),
    ]
    about = metadata(columns, ["day"], delta_columnMapping_mode=mode)
    action = add(path, data, "f.parquet", {"col-4": "2025-01-03"})
    commit(path, 0, protocol(2, 5), about, action)
    return path


@pytest.mark.parametrize("mode", ["name", "id"])
def test_columns_are_found_under_a_column_mapping(tmp_path, mode):
    table = mapped(tmp_path / "t", mode)
    assert whole(table).cells == {
        "a b": [1, 2, 3],
        "s.in": ["x", "y", "z"],
        "col-2": [None] * 3,
        "day": [dt.date(2025, 1, 3)] * 3,
    }
    assert whole(table, columns=["day"]).cells == {"day": [dt.date(2025, 1, 3)] * 3}
    assert whole(table, columns=["col-2"]).cells == {"col-2": [None] * 3}
    assert open_source(table, READ).schema.field("a b").type == pa.int32()


def test_ids_count_where_names_in_files_are_others(tmp_path):
    table = mapped(tmp_path / "t", "id")
    log = table / "_delta_log" / f"{0:020}.json"
    log.write_text(log.read_text().replace("col-1", "renamed"))
    assert whole(table, columns=["a b"]).cells == {"a b": [1, 2, 3]}


def test_values_of_partitions_have_the_types_of_the_table(tmp_path):
    data = pa.table(
        {
            "day": [dt.date(2025, 1, 1), None],
            "c": ["a b/c%=é", "x"],
            "at": pa.array(
                [dt.datetime(2025, 1, 1, tzinfo=dt.UTC), None], pa.timestamp("us", "UTC")
            ),
            "n": pa.array([1, 2], pa.int32()),
            "v": [1.5, 2.5],
        }
    )
    table = written(tmp_path / "a table", data, partition_by=["day", "c", "at", "n"])
    assert rows_of(table) == sorted(data.to_pylist(), key=str)
    assert open_source(table, READ).schema.equals(data.schema)


def test_a_feature_that_nobody_here_reads_is_refused_in_one_line(orders):
    features = {"readerFeatures": ["fancyReading"], "writerFeatures": ["fancyReading"]}
    commit(orders, 3, protocol(3, 7, **features))
    with pytest.raises(InputError, match="needs the Delta reader feature 'fancyReading'") as caught:
        open_source(orders, READ)
    assert "\n" not in str(caught.value)


def test_readers_that_nobody_here_is_are_told_of_in_one_line(orders):
    commit(orders, 3, protocol(9, 9))
    with pytest.raises(
        InputError, match=r"needs readers of version 9 .*Upgrade deltalake"
    ) as caught:
        open_source(orders, READ)
    assert "\n" not in str(caught.value)


def test_a_damaged_log_is_told_in_one_line(orders):
    (orders / "_delta_log" / f"{0:020}.json").write_text("{")
    with pytest.raises(InputError, match="cannot be read as a Delta table") as caught:
        open_source(orders, READ)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_gone_is_told_in_one_line(orders):
    for path in orders.rglob("*.parquet"):
        path.unlink()
    with pytest.raises(InputError, match=r"\.parquet: cannot be read") as caught:
        open_source(orders, READ)
    assert "\n" not in str(caught.value)


def test_a_table_without_rows_has_its_columns(tmp_path):
    table = tmp_path / "t"
    commit(table, 0, protocol(), metadata([field("v", "long"), field("w", "string")]))
    source = open_source(table, READ)
    assert (source.rows, source.schema.names) == (0, ["v", "w"])
    assert list(source.fragments(["v", "w"])) == []


def test_fragments_can_be_shipped(orders):
    import pickle

    source = open_source(orders, READ)
    for fragment in source.fragments(["day", "v"]):
        shipped = pickle.loads(pickle.dumps(fragment))
        assert [each.batch for each in shipped.blocks()] == [
            each.batch for each in fragment.blocks()
        ]


def test_without_the_library_it_is_said_what_to_install(orders, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "deltalake", None)
    with pytest.raises(InputError, match=r"a table in Delta format: this needs deltalake; .*pip"):
        open_source(orders, READ)


def test_a_file_of_another_table_is_found_by_its_own_address(tmp_path):
    data = pa.table({"v": [1, 2]})
    other = tmp_path / "other"
    other.mkdir()
    action = add(other, data, "f.parquet")
    action["add"]["path"] = f"file://{other}/f.parquet"
    commit(tmp_path / "t", 0, protocol(), metadata([field("v", "long")]), action)
    assert whole(tmp_path / "t").cells == {"v": [1, 2]}


def test_a_new_version_is_other_data(orders):
    before = fingerprint(str(orders))
    assert before == fingerprint(f"{orders}")
    deltalake.DeltaTable(str(orders)).delete("v = 7")
    assert fingerprint(str(orders)) != before
    assert fingerprint(f"{orders}@v99") is not None


def test_versions_are_compared(orders):
    report = compare(f"{orders}@v0", orders)
    assert (report.baseline.rows, report.current.rows) == (10, 10)
    assert report.current.format == "delta"
    assert report.columns[0].name == "v"


def test_a_filter_reads_no_file_that_cannot_match(orders, opened_files):
    found = kept(orders, "day = '2025-01-02' and v > 6")
    assert sorted(found.cells["v"]) == [7, 7, 9, 9]
    assert {path.split("/")[-2] for path in opened_files} == {"day=2025-01-02"}
    source, left = opened(orders, READ, where("day = '2025-01-02'"))
    assert (left, source.rows) == (None, 6)
    opened_files.clear()
    assert kept(orders, "v > 900").cells == {"day": [], "v": []}
    assert len(set(opened_files)) == 1


def test_a_filter_and_deletion_vectors_go_together(tmp_path):
    data = pa.table({f"c{i}": [10 * n + i for n in range(500)] for i in range(4)})
    table = written(tmp_path / "t", data, configuration={"delta.enableDeletionVectors": "true"})
    commit(table, 1, *without(added_of(table)[0], [*range(100), 499]))
    found = kept(table, "c3 < 1033 or c0 >= 4970").cells
    assert found["c0"] == [1000, 1010, 1020, 4970, 4980]


def test_a_filter_follows_a_column_mapping(tmp_path):
    table = mapped(tmp_path / "t", "name")
    condition = "\"a b\" >= 2 and s.in != 'z' and day = '2025-01-03' and \"col-2\" is null"
    assert kept(table, condition).cells["a b"] == [2]
    assert kept(table, '"col-2" > 1').cells["a b"] == []


def test_times_are_found_though_statistics_are_cut_to_milliseconds(tmp_path):
    at = pa.array([1_000_999], pa.timestamp("us", "UTC"))
    table = written(tmp_path / "t", pa.table({"at": at, "v": [1]}))
    log = table / "_delta_log" / f"{0:020}.json"
    assert "1970-01-01T00:00:01" in log.read_text()
    assert kept(table, "at > '1970-01-01T00:00:01.000900Z'").cells["v"] == [1]
