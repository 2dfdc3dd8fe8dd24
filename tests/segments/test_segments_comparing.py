"""What `by` finds: against filtered rows, known changes, and any order of rows and threads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from msgspec import structs

from driftcli.api.compare import compare
from driftcli.comparison.segments import compare as comparing
from driftcli.errors import UsageError
from driftcli.render import segment_words
from driftcli.report.comparison import Report
from driftcli.report.segments import Segment

pytestmark = pytest.mark.slow

ROWS = 6_000


def data(
    *,
    seed: int,
    moves: dict[str, float] | None = None,
    shares: dict[str, float] | None = None,
    rows: int = ROWS,
) -> pa.Table:
    """Return rows of shops a, b and c: `price` is whole, about 10 and more in c, plus a move."""
    random = np.random.default_rng(seed)
    shares = shares or {"a": 0.5, "b": 0.3, "c": 0.2}
    shop = random.choice(list(shares), rows, p=list(shares.values()))
    moved = np.array([(moves or {}).get(each, 0.0) + 20 * (each == "c") for each in shop])
    return pa.table(
        {
            "shop": shop,
            "price": np.round(random.normal(100, 10, rows) + moved),
            "plan": random.choice(["basic", "pro"], rows),
            "calm": random.integers(0, 20, rows),
        }
    )


BASE = data(seed=0)


def by_label(report: Report) -> dict[str, Segment]:
    assert report.segments is not None
    return {each.label: each for each in report.segments.segments}


def statuses(report: Report) -> dict[str, dict[str, str]]:
    return {
        label: {column.name: column.status for column in each.columns}
        for label, each in by_label(report).items()
    }


def test_nothing_drifts_where_nothing_changed() -> None:
    report = compare(BASE, data(seed=1), by="shop")
    assert report.verdict == "ok"
    assert report.exit_code == 0
    assert statuses(report) == {"a": {}, "b": {}, "c": {}}
    assert report.segments is not None
    assert report.segments.mix.status == "ok"
    assert report.segments.decompositions == ()
    assert (report.segments.by, report.segments.found) == (("shop",), 3)
    assert [each.compared for each in report.segments.segments] == [3, 3, 3]


def test_without_it_a_report_has_no_segments() -> None:
    assert compare(BASE, BASE).segments is None


def test_segments_that_drift_apart_are_found_where_the_whole_stays() -> None:
    """Simpson's paradox: what one segment loses the other gains."""
    shares = {"a": 0.5, "b": 0.5}
    before = data(seed=0, shares=shares, moves={"a": -5, "b": 5})
    after = data(seed=1, shares=shares, moves={"a": 5, "b": -5})
    assert compare(before, after).verdict == "ok"
    report = compare(before, after, by="shop")
    assert (report.verdict, report.exit_code) == ("drift", 1)
    assert report.summary.drift == 0
    assert statuses(report) == {"a": {"price": "drift"}, "b": {"price": "drift"}}


def test_a_segment_that_drifts_is_named_alone() -> None:
    report = compare(BASE, data(seed=1, moves={"b": 6}), by="shop")
    assert statuses(report) == {"a": {}, "b": {"price": "drift"}, "c": {}}
    assert report.segments is not None
    assert report.segments.segments[0].label == "b"
    assert by_label(report)["b"].columns[0].reasons[0].startswith("mean 9")


def test_a_change_of_the_mix_is_all_mix() -> None:
    after = data(seed=1, shares={"a": 0.2, "b": 0.2, "c": 0.6})
    report = compare(BASE, after, by="shop")
    assert statuses(report) == {"a": {}, "b": {}, "c": {}}
    assert report.segments is not None
    assert report.segments.mix.status == "drift"
    (found,) = report.segments.decompositions
    assert (found.column, found.metric) == ("price", "wasserstein")
    assert found.mix_share == pytest.approx(1, abs=0.05)
    assert found.mix + found.within == pytest.approx(found.total, rel=1e-12)


