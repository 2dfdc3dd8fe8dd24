"""What footers, logs and manifests say of data is what reading all of it says, or nothing."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from delta_tables import add, added_of, commit, field, metadata, protocol, without
from filtering import where
from hypothesis import given
from hypothesis import strategies as st
from iceberg_tables import catalog, delete_places, folder_of

from driftcli import Profile
from driftcli.comparison.stats import column_stats
from driftcli.errors import InputError
from driftcli.pipeline.footers import profile_of
from driftcli.source.footers import footers_of

NONE = {"missing_count": None, "min": None, "max": None}


def told(data, condition=None):
    """Return rows, and of each column what is missing and the extremes, by footers alone."""
    made = profile_of(footers_of(data, where(condition) if condition else None), {})
    return made.rows, {name: _stats(each) for name, each in made.columns.items()}, made


def _stats(column):
    stats = column_stats(column)
    return {name: getattr(stats, name) for name in NONE}


def checked(data):
    """Return what footers say, after comparing it with what reading says."""
    rows, found, made = told(data)
    read = Profile.of(data)._held
    assert (rows, made.types, made.format) == (read.rows, read.types, read.format)
    kinds = [[each.kind for each in side.columns.values()] for side in (made, read)]
    assert kinds[0] == kinds[1]
    for name, stats in found.items():
        full = _stats(read.columns[name])
        known = {key for key, each in stats.items() if each is not None}
        assert {key: stats[key] for key in known} == {key: full[key] for key in known}, name
    return found


def without_data(folder):
    """Leave of a table its metadata alone."""
    files = list(folder.rglob("*.parquet"))
    assert files
    for each in files:
        each.unlink()


def every_type():
    day = dt.date(2025, 1, 3)
    return pa.table(
        {
            "int8": pa.array([3, None, -1], pa.int8()),
            "uint64": pa.array([3, None, 2**63 + 5], pa.uint64()),
            "double": [1.5, None, -2.5],
            "with nan": [1.5, float("nan"), 2.5],
            "decimal": pa.array([Decimal("1.50"), None, Decimal("-2.25")], pa.decimal128(9, 2)),
            "date": pa.array([day, None, day + dt.timedelta(9)]),
            "nanoseconds": pa.array([5, None, 1_700_000_000_000_000_001], pa.timestamp("ns")),
            "zoned": pa.array([5, None, -7], pa.timestamp("us", "Europe/Oslo")),
            "seconds": pa.array([5, None, -7], pa.timestamp("s")),
            "time of day": pa.array([5, None, 7], pa.time64("ns")),
            "duration": pa.array([5, None, -7], pa.duration("ms")),
            "inner": [{"a": 1}, {"a": None}, None],
            "nothing": pa.nulls(3),
            "all missing": pa.array([None] * 3, pa.int64()),
            "text": ["a", None, "b"],
            "truth": [True, None, False],
            "infinite": [1.5, None, float("inf")],
            "list": [[1, None], [], None],
            "half": pa.array([np.float16(1.5), None, np.float16(2.5)], pa.float16()),
        }
    )


def test_each_type_of_parquet_is_known_exactly_or_not_at_all(tmp_path):
    pq.write_table(every_type(), tmp_path / "a.parquet", row_group_size=2)
    found = checked(tmp_path / "a.parquet")
    ranged = [name for name, stats in found.items() if stats["min"] is not None]
    assert ranged == list(found)[:12]
    assert [name for name, stats in found.items() if stats["missing_count"] is None] == ["list"]


def test_without_statistics_rows_and_types_are_known(tmp_path):
    pq.write_table(every_type(), tmp_path / "a.parquet", write_statistics=False)
    found = checked(tmp_path / "a.parquet")
    assert all(stats == NONE for name, stats in found.items() if name != "nothing")


@given(
    st.lists(st.lists(st.one_of(st.none(), st.floats(), st.just(0.0)), max_size=6), min_size=1),
    st.integers(1, 4),
)
def test_files_and_row_groups_are_joined(tmp_path_factory, files, rows):
    folder = tmp_path_factory.mktemp("files")
    for i, values in enumerate(files):
        data = pa.table({"v": pa.array(values, pa.float64())})
        pq.write_table(data, folder / f"{i:03}.parquet", row_group_size=rows)
    checked(folder)


def test_folders_widened_types_and_columns_that_lack(tmp_path):
    for day, data in {
        "day=2025-01-01": {"v": [1, 2], "w": ["x", None]},
        "day=2025-01-02": {"v": [0.5, None]},
    }.items():
        (tmp_path / day).mkdir()
        pq.write_table(pa.table(data), tmp_path / day / "a.parquet")
    found = checked(tmp_path)
    assert found["v"] == {"missing_count": 1, "min": 0.5, "max": 2}
    assert found["w"]["missing_count"] == 3
    assert found["day"]["missing_count"] == 0
    assert told(tmp_path, "day = '2025-01-01'")[0] == 2
    with pytest.raises(InputError, match="'v > 1' cannot be told without reading them"):
        told(tmp_path, "v > 1")


def test_of_a_delta_table_no_file_of_data_is_opened(tmp_path, opened_files):
    deltalake = pytest.importorskip("deltalake")
    names = [
        "int8",
        "double",
        "with nan",
        "decimal",
        "date",
        "inner",
        "all missing",
        "text",
        "list",
    ]
    data = every_type().select(names).append_column("day", [["1", "2", "2"]])
    name = str(tmp_path / "t")
    for _ in range(2):
        deltalake.write_deltalake(name, data, mode="append", partition_by=["day"])
    deltalake.DeltaTable(name).delete("day = '1'")
    rows, found, _ = told(name)
    assert [told(f"{name}@v0")[0], told(name, "day = '2'")[0]] == [3, 4]
    assert opened_files == []
    assert rows == 4
    assert found == checked(name)
    assert found["int8"] == {"missing_count": 2, "min": -1, "max": -1}
    assert found["date"]["max"] == "2025-01-12T00:00:00"
    without_data(tmp_path / "t")
    assert told(name)[:2] == (rows, found)
    assert told(f"{name}@v0")[0] == 3


def test_rows_under_deletion_vectors_are_not_counted(tmp_path):
    deltalake = pytest.importorskip("deltalake")
    data = pa.table({"v": [1, 2, None], "n": [1, 2, 3], "o": pa.array([None] * 3, pa.int64())})
    deltalake.write_deltalake(
        str(tmp_path / "t"), data, configuration={"delta.enableDeletionVectors": "true"}
    )
    commit(tmp_path / "t", 1, *without(added_of(tmp_path / "t")[0], [0]))
    found = checked(tmp_path / "t")
    assert found["v"] == NONE
    assert found["n"] == {**NONE, "missing_count": 0}
    assert found["o"] == {**NONE, "missing_count": 2}


def test_a_log_without_counts_is_refused(tmp_path):
    pytest.importorskip("deltalake")
    (tmp_path / "t").mkdir()
    added = add(tmp_path / "t", pa.table({"v": [1]}), "f.parquet")
    del added["add"]["stats"]
    commit(tmp_path / "t", 0, protocol(), metadata([field("v", "long")]), added)
    with pytest.raises(InputError, match=r"its log does not count the rows of f\.parquet"):
        told(tmp_path / "t")


@pytest.fixture
def shop(tmp_path):
    pytest.importorskip("pyiceberg")
    made = catalog(tmp_path)
    yield made
    made.engine.dispose()


def test_of_an_iceberg_table_no_file_of_data_is_opened(shop, opened_files):
    from pyiceberg.types import LongType

    names = ["double", "decimal", "date", "zoned", "inner", "text", "truth"]
    data = every_type().select(names)
    data = data.set_column(3, "zoned", data["zoned"].cast(pa.timestamp("us", "UTC")))
    table = shop.create_table("shop.t", schema=data.schema)
    table.append(data)
    with table.update_schema() as schema:
        schema.rename_column("double", "amount")
        schema.add_column("later", LongType())
    table.append(table.scan().to_arrow())
    name = str(folder_of(table))
    rows, found, _ = told(name)
    assert [path for path in opened_files if "/data/" in path] == []
    assert rows == 6
    assert found == checked(name)
    assert found["amount"] == {"missing_count": 2, "min": -2.5, "max": 1.5}
    assert found["later"]["missing_count"] is None
    known = [name for name, stats in found.items() if stats["min"] is not None]
    assert known == ["amount", "decimal", "date", "zoned"]
    without_data(folder_of(table) / "data")
    assert told(name)[:2] == (rows, found)


def test_iceberg_rows_that_are_deleted_by_places_are_not_counted(shop):
    data = pa.table({"v": range(10)})
    table = shop.create_table("shop.t", schema=data.schema)
    table.append(data)
    [task] = table.scan().plan_files()
    with pytest.raises(InputError, match="its manifests do not count those that are left"):
        told(delete_places(table, task.file, [1, 2]))


class Counted:
    """A file that counts the bytes that are read of all such."""

    found = 0

    def __init__(self, path):
        self._file = open(path, "rb")  # noqa: SIM115, PTH123 - closed by who reads it

    def __getattr__(self, name):
        return getattr(self._file, name)

    def read(self, size=-1):
        data = self._file.read(size)
        Counted.found += len(data)
        return data


def test_the_bytes_that_are_read_are_those_of_footers(tmp_path, monkeypatch):
    path, rows = tmp_path / "a.parquet", range(200_000)
    pq.write_table(pa.table({"v": rows, "w": [i * 7919 % 65_537 for i in rows]}), path)
    counted = lambda self: pa.PythonFile(Counted(self.path), "r")  # noqa: E731
    monkeypatch.setattr("driftcli.source.files.File.native", counted)
    Counted.found = 0
    assert told(path)[0] == 200_000
    assert 0 < Counted.found <= 3 * (65_536 + 8)
    assert path.stat().st_size > 1_000_000


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("a.csv", "data in csv format"),
        ("a.jsonl", "data in jsonl format"),
        ("a.arrow", "data in arrow format"),
        ("sqlite:///a.db#t", "a database"),
    ],
)
def test_what_has_no_footers_is_told_in_one_line(tmp_path, monkeypatch, name, what):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("v\n1\n")
    (tmp_path / "a.jsonl").write_text('{"v": 1}\n')
    (tmp_path / "a.arrow").write_bytes(b"ARROW1" + bytes(90))
    with pytest.raises(InputError) as caught:
        told(name)
    assert str(caught.value) == (
        f"{name}: {what} has no footers, which Parquet files, Delta logs and Iceberg manifests"
        " have. Leave --footers out."
    )
