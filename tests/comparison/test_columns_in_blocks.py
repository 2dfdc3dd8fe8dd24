"""Columns whose rows move together, judged by blocks of rows."""

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace

from driftcli.comparison import compare_profiles
from driftcli.comparison.block_cells import named_rows
from driftcli.comparison.pair import pair_categories
from driftcli.config import Settings
from driftcli.profile import categories
from driftcli.profile.blocks import Blocks, RowBlock
from driftcli.profile.column import from_array
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.kinds import kind_of, type_name

DAYS = 14


def profile(table):
    columns = {
        field.name: from_array(field.name, table[field.name].combine_chunks(), kind_of(field.type))
        for field in table.schema
    }
    types = {field.name: type_name(field.type) for field in table.schema}
    return DatasetProfile("made", "arrow", table.num_rows, columns, types, schema=table.schema)


def dataset(days, *, blocks=True):
    """Return the profile of days, each a table, with the days as blocks or without."""
    whole = profile(pa.concat_tables(days, promote_options="permissive"))
    if not blocks:
        return whole
    each = [RowBlock(str(at), day.num_rows, profile(day).columns) for at, day in enumerate(days)]
    return replace(whole, blocks=Blocks("day", tuple(each)))


def a_day(rng, *, shift=0.0, rows=300, missing=None, names=None):
    """Return the rows of one day: what moves day by day moves in all columns."""
    moved = rng.normal(0, 0.3)
    late = rng.normal(moved + shift, 1, rows)
    odds = np.exp(rng.normal(0, 0.3, 4))
    share = rng.beta(2, 60) if missing is None else missing
    fixed = rng.normal(0, 1, rows)
    known = ["a", "b", "c", "d"]
    return pa.table(
        {
            "late": late,
            "carrier": rng.choice(known, rows, p=odds / odds.sum()),
            "noted": pa.array(fixed, mask=rng.random(rows) < share),
            "steady": fixed,
            "port": names if names is not None else rng.choice(known, rows),
            "words": [
                " ".join(["word"] * n) + f" {rng.random()}"
                for n in np.maximum(1, rng.poisson(np.exp(1.5 + moved), rows))
            ],
        }
    )


def some_days(seed, number=DAYS, **changes):
    rng = np.random.default_rng(seed)
    return [a_day(rng, **changes) for _ in range(number)]


def judged(baseline, current):
    report = compare_profiles(baseline, current, Settings())
    return {column.name: column for column in report.columns}


def drifted(baseline, current):
    return {name for name, each in judged(baseline, current).items() if each.status == "drift"}


class TestSeveralDays:
    def test_days_that_differ_are_no_drift(self):
        alarms = {True: 0, False: 0}
        for seed in range(12):
            before, after = some_days([0, seed], 7), some_days([1, seed], 7)
            for known in alarms:
                sides = [dataset(side, blocks=known) for side in (before, after)]
                alarms[known] += bool(drifted(*sides))
        assert alarms[True] <= 1
        assert alarms[False] >= 9

    def test_a_change_on_all_days_is_drift(self):
        before, after = some_days(0), some_days(1, shift=1.0)
        assert "late" in drifted(dataset(before), dataset(after))

    def test_rows_that_do_not_move_together_keep_their_noise(self):
        before, after = some_days(0), some_days(1)
        noises = []
        for known in (True, False):
            sides = [dataset(side, blocks=known) for side in (before, after)]
            scores = judged(*sides)["steady"].scores
            noises.append([(score.noise, score.p_value) for score in scores])
        assert noises[0] == noises[1]

    def test_the_noise_is_never_less_than_that_of_rows(self):
        before, after = some_days(0), some_days(1)
        by_blocks = judged(dataset(before), dataset(after))
        by_rows = judged(dataset(before, blocks=False), dataset(after, blocks=False))
        larger = 0
        for name, column in by_rows.items():
            for rows, blocks in zip(column.scores, by_blocks[name].scores, strict=True):
                assert rows.value == blocks.value
                assert (rows.noise or 0) <= (blocks.noise or 0)
                assert (rows.p_value or 0) <= (blocks.p_value or 0)
                larger += (rows.noise or 0) < (blocks.noise or 0)
        assert larger >= 6

    def test_values_that_one_side_alone_misses(self):
        before, after = some_days(0), some_days(1, missing=0.3)
        assert "noted" in drifted(dataset(before), dataset(after))

    def test_a_name_that_all_new_days_have(self):
        names = ["new"] * 30 + ["a", "b", "c"] * 90
        before, after = some_days(0), some_days(1, names=names)
        assert "port" in drifted(dataset(before), dataset(after))

    def test_a_name_of_one_day_is_what_days_have(self):
        """Each day has a name of its own, as of an event: that is no news of the next days."""
        before, after = some_days(0), some_days(1)
        for at, day in enumerate(before + after):
            named = pa.array([f"event {at}"] * 30 + day["port"].to_pylist()[30:])
            (before + after)[at] = day
            changed = day.set_column(day.column_names.index("port"), "port", named)
            (before if at < DAYS else after)[at % DAYS] = changed
        assert "port" in drifted(dataset(before, blocks=False), dataset(after, blocks=False))
        found = judged(dataset(before), dataset(after))["port"]
        new = next(score for score in found.scores if score.metric == "new")
        assert new.p_value > 0.05


