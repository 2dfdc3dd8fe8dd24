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


def write_all(shift: float = 0.0) -> tuple[str, str]:
    """Write the same with all columns."""
    for seed, name in enumerate(("base.parquet", "new.parquet")):
        days = range(14 * seed, 14 * seed + 14)
        pq.write_table(some_days(seed, days, shift=shift * seed), name)
    return "base.parquet", "new.parquet"


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
        " is taken, so that rows are taken as independent (--block at:1d takes one)"
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


def saved(drift: Drift, *arguments: str) -> str:
    ended = drift("profile", *arguments)
    assert ended.code == 0, ended.err
    return ended.err


class TestSavedProfiles:
    """They keep the blocks of their rows, and are compared by them as their data is."""

    def test_days_are_kept(self, drift: Drift) -> None:
        base, new = write()
        assert "2 columns of" not in (told := saved(drift, base, "-o", "base.profile"))
        assert "of 4,200 rows, in 14 blocks by day of at; " in told
        assert drift("compare", "base.profile", new).code == 0
        (as_data,) = said(drift, base, new)
        (as_profile,) = said(drift, "base.profile", new)
        assert as_profile.split("; ")[1:] == as_data.split("; ")[1:]
        assert "rows of late count like" in as_profile
        assert said(drift, "base.profile", new, "--block", "none") == []
        assert drift("compare", "base.profile", new, "--block", "none").code == 1

    def test_both_sides_may_be_profiles(self, drift: Drift) -> None:
        for name in write():
            saved(drift, name, "-o", name.replace("parquet", "profile"))
        assert drift("compare", "base.profile", "new.profile").code == 0
        (told,) = said(drift, "base.profile", "new.profile")
        assert "noise by day of at, 14 + 14" in told
        (told,) = said(drift, "base.parquet", "new.profile")
        assert "noise by day of at, 14 + 14" in told

    def test_a_change_on_all_days_is_drift(self, drift: Drift) -> None:
        base, new = write(shift=1.5)
        saved(drift, base, "-o", "base.profile")
        assert drift("compare", "base.profile", new).code == 1

    def test_longer_periods_are_made_of_them(self, drift: Drift) -> None:
        base, new = write()
        saved(drift, base, "-o", "base.profile")
        (told,) = said(drift, "base.profile", new, "--block", "at:1w")
        assert "noise by week of at, 3 + 3" in told

    @pytest.mark.parametrize(
        ("block", "told_as"), [("at:1h", "hour of at"), ("steady", "value of steady")]
    )
    def test_others_are_not_known_and_that_is_said(
        self, drift: Drift, block: str, told_as: str
    ) -> None:
        base, new = write()
        saved(drift, base, "-o", "base.profile")
        (told,) = said(drift, "base.profile", new, "--block", block)
        assert told == (
            f"base.profile keeps its rows by day of at, and not by {told_as}: rows are taken as"
            f" independent; `drift profile` with --block {block} keeps its blocks"
        )

    def test_blocks_of_other_columns_are_none_of_these(self, drift: Drift) -> None:
        base, new = write_all(shift=1.5)
        saved(drift, base, "-o", "days.profile")
        saved(drift, base, "-o", "shops.profile", "--block", "shop")
        for by, other, block in (("days", "shops", "shop"), ("shops", "days", "at")):
            saved(drift, new, "-o", "new.profile", "--block", block)
            (told,) = said(drift, f"{by}.profile", "new.profile", "--exclude", "shop")
            assert "rows are taken as independent" in told, other
            code = drift("compare", f"{by}.profile", "new.profile", "--columns", "late").code
            assert code == 1

    def test_blocks_of_other_columns_are_not_merged(self, drift: Drift) -> None:
        base, new = write_all()
        saved(drift, base, "-o", "base.profile")
        saved(drift, new, "-o", "new.profile", "--block", "shop")
        ran = drift("merge", "base.profile", "new.profile", "-o", "both.profile")
        assert ran.code == 2
        assert " ".join(ran.err.split()) == (
            "drift: new.profile: its rows are in blocks by value of shop, and those of"
            " base.profile by day of at; make both with one --block"
        )

    def test_a_night_is_one_block(self, drift: Drift) -> None:
        pq.write_table(some_days(0, range(28)), "base.parquet")
        pq.write_table(some_days(2, range(28, 29), shift=0.5), "night.parquet")
        saved(drift, "base.parquet", "-o", "base.profile")
        saved(drift, "night.parquet", "-o", "night.profile")
        for night in ("night.parquet", "night.profile"):
            (told,) = said(drift, "base.profile", night, "--exclude", "shop,paid")
            assert "noise by day of at, 28 + 1" in told
            assert drift("compare", "base.profile", night, "--exclude", "shop,paid").code == 0

    def test_a_profile_of_a_profile_keeps_what_it_keeps(self, drift: Drift) -> None:
        base, _ = write()
        saved(drift, base, "-o", "base.profile", "--keep-rows", "900")
        told = saved(drift, "base.profile", "-o", "fewer.profile", "--keep-rows", "100")
        assert "14 blocks by day of at" in told
        assert driftcli.Profile.load("fewer.profile")._held.rows_kept.rows.num_rows == 100
        saved(drift, base, "-o", "none.profile")
        ran = drift("profile", "none.profile", "-o", "again.profile", "--keep-rows", "100")
        assert ran.code == 2
        assert ran.err == (
            "drift: none.profile: a profile has no rows, which --keep-rows needs; give data, or"
            " make it with drift profile --keep-rows N\n"
        )

    def test_entities_are_kept(self, drift: Drift) -> None:
        pq.write_table(some_days(0, range(14)), "base.parquet")
        pq.write_table(some_days(1, range(14, 28)), "new.parquet")
        told = saved(drift, "base.parquet", "-o", "base.profile", "--block", "shop")
        assert "blocks by value of shop; " in told
        options = "--exclude", "shop", "--threshold", "late.*=off"
        assert drift("compare", "base.profile", "new.parquet", *options).code == 0
        (told,) = said(drift, "base.profile", "new.parquet", *options)
        assert told.startswith("rows of a value of shop move together: the 4,200 rows of paid")

    def test_halves_of_the_same_days_are_a_split_of_rows(self, drift: Drift) -> None:
        table = some_days(0, range(14))
        half = np.random.default_rng(1).random(table.num_rows) < 0.5
        pq.write_table(table.filter(pa.array(half)), "base.parquet")
        pq.write_table(table.filter(pa.array(~half)), "new.parquet")
        saved(drift, "base.parquet", "-o", "base.profile")
        assert said(drift, "base.profile", "new.parquet") == []

    def test_columns_that_are_renamed_or_left_out(self, drift: Drift) -> None:
        base, new = write()
        saved(drift, base, "-o", "base.profile", "--rename", "at=when", "--exclude", "steady")
        renamed = "--rename", "at=when"
        (told,) = said(drift, "base.profile", new, *renamed)
        assert "noise by day of when, 14 + 14" in told
        (told,) = said(drift, "base.profile", new, *renamed, "--exclude", "when")
        assert "noise by day of when, 14 + 14" in told

    def test_of_several_times_none_is_kept_and_that_is_said(self, drift: Drift) -> None:
        for name in write():
            table = pq.read_table(name)
            pq.write_table(table.append_column("until", table["at"]), name)
        told = saved(drift, "base.parquet", "-o", "base.profile")
        assert told.splitlines()[1] == (
            "drift: several columns say which day rows are of: 'at', 'until'; --block at:1d keeps"
            " its days"
        )
        told = saved(drift, "base.parquet", "-o", "base.profile", "--block", "until:1d")
        assert "in 14 blocks by day of until; " in told

    def test_redacted_ones_keep_them_without_counts_of_few_rows(self, drift: Drift) -> None:
        base, new = write()
        saved(drift, base, "-o", "public.profile", "--redact")
        assert drift("compare", "public.profile", new).code == 0
        (told,) = said(drift, "public.profile", new)
        assert "noise by day of at, 14 + 14" in told

    def test_python_keeps_them_too(self, drift: Drift, tmp_path: Path) -> None:
        base, new = (pq.read_table(name) for name in write())
        driftcli.Profile.of(base).save(tmp_path / "base.profile")
        assert (
            driftcli.compare(driftcli.Profile.load(tmp_path / "base.profile"), new).exit_code == 0
        )
        assert driftcli.compare(driftcli.Profile.of(base, block="none"), new).exit_code == 1


