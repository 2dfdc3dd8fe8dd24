"""What the options say a period is compared with."""

from __future__ import annotations

import pytest

from driftcli.comparison.timeline.plan import TimeColumn, plan
from driftcli.errors import UsageError

TIME = TimeColumn("ts")


def test_a_period_is_compared_with_the_first_unless_there_is_a_baseline() -> None:
    assert plan(TIME, "1d", None, None, None, baseline=False).way == "first"
    assert plan(TIME, "1d", None, None, None, baseline=True).way == "baseline"


def test_lengths_are_counted_in_periods() -> None:
    made = plan(TIME, "12h", "7d", "season:2w", 3, baseline=False)
    assert (made.window, made.lag, made.last) == (14, 28, 3)


@pytest.mark.parametrize(
    ("every", "window", "against", "baseline", "sentence"),
    [
        ("1y", None, None, False, "--every '1y': expected a number and h, d, w or mo"),
        ("1d", "1y", None, False, "--window '1y': expected a number and h, d, w or mo"),
        ("2d", "7d", None, False, "--window 7d is no multiple of --every 2d"),
        ("1mo", None, "season:52w", False, "--against season:52w is no multiple of --every 1mo"),
        ("1d", None, "season:", False, "--against season: '': expected a number and h, d, w or mo"),
        ("1d", None, "previos", False, "--against 'previos': did you mean 'previous'?"),
        ("1d", None, "baseline", False, "--against baseline: name it with --baseline"),
        ("1d", None, "first", True, "--against first needs no --baseline; give one of the two"),
        ("1d", "14d", "season:7d", False, "--against season:7d: a season is no shorter than"),
    ],
)
def test_mistakes_are_told(
    every: str, window: str | None, against: str | None, baseline: bool, sentence: str
) -> None:
    with pytest.raises(UsageError) as raised:
        plan(TIME, every, window, against, None, baseline=baseline)
    assert str(raised.value).startswith(sentence)
