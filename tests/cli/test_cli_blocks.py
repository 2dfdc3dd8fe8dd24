"""Rows that move together: found by their days, or named by --block."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from cli_runs import Drift

import driftcli
from driftcli.pipeline import inputs

DAY, ROWS = 86_400, 300
FIRST = 19_000


def some_days(seed: int, days: range, *, shift: float = 0.0, rows: int = ROWS) -> pa.Table:
    """Return days whose rows move together, of shops that each have a level of their own."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(days.start, days.stop), rows)
    late = rng.normal(np.repeat(rng.normal(shift, 0.4, len(days)), rows), 1)
    shop = rng.integers(0, 20, day.size) + 20 * (seed % 2)
    level = rng.normal(0, 1.0, 40)[shop]
    at = (FIRST + day) * DAY + rng.integers(0, DAY, day.size)
    return pa.table(
        {
            "at": pa.array(at).cast(pa.timestamp("s")),
            "late": late,
            "steady": rng.normal(0, 1, day.size),
            "paid": level + rng.normal(0, 1, day.size),
            "shop": [f"shop {each}" for each in shop],
        }
    )


def write(form: str = "parquet", shift: float = 0.0) -> tuple[str, str]:
    """Write two weeks and the two weeks after them."""
    names = f"base.{form}", f"new.{form}"
    for seed, name in enumerate(names):
        table = some_days(seed, range(14 * seed, 14 * seed + 14), shift=shift * seed)
        table = table.drop_columns(["paid", "shop"])
        if form == "csv":
            pa.csv.write_csv(table, name)
        else:
            pq.write_table(table, name)
    return names


def said(drift: Drift, *arguments: str) -> list[str]:
    document = json.loads(drift("compare", *arguments, "-f", "json").out)
    return [each["message"] for each in document["findings"] if each["kind"] == "blocks"]


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_days_are_blocks_where_the_sides_are_of_other_days(drift: Drift, form: str) -> None:
    sides = write(form)
    assert drift("compare", *sides).code == 0
    assert drift("compare", *sides, "--block", "none").code == 1
    (told,) = said(drift, *sides)
    assert told.startswith("rows of a day move together: the 4,200 rows of late count like ")
    assert told.endswith("; noise by day of at, 14 + 14; --block none for independent rows")
    assert "rows of a day move together" in drift("compare", *sides).out
    assert said(drift, *sides, "--block", "none") == []


def test_a_change_on_all_days_is_drift(drift: Drift) -> None:
    assert drift("compare", *write(shift=1.5)).code == 1


def test_sides_that_share_their_days_are_a_split_of_rows(drift: Drift) -> None:
    table = some_days(0, range(14))
    half = np.random.default_rng(1).random(table.num_rows) < 0.5
    pq.write_table(table.filter(pa.array(half)), "base.parquet")
    pq.write_table(table.filter(pa.array(~half)), "new.parquet")
    assert said(drift, "base.parquet", "new.parquet") == []


def test_days_of_few_rows_and_few_days_are_no_blocks(drift: Drift) -> None:
    pq.write_table(some_days(0, range(100), rows=3), "base.parquet")
    pq.write_table(some_days(1, range(100, 200), rows=3), "new.parquet")
    assert said(drift, "base.parquet", "new.parquet") == []
    pq.write_table(some_days(0, range(3)), "base.parquet")
    pq.write_table(some_days(1, range(3, 6)), "new.parquet")
    assert said(drift, "base.parquet", "new.parquet") == []


def test_of_several_times_none_is_taken(drift: Drift) -> None:
    for name in write():
        table = pq.read_table(name)
        pq.write_table(table.append_column("until", table["at"]), name)
    (told,) = said(drift, "base.parquet", "new.parquet")
    assert told == (
        "rows of a day may move together, and several columns say which day: 'at', 'until'; none"
        " is taken, so that rows are independent (--block at:1d takes one)"
    )
    (told,) = said(drift, "base.parquet", "new.parquet", "--block", "until:1d")
    assert told.endswith("noise by day of until, 14 + 14")


@pytest.mark.parametrize(
    ("block", "end"),
    [
        ("at:1d", "noise by day of at, 14 + 14"),
        ("at", "noise by day of at, 14 + 14"),
        ("at:2d", "noise by 2 days of at, 7 + 7"),
        ("at:12h", "noise by 12 hours of at, 28 + 28"),
    ],
)
def test_a_length_of_time_may_be_named(drift: Drift, block: str, end: str) -> None:
    (told,) = said(drift, *write(), "--block", block)
    assert told.endswith(end)
    Path("drift.toml").write_text(f'block = "{block}"\n')
    assert said(drift, "base.parquet", "new.parquet") == [told]


def test_rows_of_an_entity_move_together(drift: Drift) -> None:
    pq.write_table(some_days(0, range(14)), "base.parquet")
    pq.write_table(some_days(1, range(14, 28)), "new.parquet")
    sides = "base.parquet", "new.parquet", "--exclude", "shop", "--threshold", "late.*=off"
    assert drift("compare", *sides, "--block", "none").code == 1
    assert drift("compare", *sides, "--block", "shop").code == 0
    (told,) = said(drift, *sides, "--block", "shop")
    assert told.startswith("rows of a value of shop move together: the 4,200 rows of paid count")
    assert told.endswith("noise by value of shop, 20 + 20")


