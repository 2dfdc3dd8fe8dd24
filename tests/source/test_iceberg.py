"""Iceberg tables: the rows of a snapshot, against the library's own scan and rows known by hand."""

import datetime as dt
import pickle
import shutil
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pytest
from filtering import kept, where
from iceberg_tables import catalog, delete_places, folder_of, metadata_of
from reading import READ, whole

from driftcli import compare
from driftcli.checks.fingerprint import fingerprint
from driftcli.errors import InputError
from driftcli.source import open_source
from driftcli.source.opening import opened

pytest.importorskip("pyiceberg")

from pyiceberg.types import DoubleType, LongType, StringType
from pyiceberg.utils.config import Config


def scanned(table, **chosen):
    """Return the rows as the library itself scans them."""
    return sorted(table.scan(**chosen).to_arrow().to_pylist(), key=str)


def rows_of(data):
    found = whole(data).cells
    return sorted(
        (dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)), key=str
    )


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A catalog, `prod`, that the environment names."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYICEBERG_CATALOG__PROD__TYPE", "sql")
    monkeypatch.setenv("PYICEBERG_CATALOG__PROD__URI", f"sqlite:///{tmp_path}/cat.db")
    # The library reads the environment once.
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())
    made = catalog(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def orders(shop):
    """Six rows in two days; a rename and two more; a new column; all but `amount` < 2."""
    data = pa.table({"day": ["2025-01-01", "2025-01-02"] * 3, "v": range(6)})
    table = shop.create_table("shop.orders", schema=data.schema)
    with table.update_spec() as spec:
        spec.add_identity("day")
    table.append(data)
    table.manage_snapshots().create_tag(table.current_snapshot().snapshot_id, "gold").commit()
    with table.update_schema() as schema:
        schema.rename_column("v", "amount")
    table.append(pa.table({"day": ["2025-01-03"] * 2, "amount": [6, 7]}))
    with table.update_schema() as schema:
        schema.add_column("note", StringType())
    table.delete("amount < 2")
    return table


def test_a_table_is_read_as_its_newest_snapshot_has_it(orders):
    name = metadata_of(orders)
    source = open_source(name, READ)
    assert (source.format, source.rows, source.name) == ("iceberg", 6, name)
    assert source.partial == {}
    names = {"day": pa.string(), "amount": pa.int64(), "note": pa.string()}
    assert source.schema == pa.schema(names)
    assert rows_of(name) == scanned(orders)
    assert sorted(whole(name, columns=["amount"]).cells["amount"]) == [2, 3, 4, 5, 6, 7]
    assert whole(name, columns=["note"]).cells == {"note": [None] * 6}


def test_a_folder_is_read_as_its_newest_metadata_and_says_so(orders):
    found = whole(folder_of(orders))
    assert sorted(found.cells["amount"]) == [2, 3, 4, 5, 6, 7]
    [note] = found.notes
    assert metadata_of(orders).rpartition("/")[2] in note
    assert whole(metadata_of(orders)).notes == ()


def test_the_hint_of_a_folder_comes_first(orders):
    metadata = folder_of(orders) / "metadata"
    [first] = metadata.glob("00002-*.metadata.json")
    (metadata / "version-hint.text").write_text(first.name.removesuffix(".metadata.json"))
    assert whole(folder_of(orders)).cells["v"] == [0, 2, 4, 1, 3, 5]


@pytest.mark.parametrize(
    "path", ["{folder}", "{metadata}", "file://{folder}", "iceberg:prod.shop.orders"]
)
def test_a_tag_a_snapshot_and_a_time_are_read_as_they_were(orders, path):
    name = path.format(folder=folder_of(orders), metadata=metadata_of(orders))
    first = orders.history()[0]
    time = dt.datetime.fromtimestamp(first.timestamp_ms / 1000, dt.UTC).isoformat()
    for at in ("gold", str(first.snapshot_id), time):
        assert rows_of(f"{name}@{at}") == scanned(orders, snapshot_id=first.snapshot_id)
    assert sorted(whole(name).cells["amount"]) == [2, 3, 4, 5, 6, 7]
    assert sorted(whole(f"{name}@main").cells["amount"]) == [2, 3, 4, 5, 6, 7]


def test_rows_deleted_by_their_places_are_not_read(shop):
    data = pa.table({"v": range(1000), "s": [{"a": i, "b": str(i)} for i in range(1000)]})
    table = shop.create_table("shop.places", schema=data.schema)
    table.append(data.slice(0, 500))
    table.append(data.slice(500))
    [first] = [
        each.file for each in table.scan().plan_files() if each.file.lower_bounds[1][:1] == b"\0"
    ]
    metadata = delete_places(table, first, [0, 3, 499])
    left = [v for v in range(1000) if v not in (0, 3, 499)]
    found = whole(metadata)
    assert sorted(found.cells["v"]) == left
    assert found.cells["s.a"] == found.cells["v"]
    assert found.cells["s.b"] == [str(v) for v in found.cells["v"]]
    assert open_source(metadata, READ).rows is None
    assert sorted(whole(folder_of(table), columns=["s.b"]).cells["s.b"], key=int) == [
        str(v) for v in left
    ]


def test_partitions_may_change(orders):
    with orders.update_spec() as spec:
        spec.remove_field("day")
        spec.add_identity("amount")
    orders.append(pa.table({"day": ["2025-01-04"], "amount": [8], "note": ["x"]}))
    assert rows_of(metadata_of(orders)) == scanned(orders)
    assert sorted(whole(metadata_of(orders)).cells["amount"]) == [2, 3, 4, 5, 6, 7, 8]


def test_types_may_be_promoted(shop):
    table = shop.create_table("shop.wide", schema=pa.schema({"i": pa.int32(), "f": pa.float32()}))
    table.append(
        pa.table({"i": pa.array([1, 2], pa.int32()), "f": pa.array([0.5, 1], pa.float32())})
    )
    with table.update_schema() as schema:
        schema.update_column("i", LongType())
        schema.update_column("f", DoubleType())
    table.append(pa.table({"i": [2**40], "f": [2.5]}))
    found = whole(metadata_of(table))
    assert sorted(found.cells["i"]) == [1, 2, 2**40]
    assert sorted(found.cells["f"]) == [0.5, 1, 2.5]
    assert found.types == {"i": "int64", "f": "double"}


def test_the_rows_come_in_one_order(orders):
    assert whole(metadata_of(orders)).cells == whole(folder_of(orders)).cells


def test_a_table_that_is_empty_has_its_columns(shop):
    table = shop.create_table("shop.none", schema=pa.schema({"v": pa.int64(), "w": pa.string()}))
    source = open_source(metadata_of(table), READ)
    assert (source.rows, source.schema.names) == (0, ["v", "w"])
    assert list(source.fragments(["v"])) == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("iceberg:prod.shop.orders@silver", "no snapshot, tag or branch 'silver'; known: '"),
        ("iceberg:prod.shop.orders@1", "no snapshot, tag or branch '1'"),
        (
            "iceberg:prod.shop.orders@2001-01-01",
            "no snapshot is as old; the oldest that is kept is [0-9]+ of 20",
        ),
        (
            "iceberg:prod.shop.order",
            "no table 'shop.order' in the catalog 'prod'; did you mean 'shop.orders'",
        ),
        ("iceberg:prod.shops.orders", "no table 'shops.orders' in the catalog 'prod'; .*'?shop"),
        ("iceberg:prod", "expected iceberg:CATALOG.NAMESPACE.TABLE"),
        ("iceberg:prod.orders", "expected iceberg:CATALOG.NAMESPACE.TABLE"),
        (
            "iceberg:dev.shop.orders",
            r"no catalog 'dev' can be opened\. Check its name; .*PYICEBERG_CATALOG__DEV__URI",
        ),
    ],
)
def test_what_is_not_there_is_told_in_one_line(orders, name, told):
    with pytest.raises(InputError, match=told) as caught:
        open_source(name, READ)
    assert str(caught.value).startswith(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (None, b"", "its server cannot be reached"),
        (
            401,
            b'{"error": {"message": "Who?", "type": "NotAuthorizedException", "code": 401}}',
            "NotAuthorizedException: Who?",
        ),
    ],
)
def test_a_catalog_that_does_not_answer_is_told_of_in_one_line(
    shop, monkeypatch, status, body, told
):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        if status:
            Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        else:
            server.server_close()
        monkeypatch.setenv("PYICEBERG_CATALOG__FAR__URI", url)
        monkeypatch.setenv("PYICEBERG_CATALOG__FAR__TOKEN", "Hunter2Marker")
        monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())
        with pytest.raises(InputError) as caught:
            open_source("iceberg:far.shop.orders", READ)
        if status:
            server.shutdown()
    assert str(caught.value) == (
        f"iceberg:far.shop.orders: no catalog 'far' can be opened: {told}. Check its name; its"
        " address is set up in ~/.pyiceberg.yaml or by PYICEBERG_CATALOG__FAR__URI."
    )


