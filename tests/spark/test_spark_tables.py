"""Tables, queries and data frames of Spark, against the same rows in files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import driftcli
from driftcli.cli.app import app
from driftcli.errors import DriftError, InputError, UsageError
from driftcli.source.spark import SparkSource
from driftcli.source.spark_sessions import having, settled

KINDS = """
    select id, id % 7 n, cast(id / 8 as decimal(12, 2)) `cents.2`, concat('shop ', id % 5) shop,
        timestamp '2025-01-01' + make_dt_interval(cast(id div 200 as int)) at,
        timestamp_ntz '2025-03-01 12:00:00' local, if(id % 10 = 0, null, date '2025-02-01') day,
        struct(id % 3 as k, struct(id % 4 as k) as deep) s,
        array_repeat('a', cast(id % 4 as int)) l,
        map('a', id) m, if(id % 2 = 0, null, cast('ab' as binary)) bytes, interval 2 month period,
        parse_json('{}') any, null nothing, float(id % 11) / 3 third, id % 2 = 0 even
    from range(0, 4000, 1, 6)
"""


@pytest.fixture(scope="module")
def rows(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the same two datasets as views and as files, each of continuous numbers."""
    folder = tmp_path_factory.mktemp("rows")
    made = {}
    for name, shift in (("jan", 0.0), ("feb", 0.5)):
        rng = np.random.default_rng(len(made))
        shop = rng.integers(0, 4, 60_000)
        data = pa.table(
            {
                "x": rng.normal(shift, 1, 60_000),
                "n": rng.integers(0, 50, 60_000),
                "shop": [f"shop {code}" for code in shop],
                "at": pa.array(rng.integers(0, 20 * 86_400, 60_000) * 10**6, pa.timestamp("us")),
            }
        )
        pq.write_table(data, folder / f"{name}.parquet", row_group_size=8_000)
        made[name] = str(folder / f"{name}.parquet")
        spark.read.parquet(made[name]).repartition(9).createOrReplaceTempView(name)
    return made


def by_column(report: Any) -> dict[str, Any]:
    return {column.name: column for column in report.columns}


def test_tables_are_compared_as_files_are(rows: dict[str, str], spark: Any) -> None:
    found = by_column(driftcli.compare("spark:jan", "spark:feb"))
    wanted = by_column(driftcli.compare(rows["jan"], rows["feb"]))
    assert list(found) == list(wanted)
    for name, column in wanted.items():
        assert found[name].status == column.status, name
        assert found[name].baseline.type == column.baseline.type
        for mine, other in zip(found[name].scores, column.scores, strict=True):
            if column.baseline.distinct_exact and column.current.distinct_exact:
                # Sums over categories are in the order in which these came.
                assert mine.number == pytest.approx(other.number, rel=1e-9), (name, mine.metric)
            else:
                bound = (mine.error_bound or 1e-3) + (other.error_bound or 1e-3)
                unknown = 0.0 if mine.error_bound else 0.02
                assert mine.number == pytest.approx(other.number, rel=unknown, abs=bound)
    assert found["x"].status == "drift"


def test_data_frames_are_compared_and_leave_the_session_as_it_was(
    rows: dict[str, str], spark: Any
) -> None:
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    try:
        report = driftcli.compare(spark.table("jan"), spark.table("feb"), where="shop = 'shop 1'")
        assert spark.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
    finally:
        spark.conf.unset("spark.sql.session.timeZone")
    assert report.baseline.format == "spark"
    wanted = driftcli.compare(rows["jan"], rows["feb"], where="shop = 'shop 1'")
    assert report.baseline.rows == wanted.baseline.rows
    assert by_column(report)["n"].scores == by_column(wanted)["n"].scores
    shown = report.baseline.where
    assert shown == wanted.baseline.where


