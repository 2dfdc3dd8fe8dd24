"""Checks with `joint = true`: pairs of columns beside columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from check_files import planned_of
from msgspec import structs

import driftcli
from driftcli.checks import work
from driftcli.checks.notify import text_of
from driftcli.checks.planned import Answer, Task, of_pairs
from driftcli.checks.run import run
from driftcli.errors import ConfigError
from driftcli.history import open_history
from driftcli.history.store import History
from driftcli.pipeline import inputs, joint
from driftcli.profile.saved import decoded
from driftcli.report.run import CheckReport, Run
from driftcli.report.schemas import json_schema

CHECK = 'joint = true\nbaseline = "base.parquet"\ncurrent = "{current}.parquet"\n'


def rows(seed: int, correlation: float, shift: float = 0.0) -> pa.Table:
    rng = np.random.default_rng(seed)
    x, noise = rng.normal(size=(2, 2_000))
    y = correlation * x + np.sqrt(1 - correlation**2) * noise
    return pa.table({"x": x, "y": y + shift, "z": rng.normal(size=2_000)})


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pq.write_table(rows(1, 0.6), "base.parquet")
    pq.write_table(rows(2, 0.6), "same.parquet")
    pq.write_table(rows(3, 0.0), "broken.parquet")
    pq.write_table(rows(4, 0.6, shift=1.0), "moved.parquet")


def answered(current: str, settings: str = "") -> Answer:
    text = f"[checks.orders]\n{CHECK.replace('{current}', current)}{settings}\n"
    (planned,) = planned_of(Path.cwd(), text)
    return work.answer(Task(planned))


def ran(text: str) -> Run:
    planned = planned_of(Path.cwd(), text)
    return run(planned, Path.cwd(), None, where=None, command="", warn=print, trace=print)


@pytest.mark.parametrize(
    ("current", "columns", "pairs", "code"),
    [
        ("same", "ok", "ok", 0),
        ("broken", "ok", "drift", 1),
        ("moved", "drift", "ok", 1),
    ],
)
def test_either_can_fail_the_check(current: str, columns: str, pairs: str, code: int) -> None:
    made = answered(current)
    assert made.report
    assert made.joint
    assert (made.report.verdict, made.joint.verdict, made.exit_code) == (columns, pairs, code)


def test_without_it_pairs_are_not_compared() -> None:
    made = answered("broken")
    text = '[checks.orders]\nbaseline = "base.parquet"\ncurrent = "broken.parquet"\n'
    (planned,) = planned_of(Path.cwd(), text)
    alone = work.answer(Task(planned))
    assert alone.joint is None
    assert (alone.exit_code, made.exit_code) == (0, 1)
    assert alone.report == made.report


@pytest.mark.parametrize("by", ["", 'by = ["half"]'], ids=["whole", "segments"])
def test_pairs_are_those_of_the_command(by: str) -> None:
    for name in ("base", "broken"):
        table = pq.read_table(f"{name}.parquet")
        half = pa.array(["low", "high"] * 1_000)
        pq.write_table(table.append_column("half", half), f"{name}.parquet")
    made = answered("broken", by)
    alone = driftcli.joint("base.parquet", "broken.parquet")
    assert made.joint
    assert tuple(structs.replace(pair, since=None) for pair in made.joint.pairs) == alone.pairs
    assert (made.joint.baseline, made.joint.verdict) == (alone.baseline, alone.verdict)


@pytest.mark.parametrize("kept", [0, 1_800], ids=["data", "profile"])
def test_segments_and_rows_that_are_kept_bring_pairs_no_more_rows(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joint, "ROWS", 700)
    monkeypatch.setattr(inputs, "DRAWN_ROWS", 700)
    half = pa.array(["low", "high"] * 1_000)
    for name in ("base", "broken"):
        pq.write_table(rows(6, 0.5).append_column("half", half), f"{name}.parquet")
    if kept:
        driftcli.Profile.of("base.parquet", keep_rows=kept).save("base.parquet")
    made = answered("broken", "" if kept else 'by = ["half"]')
    alone = driftcli.joint("base.parquet", "broken.parquet")
    assert made.joint
    for each in (made.joint, alone):
        assert (each.baseline.sampled_rows, each.current.sampled_rows) == (700, 700)


def test_settings_of_the_check_are_in_force() -> None:
    lenient = "thresholds.pair_dependence = 0.9\nthresholds.pair_correlation = 'off'"
    assert answered("broken", lenient).exit_code == 0
    assert answered("broken", "fail_on = 'never'").exit_code == 0
    assert answered("broken", "exclude = ['x']").exit_code == 0


def test_where_no_pair_can_be_judged_nothing_can_be_told() -> None:
    made = answered("same", "exclude = ['x', 'y']")
    assert made.joint
    assert (made.joint.verdict, made.exit_code) == ("unjudged", 2)
    assert answered("same", "exclude = ['x', 'y']\nnothing_judged = 'ok'").exit_code == 0


def test_a_redacted_profile_has_no_rows_for_pairs() -> None:
    driftcli.Profile.of("base.parquet").save("base.drift", redact=True)
    text = '[checks.orders]\njoint = true\nbaseline = "base.drift"\ncurrent = "same.parquet"\n'
    (planned,) = planned_of(Path.cwd(), text)
    made = work.answer(Task(planned))
    assert made.exit_code == 2
    assert made.error == (
        "base.drift: a profile has no rows, nor tables of pairs, which drift.toml:"
        " checks.orders.joint needs; give data, or make it with drift profile --keep-rows N"
    )


def test_data_without_rows_has_no_pair_to_judge() -> None:
    pq.write_table(rows(5, 0.6).slice(0, 0), "empty.parquet")
    made = answered("empty")
    assert made.joint
    assert (made.joint.verdict, made.exit_code) == ("unjudged", 2)


def test_each_report_of_pairs_is_beside_that_of_columns() -> None:
    made = answered("broken", 'reports = ["out/{check}.html", "{check}.xml", "{check}.json"]')
    assert made.reports == (
        *("out/orders.html", "out/orders.joint.html"),
        *("orders.xml", "orders.joint.xml"),
        *("orders.json", "orders.joint.json"),
    )
    assert made.joint
    assert json.loads(Path("orders.joint.json").read_text()) == made.joint.to_dict()
    assert "Pairs of columns" in Path("out/orders.joint.html").read_text()
    assert 'name="pair x × y"' in Path("orders.joint.xml").read_text()
    assert of_pairs("a.b/c") == "a.b/c.joint"


def test_two_checks_cannot_write_one_file() -> None:
    text = (
        f'[checks.a]\n{CHECK.replace("{current}", "same")}reports = ["r.json"]\n'
        '[checks.b]\nbaseline = "base.parquet"\ncurrent = "same.parquet"\n'
        'reports = ["r.joint.json"]\n'
    )
    with pytest.raises(ConfigError, match=r"'r\.joint\.json' is of a and of b"):
        planned_of(Path.cwd(), text)


def test_the_run_has_both_documents_and_the_worst_of_both() -> None:
    made = ran(
        f"[checks.broken]\n{CHECK.replace('{current}', 'broken')}"
        f"[checks.moved]\n{CHECK.replace('{current}', 'moved')}"
        f"[checks.same]\n{CHECK.replace('{current}', 'same')}"
    )
    assert [each.outcome for each in made.checks] == ["drift", "drift", "ok"]
    assert [each.exit_code for each in made.checks] == [1, 1, 0]
    document = made.to_dict()
    jsonschema.validate(document, json.loads(json.dumps(json_schema("run"))))
    assert document["checks"][0]["joint"]["schema"] == "drift.joint/1"


def test_a_message_names_the_pairs() -> None:
    made = ran(f"[checks.broken]\n{CHECK.replace('{current}', 'broken')}")
    title, body = text_of(made.checks[0], "drift")
    assert title == "drift: broken drifted"
    assert "x × y: rank correlation 0." in body


WINDOW = """
[checks.orders]
baseline = "last 28 days"
first_baseline = "base.parquet"
current = "{date}.parquet"
"""


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with open_history(str(tmp_path / "drift-history.db")) as opened:
        yield opened


def night(
    history: History, day: int, data: pa.Table, settings: str = "joint = true"
) -> CheckReport:
    """Run the check of a night in March, and return what is recorded of it."""
    date = f"2025-03-{day:02}"
    pq.write_table(data, f"{date}.parquet")
    planned = planned_of(Path.cwd(), WINDOW + settings, when=date)
    done = run(planned, Path.cwd(), history, where="", command="", warn=print, trace=print)
    (check,) = done.checks
    return check


def test_nights_are_compared_with_those_of_a_window(history: History) -> None:
    for day in range(1, 8):
        found = night(history, day, rows(20 + day, 0.6))
        assert found.joint
        assert (found.outcome, found.joint.summary.pairs) == ("ok", 3)
    assert found.joint.baseline.source == "last 28 days, 6 clean runs"
    assert found.joint.findings[0].message.startswith("noise by run, 6 + 1")
    broken = night(history, 8, rows(28, 0.0))
    assert broken.joint
    assert (broken.exit_code, broken.joint.verdict) == (1, "drift")
    assert broken.joint.pairs[0].columns == ("x", "y")
    assert night(history, 9, rows(29, 0.6)).outcome == "ok"


def test_a_night_without_rows_is_not_judged(history: History) -> None:
    for day in (1, 2):
        night(history, day, rows(20 + day, 0.6))
    empty = night(history, 3, rows(23, 0.6).slice(0, 0))
    assert empty.joint
    assert (empty.exit_code, empty.error, empty.joint.verdict) == (2, None, "unjudged")


def test_each_night_is_counted_in_the_cells_of_the_one_before(history: History) -> None:
    for day in range(1, 4):
        night(history, day, rows(20 + day, 0.6, shift=day / 100))
    held = [decoded(each, "night") for each in history.profiles("orders", *_march(1, 3))]
    first, *others = [each.pairs for each in held]
    assert first
    for each in others:
        assert each
        assert all(each.cells[name].tells_as(cells) for name, cells in first.cells.items())


def test_runs_that_kept_no_tables_are_no_baseline_of_pairs_yet(history: History) -> None:
    for day in (1, 2):
        assert night(history, day, rows(20 + day, 0.6), "joint = false").joint is None
    said = (
        "drift.toml: checks.orders.joint: no run of last 28 days, 2 clean runs kept tables of"
        " pairs; this one does, and the next is compared by them"
    )
    third = night(history, 3, rows(23, 0.6))
    assert third.report
    assert (third.outcome, third.joint) == ("ok", None)
    assert said in [each.message for each in third.report.findings]
    fourth = night(history, 4, rows(24, 0.6))
    assert fourth.joint
    assert (fourth.joint.verdict, fourth.joint.baseline.rows) == ("ok", 6_000)
    assert fourth.joint.baseline.sampled_rows == 2_000


@pytest.mark.parametrize(("correlation", "verdict"), [(0.2, "ok"), (-0.99, "drift")])
def test_nights_too_few_to_tell_count_like_a_few_rows_each(
    history: History, correlation: float, verdict: str
) -> None:
    """Each is one observation: only the grossest change is no chance."""
    for day in range(1, 3):
        night(history, day, rows(20 + day, 0.6))
    found = night(history, 3, rows(25, correlation))
    assert found.joint
    assert found.joint.findings[0].message == (
        "noise by run, 2 + 1: too few to tell how they differ, so that each counts like 10 rows"
    )
    assert found.joint.verdict == verdict


def test_one_night_is_no_set_of_independent_rows(history: History) -> None:
    night(history, 1, rows(21, 0.6))
    found = night(history, 2, rows(22, 0.3))
    assert found.joint
    assert (found.joint.verdict, found.joint.pairs[0].status) == ("ok", "ok")
    assert found.joint.findings[0].message.startswith("noise by run, 1 + 1: too few")


def test_nights_that_can_keep_no_tables_are_errors_rather_than_silence(history: History) -> None:
    for day in (1, 2):
        night(history, day, rows(20 + day, 0.6), "joint = false")
    third = night(history, 3, rows(23, 0.6), "joint = true\nexclude = ['x', 'y']")
    assert third.exit_code == 2
    assert third.error == (
        "drift.toml: checks.orders.joint: 2025-03-03.parquet has no tables of pairs to be kept for"
        " later runs: these are of 2 to 64 columns of numbers and categories in data; exclude some,"
        " or name a baseline of data"
    )


def _march(first: int, last: int) -> tuple[date, date]:
    return date(2025, 3, first), date(2025, 3, last)
