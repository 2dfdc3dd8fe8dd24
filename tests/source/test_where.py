"""Filters: what they keep, against DuckDB's own WHERE; what they refuse; what is not read."""

import datetime as dt
import gzip
import pickle
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filtering import kept, where
from hypothesis import given
from hypothesis import strategies as st
from reading import READ, drained, whole

from driftcli.config import ReadSettings
from driftcli.errors import DriftError, InputError, UsageError
from driftcli.source import opening
from driftcli.source.conditions import Range
from driftcli.source.filtered import filtered
from driftcli.source.literals import plain
from driftcli.source.opening import opened

TABLE = pa.table(
    {
        "n": pa.array([1, 2, 3, None, -5, 2**62 + 1], pa.int64()),
        "small": pa.array([0, 255, 7, None, 1, 2], pa.uint8()),
        "x": [0.5, -1.25, None, 1e300, 0.1, 2.0],
        "half": pa.array([0.1, 0.5, None, 3.0, -2.0, 1.0], pa.float32()),
        "d": pa.array(
            [Decimal("1.25"), Decimal("-3.00"), None, Decimal("9.99"), Decimal(0), Decimal("1.30")],
            pa.decimal128(10, 2),
        ),
        "s": ["NO", "SE", None, "a%b", "a_b", "Oslo's"],
        "b": [True, False, None, True, False, True],
        "day": pa.array(
            [dt.date(2025, 1, 1), dt.date(2025, 1, 2), None, *[dt.date(1969, 12, 31)] * 3]
        ),
        "moment": pa.array(
            [1735689600000000, 1735711200000001, None, -1, 0, 5], pa.timestamp("us")
        ),
        "fine": pa.array([1735689600000000001, 7, None, -1, 0, 5], pa.timestamp("ns")),
        "clock": pa.array([dt.time(6), dt.time(7, 30), None, *[dt.time(0)] * 3]),
    }
)
CONDITIONS = [
    "n >= 2",
    "n > 2.5",
    "n = 2.5",
    "n != 2.5",
    "n < 4611686018427387904.5",
    "n <= 4611686018427387905",
    "n < 1e30",
    "n > 1e30",
    "small < 300",
    "small > -1",
    "small in (255, 7)",
    "not (n >= 2)",
    "n = 1 or n is null",
    "n between 1 and 2",
    "n not between 1 and 2",
    "n in (1, 3, 99)",
    "n not in (1, 3)",
    "x > 0.25",
    "x <= -1.25",
    "half >= 0.5",
    "d = 1.25",
    "d > 1.255",
    "d <= 1.295",
    "d != 1.255",
    "d < 1000000000000",
    "s = 'NO'",
    "s in ('NO', 'SE')",
    "s > 'a'",
    "s like 'a%'",
    "s not like 'a%'",
    "s like '_E'",
    "s = 'Oslo''s'",
    "s is not null and n is not null",
    "b",
    "not b",
    "b = false",
    "b is true",
    "b is not true",
    "b is false or n = 3",
    "not (b is not false)",
    "day >= '2025-01-01'",
    "day = date '2025-01-02'",
    "day < timestamp '2025-01-01 12:00:00'",
    "moment > '2025-01-01'",
    "moment >= '2025-01-01T06:00:00.000001'",
    "moment = '2025-01-01 00:00:00'",
    "moment <= timestamp '1970-01-01 00:00:00'",
    "fine > '2025-01-01'",
    "clock >= '06:30'",
    "2 < n",
    "n > small",
    "x < n",
    "moment > day",
    "(n > 1 and (s = 'SE' or x is null)) or not (d < 2)",
]


def by_duckdb(table, condition):
    data = table.append_column("place", pa.array(range(len(table))))  # noqa: F841 - for DuckDB
    found = duckdb.sql(f"select place from data where {condition} order by place").fetchall()
    return table.take(pa.array([place for (place,) in found], pa.int64()))