class TestMergedProfiles:
    def test_days_of_all_parts_are_blocks(self, drift: Drift) -> None:
        names = []
        for day in range(10):
            pq.write_table(some_days(day, range(day, day + 1)), f"{day}.parquet")
            names.append(f"{day}.parquet" if day % 2 else f"{day}.profile")
            saved(drift, f"{day}.parquet", "-o", f"{day}.profile")
        told = drift("merge", *names, "-o", "all.profile").err
        assert "of 3,000 rows, in 10 blocks by day of at; " in told

    def test_parts_without_times_are_blocks(self, drift: Drift) -> None:
        for day in range(12):
            level = 0.8 * (day == 11)
            table = some_days(day, range(day, day + 1), shift=level).select(["late", "steady"])
            pq.write_table(table, f"{day}.parquet")
            saved(drift, f"{day}.parquet", "-o", f"{day}.profile")
        some = [f"{day}.profile" for day in range(11)]
        told = drift("merge", *some, "-o", "all.profile").err
        assert "in 11 blocks by part; " in told
        (told,) = said(drift, "all.profile", "11.parquet")
        assert told.startswith("rows of a part move together: the 300 rows of late count like ")
        assert told.endswith("; noise by part, 11 + 1; --block none for independent rows")
        assert drift("compare", "all.profile", "11.parquet").code == 0
        assert drift("compare", "all.profile", "11.parquet", "--block", "none").code == 1