def test_metadata_is_that_of_a_table_wherever_a_copy_lies(orders, tmp_path):
    for name in ("v9.metadata.json", Path(metadata_of(orders)).name):
        copy = shutil.copy(metadata_of(orders), tmp_path / name)
        assert rows_of(copy) == scanned(orders)


def test_a_damaged_table_is_told_in_one_line(orders):
    for path in folder_of(orders).rglob("*.avro"):
        path.write_bytes(b"Obj")
    with pytest.raises(InputError, match="cannot be read as an Iceberg table") as caught:
        open_source(metadata_of(orders), READ)
    assert "\n" not in str(caught.value)


def test_fragments_can_be_shipped(orders, shop):
    table = shop.create_table("shop.places", schema=pa.schema({"v": pa.int64()}))
    table.append(pa.table({"v": range(10)}))
    deletes = delete_places(table, next(iter(table.scan().plan_files())).file, [1])
    for name in (metadata_of(orders), deletes):
        for fragment in open_source(name, READ).fragments(open_source(name, READ).schema.names):
            data = pickle.dumps(fragment)
            assert len(data) < 10_000
            shipped = pickle.loads(data)
            assert [each.batch for each in shipped.blocks()] == [
                each.batch for each in fragment.blocks()
            ]


def test_without_the_library_it_is_said_what_to_install(orders, monkeypatch):
    names = [metadata_of(orders), str(folder_of(orders)), "iceberg:prod.shop.orders"]
    for name in [each for each in sys.modules if each.split(".")[0] == "pyiceberg"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "pyiceberg", None)
    for name in names:
        with pytest.raises(InputError, match=r"in Iceberg format: this needs pyiceberg; .*pip"):
            open_source(name, READ)