def test_a_change_within_segments_is_all_within() -> None:
    report = compare(BASE, data(seed=1, moves={"a": 8, "b": 8, "c": 8}), by="shop")
    assert report.segments is not None
    assert report.segments.mix.status == "ok"
    (found,) = report.segments.decompositions
    assert found.within_share == pytest.approx(1, abs=0.05)
    assert found.total == report.columns[0].score("wasserstein").value  # type: ignore[union-attr]
    assert [each.label for each in found.segments] == ["a", "b", "c"]
    assert sum(each.within for each in found.segments) == pytest.approx(found.within, rel=1e-9)


def test_both_kinds_of_change_are_told_apart() -> None:
    shares = {"a": 0.3, "b": 0.3, "c": 0.4}
    after = data(seed=1, shares=shares, moves={"a": 4, "b": 4, "c": 4}, rows=20_000)
    report = compare(data(seed=0, rows=20_000), after, by="shop")
    assert report.segments is not None
    found = report.segments.decompositions[0]
    # A fifth of the rows goes from a to c, 20 units up, and all go up by 4.
    scale = report.columns[0].baseline.sd
    assert report.columns[0].name == "price"
    assert scale is not None
    assert found.mix * scale == pytest.approx(4, abs=0.4)
    assert found.within * scale == pytest.approx(4, abs=0.4)


def test_new_and_lost_segments_are_mix() -> None:
    after = data(seed=1, shares={"a": 0.5, "b": 0.3, "d": 0.2})
    report = compare(BASE, after, by="shop")
    found = by_label(report)
    assert (found["c"].presence, found["d"].presence) == ("lost", "new")
    assert (found["c"].status, found["d"].status) == ("skipped", "skipped")
    assert (found["d"].baseline_rows, found["d"].columns, found["d"].compared) == (0, (), 0)
    assert report.segments is not None
    mix = report.segments.mix
    assert mix.status == "drift"
    assert any(reason.startswith("new: 'd' ") for reason in mix.reasons)
    assert mix.score("new").status == "drift"  # type: ignore[union-attr]
    price = report.segments.decompositions[0]
    assert price.column == "price"
    assert price.mix_share == pytest.approx(1, abs=0.1)


def test_the_mix_is_judged_by_the_settings_of_its_column() -> None:
    after = data(seed=1, shares={"a": 0.3, "b": 0.3, "c": 0.4})
    settings = {"shop.js_distance": "off", "shop.wasserstein": "off", "shop.kl": "off"}
    report = compare(BASE, after, by="shop", thresholds=settings, ignore=["price"])
    assert report.verdict == "ok"
    assert compare(BASE, after, by="shop", ignore=["price"]).verdict == "drift"


def test_the_columns_that_make_segments_may_be_left_out_of_the_comparison() -> None:
    report = compare(BASE, data(seed=1), by="shop", exclude="shop")
    assert {column.name for column in report.columns} == {"price", "plan", "calm"}
    assert len(by_label(report)) == 3


@pytest.mark.parametrize("column", ["price", "plan", "calm"])
def test_a_segment_scores_as_its_rows_alone_do(column: str) -> None:
    """Bit for bit: values, noise and p-values; only the correction is for more tests."""
    thresholds = {"js_distance": 0.0, "wasserstein": 0.0, "kl": 0.0}
    after = data(seed=1, moves={"b": 3})
    report = compare(BASE, after, by="shop", thresholds=thresholds, alpha=1)
    for shop, segment in by_label(report).items():
        sides = [each.filter(pc.equal(each["shop"], shop)) for each in (BASE, after)]
        alone = compare(*sides, columns=column, thresholds=thresholds, alpha=1)
        found = next(each for each in segment.columns if each.name == column)
        scores = {each.metric: each for each in found.scores}
        assert scores.keys() == {"js_distance", "wasserstein", "kl", "missing"} | (
            {"new", "lost"} if column == "plan" else {"nonfinite"}
        )
        for score in alone.columns[0].scores:
            if score.metric in scores and scores[score.metric].p_value is not None:
                assert structs.replace(scores[score.metric], p_adjusted=None) == structs.replace(
                    score, p_adjusted=None
                )
        assert sorted(found.reasons) == sorted(alone.columns[0].reasons)


