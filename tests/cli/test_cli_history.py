"""`drift history`: trends, exports and pruning, from the command line."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest
from cli_runs import COMMAND, Drift, process
from history_records import START, column, report, result, score

from driftcli.history import open_history
from driftcli.report.columns import Status
from driftcli.report.schemas import json_schema

STORE = "drift-history.db"
SCORES = (
    score("js_distance", 0.2, "drift"),
    score("kl", None, "drift", infinite=True),
    score("psi", 0.3, gated=False, threshold=None),
)


@pytest.fixture
def store() -> str:
    """A store beside no drift.toml: five days of orders, one of stock."""
    write({"price": ["ok", "ok", "drift", "drift", "drift"], "tax": ["ok"] * 5})
    return STORE


def write(columns: Mapping[str, list[Status]], check: str = "orders", place: str = STORE) -> None:
    with open_history(place) as history:
        run = history.begin_run("drift run")
        for number in range(max(map(len, columns.values()))):
            made = [
                column(name, said[number], scores=SCORES)
                if said[number] == "drift"
                else column(name, said[number])
                for name, said in columns.items()
            ]
            history.record(run, result(number, report(made), check, profile=b"x"))
        if check == "orders":
            history.record(run, result(1, {"left": "warn"}, "stock"))
        history.end_run(run)


def test_all_checks_worst_first(drift: Drift, store: str) -> None:
    done = drift("history")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "  check   runs   last run    state                              drifted",
        (
            "✗ orders  ▁▁███  2025-03-07  drifting since 2025-03-05, 3 runs  3 times, 2025-03-05"
            " to 2025-03-07"
        ),
        "! stock   !      2025-03-04  warning since 2025-03-04, 1 run",
        "",
        "▁ no drift; ! warning; █ drift",
    ]


def test_colour_may_be_asked_for_and_refused(
    drift: Drift, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for asked in ((), ("orders",), ("orders", "--column", "price")):
        plain = drift("history", *asked, "--color", "never")
        assert plain == drift("history", *asked)
        assert "\x1b[" not in plain.out
        assert "\x1b[1;31m" in drift("history", *asked, "--color", "always").out
    coloured = drift("history", "--color", "always", "-f", "json")
    assert coloured == drift("history", "-f", "json")
    assert drift("history", "--color", "always", "-o", "h.txt").code == 0
    assert "\x1b" not in Path("h.txt").read_text()


def test_one_check_and_one_column(drift: Drift, store: str) -> None:
    check = drift("history", "orders").out
    assert "✗ price    ▁▁██" in check
    assert "drifting since 2025-03-05, 3 runs" in check
    assert "✓ tax" in check
    metric = drift("history", "orders", "--column", "price").out
    assert "js_distance" in metric
    assert "✗ 2025-03-07       0.200▲  ∞▲" in metric


def test_the_json_fits_its_schema(drift: Drift, store: str) -> None:
    schema = json.loads(drift("schema", "--of", "history").out)
    assert schema == json.loads(json.dumps(json_schema("history")))
    for arguments in ([], ["orders"], ["orders", "--column", "price"]):
        done = drift("history", *arguments, "--format", "json")
        document = json.loads(done.out)
        jsonschema.validate(document, schema)
        assert document["checks"][0]["since"] == "2025-03-05"
    assert document["metrics"][0]["trend"][-1]["value"] == 0.2


def test_since_a_day_or_so_long_ago(drift: Drift, store: str) -> None:
    document = json.loads(drift("history", "--since", "2025-03-06", "-f", "json").out)
    assert [run["day"] for run in document["checks"][0]["trend"]] == ["2025-03-06", "2025-03-07"]
    assert document["checks"][0]["runs"] == 3
    ago = (datetime.now(UTC).date() - START).days
    for length, count in ((f"{ago}d", 5), (f"{ago - 3}d", 2), ("1w", 0)):
        document = json.loads(drift("history", "orders", "--since", length, "-f", "json").out)
        assert len(document["checks"][0]["trend"]) == count


def test_the_table_has_the_newest_40_runs_unless_told_otherwise(drift: Drift) -> None:
    write({"price": ["drift"] * 10 + ["ok"] * 50})
    assert f"✓ orders  {'▁' * 40}  " in drift("history").out
    assert "once" not in drift("history").out
    assert f"✓ orders  {'█' * 5}{'▁' * 25}  " in drift("history", "--since", "2025-01-01").out


def test_every_score_is_a_row_of_the_exports(drift: Drift, store: str) -> None:
    rows = list(csv.DictReader(io.StringIO(drift("history", "-f", "csv").out)))
    assert len(rows) == 5 + 2 + 3 * 3 + 1
    assert {row["check"] for row in rows} == {"orders", "stock"}
    assert drift("history", "-o", "scores.csv").out == ""
    assert Path("scores.csv").read_bytes().decode() == drift("history", "-f", "csv").out
    lines = drift("history", "orders", "--column", "price", "-f", "jsonl").out.splitlines()
    assert [json.loads(line)["metric"] for line in lines[2:5]] == ["js_distance", "kl", "psi"]
    assert json.loads(lines[3])["infinite"]
    assert drift("history", "orders", "--since", "2025-03-07", "-o", "x.parquet").code == 0
    table = pq.read_table("x.parquet")
    assert table.column("day").unique().to_pylist() == [date(2025, 3, 7)]
    assert table.num_rows == 4


def test_a_table_and_json_can_be_written_too(drift: Drift, store: str) -> None:
    assert drift("history", "-o", "history.json").out == ""
    assert json.loads(Path("history.json").read_text())["schema"] == "drift.history/1"
    drift("history", "-o", "history.txt")
    assert Path("history.txt").read_text() == drift("history").out


def test_the_store_is_the_options_the_environments_or_the_configurations(
    drift: Drift, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("own.db", "env.db", "set.db", "conf/drift-history.db"):
        Path(name).parent.mkdir(exist_ok=True)
        write({name.partition(".")[0].replace("/", "_"): ["ok"]}, name.partition(".")[0], name)
    Path("conf/drift.toml").write_text("")
    assert "conf/drift-history" in drift("history", "--config", "conf/drift.toml").out
    Path("drift.toml").write_text('history = "set.db"')
    assert "✓ set" in drift("history").out
    monkeypatch.setenv("DRIFT_HISTORY", "env.db")
    assert "✓ env" in drift("history").out
    assert "✓ own" in drift("history", "--history", "own.db").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["order"], "no run of a check 'order' is recorded; did you mean 'orders'?"),
        (
            ["orders", "--column", "prices"],
            "orders: no column 'prices' is recorded; did you mean 'price'?",
        ),
        (
            ["orders", "--column", "prices", "-f", "csv"],
            "orders: no column 'prices' is recorded; did you mean 'price'?",
        ),
        (["--column", "price"], "--column is one of a check; name the check too"),
        (["--format", "xml"], "--format 'xml': known: table, json, csv, jsonl, parquet"),
        (
            ["--format", "parquet"],
            "--format parquet: name the file to write with --output",
        ),
        (
            ["--since", "soon"],
            "--since 'soon': expected a day such as 2025-03-01, or how long ago: 30d or 4w",
        ),
        (
            ["--history", "none.db"],
            "history none.db: there is no such store; `drift run` makes one, --history names it",
        ),
        (["-o", "none/x.csv"], "--output none/x.csv: there is no directory 'none'; make it"),
    ],
)
def test_what_cannot_be_told(drift: Drift, store: str, arguments: list[str], told: str) -> None:
    done = drift("history", *arguments)
    assert (done.code, done.out, done.err) == (2, "", f"drift: {told}\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--keep", "long"], "--keep 'long': expected a number of days or weeks: 400d or 52w"),
        ([], "Missing option '--keep'; see drift prune --help"),
        (["--keep", "1d", "orders"], None),
    ],
)
def test_what_cannot_be_pruned(
    drift: Drift, store: str, arguments: list[str], told: str | None
) -> None:
    done = drift("prune", *arguments)
    assert (done.code, done.out) == (2, "")
    assert told is None or done.err == f"drift: {told}\n"
    assert done.err.count("\n") == 1


def test_old_results_are_pruned(drift: Drift, store: str) -> None:
    keep = (datetime.now(UTC).date() - START).days - 2  # the last three days
    told = f"6 results (5 profiles) of days before {START + timedelta(2)}\n"
    told = told.replace("6", "3").replace("5 p", "2 p")
    done = drift("prune", "--keep", f"{keep}d", "--dry-run")
    assert (done.code, done.out, done.err) == (0, "", f"drift: would remove {told}")
    assert drift("prune", "--keep", f"{keep}d").err == f"drift: removed {told}"
    assert drift("prune", "--keep", f"{keep}d").err.startswith("drift: removed 0 results")
    assert len(json.loads(drift("history", "-f", "json").out)["checks"]) == 1


def test_pruning_still_goes_by_its_earlier_name(drift: Drift, store: str) -> None:
    done = drift("history", "prune", "--keep", "9000d", "--dry-run")
    assert (done.code, done.out) == (0, "")
    warning, told = done.err.splitlines()
    assert warning == "drift: warning: history prune is called prune now"
    assert told.startswith("drift: would remove 0 results")


def test_a_check_called_prune_is_asked_for_behind_an_option(drift: Drift) -> None:
    write({"price": ["ok"]}, "prune")
    assert "prune  ok since" in drift("history", "--history", STORE, "prune").out


def test_help_tells_of_both(drift: Drift) -> None:
    assert "Usage: drift history [OPTIONS] [CHECK]" in drift("history", "--help").out
    assert "`drift prune`" in drift("history", "--help").out
    assert "Usage: drift prune [OPTIONS]" in drift("prune", "--help").out
    assert "Usage: drift prune [OPTIONS]" in drift("history", "prune", "--help").out


def test_help_loads_no_database() -> None:
    code = (
        "import sys\nfrom driftcli.__main__ import main\ntry:\n main()\nexcept SystemExit: pass\n"
    )
    code += "assert 'sqlalchemy' not in sys.modules"
    for arguments in (["history", "--help"], ["accept", "--help"]):
        subprocess.run(
            [sys.executable, "-c", code, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )


def test_hostile_names_are_told_harmlessly(drift: Drift) -> None:
    name = "\x1b[31mred\x07 <b>\n"
    write({name: ["ok", "drift"]}, "orders")
    with open_history(STORE) as history:
        history.record(history.begin_run("x"), result(0, {"x": "drift"}, name))
    for arguments in ([], ["orders"], ["orders", "--column", name], [name], ["-f", "csv"]):
        done = drift("history", *arguments)
        assert done.code == 0
        assert done.out.replace("\n", "").replace("\r", "").isprintable()
    done = drift("history", "\x1b[2J")
    assert (done.code, "\x1b" in done.err) == (2, False)


def test_it_runs_as_a_process_of_its_own(store: str) -> None:
    done = process("history")
    assert (done.code, done.err) == (0, "")
    assert "orders" in done.out


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a shell")
def test_a_reader_that_goes_away_ends_it_quietly(store: str) -> None:
    command = " ".join(COMMAND)
    done = subprocess.run(
        ["bash", "-c", f"{command} history -f csv | head -1 >/dev/null; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout.strip(), done.stderr) == ("0", "")