def test_a_new_snapshot_is_other_data(orders):
    name = str(folder_of(orders))
    before = fingerprint(name)
    assert before is not None
    orders.append(pa.table({"day": ["2025-01-04"], "amount": [8], "note": ["x"]}))
    assert fingerprint(name) != before


def test_snapshots_are_compared(orders):
    report = compare("iceberg:prod.shop.orders@gold", "iceberg:prod.shop.orders")
    assert (report.baseline.rows, report.current.rows) == (6, 6)
    assert {each.kind for each in report.findings} >= {"lost_column", "new_column"}


@pytest.mark.parametrize(
    "condition",
    [
        "day = '2025-01-02'",
        "amount > 3 and day != '2025-01-02'",
        "amount in (4, 7)",
        "note is null and not amount < 6",
        "note = 'x'",
        "day > '2025-01-02' or amount = 2",
    ],
)
def test_a_filter_keeps_what_the_library_keeps(orders, condition):
    expected = scanned(orders, row_filter=condition)
    found = kept(metadata_of(orders), condition).cells
    rows = [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]
    assert sorted(rows, key=str) == expected


def test_a_filter_reads_no_file_that_cannot_match(orders, opened_files):
    assert sorted(kept(metadata_of(orders), "amount >= 6").cells["amount"]) == [6, 7]
    assert {path.split("/")[-2] for path in opened_files} <= {"day=2025-01-03", "metadata"}
    source, left = opened(metadata_of(orders), READ, where("day = '2025-01-03'"))
    assert (left, source.rows) == (None, 2)


def test_a_filter_and_deletes_go_together(shop):
    table = shop.create_table("shop.places", schema=pa.schema({"v": pa.int64(), "w": pa.int64()}))
    table.append(pa.table({"v": range(10), "w": range(10)}))
    metadata = delete_places(table, next(iter(table.scan().plan_files())).file, [1, 8])
    assert kept(metadata, "w >= 7 or w < 2").cells["v"] == [0, 7, 9]
    assert kept(metadata, "w >= 7 or w < 2", columns=["v"]).cells["v"] == [0, 7, 9]


def test_which_metadata_was_read_is_no_warning(orders):
    found = compare(str(folder_of(orders)), metadata_of(orders), fail_on="warn")
    told = [each for each in found.findings if "the newest metadata in its folder" in each.message]
    assert [(each.kind, each.status) for each in told] == [("reading", "ok")]
    assert found.exit_code == 0


def test_one_snapshot_is_no_several(shop):
    table = shop.create_table("shop.single", schema=pa.schema({"v": pa.int64()}))
    for count in ("1 snapshot", "2 snapshots"):
        table.append(pa.table({"v": [1]}))
        with pytest.raises(InputError, match=rf"'main', and {count} by id or time\.$"):
            open_source(f"{folder_of(table)}@silver", READ)