@pytest.mark.parametrize("condition", CONDITIONS)
def test_rows_are_kept_that_duckdb_keeps(condition):
    expected = by_duckdb(TABLE, condition.replace("half >= 0.5", "half >= 0.5::float"))
    found = kept(TABLE, condition).cells
    assert found == expected.to_pydict()
    assert kept(TABLE, condition, columns=["s"]).cells == {"s": expected["s"].to_pylist()}


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("size", [1, 4])
def test_parquet_keeps_the_same_by_row_groups(tmp_path, condition, size):
    pq.write_table(TABLE, tmp_path / "t.parquet", row_group_size=size)
    assert kept(tmp_path / "t.parquet", condition).cells == kept(TABLE, condition).cells


numbers = st.sampled_from(["-5", "0", "1", "2", "2.5", "3", "1e3"])
conditions = st.recursive(
    st.one_of(
        st.builds(
            "{} {} {}".format,
            st.sampled_from(["n", "x", "small", "d"]),
            st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
            numbers,
        ),
        st.builds("n in ({}, {})".format, numbers, numbers),
        st.builds("x between {} and {}".format, numbers, numbers),
        st.sampled_from(["n is null", "s is null", "s like 'a%'", "s = 'NO'", "b"]),
    ),
    lambda inner: st.one_of(
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=6,
)


@given(conditions)
def test_any_condition_keeps_what_duckdb_keeps(condition):
    assert kept(TABLE, condition, columns=["n", "s"]).cells == (
        by_duckdb(TABLE, condition).select(["n", "s"]).to_pydict()
    )


@given(conditions, st.sets(st.integers(0, 5), min_size=1))
def test_what_ranges_rule_out_holds_for_no_row(condition, places):
    rows = TABLE.take(sorted(places))
    chosen = where(condition)
    ranges = {name: range_of(rows[name].combine_chunks()) for name in rows.column_names}
    mask = chosen.mask({n: rows[n].combine_chunks() for n in rows.column_names}, "t").to_pylist()
    assert chosen.may_hold(ranges, "t") or not any(mask)
    assert all(mask) or not chosen.must_hold(ranges, "t")


def range_of(values):
    known = [plain(each, values.type) for each in values if each.is_valid]
    low, high = (min(known), max(known)) if known else (None, None)
    return Range(values.type, low, high, missing=values.null_count > 0, present=bool(known))


def test_zoned_times_are_compared_as_instants():
    at = pa.array([0, 3_600_000_000], pa.timestamp("us", "Europe/Oslo"))
    table = pa.table({"at": at, "v": [1, 2]})
    for text in ("1970-01-01T01:00:00Z", "1970-01-01 02:00:00+01:00", "1970-01-01 01:00"):
        assert kept(table, f"at >= '{text}'").cells["v"] == [2]


def test_times_beyond_what_a_column_can_hold_are_compared():
    table = pa.table({"at": pa.array([5, None], pa.timestamp("ns")), "v": [1, 2]})
    assert kept(table, "at < '9999-12-31'").cells["v"] == [1]
    assert kept(table, "at > '9999-12-31'").cells["v"] == []
    assert kept(table, "at > '0001-01-01'").cells["v"] == [1]


def test_numbers_of_long_decimals_are_exact():
    digits = "123456789012345678901234567890.12345678"
    table = pa.table({"d": pa.array([Decimal(digits)], pa.decimal128(38, 8))})
    assert kept(table, f"d = {digits}").cells["d"] == [Decimal(digits)]
    assert kept(table, f"d > {digits}").cells["d"] == []
    assert kept(table, f"d < {digits}1").cells["d"] == [Decimal(digits)]


def test_what_is_no_number_is_unlike_every_number(tmp_path):
    table = pa.table({"x": [1.0, float("nan"), 1.0]})
    pq.write_table(table, tmp_path / "t.parquet")
    for condition in ("x != 1", "not (x = 1)", "not (x <= 1)"):
        for data in (table, tmp_path / "t.parquet"):
            assert len(kept(data, condition).cells["x"]) == 1, condition
    assert kept(tmp_path / "t.parquet", "x > 1").cells["x"] == []


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("lower(s) = 'no'", "`LOWER(s)` is a function"),
        ("day >= current_date", "`CURRENT_DATE` is a function"),
        ("coalesce(n, 1) = 1", "is a function"),
        ("n = 1; drop table t", "`;` ends a statement"),
        ("n = 1;", "`;` ends a statement"),
        ("n in (select 1)", "has a query within"),
        ("exists (select 1)", "has a query within"),
        ("n = (select 1)", "has a query within"),
        ("n + 1 = 2", "`n + 1` is not taken"),
        ("n > > 2", "`n >> 2` is a shift of bits"),
        ("n = n + 1", "`n + 1` is not taken"),
        ("n = 1 or", "not a condition"),
        ("n = = 1", "not a condition"),
        ("select 1", "not a condition"),
        ("'a' = 'a'", "a comparison of values has no column"),
        ("true", "`TRUE` is not taken"),
        ("n = null", "`is null` asks for missing values"),
        ("n in (1, null)", "`is null` asks for missing values"),
        ("s ilike 'a'", "is not taken"),
        ("s like 'a!%' escape '!'", "is not taken"),
        ("s like n", "is not taken"),
        ("s similar to 'a'", "is not taken"),
        ("n between symmetric 1 and 2", "is not taken"),
        ("n in small", "is not taken"),
        ("n <=> 1", "is not taken"),
        ("n is not 5", "`NOT n IS 5` is not taken"),
        ("s in (\"NO\", 'SE')", '`"NO"` is not taken as a value; a text goes in single quotes'),
        ("cast(n as text) = '1'", "is a"),
        ("case when b then true end", "is a function"),
        ("n = ?", "is not taken"),
        ("n = @x", "is not taken"),
        ("* = 1", "is not taken"),
        ("(" * 5000 + "n = 1" + ")" * 5000, "nested too deep|not a condition"),
        ("n = 'x", "not a condition"),
        ("\x1b[31mn", "not a condition"),
    ],
)
def test_what_may_not_stand_in_a_filter_is_refused_in_one_line(condition, told):
    with pytest.raises(UsageError) as caught:
        where(condition)
    assert any(each in str(caught.value) for each in told.split("|"))
    assert "\n" not in str(caught.value)
    assert str(caught.value).isprintable()
    assert str(caught.value).startswith("--where `")


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("smal = 1", "--where: no column 'smal'; did you mean 'small'"),
        ("N = 1", "no column 'N'"),
        ("n = 'x'", "column 'n' is int64, and 'x' is no such value; numbers are written 12"),
        ("s = 5", "column 's' is string, and 5 is no such value; '5' in quotes is a text"),
        ("s = true", "'true' in quotes"),
        ("day > 5", "column 'day' is date32.*times are written '2025-01-31'"),
        ("moment > 'soon'", "and 'soon' is no such value; times are written"),
        (
            "moment > '2025-01-01T00:00:00Z'",
            "'2025-01-01T00:00:00Z' is no such value; the column has no zone, so leave out that",
        ),
        ("clock > 'noon'", "and 'noon' is no such value; times of day are written '06:30'"),
        ("n", "column 'n' is int64, and a name alone must be one of booleans"),
        ("not s", "column 's' is string, and a name alone must be one of booleans"),
        ("n is true", "column 'n' is int64, and true is no such value; where truths are kept as"),
        ("n = 'true'", "where truths are kept as numbers, 1 is true"),
        ('s = "NO"', "no column 'NO'; .*; a text goes in single quotes"),
        ("not (s = NO or n = 1)", "no column 'NO'; .*; a text goes in single quotes"),
        ("b = 1", "column 'b' is bool, and 1 is no such value; booleans are true or false"),
        ("n = date '2025-01-01'", "column 'n' is int64, and '2025-01-01' is no such value"),
        ("n like '1%'", "column 'n' is int64; `like` is for text"),
        ("n > s", "column 'n' is int64, and column 's' is string: they cannot be compared"),
        ("l = 1", "column 'l' is list.*of which a filter can only ask `is null`"),
    ],
)
def test_a_filter_that_does_not_go_with_the_data_is_told_in_one_line(tmp_path, condition, told):
    table = TABLE.append_column("l", pa.array([[1]] * len(TABLE)))
    pq.write_table(table, tmp_path / "t.parquet")
    for data in (table, tmp_path / "t.parquet"):
        with pytest.raises(InputError, match=told) as caught:
            kept(data, condition)
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith(f"{'data' if data is table else data}: --where: ")