class TestOneNight:
    def test_nights_that_differ_are_no_drift(self):
        alarms = 0
        for seed in range(12):
            before, after = some_days([0, seed], 28), some_days([1, seed], 1)
            alarms += bool(drifted(dataset(before), dataset(after)))
        assert alarms <= 1

    def test_a_night_beyond_all_others_is_drift(self):
        before, after = some_days(0, 28), some_days(1, 1, shift=4.0, missing=0.6)
        assert {"late", "noted"} <= drifted(dataset(before), dataset(after))

    def test_a_sunday_that_is_as_sundays_are(self):
        """Weekdays keep to a timetable, so that all days together differ by less than rows do."""
        hours = np.repeat(np.arange(6, 22), 20)
        weekday = pa.table({"hour": hours})
        sunday = pa.table({"hour": hours + (hours % 2 == 0) * (np.arange(hours.size) % 2)})
        before = [sunday if at % 7 == 6 else weekday for at in range(28)]
        night = dataset([sunday])
        assert drifted(dataset(before, blocks=False), night) == {"hour"}
        assert not drifted(dataset(before), night)
        assert drifted(dataset([weekday] * 28), night) == {"hour"}

    def test_a_night_of_another_name(self):
        names = ["new"] * 300
        before, after = some_days(0, 28), some_days(1, 1, names=names)
        assert "port" in drifted(dataset(before), dataset(after))


@pytest.mark.parametrize("number", [1, 2])
def test_too_few_blocks_are_judged_by_rows(number):
    before, after = some_days(0, number), some_days(1, number)
    assert judged(dataset(before), dataset(after)) == judged(
        dataset(before, blocks=False), dataset(after, blocks=False)
    )
    (told,) = said(dataset(before), dataset(after))
    assert told == (
        f"noise by day, {number} + {number}: too few to tell how they differ,"
        " so that rows are taken as independent"
    )


class TestKnownRuns:
    def test_the_other_side_is_one_block_where_it_has_none(self):
        before, after = some_days(0, 28), some_days(1, 1)
        known = judged(dataset(before), dataset(after))
        assert judged(dataset(before), dataset(after, blocks=False)) == known

    def test_a_block_without_values_counts_as_missing_all(self):
        before = some_days(0, 8)
        at = before[0].column_names.index("noted")
        before[3] = before[3].set_column(at, "noted", pa.nulls(300))
        assert "noted" not in drifted(dataset(before), dataset(some_days(1, 1)))


def said(baseline, current):
    report = compare_profiles(baseline, current, Settings())
    return [each.message for each in report.findings if each.kind == "blocks"]


class TestSaid:
    def test_how_many_rows_count_like_one(self):
        before, after = dataset(some_days(0)), dataset(some_days(1))
        columns = judged(before, after)
        effects = {name: each.design_effect for name, each in columns.items()}
        first = max(effects, key=effects.get)
        like = round(DAYS * 300 / effects[first])
        assert effects["steady"] == 1
        (told,) = said(before, after)
        assert told == (
            f"rows of a day move together: the 4,200 rows of {first} count like {like};"
            " noise by day, 14 + 14"
        )

    def test_what_differs_in_no_column(self):
        steady = [day.select(["steady"]) for day in some_days(0, 28)]
        night = [day.select(["steady"]) for day in some_days(1, 1)]
        assert said(dataset(steady), dataset(night)) == [
            "noise by day, 28 + 1, between which no column differs"
        ]

    def test_nothing_where_no_blocks_are_known(self):
        sides = [dataset(some_days(seed, 2), blocks=False) for seed in (0, 1)]
        assert said(*sides) == []
        assert all(each.design_effect is None for each in judged(*sides).values())


def test_names_of_blocks_that_a_coarsened_column_lost_are_rare():
    parts = [
        pa.table({"name": [f"{day}-{number}" for number in range(200)] + ["common"] * 50})
        for day in range(3)
    ]
    blocks = [profile(part).columns["name"] for part in parts]
    whole = categories.without_names(categories.merge([each.values for each in blocks]))
    pair = pair_categories(whole, whole)
    assert not len(pair.names)
    rows = named_rows(blocks, pair).in_bins(pair)
    assert rows.sum(axis=1).tolist() == [250.0] * 3
