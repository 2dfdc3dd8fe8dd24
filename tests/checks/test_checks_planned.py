"""Which checks are run, and with what, is told before anything is read."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path

import pytest
from check_files import CHECK, planned, planned_of

from driftcli.checks.planned import Window
from driftcli.errors import DriftError

THREE = "".join(f"[checks.{name}]\n{CHECK}" for name in ("orders", "orders-late", "returns"))


def message_of(folder: Path, text: str, *names: str, when: str | None = None) -> str:
    with pytest.raises(DriftError) as caught:
        planned_of(folder, text, names, when)
    return str(caught.value)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ["orders", "orders-late", "returns"]),
        (["returns", "orders"], ["orders", "returns"]),
        (["orders*"], ["orders", "orders-late"]),
        (["*-late", "orders"], ["orders", "orders-late"]),
    ],
)
def test_names_are_chosen_in_the_order_of_the_file(
    tmp_path: Path, names: list[str], expected: list[str]
) -> None:
    assert [each.check for each in planned_of(tmp_path, THREE, names)] == expected


def test_no_such_check(tmp_path: Path) -> None:
    assert (
        message_of(tmp_path, THREE, "orderz")
        == "drift.toml: no check 'orderz'; did you mean 'orders'?"
    )
    assert (
        message_of(tmp_path, THREE, "x*")
        == "drift.toml: no check 'x*'; known: orders, orders-late, returns"
    )


def test_no_checks_at_all(tmp_path: Path) -> None:
    assert (
        message_of(tmp_path, "bins = 5\n")
        == "drift.toml: has no checks; add [checks.NAME] with baseline = and current ="
    )


def test_now_is_by_the_clock_of_the_time_zone(tmp_path: Path) -> None:
    text = f'[checks.a]\n{CHECK}[checks.b]\n{CHECK}timezone = "Pacific/Honolulu"\n'
    here, there = planned_of(tmp_path, text)
    assert (here.current, here.day) == ("2025-03-02.csv", date(2025, 3, 2))
    assert (there.current, there.day) == ("2025-03-01.csv", date(2025, 3, 1))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2024-02-29", "2024-02-29 00"),
        ("2024-02-29T23", "2024-02-29 23"),
        ("2024-02-29 23:59", "2024-02-29 23"),
    ],
)
def test_a_past_day_or_hour_is_filled_in(tmp_path: Path, when: str, expected: str) -> None:
    text = '[checks.a]\nbaseline = "x"\ncurrent = "{date} {hour}"\ntimezone = "Asia/Tokyo"'
    (made,) = planned_of(tmp_path, text, when=when)
    assert made.current == expected
    assert made.moment.tzname() == "JST"


@pytest.mark.parametrize(
    "when", ["yesterday", "2025-3-1", "2025-02-30", "2025-03-01T25", "", "20250301"]
)
def test_a_date_that_is_none(tmp_path: Path, when: str) -> None:
    assert message_of(tmp_path, THREE, when=when) == (
        f"--date {when!r}: expected a day such as 2025-03-01, or a time such as 2025-03-01T05"
    )


@pytest.mark.parametrize(
    ("text", "first"),
    [("last 28 days", "2025-02-02"), ("last 1 day", "2025-03-01"), ("last 2 weeks", "2025-02-16")],
)
def test_windows_end_with_the_day_before(tmp_path: Path, text: str, first: str) -> None:
    (made,) = planned_of(tmp_path, f'[checks.a]\nbaseline = "{text}"\ncurrent = "x"')
    assert isinstance(made.baseline, Window)
    days = made.baseline.dates(made.day)
    assert [each.isoformat() for each in days] == [first, "2025-03-01"]
    assert made.baseline_text == text


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            'baseline = "last 28 dayz"\ncurrent = "x"',
            (
                "baseline: 'last 28 dayz': expected 'last N days' or 'last N weeks';"
                " './last 28 dayz' is a file of this name"
            ),
        ),
        (
            'baseline = "-"\ncurrent = "x"',
            "baseline: '-' is no data that a check can read; name a path",
        ),
        (
            'baseline = "x"\ncurrent = ""',
            "current: '' is no data that a check can read; name a path",
        ),
        (
            'baseline = "x"\ncurrent = "{dates}"',
            "current: '{dates}': unknown field; did you mean 'date'?",
        ),
        (
            CHECK + 'first_baseline = "x"',
            "first_baseline: goes with a baseline such as 'last 28 days' only",
        ),
        (
            CHECK + 'reports = ["md:{check}.md"]',
            (
                "reports: 'md:orders.md': the suffix alone names the format;"
                " a file of this name is './md:orders.md'"
            ),
        ),
        (
            CHECK + 'reports = ["r/{check}.pdf"]',
            (
                "reports: 'r/orders.pdf': no format has this suffix; known: .json, .jsonl, .md,"
                " .csv, .txt, .xml, .sarif, .prom, .html"
            ),
        ),
    ],
)
def test_mistakes_name_the_key_of_the_check(tmp_path: Path, settings: str, expected: str) -> None:
    text = f"[checks.orders]\n{settings}\n"
    assert message_of(tmp_path, text) == f"drift.toml: checks.orders.{expected}"


def test_a_mistake_at_the_top_names_the_top(tmp_path: Path) -> None:
    text = f'reports = ["x{{dat}}.md"]\n[checks.orders]\n{CHECK}'
    assert (
        message_of(tmp_path, text)
        == "drift.toml: reports: '{dat}': unknown field; did you mean 'date'?"
    )


def test_no_two_checks_write_the_same_report(tmp_path: Path) -> None:
    text = f'reports = ["{{date}}.md"]\n[checks.a]\n{CHECK}[checks.b]\n{CHECK}'
    assert message_of(tmp_path, text) == (
        "drift.toml: reports: '2025-03-02.md' is of a and of b; a name with {check} in it is of one"
        " check"
    )


def test_reports_have_the_check_and_the_date_in_them(tmp_path: Path) -> None:
    made = planned(tmp_path, 'reports = ["{check}/{date}.html", "{check}.prom"]')
    assert made.reports == ("orders/2025-03-02.html", "orders.prom")


def test_a_planned_check_survives_the_way_to_another_process(tmp_path: Path) -> None:
    made = planned(tmp_path, "thresholds.kl = 3\ncolumns.x.gate = false")
    copy = pickle.loads(pickle.dumps(made))
    assert copy.configuration.settings == made.configuration.settings
    assert (copy.day, copy.current) == (made.day, made.current)
