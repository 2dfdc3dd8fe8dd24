"""Each option of `drift compare` does what its help says, and each mistake is told in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Drift, Ended, write_csv

from driftcli.render import FORMATS


def report(drift: Drift, *arguments: str) -> dict[str, Any]:
    """Run `drift compare` and return its JSON report."""
    ended = drift("compare", *arguments, "--format", "json")
    assert ended.err == ""
    document: dict[str, Any] = json.loads(ended.out)
    assert document["exit_code"] == ended.code
    return document


def names(document: dict[str, Any]) -> set[str]:
    return {column["name"] for column in document["columns"]}


def score(document: dict[str, Any], column: str, metric: str) -> dict[str, Any]:
    (found,) = (each for each in document["columns"] if each["name"] == column)
    (scored,) = (each for each in found["scores"] if each["metric"] == metric)
    assert isinstance(scored, dict)
    return scored


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--columns", "amount"], {"amount"}),
        (["-c", "a*", "-c", "city"], {"amount", "city"}),
        (["-c", "amount,city"], {"amount", "city"}),
        (["-c", ",amount,,city,"], {"amount", "city"}),
        (["-c", "[ac]*"], {"amount", "city"}),
        (["-c", "?ity"], {"city"}),
        (["--exclude", "amount"], {"city", "level"}),
        (["-x", "*t", "-x", "level"], {"city"}),
        (["-x", "amount,level"], {"city"}),
        (["-c", "*", "-x", "c*"], {"amount", "level"}),
    ],
)
def test_columns_and_exclude_take_globs_and_lists(
    drift: Drift, base: str, moved: str, options: list[str], left: set[str]
) -> None:
    assert names(report(drift, base, moved, *options)) == left


def test_a_lost_column_that_is_excluded_is_not_told(drift: Drift, base: str) -> None:
    less = write_csv("less.csv", {"amount": [i % 10 for i in range(200)]})
    assert report(drift, base, less)["exit_code"] == 1
    document = report(drift, base, less, "--exclude", "city,level")
    assert (document["exit_code"], document["findings"]) == (0, [])


def test_rename_gives_the_current_column_the_name_of_the_baseline(drift: Drift, base: str) -> None:
    text = Path(base).read_text().replace("amount", "amt", 1)
    Path("renamed.csv").write_text(text)
    assert report(drift, base, "renamed.csv")["exit_code"] == 1
    document = report(drift, base, "renamed.csv", "--rename", "amt=amount")
    assert (document["exit_code"], document["findings"]) == (0, [])
    assert names(document) == {"amount", "city", "level"}


def test_several_columns_can_be_renamed(drift: Drift, base: str) -> None:
    text = Path(base).read_text().replace("amount,city", "city,amount", 1)
    Path("swapped.csv").write_text(text)
    swap = ("--rename", "city=amount", "--rename", "amount=city")
    assert report(drift, base, "swapped.csv", *swap)["exit_code"] == 0


def test_a_sample_is_stated_and_depends_on_the_seed_only(
    drift: Drift, base: str, moved: str
) -> None:
    sample = (base, moved, "--sample", "50")
    first, again = report(drift, *sample), report(drift, *sample, "--threads", "1")
    other = report(drift, *sample, "--seed", "7")
    assert first == again
    assert first["baseline"]["sampled_rows"] == first["current"]["sampled_rows"] == 50
    assert (
        score(first, "amount", "wasserstein")["value"]
        != score(other, "amount", "wasserstein")["value"]
    )
    table = drift("compare", *sample).out
    assert table.startswith(
        "base.csv (200 rows, sample of 50) → moved.csv (200 rows, sample of 50)\n"
    )


def test_a_sample_larger_than_the_data_is_the_data(drift: Drift, base: str, moved: str) -> None:
    sampled, whole = report(drift, base, moved, "--sample", "1000"), report(drift, base, moved)
    assert sampled["columns"] == whole["columns"]


def test_threads_change_nothing(drift: Drift, base: str, moved: str) -> None:
    one, three = (report(drift, base, moved, "--threads", n) for n in ("1", "3"))
    assert one == three


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 1),
        (["-t", "js_distance=0.9", "-t", "wasserstein=5", "-t", "kl=5"], 0),
        (["-t", "js_distance=off", "-t", "wasserstein=off", "-t", "kl=off"], 0),
        (["-t", "amount.js_distance=off", "-t", "am*.wasserstein=off", "-t", "*.kl=off"], 0),
        (["-t", "city.js_distance=off", "-t", "city.wasserstein=off", "-t", "city.kl=off"], 1),
        (["-m", "js_distance", "-t", "js_distance=0.7"], 1),
        (["-m", "js_distance", "-t", "js_distance=0.71"], 0),
        (["-m", "js_distance", "-t", "js_distance=0.5:0.9"], 0),
        (["-m", "js_distance", "-t", "js_distance=0.5:0.9", "--fail-on", "warn"], 1),
        (["-m", "js_distance", "-t", "js_distance=off", "-t", "amount.js_distance=0.1"], 1),
        (["-m", "js_distance", "-t", "js_distance=off", "-t", "js_distance=0.1"], 1),
        (["--fail-on", "never"], 0),
        (["--fail-on", "drift"], 1),
    ],
)
def test_thresholds_and_fail_on_decide_the_exit_code(
    drift: Drift, base: str, moved: str, options: list[str], code: int
) -> None:
    assert drift("compare", base, moved, *options).code == code


def test_a_warning_is_reported_as_one_and_fails_only_when_asked_to(
    drift: Drift, base: str, moved: str
) -> None:
    levels = ("-m", "js_distance", "-t", "js_distance=0.5:0.9")
    document = report(drift, base, moved, *levels)
    scored = score(document, "amount", "js_distance")
    assert (document["verdict"], document["exit_code"], scored["status"]) == ("warn", 0, "warn")
    assert (scored["warn_threshold"], scored["threshold"]) == (0.5, 0.9)


def test_drift_stays_the_verdict_when_nothing_fails(drift: Drift, base: str, moved: str) -> None:
    document = report(drift, base, moved, "--fail-on", "never")
    assert (document["verdict"], document["exit_code"]) == ("drift", 0)


def test_only_the_metrics_asked_for_are_scored(drift: Drift, base: str, moved: str) -> None:
    document = report(drift, base, moved, "-m", "ks", "--metric", "psi")
    scored = {each["metric"] for column in document["columns"] for each in column["scores"]}
    assert scored == {"ks", "psi"}


def test_all_shows_what_did_not_change(drift: Drift, base: str, moved: str) -> None:
    short, long = drift("compare", base, moved).out, drift("compare", base, moved, "-a").out
    assert "✓ city" not in short
    assert "✓ city" in long
    assert "✓ level" in long


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("amount;city\n{};a\n", ["--delimiter", ";"]),
        ("amount\tcity\n{}\ta\n", ["--delimiter", "\\t"]),
        ("amount|city\n{}|a\n", ["--delimiter", "|"]),
        ("amount\x01city\n{}\x01a\n", ["--delimiter", "\\x01"]),
        ("amount;city\n{},5;a\n", ["--delimiter", ";", "--decimal", ","]),
        ('amount,city\n{},"5%" pipe, b"\n', ["--escape", "%"]),
        ("amount,city\n{},'a,b'\n", ["--quote", "'"]),
        ('amount,city\n{},5" pipe\n', ["--quote", ""]),
        ("amount,city\n{},caf\xe9\n", ["--encoding", "latin-1"]),
        ("amount,city\n{},NA\n", ["--null", "NA", "--null", "-"]),
    ],
)
def test_the_options_for_reading_text_are_heeded(
    drift: Drift, text: str, options: list[str]
) -> None:
    head, row, _ = text.split("\n")
    lines = [head, *(row.replace("{}", str(i)) for i in range(20))]
    Path("text.csv").write_text("\n".join(lines) + "\n", encoding="latin-1")
    document = report(drift, "text.csv", "text.csv", *options)
    kinds = {column["name"]: column["kind"] for column in document["columns"]}
    assert kinds["amount"] == "numeric"
    assert set(kinds) == {"amount", "city"}
    missing = {column["name"]: column["baseline"]["missing"] for column in document["columns"]}
    assert missing["city"] == (1 if "NA" in text else 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-f", "tabel"], "--format 'tabel': did you mean 'table'?"),
        (["-f", "pdf"], f"--format 'pdf': known: {', '.join(FORMATS['report'])}"),
        (
            ["-m", "js_distanc"],
            "--metric: unknown metric 'js_distanc'; did you mean 'js_distance'?",
        ),
        (
            ["-t", "js_distanc=0.1"],
            (
                "--threshold 'js_distanc=0.1': unknown metric 'js_distanc';"
                " did you mean 'js_distance'?"
            ),
        ),
        (
            ["-t", "amuont.kl=1"],
            "--threshold: no column 'amuont' in either dataset; did you mean 'amount'?",
        ),
        (
            ["-t", "kl"],
            (
                "--threshold 'kl': expected METRIC=LEVEL or COLUMN.METRIC=LEVEL, with LEVEL a"
                " number, 5%, WARN:DRIFT or off; for example price.wasserstein=0.3"
            ),
        ),
        (
            ["-t", "kl=much"],
            (
                "--threshold 'kl=much': expected METRIC=LEVEL or COLUMN.METRIC=LEVEL, with LEVEL a"
                " number, 5%, WARN:DRIFT or off; for example price.wasserstein=0.3"
            ),
        ),
        (["-t", "kl=0.5:0.1"], "--threshold 'kl=0.5:0.1': warn 0.5 is above drift 0.1"),
        (
            ["--fail-on", "wran"],
            "--fail-on: expected 'change', 'drift', 'never' or 'warn', found text 'wran'",
        ),
        (["-c", "amuont"], "--columns: no column 'amuont'; did you mean 'amount'?"),
        (["-x", "zz*"], "--exclude: no column 'zz*'; known: amount, city, level"),
        (["-x", "*"], "nothing to compare: every column is ignored or excluded"),
        (["-c", "city", "-x", "c*"], "nothing to compare: every column is ignored or excluded"),
        (["--rename", "amt"], "--rename 'amt': expected OLD=NEW, such as --rename amt=amount"),
        (["--rename", "=x"], "moved.csv: no column '' to rename; known: amount, city, level"),
        (
            ["--rename", "amuont=x"],
            "moved.csv: no column 'amuont' to rename; did you mean 'amount'?",
        ),
        (["--encoding", "klingon"], "--encoding: unknown encoding 'klingon'"),
        (
            ["--delimiter", "ab"],
            "--delimiter: expected a single ASCII character or its escape, found text 'ab'",
        ),
        (["--config", "none.toml"], "none.toml: no such file (named by --config)"),
    ],
)
def test_a_mistake_is_one_line_that_names_what_was_meant(
    drift: Drift, base: str, moved: str, options: list[str], message: str
) -> None:
    assert drift("compare", base, moved, *options) == Ended(2, "", f"drift: {message}\n")


def test_both_sides_cannot_be_standard_input(drift: Drift) -> None:
    message = "drift: only one side can be '-', there is one standard input\n"
    assert drift("compare", "-", "-") == Ended(2, "", message)
