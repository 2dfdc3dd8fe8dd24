"""Checks in the file: what they take, what they inherit, and what is said of mistakes."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.config import (
    DEFAULT_THRESHOLDS,
    JOINT_THRESHOLDS,
    ColumnSettings,
    Configuration,
    Inputs,
    Levels,
    RunSettings,
    describe,
    length,
    load,
    masked,
)
from driftcli.errors import ConfigError

METRICS = (*DEFAULT_THRESHOLDS, "psi")
CHECK = '[checks.orders]\nbaseline = "base"\ncurrent = "new"\n'


def loaded(folder: Path, text: str, **arguments: Any) -> Configuration:
    (folder / "drift.toml").write_text(text, encoding="utf-8")
    return load(metrics=METRICS, cwd=folder, **arguments)


def test_without_checks_there_are_none(tmp_path: Path) -> None:
    made = loaded(tmp_path, "bins = 5")
    assert (made.checks, made.inputs, made.running) == ({}, None, RunSettings())


def test_every_setting_of_a_run_at_the_top_and_in_a_check(tmp_path: Path) -> None:
    top = """
        history = "runs.db"
        timezone = "Europe/Berlin"
        min_rows = 5
        timeout = "1h"
        notify = ["${HOOK}"]
        [checks.a]
        baseline = "last 28 days"
        first_baseline = "base"
        current = "new"
        time = "at"
        max_age = "2d"
        min_rows = 7
        retry = "30m"
        retry_every = "10s"
        reports = ["{check}.md"]
        notify = ["mailto://x", "${OTHER}"]
        notify_on = "always"
        [checks.b]
        baseline = "x"
        current = "y"
    """
    made = loaded(tmp_path, top)
    assert made.history == "runs.db"
    assert made.running == RunSettings(
        timezone="Europe/Berlin", min_rows=5, timeout="1h", notify=("${HOOK}",)
    )
    first, second = made.checks["a"], made.checks["b"]
    assert first.inputs == Inputs(baseline="last 28 days", current="new", first_baseline="base")
    assert first.running == RunSettings(
        timezone="Europe/Berlin",
        time="at",
        max_age="2d",
        min_rows=7,
        timeout="1h",
        retry="30m",
        retry_every="10s",
        reports=("{check}.md",),
        notify=("mailto://x", "${OTHER}"),
        notify_on="always",
    )
    assert second.running == made.running


def test_a_check_is_compared_by_its_own_settings_over_those_at_the_top(tmp_path: Path) -> None:
    text = """
        bins = 5
        alpha = 0.05
        thresholds.kl = 0.5
        thresholds.psi = 0.25
        columns."*".scale = "iqr"
        columns.price.gate = false
        [checks.orders]
        baseline = "base"
        current = "new"
        bins = 9
        thresholds.kl = "off"
        columns."pri*".gate = true
        read.delimiter = ";"
    """
    made = loaded(tmp_path, text)
    check = made.checks["orders"].settings
    assert (check.bins, check.alpha, check.read.delimiter) == (9, 0.05, ";")
    assert check.thresholds["kl"] == Levels()
    assert check.thresholds["psi"] == Levels(drift=0.25)
    assert check.columns == made.settings.columns
    assert check.column_overrides == (("pri*", ColumnSettings(gate=True)),)  # comes last: it wins
    assert (made.settings.bins, made.settings.read.delimiter) == (5, None)


def test_segments_may_be_asked_for_beside_a_rolling_baseline(tmp_path: Path) -> None:
    check = '[checks.a]\nbaseline = "last 28 days"\ncurrent = "y"\n'
    assert loaded(tmp_path, check, overrides={"by": ["city"]}).settings.by == ("city",)
    assert loaded(tmp_path, 'by = ["city"]\n' + check + "by = []").settings.by == ("city",)


def test_flags_win_over_the_check(tmp_path: Path) -> None:
    made = loaded(tmp_path, CHECK + 'timeout = "1h"', overrides={"timeout": "5m", "bins": 7})
    check = made.checks["orders"]
    assert (check.running.timeout, check.settings.bins) == ("5m", 7)
    assert check.place(("timeout",)) == "--timeout"


def test_a_message_calls_the_place_in_the_check_or_at_the_top(tmp_path: Path) -> None:
    made = loaded(tmp_path, "bins = 5\n" + CHECK + "columns.a.gate = true")
    check = made.checks["orders"]
    assert check.place(("bins",)) == "drift.toml: bins"
    assert check.place(("current",)) == "drift.toml: checks.orders.current"
    assert check.place(("columns", "a", "gate")) == "drift.toml: checks.orders.columns.a.gate"
    assert check.place(("alpha",)) == "default"


def test_checks_in_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.drift]\nbins = 5\n[tool.drift.checks.a]\nbaseline = "x"\ncurrent = "y"\n'
    )
    check = load(metrics=METRICS, cwd=tmp_path).checks["a"]
    assert check.settings.bins == 5
    assert check.place(("current",)) == "pyproject.toml [tool.drift]: checks.a.current"


SOME_PLACES = "expected a list, each a path or an address, found"
A_TIME = "expected a time such as '30m' (s, m, h, d or w), found"
ADDRESSES = "expected a list of addresses such as 'mailto://…' or '${SLACK_URL}'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("checks = 3", "checks: expected a table, found 3"),
        ("checks.a = 3", "checks.a: expected a table, found 3"),
        ("[checks.a]", "checks.a: has no 'baseline'; it compares current with baseline"),
        (
            '[checks.a]\nbaseline = "x"',
            "checks.a: has no 'current'; it compares current with baseline",
        ),
        (
            '[checks."a/b"]\nbaseline = "x"\ncurrent = "y"',
            "checks.\"a/b\": a check's name has letters, digits, '_', '-' and '.' only",
        ),
        (
            '[checks."*"]\nbaseline = "x"\ncurrent = "y"',
            "checks.\"*\": a check's name has letters, digits, '_', '-' and '.' only",
        ),
        (CHECK + 'curent = "x"', "checks.orders.curent: unknown key; did you mean 'current'?"),
        (CHECK + "max_aeg = 3", "checks.orders.max_aeg: unknown key; did you mean 'max_age'?"),
        (CHECK + "history = 'x'", None),
        (CHECK + "checks.a.bins = 3", None),
        (CHECK + "baseline.x = 3", None),
        (
            CHECK + "thresholds.kll = 3",
            "checks.orders.thresholds.kll: unknown metric; did you mean 'kl'?",
        ),
        (
            CHECK + "bins = 1",
            "checks.orders.bins: expected a whole number from 2 to 1000, found 1",
        ),
        (
            CHECK + "columns.a.edges = [0, 1]\ncolumns.a.bins = 5",
            "checks.orders.columns.a.edges: edges take the place of bins and binning; drop those",
        ),
        (
            '[checks.a]\nbaseline = "last 28 days"\ncurrent = "y"\nby = ["city"]',
            (
                "checks.a.by: 'last 28 days' keeps profiles of past runs, which have no rows to"
                " make segments of; name data as the baseline, or set by = [] in drift.toml:"
                " checks.a"
            ),
        ),
        (
            'by = ["city"]\n[checks.a]\nbaseline = "last 4 weeks"\ncurrent = "y"',
            (
                "by: 'last 4 weeks' keeps profiles of past runs, which have no rows to"
                " make segments of; name data as the baseline, or set by = [] in drift.toml:"
                " checks.a"
            ),
        ),
        ("joint = 1", "joint: expected true or false, found 1"),
        (CHECK + 'max_age = "3"', f"checks.orders.max_age: {A_TIME} text '3'"),
        (CHECK + 'max_age = "0d"', f"checks.orders.max_age: {A_TIME} text '0d'"),
        (CHECK + 'timeout = "1mo"', f"checks.orders.timeout: {A_TIME} text '1mo'"),
        ("retry = 30", f"retry: {A_TIME} 30"),
        ('retry_every = "-1m"', f"retry_every: {A_TIME} text '-1m'"),
        ("min_rows = 0", "min_rows: expected a whole number of at least 1, found 0"),
        ("reports = 'x.md'", f"reports: {SOME_PLACES} text 'x.md'"),
        ("notify_on = 'never'", None),
        (
            "timezone = 'Europe/Berln'",
            "timezone: unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?",
        ),
        ("notify = 'slack://s3cret'", f"notify: {ADDRESSES}"),
        ("notify = ['s3cret']", f"notify: {ADDRESSES}"),
        ("notify = [3]", f"notify: {ADDRESSES}"),
        ("history = 3", "history: expected a path or an address, found 3"),
        ("history = ''", "history: expected a path or an address, found text ''"),
        ("history = ' '", "history: expected a path or an address, found text ' '"),
        ("reports = ['']", f"reports: {SOME_PLACES} the list ['']"),
        (
            "[connections]\na = ''",
            "connections: expected a table, each a path or an address",
        ),
        ("baseline = 'x'", None),
    ],
)
def test_mistakes_name_the_key(tmp_path: Path, text: str, expected: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    message = str(caught.value)
    assert message.startswith("drift.toml: ")
    assert message.isprintable()
    assert "s3cret" not in message
    assert expected is None or message == f"drift.toml: {expected}"


def test_describe_shows_what_checks_set_and_no_secret(tmp_path: Path) -> None:
    text = (
        'history = "postgresql+psycopg://u:s3cret@db/x"\nnotify = ["${A}", "slack://s3cret/b"]\n'
        + CHECK
        + 'timeout = "5m"\nthresholds.kl = 3\ncolumns."a*".gate = true\n'
        + 'notify = ["mailto://u:s3cret@example.com"]\n'
    )
    made = loaded(tmp_path, text)
    rows = {row.key: row for row in describe(made)}
    assert "s3cret" not in str(rows)
    assert rows["history"][1:] == ('"postgresql+psycopg://u:…@db/x"', "drift.toml")
    assert rows["notify"].value == '["${A}", "slack://…"]'
    assert rows["timeout"][1:] == (None, "default")
    assert [row for row in rows if row.startswith("checks.")] == [
        "checks.orders.baseline",
        "checks.orders.current",
        "checks.orders.thresholds.kl",
        'checks.orders.columns."a*".gate',
        "checks.orders.timeout",
        "checks.orders.notify",
    ]
    again = "\n".join(f"{row.key} = {row.value}" for row in describe(made) if row.value)
    assert tomllib.loads(again)["checks"]["orders"]["thresholds"] == {"kl": 3.0}
    copy = loaded(tmp_path, again)
    thresholds = made.checks["orders"].settings.thresholds
    assert copy.checks["orders"].settings.thresholds == {**JOINT_THRESHOLDS, **thresholds}
    assert copy.checks["orders"].inputs == made.checks["orders"].inputs


@given(st.integers(1, 999_999), st.sampled_from("smhdw"))
def test_lengths_are_multiples_of_their_unit(number: int, unit: str) -> None:
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[unit]
    assert length(f"{number}{unit}") == timedelta(seconds=number * seconds)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("${HOOK}", "${HOOK}"),
        ("slack://a/b/c", "slack://…"),
        ("mailto://u:p@x.org?to=${WHO}", "mailto://…"),
        ("${HOOK}s3cret", "…"),
        ("", "…"),
    ],
)
def test_addresses_are_masked(address: str, shown: str) -> None:
    assert masked(address) == shown
