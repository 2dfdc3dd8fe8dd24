"""Times that are all one moment, to come, or from before all that was known."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftcli.comparison import compare_profiles
from driftcli.config import ColumnSettings, Levels, Settings, load
from driftcli.engine import profile
from driftcli.metrics import METRICS
from driftcli.pipeline.comparing import run
from driftcli.pipeline.inputs import Reading
from driftcli.pipeline.selection import Selection
from driftcli.source.memory import MemorySource

TODAY = date(2026, 11, 29)
START = datetime(2026, 10, 1, tzinfo=UTC)
HOURS = [START + timedelta(hours=at) for at in range(600)]
LATER = [each + timedelta(days=25) for each in HOURS]


def times(values, type_=None):
    zone = pa.timestamp("us", "UTC") if type_ is None else type_
    return pa.table({"t": pa.array(values, zone), "v": [at % 7 for at in range(len(values))]})


def found(base, new, settings=None, today=TODAY):
    sides = [profile(MemorySource(table), {}).whole for table in (base, new)]
    report = compare_profiles(*sides, settings or Settings(), today=today)
    told = {
        *("collapsed_times", "future_times", "early_times"),
        *("sentinel_times", "moved_clock"),
    }
    return report, [each for each in report.findings if each.kind in told]


def test_times_that_move_on_are_nothing():
    report, findings = found(times(HOURS), times(LATER))
    assert (report.verdict, findings) == ("ok", [])


@pytest.mark.parametrize(
    "moment",
    [datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 10, 9, 12, tzinfo=UTC)],
)
@pytest.mark.parametrize("share", [1.0, 0.95])
def test_a_span_that_collapses_is_drift(moment, share):
    held = int(600 * share)
    report, [finding] = found(times(HOURS), times([moment] * held + LATER[held:]))
    assert (report.exit_code, finding.kind, finding.status) == (1, "collapsed_times", "drift")
    many = "all" if share == 1 else "570 of 600"
    shown = str(moment.replace(tzinfo=None)).removesuffix(" 00:00:00")
    assert finding.message == f"`t`: {many} times are {shown}; the baseline's are spread"


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_dates_collapse_in_every_unit(unit):
    kind = pa.timestamp(unit, "UTC")
    _, [finding] = found(times(HOURS, kind), times([datetime(1970, 1, 1, tzinfo=UTC)] * 600, kind))
    assert finding.kind == "collapsed_times"


def test_a_batch_of_one_day_is_no_collapse():
    days = [date(2026, 10, 1) + timedelta(days=at % 30) for at in range(3000)]
    for day in (date(2026, 10, 31), date(2026, 10, 15), date(2026, 9, 30)):
        _, findings = found(times(days, pa.date32()), times([day] * 130, pa.date32()))
        assert [each.kind for each in findings] in ([], ["early_times"]), day
    _, [finding] = found(times(days, pa.date32()), times([date(1970, 1, 1)] * 130, pa.date32()))
    assert finding.kind == "collapsed_times"


def test_one_moment_on_both_sides_moves_on():
    nights = times([START] * 600), times([START + timedelta(days=1)] * 600)
    assert found(*nights)[1] == []


def test_times_to_come_are_a_warning():
    new = [*LATER[:-1], datetime(2062, 1, 1, tzinfo=UTC)]
    report, [finding] = found(times(HOURS), times(new))
    assert (report.verdict, report.exit_code, finding.kind) == ("warn", 0, "future_times")
    assert finding.message == (
        "`t`: holds times to come, up to 2062-01-01; the baseline's last is 2026-10-25 23:00:00"
    )
    assert found(times(HOURS), times(new), today=date(2062, 1, 2))[1] == []


def test_an_open_end_on_both_sides_is_nothing():
    forever = datetime(9999, 12, 31, tzinfo=UTC)
    base, new = ([*side[:500], *[forever] * 100] for side in (HOURS, LATER))
    assert found(times(base), times(new))[1] == []
    assert found(times(LATER), times(new))[1][0].kind == "future_times"


def test_due_dates_may_lie_ahead():
    base = [START + timedelta(days=at % 14) for at in range(600)]
    new = [datetime(2026, 11, 29, tzinfo=UTC) + timedelta(days=at % 14) for at in range(600)]
    assert found(times(base), times(new))[1] == []


def test_times_before_all_that_were_known_are_a_warning():
    report, [finding] = found(times(LATER), times([each - timedelta(days=300) for each in HOURS]))
    assert (report.verdict, finding.kind) == ("warn", "early_times")
    assert finding.message == (
        "`t`: all times are before the baseline's first, 2026-10-26: "
        "2025-12-05 to 2025-12-29 23:00:00"
    )


@pytest.mark.parametrize("first", [date(1970, 1, 1), date(1900, 1, 1), date(1, 1, 1)])
@pytest.mark.parametrize(("many", "share"), [(1, "0.17 %"), (60, "10 %")])
def test_some_times_far_before_all_that_were_known_are_a_warning(first, many, share):
    new = [datetime(first.year, 1, 1, tzinfo=UTC)] * many + LATER[many:]
    report, [finding] = found(times(HOURS), times(new))
    assert (report.verdict, finding.kind) == ("warn", "early_times")
    assert finding.message == (
        f"`t`: {share} of the times are far before the baseline's first, 2026-10-01: "
        f"the earliest is {first}"
    )


SENTINELS = (
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1900, 1, 1, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2099, 12, 31, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
)


def with_sentinel(moment, before, after):
    return [
        times([*side[: 600 - many], *[moment] * many])
        for side, many in ((HOURS, before), (LATER, after))
    ]


@pytest.mark.parametrize("moment", SENTINELS)
@pytest.mark.parametrize(
    ("before", "after", "shares"),
    [(6, 60, ("10 %", "1.0 %")), (1, 30, ("5.0 %", "0.17 %")), (200, 350, ("58 %", "33 %"))],
)
def test_a_sentinel_whose_share_moves_is_a_warning(moment, before, after, shares):
    report, [finding] = found(*with_sentinel(moment, before, after))
    assert (report.verdict, report.exit_code, finding.kind) == ("warn", 0, "sentinel_times")
    shown = str(moment.replace(tzinfo=None)).removesuffix(" 00:00:00")
    then, now = shares[::-1]
    assert finding.message == f"`t`: {now} of the times are {shown}; {then} of the baseline's"
    _, [finding] = found(*with_sentinel(moment, after, before))
    assert finding.message.endswith(f"{then} of the times are {shown}; {now} of the baseline's")


@pytest.mark.parametrize("moment", SENTINELS)
@pytest.mark.parametrize(("before", "after"), [(60, 60), (60, 70), (60, 50), (6, 12), (300, 309)])
def test_a_sentinel_with_its_share_is_nothing(moment, before, after):
    assert found(*with_sentinel(moment, before, after))[1] == []


def test_a_sentinel_is_told_by_the_threshold_of_missing_values():
    sides = with_sentinel(SENTINELS[2], 6, 60)
    for level, told in ((Levels(drift=0.2), 0), (Levels(), 0), (Levels(warn=0.05, drift=0.2), 1)):
        settings = Settings(columns={"t": ColumnSettings(thresholds={"missing": level})})
        assert len(found(*sides, settings)[1]) == told


def test_two_sentinels_are_told_apart():
    forever, never = SENTINELS[4], SENTINELS[1]
    base = times([*HOURS[:480], *[never] * 60, *[forever] * 60])
    new = times([*LATER[:440], *[never] * 100, *[forever] * 60])
    _, [finding] = found(base, new)
    assert finding.message == "`t`: 17 % of the times are 1900-01-01; 10 % of the baseline's"


@pytest.mark.parametrize("units", [("s", "us"), ("ms", "ns")])
def test_a_sentinel_is_one_in_every_unit(units):
    moment = SENTINELS[2]
    sides = [
        times([*HOURS[: 600 - many], *[moment] * many], pa.timestamp(unit, "UTC"))
        for unit, many in zip(units, (6, 60), strict=True)
    ]
    assert [each.kind for each in found(*sides)[1]] == ["sentinel_times"]


@pytest.mark.parametrize("before", [0, 6])
def test_a_sentinel_among_the_years_of_births_is_told_by_its_rows(before):
    births = [date(1940, 1, 1) + timedelta(days=40 * at) for at in range(600)]
    base, new = (
        times([*births[many:], *[date(1970, 1, 1)] * many], pa.date32()) for many in (before, 90)
    )
    _, [finding] = found(base, new)
    assert finding.message.startswith("`t`: 15 % of the times are 1970-01-01; ")
    assert found(new, new)[1] == []


def test_a_sentinel_far_from_firsts_of_months_is_told_by_its_distance():
    months = [date(2018 + at % 8, 1 + at % 12, 1) for at in range(600)]
    for moment, told in ((date(1970, 1, 1), 1), (date(2021, 1, 1), 0)):
        base, new = (times([*months[many:], *[moment] * many], pa.date32()) for many in (10, 70))
        assert len(found(base, new)[1]) == told


def test_a_moment_among_the_times_of_one_side_is_no_sentinel():
    days = [date(1960, 1, 1) + timedelta(days=40 * at) for at in range(600)]
    recent = [date(2026, 10, 1) + timedelta(days=at % 30) for at in range(600)]
    wide, narrow = (
        times([*side[many:], *[date(1990, 1, 1)] * many], pa.date32())
        for side, many in ((days, 6), (recent, 60))
    )
    assert "sentinel_times" not in {each.kind for each in found(wide, narrow)[1]}
    assert "sentinel_times" not in {each.kind for each in found(narrow, wide)[1]}


def test_few_sentinels_more_may_be_chance():
    base, new = (times([*HOURS[many:20], *[SENTINELS[2]] * many]) for many in (1, 4))
    assert found(base, new)[1] == []


def test_days_that_move_on_are_no_sentinels():
    days = [date(2026, 10, 1) + timedelta(days=at % 30) for at in range(3000)]
    late = [*[date(2026, 10, 28)] * 900, *days[-100:]]
    firsts = [date(2020 + at % 6, 1, 1) for at in range(3000)]
    others = [*firsts[:2000], *[date(2024, 1, 1)] * 500]
    for base, new in ((days, late), (firsts, others)):
        assert found(times(base, pa.date32()), times(new, pa.date32()))[1] == []


def test_times_that_come_late_are_nothing():
    late = [HOURS[0] - timedelta(days=200), *LATER[1:]]
    assert found(times(HOURS), times(late))[1] == []
    births = [date(1940, 1, 1) + timedelta(days=40 * at) for at in range(600)]
    older = [date(1901, 1, 1), *births[1:]]
    assert found(times(births, pa.date32()), times(older, pa.date32()))[1] == []


def test_a_column_that_is_not_gated_is_left_alone():
    settings = Settings(columns={"t": ColumnSettings(gate=False)})
    collapsed = times([datetime(1970, 1, 1, tzinfo=UTC)] * 600)
    assert found(times(HOURS), collapsed, settings)[1] == []


def test_the_day_comes_with_the_selection(tmp_path):
    far = [*LATER[:-1], datetime(2062, 1, 1, tzinfo=UTC)]
    pq.write_table(times(HOURS), tmp_path / "a.parquet")
    pq.write_table(times(far), tmp_path / "b.parquet")
    for today, kinds in ((TODAY, ["future_times"]), (date(2062, 1, 2), [])):
        sides = tmp_path / "a.parquet", tmp_path / "b.parquet"
        report = run(*sides, load(metrics=METRICS), Selection(today=today), Reading()).report
        assert [each.kind for each in report.findings] == kinds


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("ms")])
def test_times_that_became_dates_are_told(kind):
    naive = [each.replace(tzinfo=None) for each in HOURS]
    days = [each.replace(hour=0) for each in naive]
    base, new = times(naive, pa.timestamp("ms")), times(days, pa.timestamp("ms"))
    new = new.set_column(0, "t", new["t"].cast(kind))
    report, _ = found(base, new)
    told = [each for each in report.findings if each.status == "warn"]
    assert [each.kind for each in told] == ["type_change"]
    assert told[0].message.endswith(": the times of the day are gone, all are midnight")
    assert [each.status for each in found(new, base)[0].findings if each.status == "warn"] == []


def by_day(hours, days=30, rows=100, start=START, seed=0):
    """Return times of days whose rows are spread over hours by these weights."""
    rng = np.random.default_rng(seed)
    weights = np.array(hours, float)
    drawn = rng.choice(24, (days, rows), p=weights / weights.sum())
    minutes = rng.integers(0, 60, (days, rows))
    return [
        start + timedelta(days=day, hours=int(hour), minutes=int(minute))
        for day in range(days)
        for hour, minute in zip(drawn[day], minutes[day], strict=True)
    ]


OFFICE = [0] * 8 + [2, 5, 9, 9, 4, 6, 8, 7, 5, 2] + [0] * 6


@pytest.mark.parametrize(
    ("hours", "said"), [(5, "5 h later"), (-7, "7 h earlier"), (2, "2 h later"), (12, "12 h later")]
)
def test_another_time_zone_is_told_of(hours, said):
    base = by_day(OFFICE)
    moved = [each + timedelta(days=30, hours=hours) for each in by_day(OFFICE, seed=1)]
    report, [finding] = found(times(base), times(moved))
    assert (finding.kind, report.exit_code) == ("moved_clock", 0)
    assert finding.message == (
        f"`t`: its hours of the day come {said} than the baseline's and are alike but for that:"
        " is it another time zone?"
    )


@pytest.mark.parametrize(
    ("hours", "days", "later"),
    [
        (OFFICE, 30, 0),
        (OFFICE, 30, 1),  # summer time
        (OFFICE, 6, 5),  # a part of a week may be of other hours
        ([1] * 24, 30, 5),
        (OFFICE[8:] + [0] * 4 + [3, 1, 9, 9], 30, 0),  # another day, and no clock
    ],
)
def test_other_hours_are_no_other_time_zone(hours, days, later):
    moved = by_day(hours, days, start=START + timedelta(days=30, hours=later), seed=1)
    _, findings = found(times(by_day(OFFICE)), times(moved))
    assert findings == []
