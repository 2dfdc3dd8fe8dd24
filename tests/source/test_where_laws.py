"""Whatever is asked for, a database keeps the rows that a Parquet file with the same keeps."""

import math
import sqlite3
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filtering import kept
from hypothesis import example, given
from hypothesis import strategies as st

pytest.importorskip("adbc_driver_sqlite")
pytest.importorskip("sqlglot")

NUMBERS = [0, 1, -1, 7, 2**53, 2**53 + 1, -(2**62) - 1, 2**63 - 1, None]
REALS = [0.0, 0.1, -1.25, 7.0, 2.0**53, 1e300, -1e-300, math.inf, -math.inf, None]
TEXTS = ["NO", "no", "", "a%b", "a_b", "Oslo's", "é", "É", "\U0001f600", "7", "a\\b", None]
WORDS = ["id bigint", "n bigint", "m bigint", "x double precision", "y double precision"]
WORDS += ["s text", "t text"]


def rows_of(reals):
    """Return each value beside every other of its kind, but once a row."""
    return [
        (
            i,
            NUMBERS[i % len(NUMBERS)],
            NUMBERS[(i // len(NUMBERS)) % len(NUMBERS)],
            reals[i % len(reals)],
            reals[(i // len(reals)) % len(reals)],
            TEXTS[i % len(TEXTS)],
            TEXTS[(i // len(TEXTS)) % len(TEXTS)],
        )
        for i in range(len(TEXTS) ** 2)
    ]


def stored(path, rows):
    types = [pa.int64()] * 3 + [pa.float64()] * 2 + [pa.string()] * 2
    names = [each.split()[0] for each in WORDS]
    columns = [
        pa.array(each, kind) for each, kind in zip(zip(*rows, strict=True), types, strict=True)
    ]
    pq.write_table(pa.table(columns, names), path, row_group_size=40)
    return path


def text(value):
    return "'" + str(value).replace("'", "''") + "'"


signs = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
numbers = st.one_of(
    st.integers(-(2**63), 2**63 - 1).map(str),
    st.sampled_from(["7", "0", "-1.25", "0.1", "2.5", "9007199254740993", "1e300", "1e30", "7.0"]),
)
texts = st.sampled_from([text(each) for each in TEXTS if each is not None] + ["'a'", "'N'"])
patterns = st.text("aNno%_\\bé'", max_size=4).filter(lambda each: not each.endswith("\\")).map(text)
sure = st.one_of(
    st.builds("{} {} {}".format, st.sampled_from("nmxy"), signs, numbers),
    st.builds("{} {} {}".format, st.sampled_from("st"), signs, texts),
    st.builds("{} {} {}".format, st.sampled_from("nmxy"), signs, st.sampled_from("nmxy")),
    st.builds("s {} t".format, signs),
    st.builds("{} in ({}, {})".format, st.sampled_from("nx"), numbers, numbers),
    st.builds("s not in ({}, {})".format, texts, texts),
    st.builds("{} between {} and {}".format, st.sampled_from("nx"), numbers, numbers),
    st.builds("s {} {}".format, st.sampled_from(["like", "not like"]), patterns),
    st.builds("{} is {}".format, st.sampled_from("nxs"), st.sampled_from(["null", "not null"])),
)
conditions = st.recursive(
    sure,
    lambda inner: st.one_of(
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def lite(tmp_path_factory):
    """The same rows in a file and in SQLite, which has no values that are no number."""
    folder = tmp_path_factory.mktemp("lite")
    rows = rows_of(REALS)
    with closing(sqlite3.connect(folder / "a.db")) as opened, opened:
        opened.execute(f"create table t ({', '.join(WORDS)})")
        opened.executemany("insert into t values (?, ?, ?, ?, ?, ?, ?)", rows)
    return stored(folder / "t.parquet", rows), f"sqlite:///{folder}/a.db#t"


@given(conditions)
@example("x in (0, 9007199254740993)")
def test_sqlite_keeps_what_a_file_keeps(lite, condition):
    file, table = lite
    found, expected = (kept(each, condition, columns=["id"]).cells for each in (table, file))
    assert sorted(found["id"]) == expected["id"]


@pytest.mark.slow
def test_postgresql_keeps_what_a_file_keeps(database, tmp_path):
    address, run = database
    rows = rows_of([*REALS, math.nan])
    file = stored(tmp_path / "t.parquet", rows)
    run(f"create table t ({', '.join(WORDS)})")
    for row in rows:
        run("insert into t values (%s, %s, %s, %s, %s, %s, %s)", row)

    @given(conditions)
    def holds(condition):
        found = kept(f"{address}#t", condition, columns=["id"]).cells["id"]
        assert sorted(found) == kept(file, condition, columns=["id"]).cells["id"]

    holds()
