"""Whole timelines of generated seasons: what changed is found, and dated to the day."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from msgspec import to_builtins
from seasons import DAY, START, season

from driftcli import compare
from driftcli.comparison.timeline.plan import TimeColumn, plan
from driftcli.config import Configuration, Settings
from driftcli.engine import group_merging
from driftcli.errors import DriftError, InputError, UsageError
from driftcli.pipeline.inputs import Reading
from driftcli.pipeline.selection import Selection
from driftcli.pipeline.timeline import run
from driftcli.report.timeline import DatedChange, Timeline, TimelineColumn

ROWS = 2_000


def timeline(data: Any, every: str = "1d", **options: Any) -> Timeline:
    """Return the timeline of data with the column `ts`; settings are options, too."""
    names = ("window", "against", "last")
    named = {name: options.pop(name, None) for name in names}
    baseline, zone = options.pop("baseline", None), options.pop("zone", None)
    threads, selection = options.pop("threads", 2), options.pop("selection", Selection())
    asked = plan(TimeColumn("ts", zone), every, *named.values(), baseline=baseline is not None)
    loaded = Configuration(settings=Settings(**options), origins={})
    return run(data, loaded, selection, asked, Reading(threads=threads), baseline=baseline)


def column(made: Timeline, name: str) -> TimelineColumn:
    return next(each for each in made.columns if each.name == name)


def changes(made: Timeline, name: str) -> tuple[DatedChange, ...]:
    return column(made, name).changes


def day(number: int) -> str:
    """Return the label of a day of the season."""
    return (date(2022, 1, 3) + timedelta(days=number)).isoformat()


def statuses(made: Timeline, name: str) -> dict[str, str]:
    cells = column(made, name).cells
    return {at.label: cell.status for at, cell in zip(made.periods, cells, strict=True)}


def plain(days: range, *, shift: float = 0.0, seed: int = 0, rows: int = ROWS) -> pa.Table:
    """Return days of two columns that follow no season; `shift` moves `x` alone."""
    random = np.random.default_rng([seed, 1_000 + days.start])
    number = np.repeat(np.arange(days.start, days.stop), rows)
    return pa.table(
        {
            "ts": pa.array(START + number * DAY + random.integers(0, DAY, number.size)).cast(
                pa.timestamp("s")
            ),
            "x": np.round(random.normal(shift, 1, number.size), 2),
            "kind": random.choice(["a", "b", "c"], number.size),
        }
    )


BROKEN = pa.concat_tables([plain(range(20)), plain(range(20, 40), shift=2)])
OUTAGE = pa.concat_tables([plain(range(20)), plain(range(20, 23), shift=2), plain(range(23, 40))])


def test_a_change_is_dated_from_the_day_it_began() -> None:
    made = timeline(BROKEN)
    (change,) = changes(made, "x")
    assert (change.first, change.last, change.ongoing) == (day(20), day(39), True)
    assert change.periods == 20
    assert change.reasons[0].startswith("mean ")
    assert not changes(made, "kind")
    assert (made.verdict, made.exit_code) == ("drift", 1)
    assert made.summary.drifted_periods == 20
    assert [each.status for each in made.periods] == ["skipped", *["ok"] * 19, *["drift"] * 20]


def test_a_change_that_ended_is_dated_from_to() -> None:
    (change,) = changes(timeline(OUTAGE), "x")
    assert (change.first, change.last, change.ongoing) == (day(20), day(22), False)
    assert day(20) <= change.peak <= day(22)


def test_beside_the_day_before_a_change_is_a_step() -> None:
    (step,) = changes(timeline(BROKEN, against="previous"), "x")
    assert (step.first, step.last, step.ongoing) == (day(20), day(20), False)
    there, back = changes(timeline(OUTAGE, against="previous"), "x")
    assert (there.first, back.first) == (day(20), day(23))


def test_nothing_drifts_where_nothing_changes() -> None:
    for against in ("first", "previous", "season:7d"):
        made = timeline(plain(range(60)), against=against)
        assert (made.summary.drift, made.exit_code) == (0, 0)


def test_a_season_is_compared_with_itself_a_season_before() -> None:
    year = season(range(60), ROWS, seed=1)
    by_first, by_season = timeline(year), timeline(year, against="season:7d")
    shop = next(column for column in by_first.columns if column.name == "shop")
    weekend = max(score.number for score in shop.cells[5].scores)
    assert weekend > 0.1  # weekends are not like the first Monday
    assert not changes(by_first, "shop")  # which they never are
    assert not changes(by_season, "shop")
    assert by_season.periods[9].reference == day(2)


def rounded(value: Any) -> Any:
    """Return a document with its floats to twelve digits: sums over categories have no order."""
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize(
    "options", [{}, {"window": "7d"}, {"baseline": f"{day(2)}..{day(9)}"}, {"against": "previous"}]
)
def test_rows_may_come_in_any_order(options: dict[str, str]) -> None:
    order = np.random.default_rng(3).permutation(BROKEN.num_rows)
    sorted_, shuffled = timeline(BROKEN, **options), timeline(BROKEN.take(order), **options)
    assert shuffled.periods == sorted_.periods
    assert column(shuffled, "x") == column(sorted_, "x")
    assert rounded(to_builtins(shuffled)) == rounded(to_builtins(sorted_))


def test_the_threads_change_nothing() -> None:
    assert timeline(BROKEN, threads=1) == timeline(BROKEN, threads=3)


def test_days_without_rows_are_gaps_and_do_not_end_a_change() -> None:
    gap = pa.concat_tables(
        [plain(range(15)), plain(range(15, 18), shift=2), plain(range(22, 30), shift=2)]
    )
    made = timeline(gap)
    (change,) = changes(made, "x")
    assert (change.first, change.last, change.periods) == (day(15), day(29), 11)
    assert [each.note for each in made.periods[18:22]] == ["no rows"] * 4
    assert [each.rows for each in made.periods[18:22]] == [0] * 4
    across = pa.concat_tables([plain(range(15)), plain(range(20, 30), shift=2)])
    (step,) = changes(timeline(across, against="previous"), "x")
    assert step.first == day(20)


def test_a_day_with_few_rows_is_inconclusive() -> None:
    few = pa.concat_tables([plain(range(15)), plain(range(15, 20), rows=5, shift=0.5)])
    made = timeline(few)
    assert set(list(statuses(made, "x").values())[-5:]) == {"ok"}
    assert [each.status for each in made.periods[-5:]] == ["inconclusive"] * 5
    assert [each.by_chance for each in column(made, "x").cells] == [False] * 15 + [True] * 5
    assert [each.message for each in made.findings] == [
        "too few rows to see changes at the thresholds in 5 of 19 periods"
    ]
    assert (made.verdict, made.exit_code) == ("inconclusive", 0)
    assert timeline(few, strict=True).exit_code == 1


def test_windows_take_in_what_days_are_too_small_for() -> None:
    small = pa.concat_tables([plain(range(28), rows=20), plain(range(28, 56), rows=20, shift=0.6)])
    by_day, by_week = timeline(small), timeline(small, window="14d", against="previous")
    assert by_day.summary.drifted_periods < by_week.summary.drifted_periods
    found = statuses(by_week, "x")
    assert found[day(27)] != "drift"
    assert found[day(41)] == "drift"  # a window of only new days beside one of only old ones
    assert by_week.periods[41].reference == day(27)
    assert by_week.window == "14d"


def test_a_span_of_the_data_is_a_baseline() -> None:
    made = timeline(BROKEN, baseline=f"{day(3)}..{day(12)}")
    assert [each.note for each in made.periods] == [
        *[None] * 3,
        *["in the baseline"] * 10,
        *[None] * 27,
    ]
    assert made.baseline is not None
    assert (made.baseline.source, made.baseline.rows) == (f"{day(3)}..{day(12)}", 10 * ROWS)
    newest = changes(made, "x")[-1]
    assert (newest.first, newest.ongoing) == (day(20), True)


def test_a_span_may_begin_and_end_within_a_period() -> None:
    made = timeline(BROKEN, every="1w", baseline=f"..{day(9)}")
    assert [each.note for each in made.periods[:3]] == ["in the baseline", "in the baseline", None]
    assert made.baseline is not None
    assert made.baseline.rows == 10 * ROWS
    assert made.periods[1].rows == 7 * ROWS


def test_another_dataset_is_a_baseline() -> None:
    base, current = plain(range(-30, 0), seed=1), BROKEN
    made = timeline(current, baseline=base)
    (change,) = changes(made, "x")
    assert (change.first, change.ongoing) == (day(20), True)
    assert {each.reference for each in made.periods} == {"baseline"}
    assert made.summary.compared == 40


def of_day(data: pa.Table, number: int) -> pa.Table:
    seconds = data["ts"].cast(pa.int64())
    first = START + number * DAY
    inside = pc.and_(pc.greater_equal(seconds, first), pc.less(seconds, first + DAY))
    return data.filter(inside)


@pytest.mark.parametrize("number", [5, 25])
def test_one_period_is_judged_as_a_comparison_of_its_rows_would(number: int) -> None:
    base, current = plain(range(-4, 0), seed=1, rows=100), of_day(BROKEN, number)
    made = timeline(current, baseline=base)
    report = compare(base, current, exclude=["ts"])
    assert (made.verdict, made.exit_code) == (report.verdict, report.exit_code)
    for each in report.columns:
        (cell,) = column(made, each.name).cells
        assert cell.status == each.status
        for score in cell.scores:
            other = each.score(score.metric)
            assert other is not None
            assert (score.value, score.threshold) == (other.value, other.threshold)
            assert (score.error_bound, score.status) == (other.error_bound, other.status)
            if score.p_value is not None:
                assert (score.p_value, score.noise) == (other.p_value, other.noise)
                assert (score.p_adjusted or 0) >= (other.p_adjusted or 0)


def test_any_change_beyond_noise_can_be_asked_for() -> None:
    slight = pa.concat_tables(
        [plain(range(3), rows=20_000), plain(range(3, 4), rows=20_000, shift=0.08)]
    )
    assert timeline(slight).exit_code == 0
    made = timeline(slight, fail_on="change")
    assert (made.verdict, made.exit_code) == ("ok", 1)


def test_enough_columns_make_a_period_drift() -> None:
    made = timeline(BROKEN, drifted_columns=2)
    assert (made.verdict, made.exit_code) == ("warn", 0)
    assert made.periods[-1].status == "warn"
    assert made.periods[-1].drifted == 1


def test_only_the_last_periods_are_judged() -> None:
    assert timeline(OUTAGE, last=10).exit_code == 0
    made = timeline(BROKEN, last=1, baseline=f"..{day(9)}")
    assert [each.label for each in made.periods] == [day(39)]
    assert made.exit_code == 1


@pytest.mark.parametrize("zone", [None, "Pacific/Auckland"])
def test_days_are_those_of_the_zone(zone: str | None) -> None:
    hours = datetime(2023, 3, 1, tzinfo=UTC) + np.arange(0, 240) * timedelta(hours=1)
    data = pa.table({"ts": pa.array(list(hours), pa.timestamp("us", "UTC")), "x": np.arange(240.0)})
    made = timeline(data, zone=zone, against="previous")
    assert made.timezone == zone
    rows = [each.rows for each in made.periods]
    assert rows == ([24] * 10 if zone is None else [11, *[24] * 9, 13])


def test_a_day_on_which_the_clocks_change_is_shorter_or_longer() -> None:
    hours = datetime(2023, 3, 24, 23, tzinfo=UTC) + np.arange(0, 71) * timedelta(hours=1)
    data = pa.table({"ts": pa.array(list(hours), pa.timestamp("us", "UTC")), "x": np.arange(71.0)})
    made = timeline(data, zone="Europe/Berlin", against="previous")
    assert [(each.label, each.rows) for each in made.periods] == [
        ("2023-03-25", 24),
        ("2023-03-26", 23),
        ("2023-03-27", 24),
    ]


def test_halves_of_one_distribution_do_not_drift_apart_where_there_is_little_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(group_merging, "MOST_BYTES", 1)
    made = timeline(plain(range(12), rows=6_000))
    assert {each.status for each in made.periods[1:]} == {"ok"}
    bound = column(made, "x").error_bound
    assert bound is not None
    assert 0 < bound < 0.05


def test_rows_without_a_time_are_counted() -> None:
    untimed = plain(range(1)).set_column(0, "ts", pa.nulls(ROWS, pa.timestamp("s")))
    made = timeline(pa.concat_tables([plain(range(5)), untimed]))
    assert made.untimed == ROWS
    assert made.data.rows == 6 * ROWS
    assert sum(each.rows for each in made.periods) == 5 * ROWS


def test_columns_that_only_one_side_has_are_findings() -> None:
    base = plain(range(-5, 0)).append_column("old", pa.array(["o"] * 5 * ROWS))
    current = plain(range(5)).append_column("fresh", pa.array(np.arange(5 * ROWS) % 7))
    made = timeline(current, baseline=base)
    assert {(each.kind, each.column, each.status) for each in made.findings} == {
        ("lost_column", "old", "drift"),
        ("new_column", "fresh", "warn"),
    }
    assert (made.verdict, made.exit_code) == ("drift", 1)
    assert {each.name for each in made.columns} == {"x", "kind"}


def test_a_type_that_changed_is_a_finding_and_not_compared() -> None:
    base, current = plain(range(-5, 0)), plain(range(5))
    words = pa.array([f"step {n % 40}" for n in range(current.num_rows)])
    made = timeline(current.set_column(1, "x", words), baseline=base)
    (finding,) = made.findings
    assert (finding.kind, finding.column, finding.status) == ("type_change", "x", "drift")
    assert (column(made, "x").status, column(made, "x").cells) == ("drift", ())
    assert made.verdict == "drift"


def test_what_cannot_be_compared_is_listed() -> None:
    blobs = plain(range(5)).append_column("blob", pa.array([b"\xff"] * 5 * ROWS))
    blob = column(timeline(blobs), "blob")
    assert (blob.status, blob.kind) == ("skipped", "unsupported")
    assert blob.notes == ("values of type binary are not compared",)


def test_identifiers_and_times_are_not_gated_even_in_small_periods() -> None:
    data = pa.concat_tables([plain(range(20), rows=150), plain(range(20, 25), rows=40)])
    data = data.append_column("id", pa.array([f"u{at}" for at in range(data.num_rows)]))
    made = timeline(data.append_column("seen", data["ts"]))
    for name, note in (("id", "identifier"), ("seen", "timestamp")):
        found = column(made, name)
        assert (found.status, found.gated) == ("ok", False)
        assert found.notes[0].startswith(note)


def test_values_that_do_not_parse_are_told_by_period(tmp_path: Any) -> None:
    base, current = tmp_path / "base.csv", tmp_path / "current.csv"
    lines = [f"2023-01-{1 + at % 5:02d},{at % 7}" for at in range(500)]
    base.write_text("\n".join(["ts,x", *lines]))
    lines[11] = "2023-01-02,n.a."
    current.write_text("\n".join(["ts,x", *lines]))
    made = timeline(str(current), baseline=str(base))
    (finding,) = made.findings
    assert finding.message == "`x`: 1 value is not int64, first 'n.a.' in 2023-01-02"
    assert finding.status == "drift"


def test_a_column_that_is_empty_from_a_day_on_drifts_from_there() -> None:
    empty = plain(range(10, 20)).set_column(1, "x", pa.nulls(10 * ROWS, pa.float64()))
    (change,) = changes(timeline(pa.concat_tables([plain(range(10)), empty])), "x")
    assert (change.first, change.ongoing, change.score.metric) == (day(10), True, "missing")


def mistake(data: Any, error: type[DriftError], **options: Any) -> str:
    with pytest.raises(error) as raised:
        timeline(data, **options)
    return str(raised.value)


def test_mistakes_are_told() -> None:
    data = plain(range(5))
    assert mistake(data.slice(0, 0), InputError) == "data: no rows with a time in 'ts'"
    assert mistake(data, InputError, baseline="2030-01-01..") == (
        "data: no rows in the span of --baseline; they are of 2022-01-03 to 2022-01-07"
    )
    assert mistake(data, UsageError, baseline="2000-01-01..") == (
        "no period to compare (in the baseline); see --against, --baseline and --every"
    )
    assert mistake(data, UsageError, like="scipy") == (
        "a timeline has no numbers of other tools; leave out `like`"
    )
    texts = pa.array(["2022-01-03 00:00:00", "2022-01-03 00:00:00+01:00"])
    mixed = pa.table({"ts": texts, "x": [1.0, 2.0]})
    assert mistake(mixed, InputError).startswith("--time 'ts': not a column of times: failed to ")
    naive = pa.table({"ts": texts.slice(0, 1), "x": [1.0]})
    assert mistake(naive, InputError, zone="Europe/Berlin") == (
        "--timezone 'Europe/Berlin': the times of 'ts' have no zone that they could be put into"
        " another from; leave it out"
    )
    assert mistake(data, UsageError, zone="Mars/Phobos").startswith("--timezone 'Mars/Phobos': ")


def test_values_written_alike_in_the_baseline_are_said_to_be_so_in_both(tmp_path: Path) -> None:
    lines = [f"2022-01-0{1 + at % 4},$ {at % 50}.50" for at in range(400)]
    paths = [tmp_path / "before.csv", tmp_path / "now.csv"]
    for path in paths:
        path.write_text("\n".join(["ts,price", *lines]) + "\n")
    found = timeline(str(paths[1]), baseline=str(paths[0])).findings
    assert [each.message for each in found if each.kind == "read_as"] == [
        "`price` is read as numbers written like '$12.50'"
    ]


def test_keys_that_come_up_late_are_chosen_as_all_others(tmp_path: Path) -> None:
    rows = [{"ts": f"2022-01-0{1 + at // 15_000}", "x": at % 7} for at in range(40_000)]
    rows[35_000:] = [{**row, "late": 1} for row in rows[35_000:]]
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    made = timeline(str(path), selection=Selection(columns=["x"]))
    assert [each.name for each in made.columns] == ["x"]