def test_the_whole_is_compared_as_without_segments() -> None:
    after = data(seed=1, moves={"b": 6})
    alone, report = compare(BASE, after), compare(BASE, after, by="shop")
    names = [each.name for each in report.columns]
    for column in alone.columns:
        found = report.columns[names.index(column.name)]
        assert [each.value for each in found.scores] == [each.value for each in column.scores]
        assert [each.p_value for each in found.scores] == [each.p_value for each in column.scores]
        assert (found.baseline, found.current) == (column.baseline, column.current)


def test_p_values_are_corrected_over_wholes_segments_and_mix() -> None:
    """A change that is beyond chance in one test of few is not so in one of many."""
    report = compare(BASE, data(seed=1, moves={"b": 6}), by="shop", correction="bh")
    assert report.segments is not None
    price = by_label(report)["b"].columns[0]
    found = price.score("wasserstein")
    assert found is not None
    assert found.p_adjusted is not None
    alone = compare(BASE, data(seed=1, moves={"b": 6}), by="shop", correction="none")
    uncorrected = by_label(alone)["b"].columns[0].score("wasserstein")
    assert uncorrected is not None
    assert uncorrected.p_adjusted is not None
    # Tests: 4 whole columns and 3 in each of 3 segments of about 4 each, and those of the mix.
    assert found.p_adjusted > 3 * uncorrected.p_adjusted


def test_few_rows_are_inconclusive_and_pass_unless_strict() -> None:
    few = [data(seed=seed, rows=300, shares={"a": 1.0}) for seed in (7, 8)]
    sides = [
        pa.concat_tables([data(seed=seed), small.set_column(0, "shop", pa.array(["z"] * 300))])
        for seed, small in zip((0, 1), few, strict=True)
    ]
    report = compare(*sides, by="shop", thresholds={"js_distance": 0.02}, metrics=["js_distance"])
    assert report.verdict == "inconclusive"
    assert report.exit_code == 0
    small = by_label(report)["z"]
    assert (small.status, small.columns) == ("inconclusive", ())
    assert segment_words.columns(small) == "too few rows to see changes at the thresholds"
    strict = compare(
        *sides, by="shop", thresholds={"js_distance": 0.02}, metrics=["js_distance"], strict=True
    )
    assert strict.exit_code == 1


def test_a_segment_drifts_by_the_rule_for_datasets() -> None:
    after = data(seed=1, moves={"b": 6})
    report = compare(BASE, after, by="shop", drifted_columns=2)
    assert by_label(report)["b"].status == "warn"
    assert (report.verdict, report.exit_code) == ("warn", 0)
    assert compare(BASE, after, by="shop", drifted_columns=2, fail_on="warn").exit_code == 1
    assert compare(BASE, after, by="shop", fail_on="never").exit_code == 0


