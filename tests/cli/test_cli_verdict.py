"""How strict a comparison is: chance, its correction, and how many columns make it drift."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Drift, Ended, write_csv

EXPECTED_NUMBER = "expected a whole number of at least 1 or a number above 0 and below 1"


def report(drift: Drift, *arguments: str) -> dict[str, Any]:
    """Run `drift compare` and return its JSON report."""
    ended = drift("compare", *arguments, "--format", "json")
    assert ended.err == ""
    document: dict[str, Any] = json.loads(ended.out)
    assert document["exit_code"] == ended.code
    return document


def verdict(drift: Drift, *arguments: str) -> tuple[str, int]:
    document = report(drift, *arguments)
    return document["verdict"], document["exit_code"]


def gated(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for column in document["columns"] for each in column["scores"] if each["gated"]]


@pytest.fixture
def few() -> tuple[str, str]:
    """Twelve rows a side, whose mean differs as it does by chance."""
    return (
        write_csv("few.csv", {"x": [i % 6 for i in range(12)]}),
        write_csv("other.csv", {"x": [i % 6 + i % 2 for i in range(12)]}),
    )


@pytest.fixture
def many() -> tuple[str, str]:
    """3,000 rows a side: a change that is small, and certain."""
    return (
        write_csv("half.csv", {"x": ["ab"[i % 2] for i in range(3000)]}),
        write_csv("more.csv", {"x": ["ab"[i % 20 < 11] for i in range(3000)]}),
    )


def test_few_rows_are_inconclusive_and_fail_only_when_told_to(
    drift: Drift, few: tuple[str, str]
) -> None:
    assert verdict(drift, *few) == ("inconclusive", 0)
    assert verdict(drift, *few, "--fail-on", "warn") == ("inconclusive", 0)
    assert verdict(drift, *few, "--strict") == ("inconclusive", 1)
    assert verdict(drift, *few, "--strict", "--fail-on", "never") == ("inconclusive", 0)
    Path("drift.toml").write_text("strict = true\n")
    assert verdict(drift, *few) == ("inconclusive", 1)


def test_the_table_says_how_many_rows_would_tell(drift: Drift, few: tuple[str, str]) -> None:
    shown = drift("compare", *few).out
    assert "? too few rows to see changes at the thresholds in 1 of 1 column\n" in shown
    assert "? inconclusive: 1 column compared · 1 note on too few rows · 1 unchanged" in shown
    needed = max(each["rows_needed"] or 0 for each in gated(report(drift, *few)))
    told = " ".join(drift("compare", *few, "--all").out.split())
    assert "is within noise (" in told
    assert f"about {needed:,} rows a side would tell" in told


def test_strictness_changes_nothing_where_nothing_is_inconclusive(
    drift: Drift, base: str, moved: str
) -> None:
    assert verdict(drift, base, base, "--strict") == ("ok", 0)
    assert verdict(drift, base, moved, "--strict") == ("drift", 1)


def test_a_small_change_that_is_real_fails_when_any_change_does(
    drift: Drift, many: tuple[str, str]
) -> None:
    assert verdict(drift, *many) == ("ok", 0)
    assert verdict(drift, *many, "--fail-on", "change") == ("ok", 1)
    assert verdict(drift, many[0], many[0], "--fail-on", "change") == ("ok", 0)
    shown = drift("compare", *many, "--all").out
    assert "real but small: js_distance 0.04253, wasserstein 0.05, kl 0.005022" in shown


def test_any_change_includes_warnings_and_drift(drift: Drift, base: str, moved: str) -> None:
    assert verdict(drift, base, moved, "--fail-on", "change") == ("drift", 1)
    new = write_csv("new.csv", {"amount": [1] * 50, "extra": [1] * 50})
    old = write_csv("old.csv", {"amount": [1] * 50})
    assert verdict(drift, old, new) == ("warn", 0)
    assert verdict(drift, old, new, "--fail-on", "change") == ("warn", 1)


def test_chance_alone_is_no_change(drift: Drift, few: tuple[str, str]) -> None:
    assert verdict(drift, *few, "--fail-on", "change") == ("inconclusive", 0)


def test_alpha_is_how_likely_chance_may_be(
    drift: Drift, few: tuple[str, str], many: tuple[str, str]
) -> None:
    assert verdict(drift, *few, "--alpha", "1") == ("drift", 1)
    level = ("-m", "js_distance", "-t", "js_distance=0.04")
    assert verdict(drift, *many, *level) == ("drift", 1)
    assert verdict(drift, *many, *level, "--alpha", "1e-9") == ("ok", 0)


def test_each_correction_is_stricter_than_the_one_before(drift: Drift) -> None:
    rows = range(400)
    same = {"z": [i % 9 for i in rows]}
    base = write_csv("old.csv", {"x": [i % 50 for i in rows], "y": [i % 7 for i in rows], **same})
    moved = write_csv(
        "new.csv",
        {"x": [i % 50 + 9 for i in rows], "y": [max(i % 7, i % 2) for i in rows], **same},
    )
    none, bh, holm = (
        gated(report(drift, base, moved, "--correction", name)) for name in ("none", "bh", "holm")
    )
    assert gated(report(drift, base, moved)) == bh
    missing = [each for each in none if each["metric"] == "missing"]
    assert [each["p_value"] for each in missing] == [each["p_adjusted"] for each in missing]
    adjusted = [[each["p_adjusted"] for each in scores] for scores in (none, bh, holm)]
    for uncorrected, mild, strict in zip(*adjusted, strict=True):
        assert uncorrected <= mild <= strict
    assert adjusted[0] != adjusted[1] != adjusted[2]


def test_the_dataset_drifts_where_so_many_columns_do(drift: Drift, base: str, moved: str) -> None:
    compared = (base, moved, "--drifted-columns")
    assert verdict(drift, *compared, "1") == ("drift", 1)
    assert verdict(drift, *compared, "2") == ("warn", 0)
    assert verdict(drift, *compared, "2", "--fail-on", "warn") == ("warn", 1)
    assert verdict(drift, *compared, "0.33") == ("drift", 1)
    assert verdict(drift, *compared, "0.34") == ("warn", 0)
    assert report(drift, *compared, "2")["summary"]["drifted_share"] == pytest.approx(1 / 3)
    shown = drift("compare", *compared, "2").out
    assert "! warning: 1 of 3 columns drifted (amount) · 2 unchanged" in shown


def test_no_rows_drift_however_many_columns_have_to(drift: Drift, base: str) -> None:
    empty = write_csv("empty.csv", {"amount": [], "city": [], "level": []})
    assert verdict(drift, base, empty, "--drifted-columns", "9") == ("drift", 1)


def test_lost_columns_count_as_drifted(drift: Drift, base: str) -> None:
    less = write_csv("less.csv", {"amount": [i % 10 for i in range(200)]})
    assert verdict(drift, base, less, "--drifted-columns", "2") == ("drift", 1)
    assert verdict(drift, base, less, "--drifted-columns", "3") == ("warn", 0)
    assert verdict(drift, base, less, "--drifted-columns", "0.6") == ("drift", 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--alpha", "0"], "--alpha: expected a number above 0 and at most 1, found 0.0"),
        (["--alpha", "1.5"], "--alpha: expected a number above 0 and at most 1, found 1.5"),
        (["--alpha", "nan"], "--alpha: expected a number above 0 and at most 1, found nan"),
        (
            ["--correction", "fdr"],
            "--correction: expected 'bh', 'holm' or 'none', found text 'fdr'",
        ),
        (["--drifted-columns", "0"], f"--drifted-columns: {EXPECTED_NUMBER}, found 0"),
        (["--drifted-columns", "1.0"], f"--drifted-columns: {EXPECTED_NUMBER}, found 1.0"),
        (["--drifted-columns", "-1"], f"--drifted-columns: {EXPECTED_NUMBER}, found -1"),
        (["--drifted-columns", "inf"], f"--drifted-columns: {EXPECTED_NUMBER}, found inf"),
        (["--drifted-columns", "all"], f"--drifted-columns: {EXPECTED_NUMBER}, found text 'all'"),
        (
            ["--fail-on", "changes"],
            "--fail-on: expected 'change', 'drift', 'never' or 'warn', found text 'changes'",
        ),
    ],
)
def test_a_mistake_is_one_line_that_says_what_was_expected(
    drift: Drift, base: str, options: list[str], message: str
) -> None:
    assert drift("compare", base, base, *options) == Ended(2, "", f"drift: {message}\n")


def test_an_alpha_that_is_no_number_is_one_line(drift: Drift, base: str) -> None:
    ended = drift("compare", base, base, "--alpha", "little")
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert ended.err.startswith("drift: Invalid value for '--alpha': ")


def test_config_shows_how_strict_a_comparison_is(drift: Drift) -> None:
    def shown() -> list[str]:
        ended = drift("config")
        assert (ended.code, ended.err) == (0, "")
        return [" ".join(line.split()) for line in ended.out.splitlines()]

    lines = shown()
    assert 'fail_on = "drift" # default' in lines
    assert "strict = false # default" in lines
    assert "alpha = 0.005 # default" in lines
    assert 'correction = "bh" # default' in lines
    assert "drifted_columns = 1 # default" in lines
    Path("drift.toml").write_text(
        'fail_on = "change"\nstrict = true\nalpha = 1\ncorrection = "holm"\n'
        "drifted_columns = 0.25\n"
    )
    lines = shown()
    assert 'fail_on = "change" # drift.toml' in lines
    assert "strict = true # drift.toml" in lines
    assert "alpha = 1.0 # drift.toml" in lines
    assert 'correction = "holm" # drift.toml' in lines
    assert "drifted_columns = 0.25 # drift.toml" in lines


def test_flags_win_over_the_file_and_are_in_the_report(drift: Drift, base: str) -> None:
    Path("drift.toml").write_text('alpha = 0.2\ncorrection = "holm"\ndrifted_columns = 0.25\n')
    settings = report(drift, base, base, "--alpha", "0.05", "--drifted-columns", "3")["settings"]
    assert (settings["alpha"], settings["correction"], settings["drifted_columns"]) == (
        0.05,
        "holm",
        3,
    )
    assert (settings["strict"], settings["fail_on"]) == (False, "drift")


@pytest.mark.parametrize(
    ("threshold", "code"),
    [("new=0.5%", 0), ("*.new=0.5%", 0), ("?*.new=0.5%", 1), ("x.new=0.5%", 1)],
)
def test_a_rare_sentinel_is_found_by_new_of_its_column(
    drift: Drift, threshold: str, code: int
) -> None:
    base = write_csv("base.csv", {"x": [100 + i % 100 for i in range(4000)]})
    moved = write_csv("moved.csv", {"x": [100 + i % 100 if i % 99 else -1 for i in range(4000)]})
    assert drift("compare", base, moved).code == 0
    ended = drift("compare", base, moved, "--threshold", threshold)
    assert ended.code == code
    assert ("values below the baseline's minimum 100" in ended.out) == bool(code)


def test_rows_that_came_twice_are_found_when_asked_for(drift: Drift) -> None:
    rows = {"x": [i * 7919 % 4001 for i in range(2000)], "y": [i % 90 for i in range(2000)]}
    base = write_csv("base.csv", rows)
    twice = write_csv("twice.csv", {name: values * 2 for name, values in rows.items()})
    names = ("--no-gate", "x")  # a value a row, whose repeats would be told
    assert drift("compare", base, twice, *names).code == 0
    assert drift("compare", base, twice, *names, "--threshold", "repeated=1%").code == 1
