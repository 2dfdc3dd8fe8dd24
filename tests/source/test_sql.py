"""Databases: PostgreSQL on the loopback and SQLite, what is read of them and what is refused."""

import datetime as dt
import sqlite3
import threading
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest
from filtering import where
from postgres import PASSWORD
from reading import READ, drained

import driftcli
from driftcli.checks.fingerprint import fingerprint
from driftcli.cli.timeout import TimeoutReachedError, ended_after
from driftcli.config import describe, load
from driftcli.errors import DriftError, InputError, UsageError
from driftcli.metrics import METRICS
from driftcli.source.opening import opened
from driftcli.source.sql import _interruptible, open_sql
from driftcli.source.sql_addresses import query_of
from driftcli.text import safe, scrubbed

pytest.importorskip("adbc_driver_sqlite")


@pytest.fixture
def shop(database):
    return database


ORDERS = (
    "create table orders as select i as v, 'c' || i % 3 as s, i / 2.0 as x"
    " from generate_series(0, 99) i"
)


def read(name, text=None, connections=None):
    source, left = opened(name, READ, where(text) if text else None, connections or {})
    assert left is None
    return drained(source)


@pytest.fixture
def lite(tmp_path, monkeypatch):
    """An SQLite file `shop.db` in the working directory."""
    monkeypatch.chdir(tmp_path)
    with sqlite3.connect("shop.db") as opened:
        opened.execute("create table orders (v int, s text, x real)")
        rows = [(i, f"c{i % 3}", i / 2) for i in range(100)]
        opened.executemany("insert into orders values (?, ?, ?)", rows)
        opened.execute("create table mixed (a int, m)")
        opened.executemany("insert into mixed values (1, ?)", [(1,)] * 70_000 + [(2.5,)])
    opened.close()
    return "sqlite:///shop.db"


@pytest.mark.parametrize(
    "what",
    [
        "orders",
        "public.orders",
        '"public"."orders"',
        "select * from orders",
        "  SELECT v, s, x FROM orders;  ",
        "with o as (select * from orders) select * from o",
        "-- all\nselect * from orders",
        "@orders.sql",
    ],
)
def test_a_table_and_a_query_are_read(shop, tmp_path, monkeypatch, what):
    address, run = shop
    run(ORDERS)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.sql").write_text("select * from orders -- the end\n;\n")
    found = read(f"{address}#{what}")
    assert found.cells["v"] == list(range(100))
    assert found.cells["x"] == [i / 2 for i in range(100)]
    assert found.types == {"v": "int32", "s": "string", "x": "double"}


def test_types_of_postgresql_are_what_they_mean(shop):
    address, run = shop
    run(
        "create table t as select * from (values"
        " (1.25::numeric, timestamptz '2025-01-01 01:00+02', array[1], '{}'::jsonb,"
        "  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, date '2025-01-01', 'a'::varchar,"
        "  inet '127.0.0.1', true),"
        " ('NaN', null, null, null, null, null, null, null, null))"
        " as t(n, at, l, j, u, d, s, ip, b)"
    )
    found = read(f"{address}#t")
    assert found.types == {
        "n": "double",
        "at": "timestamp[us, tz=UTC]",
        "l": "array<int4>",
        "j": "json",
        "u": "string",
        "d": "date32[day]",
        "s": "string",
        "ip": "inet",
        "b": "bool",
    }
    assert found.cells["n"][0] == 1.25
    assert str(found.cells["n"][1]) == "nan"
    assert found.cells["at"] == [dt.datetime(2024, 12, 31, 23, tzinfo=dt.UTC), None]
    assert found.cells["u"] == ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", None]
    assert [each is None for each in found.cells["j"]] == [False, True]
    for column, kind in {"j": "json", "l": "array<int4>", "ip": "inet"}.items():
        report = driftcli.compare(f"{address}#t", f"{address}#t", columns=column)
        assert report.columns[0].status == "skipped"
        assert f"values of type {kind} are not compared" in report.columns[0].notes