def test_rare_segments_share_one() -> None:
    names = [f"s{at // 40:03}" for at in range(ROWS // 2)]
    rare = [
        side.set_column(0, "shop", pa.array(side["shop"].to_pylist()[: ROWS // 2] + names))
        for side in (BASE, data(seed=1))
    ]
    report = compare(*rare, by="shop")
    found = by_label(report)
    assert set(found) == {"a", "b", "c", "(other)"}
    assert (found["(other)"].pooled, found["(other)"].keys) == (75, {})
    assert found["(other)"].baseline_rows == ROWS // 2
    assert found["(other)"].compared == 3
    assert report.segments is not None
    assert (report.segments.found, report.segments.min_rows) == (78, 100)
    assert report.segments.mix.baseline.distinct == 78


def test_one_rare_segment_stands_alone(tmp_path: Path) -> None:
    one = BASE.set_column(0, "shop", pa.array(["tiny"] * 20 + ["big"] * (ROWS - 20)))
    assert set(by_label(compare(one, one, by="shop"))) == {"big", "tiny"}
    (tmp_path / "drift.toml").write_text("by = ['shop']\nsegment_rows = 2_000\n")
    report = compare(BASE, data(seed=1), config=tmp_path / "drift.toml")
    assert set(by_label(report)) == {"a", "(other)"}


def test_beyond_a_number_of_segments_the_smallest_share_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(comparing, "MOST_ALONE", 1)
    found = by_label(compare(BASE, data(seed=1), by="shop"))
    assert set(found) == {"a", "(other)"}
    assert found["(other)"].pooled == 2


def test_missing_keys_are_a_segment_of_their_own() -> None:
    shops = pa.array((["(missing)", None, "missing"] * ROWS)[:ROWS])
    sides = [each.set_column(0, "shop", shops) for each in (BASE, data(seed=1))]
    found = by_label(compare(*sides, by="shop"))
    assert {label: each.keys for label, each in found.items()} == {
        "'(missing)'": {"shop": "(missing)"},
        "(missing)": {"shop": None},
        "missing": {"shop": "missing"},
    }
    assert all(each.baseline_rows == ROWS // 3 for each in found.values())


def test_two_columns_make_segments_of_their_combinations() -> None:
    report = compare(BASE, data(seed=1), by=["shop", "plan"])
    found = by_label(report)
    assert len(found) == 6
    assert found["a, pro"].keys == {"shop": "a", "plan": "pro"}
    assert found["a, pro"].compared == 2
    assert report.segments is not None
    assert report.segments.mix.name == "shop,plan"


def test_an_identifier_is_told_by_the_whole_column() -> None:
    """In a few rows of a column that counts all rows, numbers repeat too rarely to tell."""
    sides = [
        each.append_column("id", pa.array(range(start, start + ROWS)))
        for start, each in ((0, BASE), (ROWS, data(seed=1)))
    ]
    assert compare(*sides, by="shop").verdict == "ok"


def test_a_column_that_changed_its_type_is_told_of_once() -> None:
    after = data(seed=1)
    after = after.set_column(3, "calm", after["calm"].cast(pa.string()))
    report = compare(BASE, after, by="shop")
    assert report.verdict == "drift"
    assert statuses(report) == {"a": {}, "b": {}, "c": {}}
    assert [each.kind for each in report.findings] == ["type_change"]
    # Text that is numbers is compared as such all the same.
    assert [each.compared for each in by_label(report).values()] == [3, 3, 3]


def test_a_column_without_values_in_a_segment_is_not_compared_there() -> None:
    sides = [
        each.append_column(
            "z", pc.if_else(pc.equal(each["shop"], "a"), pa.scalar(None, pa.int64()), 1)
        )
        for each in (BASE, data(seed=1))
    ]
    found = by_label(compare(*sides, by="shop"))
    assert {label: each.compared for label, each in found.items()} == {"a": 3, "b": 4, "c": 4}


def test_a_share_of_missing_values_is_decomposed_too() -> None:
    after = data(seed=1)
    hidden = pc.and_(pc.equal(after["shop"], "b"), pc.equal(after["plan"], "pro"))
    values = pc.if_else(hidden, pa.scalar(None, pa.float64()), after["price"])
    report = compare(BASE, after.set_column(1, "price", values), by="shop")
    assert report.segments is not None
    found = {each.metric: each for each in report.segments.decompositions}["missing"]
    assert (found.unit, found.error_bound) == ("share", 0)
    assert found.within_share == pytest.approx(1, abs=0.03)
    assert [each.label for each in found.segments] == ["b"]


FORMATS = ["parquet", "csv", "jsonl", "pandas", "polars", "reader"]


def written(table: pa.Table, kind: str, path: Path) -> Any:
    if kind == "parquet":
        pq.write_table(table, path, row_group_size=500)
    elif kind == "csv":
        pa_csv.write_csv(table, path)
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    elif kind == "pandas":
        return pd.DataFrame(table.to_pydict())
    elif kind == "polars":
        return pl.from_arrow(table)
    else:
        return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(700))
    return path


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("threads", [1, 3])
def test_every_input_gives_the_same(kind: str, threads: int, tmp_path: Path) -> None:
    after = data(seed=1, moves={"b": 6})
    expected = compare(BASE, after, by="shop")
    sides = [
        written(table, kind, tmp_path / f"{name}.{kind}")
        for name, table in (("p", BASE), ("q", after))
    ]
    found = compare(*sides, by="shop", threads=threads)
    assert segments_of(found) == segments_of(expected)


def segments_of(report: Report) -> Any:
    """Return the segments without the types, which text files do not tell alike."""
    assert report.segments is not None
    text = json.dumps(json.loads(report.to_json())["segments"])
    return json.loads(text.replace('"double"', '"int64"'))


def test_the_order_of_rows_does_not_count() -> None:
    after = data(seed=1, moves={"b": 6})
    order = np.random.default_rng(3).permutation(ROWS)
    expected = compare(BASE, after, by=["shop", "plan"])
    found = compare(BASE.take(order), after.take(order[::-1]), by=["shop", "plan"], threads=3)
    assert segments_of(found) == segments_of(expected)


def test_types_that_did_not_hold_are_read_again(tmp_path: Path) -> None:
    """A shop that is a number until the last rows, and a price that is one until then."""
    lines = [f"{at % 3},{at % 10},x" for at in range(400_000)]
    for name, end in (("p", "web,?,x"), ("q", "web,7,x")):
        (tmp_path / f"{name}.csv").write_text("\n".join(["shop,price,calm", *lines, end]) + "\n")
    report = compare(tmp_path / "p.csv", tmp_path / "q.csv", by="shop")
    alone = compare(tmp_path / "p.csv", tmp_path / "q.csv")
    assert {label: each.baseline_rows for label, each in by_label(report).items()} == {
        "0": 133_334,
        "1": 133_333,
        "2": 133_333,
        "web": 1,
    }
    assert report.findings == alone.findings
    assert [each.kind for each in report.columns] == [each.kind for each in alone.columns]


def test_names_of_the_current_data_may_be_others() -> None:
    after = data(seed=1, moves={"b": 6}).rename_columns(["store", "price", "plan", "calm"])
    report = compare(BASE, after, by="shop", rename={"store": "shop"})
    assert by_label(report)["b"].status == "drift"


def test_a_side_without_rows() -> None:
    report = compare(BASE, BASE.slice(0, 0), by="shop")
    assert report.verdict == "drift"
    assert {each.presence for each in by_label(report).values()} == {"lost"}
    assert compare(BASE.slice(0, 0), BASE.slice(0, 0), by="shop").verdict == "unjudged"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "city"}, "^by: no column 'city'; known: shop"),
        ({"by": "shop", "sample": 9}, "by: takes all rows; leave out sample"),
        ({"by": "shop", "like": "scipy"}, "by: segments have no numbers of other tools"),
    ],
)
def test_what_cannot_be_done_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        compare(BASE, BASE, **options)


def test_a_column_of_one_side_alone_is_refused(tmp_path: Path) -> None:
    pq.write_table(BASE, tmp_path / "p.parquet")
    pq.write_table(BASE.drop_columns(["shop"]), tmp_path / "q.parquet")
    with pytest.raises(
        UsageError, match=r"^by: no column 'shop' in the current data; known: price"
    ):
        compare(tmp_path / "p.parquet", tmp_path / "q.parquet", by="shop")
