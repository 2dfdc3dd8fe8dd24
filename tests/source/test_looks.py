"""How numbers, times and booleans are dressed as text: what is recognised, and what it means."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.source.looks import decoded, encoded, from_setting, looks_of, preferred
from driftcli.source.number_looks import NumberLook, likeliest
from driftcli.source.text_types import texts_of
from driftcli.source.time_looks import EpochLook, TimeLook, says_time


def read(texts, name="x", decimal="."):
    values = texts_of(texts)
    look = preferred(looks_of(values, name), decimal)
    return None if look is None else look.read(values)[0].to_pylist()


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["$1,234.50", "$12", "-$5.10"], [1234.5, 12.0, -5.1]),
        (["1.234,50 €", "3,10 €"], [1234.5, 3.1]),
        (["EUR 12.5", "EUR 3"], [12.5, 3.0]),
        (["US$12", "US$1,000"], [12, 1000]),
        (["(12)", "13.5"], [-12.0, 13.5]),
        (["(1,200)", "7"], [-1200, 7]),
        (["12 %", "5%"], [12, 5]),
        (["3 kg", "10.5 kg"], [3.0, 10.5]),
        (["\N{MINUS SIGN}3", "4"], [-3, 4]),
        (["12-", "4"], [-12, 4]),
        (["1\N{NO-BREAK SPACE}234", "12"], [1234, 12]),
        (["1\N{NARROW NO-BREAK SPACE}234,5", "12"], [1234.5, 12.0]),
        (["1\N{THIN SPACE}234", "12"], [1234, 12]),
        (["1'234.5", "1"], [1234.5, 1.0]),
        (["1,234", "2,345"], [1234, 2345]),
        (["1.234.567", "2.345"], [1234567, 2345]),
        (["12,5", "3"], [12.5, 3.0]),
        (["0,123", "0,456"], [0.123, 0.456]),
        (["12,34,567", "1"], [1234567, 1]),
        (["12", "13.5", "nan"], [12.0, 13.5, pytest.approx(float("nan"), nan_ok=True)]),
    ],
)
def test_numbers_are_recognised(texts, numbers):
    assert read(texts) == numbers


@pytest.mark.parametrize(
    "texts",
    [
        ["A1", "A2"],
        ["user 1", "user 2"],
        ["12am", "3am"],
        ["1st", "2nd"],
        ["007", "1"],
        ["192.168.1.1"],
        ["(12", "5"],
        ["3 kg", "3 lb"],
        ["$3", "€3"],
        ["$3", "3"],
        ["12 %", "n/a"],
        ["1,23,4"],
        ["1-2"],
        ["12:30"],
        ["31.02.2024"],
        ["2024-01-31", "31.01.2024"],
        ["hello"],
    ],
)
def test_what_is_no_number_and_no_time_stays_text(texts):
    assert read(texts) is None


#: As texts have it: without a zone.
DAY = dt.datetime.fromisoformat("2024-01-31 22:05:07")


@pytest.mark.parametrize(
    "format_",
    [
        *("%d.%m.%Y", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%b %d, %Y", "%d %B %Y", "%d-%b-%y"),
        *("%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S +0000", "%d.%m.%Y %H:%M"),
        *("%m/%d/%Y %I:%M:%S %p", "%a %b %d %H:%M:%S %Y", "%d/%b/%Y:%H:%M:%S +0000"),
        *("%a, %d %b %Y %H:%M:%S GMT", "%Y%m%dT%H%M%SZ", "%Y-%m-%d %H:%M:%S,250"),
    ],
)
def test_times_are_read_as_strptime_reads_them(format_):
    texts = [DAY.strftime(format_), (DAY - dt.timedelta(days=9, hours=11)).strftime(format_)]
    found = read(texts)
    literal = format_.replace(",250", "")
    wanted = [dt.datetime.strptime(text.replace(",250", ""), literal) for text in texts]  # noqa: DTZ007
    if "%H" not in format_ and "%I" not in format_:
        assert found == [each.date() for each in wanted]
    else:
        assert [each.replace(tzinfo=None, microsecond=0) for each in found] == [
            each.replace(tzinfo=None) for each in wanted
        ]


def test_day_or_month_first_is_asked_unless_a_value_tells():
    assert read(["01/02/2024", "03/04/2024"]) is None
    assert read(["01/02/2024", "13/04/2024"]) == [dt.date(2024, 2, 1), dt.date(2024, 4, 13)]
    assert read(["01/02/2024", "03/14/2024"]) == [dt.date(2024, 1, 2), dt.date(2024, 3, 14)]
    assert read(["14/02/2024", "03/14/2024"]) is None


def test_digits_are_times_under_a_name_that_says_so():
    for texts in (["1704067200"], ["1704067200000"], ["20240101"]):
        assert read(texts, "amount") == [int(texts[0])]
        [time] = read(texts, "created_at")
        assert (time.year, time.month, time.day) == (2024, 1, 1)
    assert read(["20241399"], "day") == [20241399]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        *(("at", True), ("created_at", True), ("eventTime", True), ("ts", True)),
        *(("updated_on", True), ("birthdate", True), ("date_of_sale", True)),
        *(("on", False), ("amount", False), ("runtime", False), ("status", False)),
        ("saturation", False),
    ],
)
def test_which_names_say_time(name, says):
    assert says_time(name) is says


def test_half_days_have_twelve_hours():
    found = read(["01/31/2024 12:00 AM", "01/31/2024 12:30 PM", "01/31/2024 1:00 PM"])
    assert [each.hour for each in found] == [0, 12, 13]
    assert read(["01/31/2024 13:00 PM"]) is None


@given(st.integers(-(10**9), 10**9), st.sampled_from([",", " ", "'", "\N{NO-BREAK SPACE}"]))
def test_a_grouped_number_is_what_it_was_before(number, group):
    text = f"{number:,}".replace(",", group)
    array, good = NumberLook(group=group).read(texts_of([text]))
    assert good.all()
    assert array.to_pylist() == [number]


@pytest.mark.parametrize(
    ("text", "look"),
    [
        ("%d/%m/%Y", TimeLook("%d/%m/%Y")),
        ("ms", EpochLook("ms")),
        ("1.234,50", NumberLook(group=".", point=",")),
        ("$1,234.50", NumberLook(before="$", group=",")),
        ("12,5", NumberLook(point=",")),
    ],
)
def test_a_setting_names_a_look(text, look):
    assert from_setting(text) == look
    assert decoded(encoded(look)) == look


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("%d/%m", "a year, a month and a day are needed"),
        ("%Q %d %m %Y", "unknown directive %Q"),
        ("%d %d %m %Y", "a directive stands twice"),
        ("%Y-%m-%d %I:%M", "%I needs %p"),
        ("%Y-%m-%d %H", "hours and minutes go together"),
        ("1,234", "it may be read in two ways"),
        ("sometime", "neither a format of times nor a number"),
    ],
)
def test_a_setting_that_names_none_says_why(text, cause):
    with pytest.raises(ValueError, match=cause.replace("(", r"\(")):
        from_setting(text)


def test_a_look_of_a_later_version_is_none():
    assert decoded(json.dumps({"look": "roman"})) is None
    assert decoded(json.dumps({"look": "time", "format": "%Q"})) is None
    assert decoded("[]") is None


def test_the_likeliest_look_passes_over_what_is_no_number():
    assert likeliest(texts_of(["$1,234.5", "$12", "n/a", "€3"]), ".") == NumberLook("$", group=",")
    assert likeliest(texts_of(["n/a", "?"]), ".") is None