def test_names_with_other_signs_go_in_double_quotes():
    table = pa.table(
        {"my col": [1, 2], "a.b": [1, 2], "order": [1, 2], "s": [{"in": 1}, {"in": 2}]}
    )
    for condition in ('"my col" = 2', '"a.b" = 2', "a.b = 2", "order = 2", "s.in = 2"):
        assert kept(table, condition, columns=["order"]).cells == {"order": [2]}


def csv(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_text_files_are_filtered_by_the_types_that_are_found(tmp_path, name):
    rows = [(i, f"2025-01-{1 + i % 28:02}", i % 3 == 0) for i in range(1000)]
    if name == "t.csv":
        text = "v,day,flag\n" + "".join(f"{v},{day},{str(f).lower()}\n" for v, day, f in rows)
    else:
        line = '{{"v": {}, "day": "{}", "flag": {}}}\n'
        text = "".join(line.format(v, day, str(f).lower()) for v, day, f in rows)
    data = csv(tmp_path / name, text)
    expected = [v for v, day, flag in rows if v >= 10 and day < "2025-01-05" and flag]
    assert kept(data, "v >= 10 and day < '2025-01-05' and flag").cells["v"] == expected


def test_a_type_that_does_not_hold_chooses_rows_anew(tmp_path):
    lines = [f"{i},{i}\n" for i in range(20_000)] + ["1.5,x\n", "30000,7\n"]
    data = csv(tmp_path / "t.csv", "v,w\n" + "".join(lines))
    found = kept(data, "v < 2 or v > 19999")
    assert found.cells == {"v": [0.0, 1.0, 1.5, 30000.0], "w": ["0", "1", "x", "7"]}
    assert kept(data, "v > 19999").cells == {"v": [30000.0], "w": ["7"]}
    with pytest.raises(InputError, match="column 'w' is string, and 5 is no such value"):
        kept(data, "w < 5")
    with pytest.raises(InputError, match="column 'w' is int64, and 'x' is no such value"):
        kept(data, "w = 'x'")


def test_another_column_that_does_not_hold_is_read_again_in_the_same_rows(tmp_path):
    lines = [f"{i},{i}\n" for i in range(20_000)] + ["20000,x\n"]
    data = csv(tmp_path / "t.csv", "v,w\n" + "".join(lines))
    assert kept(data, "v > 19998").cells == {"v": [19999, 20000], "w": ["19999", "x"]}


def test_values_that_do_not_parse_are_counted_where_their_rows_are_kept(tmp_path):
    data = csv(tmp_path / "t.csv", "v,w\n" + "1,2\n2,x\n3,y\n4,5\n")
    source, left = opened(data, READ, where("v >= 3"))
    found = drained(filtered(source.expecting({"w": pa.int64()}), left))
    assert found.cells == {"v": [3, 4], "w": [None, 5]}
    assert found.invalid["w"].count == 1
    assert found.invalid["w"].first_row == 0


def test_a_dialect_and_compression_are_read_as_ever(tmp_path):
    data = csv(tmp_path / "t.csv", "v;w\n1,5;a\n2,5;b\n")
    read = ReadSettings(decimal=",", delimiter=";")
    assert kept(data, "v > 2", read=read).cells == {"v": [2.5], "w": ["b"]}


@pytest.fixture
def lake(tmp_path):
    """Sixty folders, a day each, of one file with ten rows."""
    for day in range(60):
        folder = tmp_path / "lake" / f"day={dt.date(2025, 1, 1) + dt.timedelta(day)}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"v": range(10 * day, 10 * day + 10)}), folder / "f.parquet")
    return tmp_path / "lake"


def test_folders_that_cannot_match_are_not_opened(lake, opened_files):
    found = kept(lake, "day >= '2025-02-28' and day < '2025-03-01'")
    assert sorted(found.cells["v"]) == list(range(580, 590))
    assert {path.split("/")[-2] for path in opened_files} == {"day=2025-02-28"}
    source, left = opened(lake, READ, where("day = '2025-02-28'"))
    assert (left, source.rows, source.schema.names) == (None, 10, ["v", "day"])


def test_folders_and_values_are_chosen_together(lake, opened_files):
    found = kept(lake, "day in ('2025-01-02', '2025-01-03') and v > 25 or v = 12")
    assert sorted(found.cells["v"]) == [12, 26, 27, 28, 29]
    opened_files.clear()
    assert kept(lake, "day = '2025-01-02' and v > 15").cells["v"] == [16, 17, 18, 19]
    assert {path.split("/")[-2] for path in opened_files} == {"day=2025-01-02"}


def test_a_filter_that_no_folder_meets_leaves_the_columns(lake):
    found = kept(lake, "day = '1999-01-01'")
    assert found.cells == {"v": [], "day": []}


def test_the_type_of_a_key_is_that_of_all_folders(tmp_path):
    for key in ("1", "2", "x"):
        (tmp_path / f"k={key}").mkdir()
        pq.write_table(pa.table({"v": [1]}), tmp_path / f"k={key}" / "f.parquet")
    assert kept(tmp_path, "k = '1'").types["k"] == whole(tmp_path).types["k"] == "string"
    for text in ("csv", "jsonl"):
        for key in ("1", "2", "x"):
            path = tmp_path / text / f"k={key}" / f"f.{text}"
            path.parent.mkdir(parents=True)
            path.write_text("v\n1\n" if text == "csv" else '{"v": 1}\n')
        assert kept(tmp_path / text, "k = '1'").cells == {"v": [1], "k": ["1"]}


def test_row_groups_that_cannot_match_are_not_read(tmp_path):
    data = pa.table({"v": range(100), "s": [f"{i:03}" for i in range(100)]})
    pq.write_table(data, tmp_path / "t.parquet", row_group_size=10)
    for condition, groups in (
        ("v >= 85", [8, 9]),
        ("s < '015'", [0, 1]),
        ("v = 1 or v = 99", [0, 9]),
    ):
        source, left = opened(tmp_path / "t.parquet", READ, where(condition))
        read = [g for each in source.fragments(["v"]) for g in each.groups]
        assert read == groups
        assert left is not None
        expected = by_duckdb(data, condition)["v"].to_pylist()
        assert kept(tmp_path / "t.parquet", condition).cells["v"] == expected


def test_a_wide_file_is_filtered_block_by_block(tmp_path, monkeypatch):
    monkeypatch.setattr("driftcli.source.typed.FRAGMENT_BYTES", 2_000)
    data = pa.table({f"c{i}": [i * 1000 + n for n in range(700)] for i in range(9)})
    pq.write_table(data, tmp_path / "t.parquet", row_group_size=100)
    condition = "c8 < 8350 and c0 >= 50 and (c3 != 3100 or c4 is null)"
    expected = by_duckdb(data, condition)
    assert kept(tmp_path / "t.parquet", condition).cells == expected.to_pydict()
    some = kept(tmp_path / "t.parquet", condition, columns=["c5", "c1"]).cells
    assert some == expected.select(["c5", "c1"]).to_pydict()


def test_a_file_without_some_columns_has_them_missing(tmp_path):
    pq.write_table(pa.table({"v": [1, 2], "w": [1, 2]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"v": [3, 4]}), tmp_path / "b.parquet")
    assert kept(tmp_path, "w is null").cells == {"v": [3, 4], "w": [None, None]}
    assert kept(tmp_path, "w = 2").cells["v"] == [2]


def test_fragments_can_be_shipped(tmp_path, monkeypatch):
    monkeypatch.setattr("driftcli.source.typed.FRAGMENT_BYTES", 500)
    pq.write_table(pa.table({f"c{i}": range(100) for i in range(4)}), tmp_path / "t.parquet")
    source, left = opened(tmp_path / "t.parquet", READ, where("c3 < 5"))
    for fragment in filtered(source, left).fragments(["c0", "c1", "c2"]):
        shipped = pickle.loads(pickle.dumps(fragment))
        assert [each.batch for each in shipped.blocks()] == [e.batch for e in fragment.blocks()]


def test_samples_are_of_rows_that_are_kept(tmp_path):
    table = pa.table({"s": ["x", "1,5", "2,5"], "v": [0, 1, 2]})
    source = filtered(opening.open_source(table, READ), where("v > 0"))
    assert source.sample(["s"])["s"].to_pylist() == ["1,5", "2,5"]
    none = filtered(opening.open_source(table, READ), where("v > 9"))
    assert none.sample(["s"])["s"].to_pylist() == ["x", "1,5", "2,5"]


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.jsonl"])
@pytest.mark.parametrize(
    "condition",
    ["v < 4", "v in (1, 3)", "paid", "not paid and v < 6", "x <= 1.5", "day < '2025-01-03'"],
)
def test_samples_of_text_are_of_rows_that_are_kept(tmp_path, name, condition):
    table = pa.table(
        {
            "s": [f"{i},5" if i < 4 else "x" for i in range(8)],
            "v": range(8),
            "x": [i / 2 for i in range(8)],
            "paid": [i % 2 == 1 for i in range(8)],
            "day": [f"2025-01-{i + 1:02}" for i in range(8)],
        }
    )
    write(table, tmp_path / name)
    source = filtered(opening.open_source(tmp_path / name, READ), where(condition))
    expected = by_duckdb(table, condition)["s"].to_pylist()
    assert source.sample(["s"])["s"].to_pylist() == expected
    assert source.sample(["s", "v"])["v"].to_pylist() == [
        str(v) for v in by_duckdb(table, condition)["v"].to_pylist()
    ]


def write(table, path):
    """Write a table as the text that a file's name says."""
    frame = table.to_pandas()
    if path.suffix == ".jsonl":
        frame.to_json(path, orient="records", lines=True)
        return
    packed = gzip.open if path.suffix == ".gz" else open
    with packed(path, "wt") as file:
        file.write(frame.to_csv(index=False).replace("True", "true").replace("False", "false"))


def test_samples_are_chosen_by_numbers_with_the_decimal_sign_of_the_file(tmp_path):
    data = csv(tmp_path / "t.csv", "v;s\n1,5;a\n2,5;b\n")
    read = ReadSettings(decimal=",", delimiter=";")
    source = filtered(opening.open_source(data, read), where("v > 2"), ",")
    assert source.sample(["s"])["s"].to_pylist() == ["b"]
    lines = csv(tmp_path / "t.jsonl", '{"v": 1.5, "s": "a"}\n{"v": 2.5, "s": "b"}\n')
    source = filtered(opening.open_source(lines, read), where("v > 2"), ",")
    assert source.sample(["s"])["s"].to_pylist() == ["b"]


def test_without_the_parser_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sqlglot", None)
    with pytest.raises(DriftError, match=r"--where `n = 1`: this needs sqlglot; .*pip"):
        where("n = 1")