def test_what_is_no_block_is_an_error(drift: Drift) -> None:
    sides = write()
    ended = drift("compare", *sides, "--block", "att:1d")
    assert (ended.code, ended.err) == (2, "drift: --block: no column 'att'; did you mean 'at'?\n")
    ended = drift("compare", *sides, "--block", "at:1y")
    assert ended.code == 2
    assert "--block '1y': expected a number and h, d, w or mo" in ended.err
    ended = drift("compare", *sides, "--block", "late:1d")
    assert ended.code == 2
    assert ended.err == (
        "drift: --block: 'late' holds double and no times; leave out ':1d', or name a column of"
        " times\n"
    )
    Path("drift.toml").write_text('block = "att"\n')
    ended = drift("compare", *sides)
    assert ended.code == 2
    assert "drift.toml: block: no column 'att'; did you mean 'at'?" in ended.err


def test_a_profile_has_no_rows_to_tell_apart(drift: Drift) -> None:
    base, new = write()
    drift("profile", base, "-o", "base.profile")
    assert said(drift, "base.profile", new, "--block", "at:1d") == [
        "base.profile has no rows to tell apart by 'at': rows are independent"
    ]


def test_days_of_a_sample_are_blocks_as_well(drift: Drift) -> None:
    sides = write()
    sampled = *sides, "--sample", "1500"
    assert drift("compare", *sampled, "--block", "none").code == 1
    assert drift("compare", *sampled).code == 0
    (told,) = said(drift, *sampled)
    assert told.startswith("rows of a day move together: the 1,500 rows of late count like ")
    assert said(drift, *sampled, "-c", "late", "--block", "at:1d") == [
        told.removesuffix("; --block none for independent rows")
    ]


@pytest.mark.parametrize(("tool", "by_rows"), [("evidently", 1), ("nannyml", 0), ("scipy", 0)])
def test_scores_of_other_tools_are_judged_by_days_as_well(
    drift: Drift, tool: str, by_rows: int
) -> None:
    sides = write()
    alike = *sides, "--like", tool
    assert drift("compare", *alike, "--block", "none").code == by_rows
    assert drift("compare", *alike).code == 0
    assert said(drift, *alike) == said(drift, *sides)
    moved = write(shift=1.5)
    assert drift("compare", *moved, "--like", tool).code == 1


def write_shops(moved: float = 0.0) -> tuple[str, ...]:
    """Write two weeks and the two weeks after, of five shops that each have days of their own.

    In the last two weeks numbers of the first shop are higher by so much.
    """
    names = "base.parquet", "new.parquet"
    for late, name in enumerate(names):
        some = []
        for shop in range(5):
            days = range(14 * late, 14 * late + 14)
            table = some_days(100 + 2 * shop + late, days, shift=moved * late * (shop == 0))
            table = table.drop_columns(["paid", "shop"])
            some.append(table.append_column("shop", pa.array([f"{shop}"] * table.num_rows)))
        pq.write_table(pa.concat_tables(some), name)
    return *names, "--by", "shop"


def segments(drift: Drift, *arguments: str) -> dict[str, str]:
    document = json.loads(drift("compare", *arguments, "-f", "json").out)
    return {each["label"]: each["status"] for each in document["segments"]["segments"]}


@pytest.mark.parametrize("block", [(), ("--block", "at:1d")])
def test_days_are_blocks_within_segments(drift: Drift, block: tuple[str, ...]) -> None:
    sides = write_shops()
    assert list(segments(drift, *sides, "--block", "none").values()).count("drift") >= 3
    assert "drift" not in segments(drift, *sides, *block).values()
    moved = segments(drift, *write_shops(2.0), *block)
    assert moved.pop("0") == "drift"
    assert "drift" not in moved.values()


def test_few_rows_of_each_segment_are_enough(drift: Drift, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "DRAWN_ROWS", 1_000)
    assert "drift" not in segments(drift, *write_shops()).values()
    assert segments(drift, *write_shops(2.0))["0"] == "drift"


def test_a_segment_of_too_few_days_says_so(drift: Drift) -> None:
    base, new, *by = write_shops()
    for name, days in ((base, [0, 1]), (new, [14, 15])):
        table = pq.read_table(name)
        at = table["at"].cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()
        of_days = np.isin(at // DAY - FIRST, days)
        rare = np.isin(table["shop"].to_numpy(zero_copy_only=False), ["3", "4"])
        pq.write_table(table.filter(pa.array(of_days | ~rare)), name)
    told = said(drift, base, new, *by)
    assert told[-1] == (
        "too few blocks (day) to tell how they differ in 3, 4: rows of these segments are"
        " independent"
    )


def test_segments_that_are_blocks_say_so(drift: Drift) -> None:
    told = said(drift, *write_shops(), "--block", "shop")
    assert told[-1] == (
        "too few blocks (value) to tell how they differ in 0, 1, 2 and 2 more: rows of these"
        " segments are independent"
    )


def test_python_takes_it_too(drift: Drift) -> None:
    base, new = (pq.read_table(name) for name in write())
    assert driftcli.compare(base, new).exit_code == 0
    assert driftcli.compare(base, new, block="none").exit_code == 1
    assert driftcli.compare(base, new, block="at:1d").exit_code == 0


def test_none_takes_periods_of_a_timeline_as_independent_rows(drift: Drift) -> None:
    pq.write_table(some_days(0, range(30)), "base.parquet")
    timeline = "timeline", "base.parquet", "--time", "at", "--every", "1d"
    assert drift(*timeline).code == 0
    Path("drift.toml").write_text('block = "none"\n')
    assert drift(*timeline).code == 1


def test_very_many_days_make_longer_blocks_that_are_alike_on_both_sides(drift: Drift) -> None:
    pq.write_table(some_days(0, range(900), rows=6), "base.parquet")
    pq.write_table(some_days(1, range(900, 1000), rows=6), "new.parquet")
    (told,) = said(drift, "base.parquet", "new.parquet", "--block", "at:1d")
    assert told.endswith("noise by 4 days of at, 225 + 25")