DOCUMENTS = (
    "create table docs as select i as v, case when i % 4 > 0 then '{}'::jsonb end as j,"
    " array[i] as l from generate_series(0, 99) i"
)


def test_what_is_missing_of_values_that_are_not_compared_is_compared(shop, tmp_path):
    address, run = shop
    run(DOCUMENTS)
    path = tmp_path / "docs.profile"
    driftcli.Profile.of(f"{address}#docs", keep_rows=10).save(path)
    kept = driftcli.Profile.load(path)
    assert kept.rows == 100
    report = driftcli.compare(kept, f"{address}#select v, null::json as j, l from docs")
    [found] = [column for column in report.columns if column.name == "j"]
    assert (found.status, found.scores[0].metric) == ("drift", "missing")
    assert not report.findings
    with pytest.raises(UsageError, match="'l' holds array<int4>, whose values tell no rows apart"):
        driftcli.compare(f"{address}#docs", f"{address}#docs", block="l")
    with pytest.raises(InputError, match="column 'j' is json, of which a filter can only ask"):
        read(f"{address}#docs", "j = 'x'")
    changed = driftcli.compare(kept, f"{address}#select v, l as j, j as l from docs")
    assert {each.kind for each in changed.findings} == {"type_change"}


def test_profiles_that_call_binary_what_is_not_compared_are_alike(shop, tmp_path):
    address, run = shop
    run(DOCUMENTS)
    path = tmp_path / "old.profile"
    earlier = f"{address}#select v, case when j is not null then ''::bytea end as j, l from docs"
    driftcli.Profile.of(earlier, columns=["v", "j"]).save(path)
    now = driftcli.Profile.of(f"{address}#docs", columns=["v", "j"])
    for p, q in ((driftcli.Profile.load(path), now), (now, driftcli.Profile.load(path))):
        report = driftcli.compare(p, q)
        assert (report.verdict, {each.status for each in report.findings}) == ("ok", {"ok"})
        assert driftcli.Profile.merged(p, q).rows == 200


def test_conditions_are_left_to_the_database(shop, lite):
    address, run = shop
    run(ORDERS)
    run(
        'create table at (t timestamptz, "a b" text);'
        " insert into at values ('2025-01-01 00:30Z', 'x_y')"
    )
    for data in (f"{address}#orders", f"{lite}#orders"):
        assert read(data, "v >= 90 and s in ('c0', 'c1')").cells["v"] == [
            90,
            91,
            93,
            94,
            96,
            97,
            99,
        ]
        assert read(data, "s like 'C%'").cells["v"] == []
        assert read(data, "not (x between 1 and 49)").cells["v"] == [0, 1, 99]
        with pytest.raises(InputError, match="--where: no column 'w'"):
            read(data, "w = 1")
    for condition, rows in (
        ("t >= '2025-01-01'", 1),
        ("t > '2025-01-01T01:00:00+00:00'", 0),
        ("\"a b\" like 'x\\_y'", 1),
        ("\"a b\" like 'x\\%y'", 0),
    ):
        assert len(read(f"{address}#at", condition).cells["t"]) == rows
    with pytest.raises(InputError, match="column 'v' is int32, and 'x' is no such value"):
        read(f"{address}#orders", "v = 'x'")
    executed = run("select query from pg_stat_activity where query like '%drift_rows%'").fetchall()
    assert all("drop" not in text for (text,) in executed)


def test_renamed_columns_are_filtered_by_their_new_names(shop):
    address, run = shop
    run(ORDERS)
    data = pa.table({"w": range(100)})
    report = driftcli.compare(
        data, f"{address}#orders", rename={"v": "w"}, columns="w", where="w < 10"
    )
    assert report.current.rows == 10


