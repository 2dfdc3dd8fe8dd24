"""`drift timeline`: the verdict as an exit code, the files it writes, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from cli_runs import Drift
from seasons import season

BY_DAY = ("--time", "ts")


@pytest.fixture
def history() -> str:
    """30 days of 300 rows; from the 20th on `load` is 6 higher."""
    moved = [season(range(20), 300, 1), season(range(20, 30), 300, 1, shift=6.0)]
    pq.write_table(pa.concat_tables(moved), "history.parquet")
    return "history.parquet"


@pytest.fixture
def before() -> str:
    """The 20 days before, all in one."""
    pq.write_table(season(range(335, 363), 300, 1).drop_columns("ts"), "before.parquet")
    return "before.parquet"


@pytest.fixture(autouse=True)
def _only_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge what the season and the week do not move so far."""
    settings = 'ignore = ["shop"]\nmetrics = ["wasserstein"]\nthresholds.wasserstein = 2\n'
    Path("drift.toml").write_text(settings)


def test_drift_in_any_period_is_exit_code_1(drift: Drift, history: str) -> None:
    done = drift("timeline", history, *BY_DAY)
    assert (done.code, done.err) == (1, "")
    assert "✗ load" in done.out
    assert "since 2022-01-23" in done.out
    assert "30 periods of 1d by ts, 2022-01-03 to 2022-02-01" in done.out


def test_brief_is_a_line_a_column(drift: Drift, history: str) -> None:
    done = drift("timeline", history, *BY_DAY, "--brief")
    assert done.code == 1
    heading, load, blank, verdict = done.out.splitlines()
    assert heading.startswith("  column  2022-01-03")
    assert load.startswith("✗ load    ")
    assert (blank, verdict) == (
        "",
        "✗ drift: 1 of 2 columns drifted (load) in 10 of 29 periods · 1 unchanged",
    )
    drift("timeline", history, *BY_DAY, "-o", "t.json")
    assert drift("report", "t.json", "--brief").out == done.out
    quiet = drift("timeline", history, *BY_DAY, "-t", "load.wasserstein=off", "--brief")
    assert quiet.code == 0
    assert quiet.out.count("\n") == 1


def test_only_the_last_periods_count_where_so_asked(drift: Drift, history: str) -> None:
    pq.write_table(pq.read_table(history).slice(0, 6_000), "calm.parquet")
    assert drift("timeline", "calm.parquet", *BY_DAY, "--last", "1").code == 0
    done = drift("timeline", history, *BY_DAY, "--last", "1", "--against", "first")
    assert done.code == 1
    assert "1 period of 1d by ts, 2022-02-01" in done.out


def test_other_datasets_and_profiles_are_baselines(drift: Drift, history: str, before: str) -> None:
    assert drift("profile", before, "-o", "before.profile").code == 0
    pacsv.write_csv(pq.read_table(history), "history.csv")
    pacsv.write_csv(pq.read_table(before), "before.csv")
    made = []
    for data, baseline in (
        (history, before),
        (history, "before.profile"),
        ("history.csv", "before.csv"),
    ):
        done = drift("timeline", data, *BY_DAY, "--baseline", baseline, "--format", "json")
        assert done.code == 1
        document = json.loads(done.out)
        assert document["baseline"]["source"] == baseline
        made.append([cell["status"] for cell in document["columns"][0]["cells"]])
    assert made[0] == made[1] == made[2]