def test_rows_are_sent_by_their_number_and_no_bytes_are_counted(spark: Any) -> None:
    from pyspark import cloudpickle

    # Executors have no tests.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    key = "spark.sql.execution.arrow.maxBytesPerBatch"
    before = spark.conf.get(key, None)
    with having(spark, key, 1_024), settled(spark):
        sizes = spark.range(0, 5_000, 1, 1).mapInArrow(
            lambda batches: (pa.record_batch({"rows": [each.num_rows]}) for each in batches),
            "rows long",
        )
        assert [row.rows for row in sizes.collect()] == [4_096, 904]
    assert spark.conf.get(key, None) == before


def test_executors_leave_out_checks_of_each_value(spark: Any) -> None:
    options = spark.sparkContext.getConf().get("spark.executor.extraJavaOptions").split()
    assert "-Darrow.enable_unsafe_memory_access=true" in options


def test_rows_of_long_texts_are_sent_by_their_bytes(spark: Any) -> None:
    from pyspark import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    texts = spark.range(0, 900, 1, 1).selectExpr(
        "repeat('x', 100000 + cast(id % 3 as int)) x", "id"
    )
    source = SparkSource(texts)
    assert [each.heavy for each in source.fragments(["x", "id"])] == [False]
    (begun,) = source.sample(["x"]).values()
    assert set(pc.utf8_length(begun).to_pylist()) == {4_096}
    (form,) = source.fragments(["x", "id"])
    assert form.heavy
    with settled(spark, 2, heavy=True):
        sizes = texts.mapInArrow(
            lambda batches: (pa.record_batch({"size": [each.nbytes]}) for each in batches),
            "size long",
        )
        most = [row.size for row in sizes.collect()]
    assert len(most) > 1
    assert max(most) < 80 << 20
    (column, _) = driftcli.Profile.of(texts).summary().columns
    assert column.stats.distinct == 3


def test_every_type_is_read_or_skipped(spark: Any) -> None:
    spark.sql(KINDS).createOrReplaceTempView("kinds")
    made = driftcli.Profile.of("spark:kinds").summary()
    found = {column.name: (column.kind, column.stats.type) for column in made.columns}
    assert found["cents.2"] == ("numeric", "decimal128(12, 2)")
    assert found["at"] == ("timestamp", "timestamp[us, tz=UTC]")
    assert found["local"] == ("timestamp", "timestamp[us]")
    assert found["day"] == ("timestamp", "date32[day]")
    assert (found["s.k"], found["s.deep.k"]) == (("numeric", "int64"), ("numeric", "int64"))
    assert found["l"] == ("list", "list<string>")
    assert found["m"] == ("unsupported", "map<string, int64>")
    assert found["nothing"][1] == "null"
    assert {found[name] for name in ("bytes", "period", "any")} == {("unsupported", "binary")}
    missing = {column.name: column.stats.missing for column in made.columns}
    assert (missing["bytes"], missing["day"], missing["nothing"]) == (0.5, 0.1, 1.0)


def test_a_table_without_rows_has_its_columns(spark: Any) -> None:
    spark.sql("select 1L id, 'a' shop where false").createOrReplaceTempView("none")
    made = driftcli.Profile.of("spark:none")
    assert made.summary().data.rows == 0
    assert [column.name for column in made.summary().columns] == ["id", "shop"]


def test_rows_are_counted_where_no_column_is_wanted(spark: Any) -> None:
    spark.sql("select cast('a' as binary) b from range(70)").createOrReplaceTempView("bytes")
    assert driftcli.Profile.of("spark:bytes", exclude="*").summary().data.rows == 70


def test_names_that_differ_in_case_or_have_dots_are_kept_apart(spark: Any) -> None:
    frame = spark.range(50).selectExpr("id", "id * 2 as `a.b`").toDF("X", "x.y")
    frame = frame.withColumnRenamed("X", "x")
    made = driftcli.Profile.of(frame.selectExpr("x", "`x.y`", "x % 2 as X"), where='"x.y" < 40')
    assert [(each.name, each.stats.distinct) for each in made.summary().columns] == [
        ("x", 20),
        ("x.y", 20),
        ("X", 2),
    ]