def test_sides_of_one_database_are_compared(shop):
    address, run = shop
    run(ORDERS)
    report = driftcli.compare(
        f"{address}#select x from orders", f"{address}#select x + 40 as x from orders"
    )
    assert report.verdict == "drift"
    assert report.baseline.format == "sql"
    assert report.baseline.source == f"{address}#select x from orders"


@pytest.mark.parametrize(
    "statement",
    ["drop table orders", "insert into orders values (1)", "update orders set v = 1", ""],
)
def test_what_is_no_select_is_not_run(shop, lite, statement):
    for address in (shop[0], lite):
        with pytest.raises(UsageError, match=r"only what reads is run|name what to read there"):
            read(f"{address}#{statement}")


def test_a_session_cannot_write(shop, lite):
    address, run = shop
    run(ORDERS)
    writing = "with gone as (delete from orders returning *) select * from gone"
    with pytest.raises(InputError, match="in a read-only transaction"):
        read(f"{address}#{writing}")
    for statement in ("select 1; drop table orders", "select 1) as t; drop table orders; --"):
        for data, condition in product((address, lite), (None, "v = 1")):
            with pytest.raises(UsageError, match="several statements, and one is read"):
                read(f"{data}#{statement}", condition)
    assert len(read(f"{address}#orders").cells["v"]) == 100
    assert len(read(f"{lite}#orders").cells["v"]) == 100


def test_what_is_wrong_is_told_in_one_line(shop, lite, monkeypatch, tmp_path):
    address, run = shop
    run(ORDERS)
    host = address.rpartition("/")[0]
    for name, told in {
        f"{address}#nope": 'relation "nope" does not exist',
        f"{address}#select v frm orders": "syntax error at or near",
        f"{address}#select 1/(v-50) as z from orders": "division by zero",
        f"{address}#@none.sql": "there is no file 'none.sql'",
        f"{address}": "name what to read there: ADDRESS#schema.table",
        f"{address}#@": "name what to read there: ADDRESS#schema.table",
        f"{host}/nodb#orders": 'cannot be connected to: database "nodb" does not exist',
        "postgresql://reader@127.0.0.1:1/x#t": "Connection refused",
        f"{lite}#nope": "no such table: nope; known: mixed, orders",
        f"{lite}#select v frm orders": "syntax error",
        "sqlite:///none.db#orders": "there is no database 'none.db'",
        f"{lite}#mixed": r"column 'm' has values of several types \(expected INT64 but",
        "shop:#orders": r"no connection 'shop' in \[connections\] of drift.toml",
        "snowflake://a/b#t": "this needs adbc-driver-snowflake",
    }.items():
        with pytest.raises(DriftError, match=told) as caught:
            read(name)
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith(name.split("\n")[0][:20])


def test_a_connection_lost_half_way_is_told(shop):
    address, run = shop
    source, _ = open_sql(
        f"{address}#select i, repeat('x', 1000) s from generate_series(1, 200000) i", {}, None
    )
    fragments = source.fragments(["i", "s"])
    next(fragments)
    run(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where pid <> pg_backend_pid() and query like 'COPY%'"
    )
    with pytest.raises(InputError, match="the rows ended with an error") as caught:
        list(fragments)
    assert "\n" not in str(caught.value)


def test_a_password_counts_and_is_never_printed(shop, monkeypatch):
    address, run = shop
    run(ORDERS)
    with_password = address.replace("reader@", f"reader:{PASSWORD}@")
    monkeypatch.delenv("PGPASSWORD")
    assert len(read(f"{with_password}#orders").cells["v"]) == 100
    wrong = address.replace("reader@", "reader:wr0ngMarker@")
    malformed = address.replace("reader@", "reader:wr0ng%zzMarker@")
    for name in (
        f"{address}#orders",
        f"{wrong}#orders",
        f"{malformed}#orders",
        f"{with_password}#nope",
    ):
        with pytest.raises(InputError) as caught:
            read(name)
        for secret in (PASSWORD, "wr0ngMarker", "wr0ng", "Marker"):
            assert secret not in str(caught.value)
        assert str(caught.value).startswith("postgresql://reader")
    assert open_sql(f"{with_password}#orders", {}, None)[0].name == safe(f"{with_password}#orders")