def independent(drift: Drift, *arguments: str) -> list[str]:
    document = json.loads(drift("compare", *arguments, "-f", "json").out)
    kinds = "blocks", "independent_rows"
    return [each["message"] for each in document["findings"] if each["kind"] in kinds]


class TestIndependentRows:
    """Where nothing says which rows move together, and something alarms, that is said."""

    def test_no_column_of_times(self, drift: Drift) -> None:
        for name in write():
            pq.write_table(pq.read_table(name).drop_columns("at"), name)
        sides = "base.parquet", "new.parquet"
        (told,) = independent(drift, *sides)
        assert told == (
            "rows are taken as independent, since no column of times says which move together;"
            " --block COLUMN says that those with one value in it do"
        )
        assert told not in " ".join(drift("compare", *sides).out.split())
        assert told in " ".join(drift("compare", *sides, "--all").out.split())
        assert independent(drift, *sides, "--block", "none") == []

    def test_nothing_alarms(self, drift: Drift) -> None:
        pq.write_table(some_days(0, range(3)).select(["steady"]), "base.parquet")
        pq.write_table(some_days(1, range(3)).select(["steady"]), "new.parquet")
        assert independent(drift, "base.parquet", "new.parquet") == []

    def test_a_profile_without_blocks(self, drift: Drift) -> None:
        base, new = write()
        saved(drift, base, "-o", "base.profile", "--block", "none")
        (told,) = independent(drift, "base.profile", new)
        assert told == (
            "base.profile keeps no blocks of its rows, so that rows are taken as independent;"
            " `drift profile` with --block at:1d makes it again, and keeps its days"
        )


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


def folders(name: str, days: range, form: str, shift: float = 0.0) -> str:
    """Write a folder for each day, of rows without times."""
    for day in days:
        date = np.datetime64(FIRST + day, "D")
        year, month, number = str(date).split("-")
        made = {"day": date, "dt": f"{year}{month}{number}", "year": f"{year}/month={month}/day"}
        value = f"{made[form]}={number}" if form == "year" else made[form]
        path = Path(name, f"{form}={value}")
        path.mkdir(parents=True)
        rows = some_days(day, range(day, day + 1), shift=shift).select(["late", "steady"])
        pq.write_table(rows, path / "part.parquet")
    return name