def test_timelines_segments_and_pairs_are_made_of_tables(rows: dict[str, str], spark: Any) -> None:
    periods = driftcli.timeline("spark:jan", time="at", every="1d", columns=["x", "n"])
    wanted = driftcli.timeline(rows["jan"], time="at", every="1d", columns=["x", "n"])
    assert [each.rows for each in periods.periods] == [each.rows for each in wanted.periods]
    parts = driftcli.compare("spark:jan", "spark:feb", by="shop", columns=["x"])
    assert parts.segments is not None
    assert driftcli.joint("spark:jan", "spark:feb", columns=["x", "n"]).exit_code in (0, 1)


def test_a_sample_of_a_table_has_rows_of_all_of_it(spark: Any) -> None:
    spark.range(0, 40_000, 1, 8).createOrReplaceTempView("counted")
    made = driftcli.Profile.of("spark:counted", sample=2_000).summary()
    (column,) = made.columns
    assert (made.data.rows, made.data.sampled_rows) == (40_000, 2_000)
    # Keys that partitions shared would pick the same places of each.
    assert column.stats.distinct == 2_000
    assert column.stats.mean == pytest.approx(20_000, abs=4 * 40_000 / 12**0.5 / 2_000**0.5)
    again = driftcli.Profile.of("spark:counted", sample=2_000).summary()
    assert again.columns == made.columns


def test_a_command_reads_a_query(rows: dict[str, str], spark: Any) -> None:
    asked = ["compare", "spark:select x, n from jan where n < 25 -- half", rows["jan"]]
    result = CliRunner().invoke(app, [*asked, "--columns", "x", "--format", "json"])
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["baseline"]["format"] == "spark"
    assert report["current"]["format"] == "parquet"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("spark:", "spark:: name a table, spark:catalog.schema.table, or 'spark:select …'"),
        ("spark:nope", "spark:nope: no table or view 'nope' in the catalogs of Spark."),
        ("spark:nope.x", "spark:nope.x: no table or view 'nope.x' in the catalogs of Spark."),
        ("spark:a b", "spark:a b: Spark says: Syntax error at or near 'b': extra input 'b'."),
        (
            "spark:select nix from range(3)",
            "spark:select nix from range(3): Spark says: A column, variable, or function param",
        ),
        (
            "spark:with a as (select 1) insert into b select * from a",
            "spark:with a as (select 1) insert into b select * from a: Spark says: Syntax error at",
        ),
    ],
)
def test_what_is_no_table_is_told_in_a_line(name: str, message: str, spark: Any) -> None:
    with pytest.raises((InputError, UsageError)) as caught:
        driftcli.Profile.of(name)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_what_a_query_comes_upon_is_told_in_a_line(spark: Any) -> None:
    query = "spark:select id, raise_error('too far') x from range(9)"
    with pytest.raises(InputError) as caught:
        driftcli.Profile.of(query)
    assert str(caught.value) == f"{query}: Spark says: too far."


def test_filters_are_checked_before_spark_sees_them(rows: dict[str, str], spark: Any) -> None:
    told = "is no such value; numbers are written 12 or -0.5."
    for where, message in (
        ("nix = 1", "spark:jan: where: no column 'nix'; known: x, n, shop, at"),
        ("x = 'a'", f"spark:jan: where: column 'x' is double, and 'a' {told}"),
    ):
        with pytest.raises(DriftError) as caught:
            driftcli.Profile.of("spark:jan", where=where)
        assert str(caught.value) == message


def test_profiles_of_tables_are_kept(rows: dict[str, str], spark: Any, tmp_path: Path) -> None:
    driftcli.Profile.of("spark:jan").save(str(tmp_path / "jan.profile"))
    report = driftcli.compare(str(tmp_path / "jan.profile"), rows["jan"])
    assert report.exit_code == 0