def test_a_password_may_come_from_a_file(shop, tmp_path, monkeypatch):
    address, run = shop
    run(ORDERS)
    monkeypatch.delenv("PGPASSWORD")
    secret = tmp_path / ".pgpass"
    secret.write_text(f"*:*:*:*:{PASSWORD}\n")
    secret.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(secret))
    assert len(read(f"{address}#orders").cells["v"]) == 100


def test_connections_have_names(shop, tmp_path, monkeypatch):
    address, run = shop
    run(ORDERS)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "q.sql").write_text("select v from orders where v < 7")
    (tmp_path / "drift.toml").write_text('[connections]\nshop = "${SHOP_URL}"\n')
    monkeypatch.setenv("SHOP_URL", address.replace("reader@", f"reader:{PASSWORD}@"))
    report = driftcli.compare("shop:#@q.sql", "shop:#orders", config="drift.toml", columns="v")
    assert (report.baseline.rows, report.current.rows) == (7, 100)
    assert report.baseline.source == "shop:#@q.sql"
    monkeypatch.delenv("SHOP_URL")
    with pytest.raises(UsageError, match="needs the environment variable SHOP_URL, which"):
        driftcli.compare("shop:#@q.sql", "shop:#orders", config="drift.toml")
    with pytest.raises(UsageError, match=r"no connection 'shp' .*; did you mean 'shop'\?"):
        driftcli.compare("shp:#orders", "shop:#orders", config="drift.toml")


def test_what_connections_hold_is_not_shown(tmp_path):
    path = tmp_path / "drift.toml"
    path.write_text(f'[connections]\nshop = "postgresql://reader:{PASSWORD}@db/shop"\n')
    shown = "\n".join(
        f"{each.key}={each.value}" for each in describe(load(metrics=METRICS, config=path))
    )
    assert "postgresql://reader:…@db/shop" in shown
    assert PASSWORD not in shown
    path.write_text(f'connections = "postgresql://reader:{PASSWORD}@db/shop"\n')
    with pytest.raises(DriftError) as caught:
        load(metrics=METRICS, config=path)
    assert PASSWORD not in str(caught.value)


def test_sqlite_is_read(lite):
    found = read(f"{lite}#select v, s, null as n, x from orders where v < 3")
    assert found.cells == {
        "v": [0, 1, 2],
        "s": ["c0", "c1", "c2"],
        "n": [None] * 3,
        "x": [0, 0.5, 1],
    }
    absolute = f"sqlite:///{Path.cwd()}/shop.db#orders"
    assert len(read(absolute).cells["v"]) == 100
    assert len(read("sqlite:shop.db#orders").cells["v"]) == 100


def test_one_statement_is_read(lite, tmp_path):
    (tmp_path / "two.sql").write_text("select 1 as a; -- the first\nselect 2 as a\n")
    (tmp_path / "one.sql").write_text("select ';' as \"b;c\" -- d; e\n;\n/* ; */ ;\n")
    for what in ("select 1 as a; select * from orders", "@two.sql", "select '\\';select 1;--'"):
        with pytest.raises(UsageError, match="several statements, and one is read: `;` ends it"):
            read(f"{lite}#{what}")
    assert read(f"{lite}#@one.sql").cells == {"b;c": [";"]}
    assert read(f"{lite}#select 'it''s; so' as a -- ;").cells == {"a": ["it's; so"]}


