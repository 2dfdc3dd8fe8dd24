"""A comparison that judged no column is no comparison that passed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc

from driftcli import Profile, assert_no_drift, compare
from driftcli.comparison.waivers import waived
from driftcli.report.columns import Waiver
from driftcli.report.comparison import Report

ROWS = 300
TIMES = pa.array(range(ROWS), pa.timestamp("s"))
LATER = pa.array(range(ROWS, 2 * ROWS), pa.timestamp("s"))
DAYS = pa.array(range(ROWS), pa.date32())
COLOURS = pa.array(["red", "green", "blue"] * (ROWS // 3))


def unjudged(baseline: dict[str, Any], current: dict[str, Any], **options: Any) -> Report:
    found = compare(pa.table(baseline), pa.table(current), **options)
    assert found.verdict == "unjudged"
    return found


def test_times_alone_are_no_verdict() -> None:
    found = unjudged({"id": DAYS, "name": TIMES}, {"id": DAYS, "name": LATER})
    assert found.exit_code == 2
    assert [(each.kind, each.column, each.status, each.message) for each in found.findings] == [
        (
            "nothing_judged",
            None,
            "warn",
            (
                "nothing was judged: `id`, `name` (timestamp: its values are not gated);"
                " --threshold id.wasserstein=0.1 judges `id` all the same;"
                ' nothing_judged = "ok" accepts that nothing is'
            ),
        )
    ]


def test_times_are_not_what_to_judge_if_there_is_more() -> None:
    sides = {"at": TIMES, "id": COLOURS}
    (finding,) = unjudged(sides, sides, metrics=["tv"]).findings
    assert "--threshold id.tv=0.1 judges `id` all the same" in finding.message


def test_the_remedy_that_is_named_helps() -> None:
    threshold = {"name.js_distance": 0.1}
    found = compare(pa.table({"name": TIMES}), pa.table({"name": TIMES}), thresholds=threshold)
    assert (found.verdict, found.exit_code, found.findings) == ("ok", 0, ())


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (TIMES, "timestamp: its values are not gated"),
        (pa.nulls(ROWS, pa.int64()), "no values on either side"),
    ],
)
def test_every_reason_is_told(values: Any, reason: str) -> None:
    (finding,) = unjudged({"x": values}, {"x": values}).findings
    assert f"`x` ({reason})" in finding.message


def test_what_is_configured_not_to_be_gated_is_not_judged(tmp_path: Path) -> None:
    config = tmp_path / "drift.toml"
    config.write_text("[columns.x]\ngate = false\n")
    found = unjudged({"x": COLOURS}, {"x": COLOURS}, config=config)
    assert "`x` (not gated: so configured)" in found.findings[0].message


def test_a_metric_without_a_threshold_judges_nothing() -> None:
    found = unjudged({"x": COLOURS}, {"x": COLOURS}, metrics=["tv"])
    assert "`x` (none of its scores has a threshold)" in found.findings[0].message
    assert "--threshold x.tv=0.1" in found.findings[0].message


def test_missing_values_alone_are_judged_where_nothing_else_is_asked_for() -> None:
    sides = pa.table({"x": TIMES}), pa.table({"x": TIMES})
    assert compare(*sides, metrics=["missing"]).verdict == "ok"
    assert compare(*sides, metrics=["missing", "kl"]).verdict == "unjudged"


def test_one_judged_column_is_enough() -> None:
    side = pa.table({"name": TIMES, "colour": COLOURS})
    assert compare(side, side).verdict == "ok"


def test_a_text_file_of_one_column_may_have_another_delimiter(tmp_path: Path) -> None:
    for name in ("base.csv", "new.csv"):
        (tmp_path / name).write_text("\n".join(["at", *map(str, TIMES.to_pylist())]))
    found = compare(tmp_path / "base.csv", tmp_path / "new.csv")
    assert (found.verdict, found.exit_code) == ("unjudged", 2)
    assert "; --delimiter names what parts the fields, if it was not found; --threshold" in (
        found.findings[0].message
    )


def test_what_drifts_drifts_although_nothing_else_is_judged() -> None:
    lost = compare(pa.table({"id": DAYS, "": DAYS}), pa.table({"id": DAYS}))
    assert (lost.verdict, lost.exit_code) == ("drift", 1)
    assert [each.kind for each in lost.findings] == ["lost_column"]
    emptied = compare(pa.table({"id": TIMES}), pa.table({"id": pa.nulls(ROWS, pa.string())}))
    assert (emptied.verdict, emptied.exit_code) == ("drift", 1)


def test_what_warns_does_not_stand_for_a_verdict() -> None:
    found = unjudged({"id": TIMES}, {"id": TIMES, "more": DAYS})
    assert {each.kind for each in found.findings} == {"nothing_judged", "new_column"}


@pytest.mark.parametrize(
    ("setting", "options", "code"),
    [
        ("error", {}, 2),
        ("error", {"fail_on": "warn"}, 2),
        ("error", {"fail_on": "never"}, 0),
        ("error", {"strict": True}, 2),
        ("warn", {}, 0),
        ("warn", {"fail_on": "warn"}, 1),
        ("warn", {"strict": True}, 1),
        ("ok", {}, 0),
        ("ok", {"fail_on": "warn"}, 0),
        ("ok", {"strict": True}, 1),
        ("ok", {"strict": True, "fail_on": "never"}, 0),
    ],
)
def test_the_setting_says_what_it_is(
    tmp_path: Path, setting: str, options: dict[str, Any], code: int
) -> None:
    config = tmp_path / "drift.toml"
    config.write_text(f'nothing_judged = "{setting}"\n')
    found = unjudged({"id": TIMES}, {"id": LATER}, config=config, **options)
    assert found.exit_code == code
    assert found.findings[0].status == ("ok" if setting == "ok" else "warn")


def test_what_else_warns_counts_where_it_is_accepted(tmp_path: Path) -> None:
    config = tmp_path / "drift.toml"
    config.write_text('nothing_judged = "ok"\n')
    sides = pa.table({"id": TIMES}), pa.table({"id": TIMES, "more": DAYS})
    found = compare(*sides, config=config, fail_on="warn")
    assert (found.verdict, found.exit_code) == ("warn", 1)


def test_an_assertion_fails() -> None:
    with pytest.raises(AssertionError, match="not judged: none of 1 column judged"):
        assert_no_drift(pa.table({"id": TIMES}), pa.table({"id": TIMES}))


def test_a_waiver_of_what_drifts_leaves_nothing_judged() -> None:
    found = compare(pa.table({"id": TIMES, "x": TIMES}), pa.table({"id": TIMES}))
    accepted = waived(found, {"x": Waiver(until="2099-01-01", why="known")})
    assert (accepted.verdict, accepted.exit_code) == ("unjudged", 2)
    again = waived(accepted, {"x": Waiver(until="2099-01-01", why="known")})
    assert [each.kind for each in again.findings] == ["lost_column", "nothing_judged"]


def test_a_waived_column_was_judged() -> None:
    found = compare(pa.table({"x": COLOURS}), pa.table({"x": pa.array(["red"] * ROWS)}))
    assert found.verdict == "drift"
    assert waived(found, {"x": Waiver(until="2099-01-01", why="known")}).verdict == "ok"


def test_segments_in_which_nothing_is_judged_are_skipped() -> None:
    side = pa.table({"shop": COLOURS, "id": TIMES})
    found = compare(side, side, by="shop")
    assert found.verdict == "ok"  # the mix of the shops is judged
    assert found.segments is not None
    assert {each.status for each in found.segments.segments} == {"skipped"}


@pytest.mark.parametrize("form", ["parquet", "arrow", "arrows"])
def test_data_without_a_column_to_compare(tmp_path: Path, form: str) -> None:
    paths = [tmp_path / f"{name}.{form}" for name in ("base", "new")]
    for path, rows in zip(paths, (ROWS, ROWS - 10), strict=True):
        write(pa.table({"raw": [b"\x00\xff"] * rows}), path)
    profile = Profile.of(paths[0])
    assert (profile.rows, profile.columns) == (ROWS, ("raw",))
    for sides, options in ((paths, {}), (paths, {"sample": 50}), ((profile, paths[1]), {})):
        found = compare(*sides, **options)
        assert (found.baseline.rows, found.current.rows) == (ROWS, ROWS - 10)
        assert [(each.name, each.kind) for each in found.columns] == [("raw", "unsupported")]
        assert (found.verdict, found.exit_code) == ("unjudged", 2)
        assert "`raw` (values of type binary are not compared)" in found.findings[0].message


def write(table: pa.Table, path: Path) -> None:
    if path.suffix == ".parquet":
        pq.write_table(table, path)
        return
    way = ipc.new_file if path.suffix == ".arrow" else ipc.new_stream
    with way(path, table.schema) as file:
        file.write(table)