class TestFoldersOfDays:
    """Each folder `day=2022-01-08` is a block: it says which day its rows are of."""

    @pytest.mark.parametrize("form", ["day", "dt", "year"])
    def test_they_are_blocks(self, drift: Drift, form: str) -> None:
        sides = folders("base", range(14), form), folders("new", range(14, 28), form)
        (told,) = said(drift, *sides)
        named = {"day": "day", "dt": "day of dt", "year": "day"}[form]
        assert told.endswith(f"; noise by {named}, 14 + 14; --block none for independent rows")
        assert drift("compare", *sides).code == 0
        saved(drift, "base", "-o", "base.profile")
        (told,) = said(drift, "base.profile", "new")
        assert f"; noise by {named}, 14 + 14" in told

    def test_a_night_is_one(self, drift: Drift) -> None:
        folders("base", range(28), "day")
        folders("night", range(28, 29), "day", shift=0.8)
        (told,) = said(drift, "base", "night")
        assert "; noise by day, 28 + 1; " in told
        assert drift("compare", "base", "night").code == 0
        assert drift("compare", "base", "night", "--block", "none").code == 1

    def test_they_come_before_columns_of_times(self, drift: Drift) -> None:
        for name, days in (("base", range(14)), ("new", range(14, 28))):
            for day in days:
                path = Path(name, f"day={np.datetime64(FIRST + day, 'D')}")
                path.mkdir(parents=True)
                pq.write_table(some_days(day, range(day, day + 1)), path / "part.parquet")
        (told,) = said(drift, "base", "new", "--exclude", "shop")
        assert "; noise by day, 14 + 14; " in told

    def test_other_folders_are_none(self, drift: Drift) -> None:
        for name, days in (("base", range(14)), ("new", range(14, 28))):
            for day in days:
                path = Path(name, f"day={day}")
                path.mkdir(parents=True)
                rows = some_days(day, range(day, day + 1)).select(["steady"])
                pq.write_table(rows, path / "part.parquet")
        assert said(drift, "base", "new") == []


class TestKeptRows:
    def test_a_profile_with_rows_is_told_apart_by_any_column(self, drift: Drift) -> None:
        pq.write_table(some_days(0, range(14)), "base.parquet")
        pq.write_table(some_days(1, range(14, 28)), "new.parquet")
        told = saved(drift, "base.parquet", "-o", "base.profile", "--keep-rows", "3000")
        assert "in 14 blocks by day of at, with 3,000 rows kept; " in told
        (told,) = said(drift, "base.profile", "new.parquet", "--block", "shop")
        assert "noise by value of shop, 20 + " in told
        shown = json.loads(drift("show", "base.profile", "-f", "json").out)
        assert (shown["blocks"], shown["block_count"], shown["kept_rows"]) == (
            "day of at",
            14,
            3000,
        )
        assert "14 blocks by day of at, 3,000 rows kept" in drift("show", "base.profile").out

    def test_pairs_of_columns_are_judged_from_them(self, drift: Drift) -> None:
        for seed, name in enumerate(("base", "new")):
            pq.write_table(some_days(seed, range(14 * seed, 14 * seed + 14)), f"{name}.parquet")
            saved(drift, f"{name}.parquet", "-o", f"{name}.profile", "--keep-rows", "2000")
        for sides in (("base.profile", "new.parquet"), ("base.parquet", "new.profile")):
            ended = drift("joint", *sides, "-f", "json")
            assert ended.code == 0, ended.err
            document = json.loads(ended.out)
            sampled = [document[side]["sampled_rows"] for side in ("baseline", "current")]
            assert 2000 in sampled
        drift("merge", "base.profile", "new.profile", "-o", "both.profile")
        assert json.loads(drift("show", "both.profile", "-f", "json").out)["kept_rows"] == 2000

    def test_without_rows_it_is_said_what_to_do(self, drift: Drift) -> None:
        base, new = write()
        saved(drift, base, "-o", "base.profile", "--redact")
        ended = drift("joint", "base.profile", new)
        assert ended.code == 2
        assert ended.err == (
            "drift: base.profile: a profile has no rows, nor tables of pairs, which drift joint"
            " needs; give data, or make it with drift profile --keep-rows N\n"
        )

    def test_they_are_never_redacted_ones(self, drift: Drift, tmp_path: Path) -> None:
        base, _ = write()
        ended = drift("profile", base, "-o", "base.profile", "--keep-rows", "9", "--redact")
        assert (ended.code, ended.err) == (
            2,
            "drift: --keep-rows keeps rows as they are, and --redact must not; leave one out\n",
        )
        profile = driftcli.Profile.of(base, keep_rows=9)
        with pytest.raises(driftcli.DriftError, match="keeps rows as they are"):
            profile.save(tmp_path / "public.profile", redact=True)
        profile.save(tmp_path / "rows.profile")
        told = saved(drift, str(tmp_path / "rows.profile"), "-o", "public.profile", "--redact")
        assert "rows kept" not in told
        assert json.loads(drift("show", "public.profile", "-f", "json").out)["kept_rows"] == 0


