"""The same filter keeps the same rows, whatever holds them, or is refused."""

import csv
import datetime as dt
import sqlite3
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filtering import kept
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftcli.errors import InputError

#: Texts that SQL, patterns, CSV or other alphabets make something of. None looks like another type.
TEXTS = [
    "a",
    "A",
    "ab",
    "a%b",
    "a_b",
    "a\\b",
    "Oslo's",
    'say "x"',
    "x, y",
    "ß",
    "Ærø",
    "日本",
    "😀",
]
DAYS = [dt.date(1969, 12, 31), dt.date(2024, 2, 29), dt.date(2025, 1, 1), dt.date(2025, 1, 10)]
TYPES = pa.schema(
    [("n", pa.int64()), ("x", pa.float64()), ("s", pa.string()), ("day", pa.date32())]
)
#: Says what each column holds where all other values are missing.
FIRST = (7, 0.5, "text", dt.date(2025, 1, 31))

rows = st.lists(
    st.tuples(
        st.none() | st.sampled_from([-5, 0, 1, 2, 10, 2**53 + 1]),
        st.none() | st.sampled_from([-1e300, -0.25, 0.0, 0.1, 2.0, 2.0**53, 1e18]),
        st.none() | st.sampled_from(TEXTS),
        st.none() | st.sampled_from(DAYS),
    ),
    max_size=8,
)


def texts(values):
    return st.sampled_from(values).map(lambda each: "'" + str(each).replace("'", "''") + "'")


VALUES = {
    "n": st.sampled_from(
        ["-5", "0", "1", "2", "2.5", "9007199254740993", "9007199254740992.5", "1e30", "'2'"]
    ),
    "x": st.sampled_from(["0", "0.1", "-0.25", "1e18", "2", "'0.1'", "1e300"]),
    "s": texts([*TEXTS, "", "2", "2025-01-01"]),
    "day": texts(DAYS) | texts(DAYS).map("date {}".format),
}
PATTERNS = texts([*TEXTS, "%", "_", "a%", "%a%", "_b", "A_", "a\\%b", "a\\_b", "%'%", "__", "ß%"])
ANY = st.one_of(*VALUES.values())


SIGNS = ["=", "!=", "<>", "<", "<=", ">", ">="]
LIKE = ["like", "not like"]


def about(column, values):
    signs = st.sampled_from(SIGNS)
    return st.one_of(
        st.builds("{} {} {}".format, st.just(column), signs, values),
        st.builds("{} {} {}".format, values, signs, st.just(column)),
        st.builds("{} in ({}, {})".format, st.just(column), values, values),
        st.builds("{} not in ({}, {})".format, st.just(column), values, values),
        st.builds("{} between {} and {}".format, st.just(column), values, values),
        st.sampled_from([f"{column} is null", f"{column} is not null", f"not ({column} is null)"]),
    )


def joined(parts):
    return st.recursive(
        parts,
        lambda inner: st.one_of(
            st.builds("({}) and ({})".format, inner, inner),
            st.builds("({}) or ({})".format, inner, inner),
            st.builds("not ({})".format, inner),
        ),
        max_leaves=5,
    )


conditions = joined(
    st.one_of(
        *(about(column, values) for column, values in VALUES.items()),
        st.builds("s {} {}".format, st.sampled_from(LIKE), PATTERNS),
        st.builds("n {} x".format, st.sampled_from(["<", ">=", "=", "!="])),
        st.builds("{} = {}".format, st.sampled_from(list(VALUES)), ANY),
    )
)


def as_parquet(table, folder):
    pq.write_table(table, folder / "t.parquet", row_group_size=3)
    return folder / "t.parquet"


def as_csv(table, folder):
    with (folder / "t.csv").open("w", newline="", encoding="utf-8") as file:
        written = csv.writer(file)
        written.writerow(table.column_names)
        written.writerows(table.to_pylist()[at].values() for at in range(len(table)))
    return folder / "t.csv"


def as_sqlite(table, folder):
    path = folder / "t.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("create table t (id int, n int, x real, s date, day date)")
        cells = zip(*table.to_pydict().values(), strict=True)
        found = ([*row[:-1], row[-1] and str(row[-1])] for row in cells)
        opened.executemany("insert into t values (?, ?, ?, ?, ?)", found)
    return f"sqlite:///{path}#t"