@pytest.fixture
def late():
    """An SQLite file whose columns have no value in the first 70,000 rows."""
    with sqlite3.connect("late.db") as opened:
        opened.execute('create table t (i int, "a b" text, r real, n, s text, m, d date)')
        rows = [(i, *[None] * 5, "2025-01-15") for i in range(70_000)]
        rows += [(70_000, "it's", 1.5, None, "x", 1, None), (70_001, None, 2, None, "", "y", None)]
        opened.executemany("insert into t values (?, ?, ?, ?, ?, ?, ?)", rows)
    opened.close()
    return "sqlite:///late.db"


def test_columns_whose_first_rows_have_no_value_are_what_their_values_are(lite, late):
    found = read(f"{late}#t")
    assert found.types == {
        "i": "int64",
        "a b": "string",
        "r": "double",
        "n": "null",
        "s": "string",
        "m": "string",
        "d": "string",
    }
    last = {name: cells[69_999:] for name, cells in found.cells.items()}
    assert last["a b"] == [None, "it's", None]
    assert last["r"] == [None, 1.5, 2.0]
    assert last["s"] == [None, "x", ""]
    assert last["m"] == [None, "1", "y"]
    assert found.cells["n"] == [None] * 70_002
    cast = read(f"{late}#select cast(m as text) as m from t")
    assert cast.cells["m"][-2:] == ["1", "y"]
    assert read(f"{late}#t", "\"a b\" = 'it''s' and r > 1").cells["i"] == [70_000]


def test_columns_without_a_value_have_no_type(lite):
    found = read(f"{lite}#select cast(null as text) as s, v from orders")
    assert found.types == {"s": "null", "v": "int64"}
    assert read(f"{lite}#select * from orders where v < 0").types == dict.fromkeys("vsx", "null")
    report = driftcli.compare(
        f"{lite}#orders", f"{lite}#select * from orders where v < 0"
    ).to_dict()
    assert [each["kind"] for each in report["findings"]] == ["no_rows"]


def test_a_column_without_a_value_did_not_change_its_type(lite):
    days = f"{lite}#select '2025-01-' || (10 + v % 9) as day, v from orders"
    report = driftcli.compare(days, f"{lite}#select null as day, v from orders").to_dict()
    assert [each["kind"] for each in report["findings"]] == ["read_as"]


@pytest.mark.parametrize("condition", ["v > 69990", "v < 5", "v = 7 and i = 7"])
def test_a_column_that_changes_its_type_is_told_of_with_a_filter_too(lite, condition):
    with sqlite3.connect("mixed.db") as opened:
        opened.execute("create table t (i int, v)")
        rows = [(i, i) for i in range(70_000)]
        opened.executemany("insert into t values (?, ?)", [*rows, (70_000, "text")])
    opened.close()
    for text in (None, condition):
        with pytest.raises(InputError, match="column 'v' has values of several types") as caught:
            read("sqlite:///mixed.db#t", text)
        assert str(caught.value).endswith("cast it in a query: cast(v as real), or as text.")
    assert len(read("sqlite:///mixed.db#t", "i < 5").cells["v"]) == 5


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("v = 'abc'", "column 'v' is int64, and 'abc' is no such value"),
        ("v = 'true'", "where truths are kept as numbers, 1 is true"),
        ("v = true", "where truths are kept as numbers, 1 is true"),
        ("v", "a name alone must be one of booleans"),
        ("s > 3", "column 's' is string, and 3 is no such value; '3' in quotes is a text"),
        ("s > v", "they cannot be compared"),
        ("v like '1%'", "`like` is for text"),
    ],
)
def test_values_must_be_of_the_type_that_columns_of_sqlite_have(lite, condition, told):
    with pytest.raises(InputError, match=told) as caught:
        read(f"{lite}#orders", condition)
    assert str(caught.value).startswith(f"{lite}#orders: --where: ")


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("w = '7'", [7]),
        ("w in ('7', 8)", [7, 8]),
        ("w between '97' and '98'", [97, 98]),
        ("x > '49'", [99]),
        ("x < 'inf' and x > '-inf' and v < 1", [0]),
        ("day = date '2025-01-15'", [5]),
        ("day >= timestamp '2025-01-19'", [9]),
        ("not (v != 3)", [3]),
    ],
)
def test_values_are_written_as_the_type_of_their_column(lite, condition, rows):
    query = "select v, v + 0 as w, x, '2025-01-' || (10 + v) as day from orders"
    where = f"({condition}) and (v < 10 or v > 90)"
    assert read(f"{lite}#{query}", where).cells["v"] == rows


