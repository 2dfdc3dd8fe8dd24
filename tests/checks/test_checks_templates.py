"""Templates are filled in by one small grammar; whatever else they hold is an error."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.checks.templates import DIRECTIVES, filled
from driftcli.errors import ConfigError

PLACE = "drift.toml: checks.orders.current"
BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2025, 3, 31, 5, 7, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain", "plain"),
        ("{date}", "2025-03-31"),
        ("{hour}", "05"),
        ("{check}/x", "orders/x"),
        ("{date-1d}", "2025-03-30"),
        ("{date+1w}", "2025-04-07"),
        ("{date-1mo}", "2025-02-28"),
        ("{date+11mo:%Y-%m}", "2026-02"),
        ("{date:%Y/%m/%d}", "2025/03/31"),
        ("{date-1d:%Y%m%d}", "20250330"),
        ("{date:%G-W%V-%u}", "2025-W14-1"),
        ("{date:%j %%}", "090 %"),
        ("day={date-6h}/hour={hour-6h}", "day=2025-03-30/hour=23"),
        ("{hour:%H:%M}", "05:07"),
        ("{{date}}{date:%d}", "{date}31"),
    ],
)
def test_fields(template: str, expected: str) -> None:
    assert filled(template, "orders", MOMENT, PLACE) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{dat}", "'{dat}': unknown field; did you mean 'date'?"),
        ("{Date}", "'{Date}': unknown field; did you mean 'date'?"),
        ("{}", "'{}': unknown field; known: date, hour, check"),
        ("{date -1d}", "'{date -1d}': unknown field; did you mean 'date'?"),
        ("{date-1y}", "'{date-1y}': the offset '-1y' is no number with h, d, w or mo"),
        ("{date-d}", "'{date-d}': the offset '-d' is no number with h, d, w or mo"),
        ("{date-1d-1d}", "'{date-1d-1d}': the offset '-1d-1d' is no number with h, d, w or mo"),
        ("{date-99999mo}", "'{date-99999mo}': beyond the calendar"),
        ("{date-99999w}", None),
        ("{date:%B}", "'{date:%B}': no form %B; there are %Y %m %d %H %M %S %j %G %V %u %%"),
        ("{date:%}", "'{date:%}': no form %; there are %Y %m %d %H %M %S %j %G %V %u %%"),
        ("{date:}", "'{date:}': no form; there are %Y %m %d %H %M %S %j %G %V %u %%"),
        ("{check-1d}", "'{check-1d}': the name of the check takes no offset and no form"),
        ("{check:%Y}", "'{check:%Y}': the name of the check takes no offset and no form"),
        ("a{", "a lone '{'; '{{' is the brace itself"),
        ("a}b", "a lone '}'; '}}' is the brace itself"),
        ("{da{te}}", "a lone '{'; '{{' is the brace itself"),
    ],
)
def test_mistakes_name_the_place_and_the_field(template: str, expected: str | None) -> None:
    if expected is None:  # some 1900 years before
        assert filled(template, "orders", MOMENT, PLACE).startswith("108-")
        return
    with pytest.raises(ConfigError) as caught:
        filled(template, "orders", MOMENT, PLACE)
    assert str(caught.value) == f"{PLACE}: {expected}"


moments = st.datetimes(
    min_value=datetime(1971, 1, 1),  # noqa: DTZ001 - in a zone that Hypothesis adds
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, BERLIN, ZoneInfo("America/New_York")]),
)


@given(moments, st.integers(-400, 400))
def test_days_are_those_of_the_calendar(moment: datetime, days: int) -> None:
    expected = moment.date() + timedelta(days=days)
    assert filled(f"{{date{days:+d}d}}", "c", moment, PLACE) == expected.isoformat()


@given(moments, st.integers(-400, 400))
def test_hours_are_elapsed_time(moment: datetime, hours: int) -> None:
    then = (moment.astimezone(UTC) + timedelta(hours=hours)).astimezone(moment.tzinfo)
    assert filled(f"{{date{hours:+d}h}}T{{hour{hours:+d}h}}", "c", moment, PLACE) == then.strftime(
        "%Y-%m-%dT%H"
    )


@given(moments, st.integers(-500, 500))
def test_months_keep_the_day_or_end_with_the_month(moment: datetime, months: int) -> None:
    then = datetime.fromisoformat(filled(f"{{date{months:+d}mo}}", "c", moment, PLACE))
    assert (then.year - moment.year) * 12 + then.month - moment.month == months
    assert then.day == moment.day or (
        then.day < moment.day and (then + timedelta(days=1)).month != then.month
    )


@given(st.text(alphabet="{}date-1:%Y hour", max_size=12))
def test_any_text_is_filled_in_or_refused_in_one_line(template: str) -> None:
    if "{" in template or "}" in template:
        with suppress(ConfigError):
            filled(template, "orders", MOMENT, PLACE)
    else:
        assert filled(template, "orders", MOMENT, PLACE) == template


@pytest.mark.parametrize("directive", DIRECTIVES)
def test_forms_write_digits_only(directive: str) -> None:
    made = filled(f"{{date:%{directive}}}", "c", MOMENT, PLACE)
    assert made.isdigit() or made == "%"