def table_of(found):
    held = zip(*[FIRST, *found], strict=True)
    columns = [pa.array(each, kind) for each, kind in zip(held, TYPES.types, strict=True)]
    return pa.table([pa.array(range(len(found) + 1)), *columns], names=["id", *TYPES.names])


def outcome(data, condition):
    """Return the rows that a filter keeps, or that it was refused."""
    try:
        return kept(data, condition, columns=["id"]).cells["id"]
    except InputError:
        return "refused"


@settings(max_examples=100)
@given(rows, conditions)
def test_files_and_sqlite_keep_the_same_rows(tmp_path_factory, found, condition):
    pytest.importorskip("adbc_driver_sqlite")
    folder = tmp_path_factory.mktemp("rows")
    table = table_of(found)
    made = [each(table, folder) for each in (as_parquet, as_csv, as_sqlite)]
    outcomes = [outcome(each, condition) for each in made]
    answered = [each for each in outcomes if each != "refused"]
    assert all(each == answered[0] for each in answered), outcomes


#: What PostgreSQL takes otherwise by itself: what is no number, fewer digits, another alphabet's
#: order, times of a day that has none, names that it keeps a list of.
HELD = pa.table(
    {
        "id": range(7),
        "n": pa.array([7, -5, 2, None, 2**53 + 1, 10, 0], pa.int64()),
        "x": [0.5, float("nan"), None, 2.0, 1e300, float("inf"), -0.25],
        "half": pa.array([0.1, float("nan"), None, 2.0, -0.5, float("-inf"), 0], pa.float32()),
        "s": ["text", "A", "a", None, "Oslo's", "ß", "a%b"],
        "e": ["z", "a", None, "B", "z", "a", "a"],
        "day": pa.array([*DAYS, None, DAYS[0], DAYS[3]], pa.date32()),
        "at": pa.array([0, 1, None, -1, 1735711200000001, 5, 1735689600000000], pa.timestamp("us")),
        "b": [True, False, None, True, True, None, False],
    }
)
MADE = """
create type word as enum ('z', 'a', 'B');
create table held (id int, n bigint, x float8, half float4, s text collate "und-x-icu", e word,
 day date, at timestamp, b bool)
"""
MOMENTS = texts(["2025-01-01", "2025-01-01T06:00:00.000001", "2025-01-10 12:00", "1970-01-01"])
HELD_VALUES = {
    "n": VALUES["n"],
    "x": VALUES["x"] | st.sampled_from(["'inf'", "'-Infinity'", "1e400", "'nan'"]),
    "half": st.sampled_from(["0.1", "'0.1'", "2", "1e39", "-0.5", "'inf'"]),
    "s": VALUES["s"],
    "e": texts(["a", "B", "b", "none"]),
    "day": VALUES["day"] | MOMENTS | MOMENTS.map("timestamp {}".format),
    "at": MOMENTS | MOMENTS.map("timestamp {}".format) | texts(DAYS).map("date {}".format),
    "b": st.sampled_from(["true", "false", "'true'"]),
}
PAIRS = ["x {} n", "x {} half", "half {} n", "s {} e", "at {} day", "n {} x", "b {} b"]
held_conditions = joined(
    st.one_of(
        *(about(column, values) for column, values in HELD_VALUES.items()),
        st.builds("{} {} {}".format, st.sampled_from(["s", "e"]), st.sampled_from(LIKE), PATTERNS),
        st.builds(str.format, st.sampled_from(PAIRS), st.sampled_from(SIGNS)),
        st.sampled_from(["b", "not b", "b is true", "b is not false"]),
    )
)


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=[__import__("hypothesis").Phase.generate],
)
@given(held_conditions)
def test_files_and_postgresql_keep_the_same_rows(database, tmp_path, condition):
    address, run = database
    if not run("select 1 from pg_tables where tablename = 'held'").fetchall():
        run(MADE)
        for row in zip(*HELD.to_pydict().values(), strict=True):
            run(f"insert into held values ({', '.join(['%s'] * len(row))})", row)
    outcomes = [
        outcome(each, condition) for each in (as_parquet(HELD, tmp_path), f"{address}#held")
    ]
    assert outcomes[0] == outcomes[1]