def test_a_name_that_is_not_there_is_told_with_what_may_be_meant(lite, shop, tmp_path):
    address, run = shop
    run(ORDERS)
    for name in (f"{lite}#ordrs", f"{address}#ordrs", f"{lite}#select * from ordrs"):
        with pytest.raises(InputError, match=r"; did you mean 'orders'\?$"):
            read(name)
    with pytest.raises(UsageError, match="that has other signs goes in double quotes"):
        read(f"{lite}#odd table")
    with pytest.raises(UsageError, match=r"behind which a # stands: shop:#orders$"):
        read("shop:orders", connections={"shop": lite})


def test_a_backslash_may_escape_a_quote_elsewhere():
    text = "select 'it\\'s; so' as a"
    assert query_of(f"snowflake://a/b#{text}", {}).text == f"{text}\n"
    assert query_of(f"postgresql://a/b#{text.replace('select ', 'select E')}", {}).text
    with pytest.raises(UsageError, match="several statements"):
        query_of("snowflake://a/b#select 1; select 2", {})


def test_rows_that_repeat_cannot_be_counted_in_a_stream(lite):
    with pytest.raises(UsageError, match="a stream is read once"):
        driftcli.compare(f"{lite}#orders", f"{lite}#orders", thresholds={"repeated": 0.1})


def test_a_database_has_no_fingerprint(lite):
    assert fingerprint(f"{lite}#orders") is None
    assert fingerprint("shop:#orders") is None


def test_no_connection_is_left_open(lite):
    before = threading.active_count()
    source, _ = open_sql(f"{lite}#orders", {}, None)
    del source
    read(f"{lite}#orders")
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("postgresql://reader@db/shop#public.orders", "postgresql://reader@db/shop#public.orders"),
        ("postgresql://r:s3cret@db:5432/shop#@a/b.sql", "postgresql://r:…@db:5432/shop#@a/b.sql"),
        ("postgresql://r@db/x?password=s3cret#select 1", "postgresql://r@db/x?password=…#select 1"),
        ("postgresql://r:s3#cret@db/x#t", "postgresql://r:…@db/x#…"),
        ("postgresql://r:s3cret#t", "postgresql://r:s3cret#…"),
        (
            "postgresql://db/x#select 'https://u:s3cret@h/'",
            "postgresql://db/x#select 'https://…@h/'",
        ),
        ("sqlite:///a.db#t", "sqlite:///a.db#t"),
    ],
)
def test_names_are_shown_without_secrets(name, shown):
    assert safe(name) == shown


def test_without_a_driver_it_is_said_what_to_install(lite, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "adbc_driver_sqlite", None)
    with pytest.raises(InputError, match=r"this needs adbc-driver-sqlite; .*pip"):
        read(f"{lite}#orders")


def test_what_is_read_is_shown_in_messages_too(shop, monkeypatch):
    address, _ = shop
    told = f"{address}#public.nope: no such table; {address}#select v from nope: nothing"
    assert scrubbed(told) == told
    secret = f"{address.replace('reader@', 'reader:s3cretMarker@')}#public.nope"
    assert scrubbed(secret) == secret.replace("s3cretMarker", "…")


def test_a_timeout_cancels_a_query_that_has_no_rows_yet():
    cancelled = threading.Event()
    with pytest.raises(TimeoutReachedError, match="took longer"), ended_after("1s"):
        _interruptible(lambda: cancelled.wait(10), cancelled.set)
    assert cancelled.is_set()
