"""Which columns are judged, by what, and under which names: as flags, as a file, as an API."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from cli_runs import Drift

from driftcli import ConfigError, compare

BASE = pa.table({"x": [float(n % 50) for n in range(1000)], "city": ["a", "b"] * 500})
MOVED = pa.table({"x": [100.0 + n % 50 for n in range(1000)], "city": ["a", "b"] * 500})


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{n % 50},{'ab'[n % 2]}\n" for n in range(1000))
    Path("base.csv").write_text("x,city\n" + rows)
    Path("moved.csv").write_text("x,city\n" + rows.replace("a\n", "c\n"))
    Path("renamed.csv").write_text("ix,city\n" + rows)


@pytest.mark.parametrize(
    "options", [["--no-gate", "city"], ["--no-gate", "x,c*"], ["-t", "city.* = off"]]
)
def test_a_column_that_is_not_gated_is_shown_and_cannot_drift(
    drift: Drift, options: list[str]
) -> None:
    assert drift("compare", "base.csv", "moved.csv").code == 1
    ended = drift("compare", "base.csv", "moved.csv", "--all", "--fail-on", "never", *options)
    assert "not gated: so configured" in ended.out


def test_no_gate_in_python() -> None:
    assert compare(BASE, MOVED).exit_code == 1
    assert compare(BASE, MOVED, no_gate="x").exit_code == 0
    assert compare(BASE, MOVED, no_gate=["x"]).exit_code == 0
    assert compare(BASE, MOVED, thresholds={"x.*": "off"}).exit_code == 0
    assert compare(BASE, MOVED, thresholds={"x.missing": "5%"}).exit_code == 1
    with pytest.raises(ConfigError) as caught:
        compare(BASE, MOVED, no_gate="y")
    assert str(caught.value) == "no_gate: no column 'y' in either dataset; known: x, city"
    with pytest.raises(ConfigError, match='"off" switches it off'):
        compare(BASE, MOVED, thresholds={"js_distance": 2})


def test_a_file_renames_columns_where_they_are(drift: Drift) -> None:
    Path("drift.toml").write_text('rename = { ix = "x" }\n')
    assert drift("compare", "base.csv", "renamed.csv").code == 0
    assert drift("compare", "base.csv", "base.csv").code == 0
    assert drift("profile", "renamed.csv", "-o", "renamed.profile").code == 0
    assert drift("compare", "renamed.profile", "base.csv").code == 0


@pytest.mark.parametrize(("old", "shown"), [("ix", "ix"), ('""', '""'), ('"a.b"', '"a.b"')])
def test_a_new_name_of_no_column_is_told_with_the_old_one(
    drift: Drift, old: str, shown: str
) -> None:
    Path("drift.toml").write_text(f'rename = {{ {old} = "xx" }}\n')
    ended = drift("compare", "base.csv", "base.csv")
    assert ended.code == 2
    assert ended.err == (
        f"drift: drift.toml: rename.{shown}: no column 'xx' in either dataset; did you mean 'x'?\n"
    )


CHECKS = """
exclude = ["nope"]
thresholds.js_distance = 2
[checks.one]
baseline = "base.csv"
current = "base.csv"
[checks.two]
baseline = "renamed.csv"
current = "renamed.csv"
"""


@pytest.mark.slow
def test_a_check_notes_what_of_the_file_has_no_effect_on_it(drift: Drift) -> None:
    Path("drift.toml").write_text(CHECKS)
    quiet, full = drift("run", "--no-history"), drift("run", "--no-history", "--all")
    assert (quiet.code, full.code) == (0, 0)
    assert "nope" not in quiet.out
    assert "drift.toml: exclude: in neither dataset of this comparison: 'nope'" in full.out
    assert "thresholds.js_distance: never reached: js_distance is at most 1" in full.out


@pytest.mark.slow
def test_calibrating_the_data_of_one_check_leaves_the_others_able_to_run(drift: Drift) -> None:
    Path("drift.toml").write_text(CHECKS)
    assert drift("calibrate", "renamed.csv", "--splits", "4").code == 0
    assert "[columns.ix]" in Path("drift.toml").read_text()
    assert drift("run", "--no-history").code == 0


def test_options_go_by_the_names_that_they_had(drift: Drift) -> None:
    ended = drift("history", "--store", "none.db")
    assert ended.code == 2
    assert ended.err == (
        "drift: warning: --store is called --history now\n"
        "drift: history none.db: there is no such store; `drift run` makes one, --history names"
        " it\n"
    )
    assert drift("history", "--store=none.db").err == ended.err
    assert drift("prune", "--keep", "1d", "--store", "none.db").err == ended.err
    excluded = drift("compare", "base.csv", "moved.csv", "--exclude", "city")
    assert excluded == drift("compare", "base.csv", "moved.csv", "--ignore", "city")
    assert excluded.code == 0
    for command in ("history", "accept", "calibrate", "compare", "profile"):
        text = drift(command, "--help").out
        assert "--store" not in text
        assert "--ignore" not in text


def test_what_looks_like_an_earlier_name_after_two_dashes_is_none(drift: Drift) -> None:
    assert drift("history", "--", "--store").err.startswith("drift: history drift-history.db")