def test_redacted_profiles_are_baselines_too(
    drift: Drift, history: str, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFT_SALT", "pepper")
    Path("drift.toml").unlink()
    assert drift("profile", before, "-o", "plain.profile").code == 0
    assert drift("profile", before, "-o", "hidden.profile", "--redact").code == 0
    made = []
    for baseline in ("plain.profile", "hidden.profile"):
        arguments = ("--baseline", baseline, "--columns", "shop", "--format", "json")
        done = drift("timeline", history, *BY_DAY, *arguments)
        (column,) = json.loads(done.out)["columns"]
        made.append([cell["status"] for cell in column["cells"]])
    assert made[0] == made[1]


def test_reports_are_written_beside_the_table(drift: Drift, history: str) -> None:
    outputs = ("json:t.json", "csv:t.csv", "markdown:t.md", "table:t.txt")
    arguments = [part for each in outputs for part in ("--output", each)]
    done = drift("timeline", history, *BY_DAY, *arguments)
    assert done.code == 1
    assert "✗ load" in done.out
    document = json.loads(Path("t.json").read_text())
    assert document["schema"] == "drift.timeline/1"
    assert document["exit_code"] == 1
    rows = list(csv.DictReader(io.StringIO(Path("t.csv").read_text())))
    assert {row["column"] for row in rows} == {"load", "calm"}
    assert Path("t.md").read_text().startswith("## ❌ Drift")
    assert "since 2022-01-23" in Path("t.txt").read_text()


def test_the_format_goes_by_the_suffix(drift: Drift, history: str) -> None:
    done = drift("timeline", history, *BY_DAY, "-o", "t.json")
    assert (done.code, done.out) == (1, "")
    assert json.loads(Path("t.json").read_text())["verdict"] == "drift"


def test_the_schema_is_printed(drift: Drift, history: str) -> None:
    import jsonschema

    schema = json.loads(drift("schema", "--of", "timeline").out)
    document = json.loads(drift("timeline", history, *BY_DAY, "--format", "json").out)
    jsonschema.validate(document, schema)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 1),
        (("--fail-on", "never"), 0),
        (("--drifted-columns", "2"), 0),
        (("--drifted-columns", "2", "--fail-on", "warn"), 1),
        (("--threshold", "load.wasserstein=off"), 0),
        (("--metric", "missing"), 0),
        (("--exclude", "load"), 0),
        (("--baseline", "2022-01-24.."), 1),
        (("--baseline", "2022-01-24..", "--last", "3"), 2),
        (("--every", "1w", "--against", "previous"), 1),
        (("--every", "1d", "--window", "1w", "--against", "season:2w"), 1),
    ],
)
def test_options_decide_the_verdict(
    options: tuple[str, ...], code: int, drift: Drift, history: str
) -> None:
    assert drift("timeline", history, *BY_DAY, *options).code == code


def test_text_times_are_cut_alike(drift: Drift, history: str) -> None:
    table = pq.read_table(history)
    pacsv.write_csv(table.set_column(0, "ts", table["ts"].cast(pa.string())), "history.csv")
    ways = (history, *BY_DAY), ("history.csv", *BY_DAY)
    documents = [json.loads(drift("timeline", *way, "--format", "json").out) for way in ways]
    assert documents[0]["periods"] == documents[1]["periods"]
    assert documents[0]["columns"][0]["changes"] == documents[1]["columns"][0]["changes"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--time", "t"], "drift: --time: no column 't'; did you mean 'ts'?"),
        (["--time", "load"], "drift: --time 'load': holds double and no times; these do: 'ts'"),
        ([*BY_DAY, "--every", "1y"], "drift: --every '1y': expected a number and h, d, w or mo"),
        ([*BY_DAY, "--against", "last"], "drift: --against 'last': "),
        ([*BY_DAY, "--baseline", "nowhere.csv"], "drift: nowhere.csv: no such file or directory"),
        (
            [*BY_DAY, "--baseline", "2022-02-30.."],
            "drift: '2022-02-30..': one of the ends is no date or time",
        ),
        ([*BY_DAY, "--timezone", "UTC"], "drift: --timezone 'UTC': the times of 'ts' have no zone"),
        ([*BY_DAY, "--timezone", "Nowhere"], "drift: --timezone 'Nowhere': "),
        ([*BY_DAY, "--last", "0"], "drift: Invalid value for '--last': 0 is less than 1"),
        ([*BY_DAY, "--format", "jsn"], "drift: --format 'jsn': did you mean 'json'?"),
        ([*BY_DAY, "--format", "junit"], "drift: --format 'junit': "),
        (
            [*BY_DAY, "-o", "table:history.parquet"],
            "drift: --output history.parquet: this is the data",
        ),
        ([*BY_DAY, "-c", "lod"], "drift: --columns: no column 'lod'; did you mean 'load'?"),
        ([], "drift: Missing option '--time'"),
    ],
)
def test_mistakes_are_one_line_and_exit_with_2(
    arguments: list[str], sentence: str, drift: Drift, history: str
) -> None:
    done = drift("timeline", history, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert done.err.startswith(sentence)


def test_a_profile_has_no_rows_to_cut(drift: Drift, history: str, before: str) -> None:
    assert drift("profile", history, "-o", "history.profile").code == 0
    done = drift("timeline", "history.profile", *BY_DAY)
    assert (done.code, done.err.startswith("drift: history.profile: a profile has no rows")) == (
        2,
        True,
    )
    done = drift("timeline", "history.profile", *BY_DAY, "--baseline", before)
    assert done.code == 2
    assert done.err == (
        "drift: history.profile: a profile has no rows to tell apart by --time; give data\n"
    )