@pytest.mark.parametrize("current", ["new/day=2025-01-30", "new/day=2025-01-30/part.parquet"])
def test_a_folder_that_names_its_day_is_one_block(drift: Drift, current: str) -> None:
    rng = np.random.default_rng(3)
    for day in range(1, 31):
        folder = Path("new" if day == 30 else "old", f"day=2025-01-{day:02}")
        folder.mkdir(parents=True)
        values = rng.normal(rng.normal(), 1, 500)
        pq.write_table(pa.table({"late": values}), folder / "part.parquet")
    ran = drift("compare", "old", current)
    assert ran.code == 0
    assert "noise by day, 29 + 1" in " ".join(ran.out.split())
    assert "day" not in json.loads(drift("compare", "old", current, "-f", "json").out)["columns"]
    assert said(drift, "old", current, "--block", "day:1d")[0].endswith("noise by day, 29 + 1")
    assert drift("compare", "old", current, "--block", "none").code == 1
    saved(drift, current, "-o", "night.profile")
    assert drift("compare", "old", "night.profile").code == 0
    for day in range(1, 8):
        saved(drift, f"old/day=2025-01-0{day}", "-o", f"{day}.profile")
    drift("merge", *[f"{day}.profile" for day in range(1, 8)], "-o", "days.profile")
    assert "noise by day, 7 + 1" in said(drift, "days.profile", current)[0]


@pytest.mark.parametrize("saved_first", [False, True])
def test_values_that_cannot_be_told_apart_make_no_blocks(drift: Drift, saved_first: bool) -> None:
    values = pa.array([[(1, 2)]] * 100, pa.map_(pa.int8(), pa.int8()))
    pq.write_table(pa.table({"l": [[1]] * 100, "m": values, "v": range(100)}), "a.parquet")
    side = "a.parquet"
    if saved_first:
        side = "a.profile"
        saved(drift, "a.parquet", "--keep-rows", "50", "-o", side)
    for column, kind in (("l", "list<int64>"), ("m", "map<int8, int8 ('m')>")):
        ran = drift("compare", side, "a.parquet", "--block", column)
        assert ran.code == 2
        assert ran.err == (
            f"drift: --block: {column!r} holds {kind}, whose values tell no rows apart; name a"
            " column of texts, whole numbers, dates or times\n"
        )


def test_folders_of_other_words_than_days_are_no_days(drift: Drift) -> None:
    rng = np.random.default_rng(3)
    for name in ("old/shop=a", "new/shop=b"):
        Path(name).mkdir(parents=True)
        pq.write_table(pa.table({"late": rng.normal(size=500)}), f"{name}/part.parquet")
    ran = drift("compare", "old/shop=a", "new/shop=b", "--block", "shop:1d")
    assert ran.err == "drift: --block: no column 'shop'; known: late\n"
    ran = drift("compare", "old", "new", "--block", "shop:1d")
    assert ran.err == (
        "drift: --block: 'shop' holds string and no times; leave out ':1d', or name a column of"
        " times\n"
    )
