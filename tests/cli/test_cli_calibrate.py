"""`drift calibrate`: what it writes, what it prints, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_runs import Drift
from seasons import season

from driftcli.calibration import Calibration
from driftcli.config import load
from driftcli.metrics import METRICS
from driftcli.render import Look
from driftcli.render.terminal.calibration import render
from driftcli.report.calibration import Learnt, ReferencePeriod, ThresholdOutcome

pytestmark = pytest.mark.slow

BY_DAY = ("--time", "ts", "--every", "1d")


@pytest.fixture(scope="module")
def _year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "history.parquet"
    table = season(range(364), 150, seed=1)
    order = pa.array(range(table.num_rows - 1, -1, -1))
    pq.write_table(table.take(order), path)
    return path


@pytest.fixture
def history(_year: Path) -> str:
    Path("history.parquet").symlink_to(_year)
    return "history.parquet"


def write(name: str, table: pa.Table) -> str:
    pq.write_table(table, name)
    return name


def test_the_written_file_is_silent_on_normal_days_and_speaks_on_others(
    drift: Drift, history: str
) -> None:
    normal = [write(f"{day}.parquet", season(range(day, day + 1), 150, 9)) for day in (370, 455)]
    # Rows are independent here: noise by days would be silent on normal ones already.
    by_rows = ("-x", "ts", "--block", "none")
    assert [drift("compare", history, each, *by_rows).code for each in normal] == [1, 1]

    done = drift("calibrate", history, *BY_DAY)
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("drift: wrote drift.toml: ")
    assert "thresholds from 364 periods of 1d" in done.err
    assert "# calibrated: 364 periods of 1d, highest " in Path("drift.toml").read_text()
    assert ", expected alarms at most 1 in 365\n" in Path("drift.toml").read_text()

    assert [drift("compare", history, each, *by_rows).code for each in normal] == [0, 0]
    for name, table in {
        "shifted": season(range(370, 371), 150, 9, shift=10),
        "new": season(range(370, 371), 150, 9, new=0.3),
    }.items():
        assert drift("compare", history, write(name, table), "-x", "ts").code == 1


def test_a_second_run_changes_nothing(drift: Drift, history: str) -> None:
    drift("calibrate", history, *BY_DAY)
    first = Path("drift.toml").read_bytes()
    drift("calibrate", history, *BY_DAY, "--threads", "1")
    assert Path("drift.toml").read_bytes() == first


def test_comments_and_values_set_by_hand_are_kept(drift: Drift, history: str) -> None:
    own = (
        "\ufeff# mine\nfail_on = 'warn'   # strict\n\n[columns.load]\nbins = 30\n"
        "thresholds.wasserstein = 0.7\n\n[columns.\"sh*\"]\nthresholds.kl = 'off' # no\n"
    )
    Path("drift.toml").write_bytes(own.encode())
    done = drift("calibrate", history, *BY_DAY, "--format", "table")
    assert done.code == 0, done.err
    assert "Kept as set by hand: load.wasserstein." in done.out
    assert "by hand  " not in done.out
    assert "1 threshold unchanged, 1 of them set by hand (--all shows them)" in done.out
    full = drift("calibrate", history, *BY_DAY, "--dry-run", "--all").out
    assert "→ by hand" in full
    assert "unchanged" not in full
    text = Path("drift.toml").read_bytes().decode()
    lines = own.splitlines(keepends=True)
    written = iter(text.splitlines(keepends=True))
    assert all(line in written for line in lines)  # each of them, in order
    settings = load(metrics=METRICS, config="drift.toml").settings
    assert settings.columns["load"].thresholds["wasserstein"].drift == 0.7
    assert settings.columns["load"].thresholds["js_distance"].drift is not None
    assert "kl" not in settings.columns["shop"].thresholds


def test_the_file_in_force_is_updated_wherever_it_lies(
    drift: Drift, history: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("pyproject.toml").write_text("[project]\nname = 'x'\n\n[tool.drift]\nbins = 10\n")
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert drift("calibrate", f"../{history}", *BY_DAY, "-c", "calm").code == 0
    text = Path("../pyproject.toml").read_text()
    assert "[tool.drift.columns.calm]\n" in text
    assert load(metrics=METRICS, config="../pyproject.toml").settings.columns["calm"].thresholds
    assert not Path("drift.toml").exists()


def test_a_dry_run_prints_a_table_and_writes_nothing(drift: Drift, history: str) -> None:
    done = drift("calibrate", history, *BY_DAY, "--dry-run")
    assert (done.code, done.err) == (0, "")
    heading = next(line for line in done.out.splitlines() if line.startswith("column"))
    assert heading.split() == [
        *("column", "metric", "default", "→", "learnt", "warn", "highest", "alarms", "learnt")
    ]
    assert "history.parquet: 364 periods of 1d, 2022-01-03 to 2023-01-01" in done.out
    assert not Path("drift.toml").exists()


def _learnt(
    column: str, outcome: ThresholdOutcome, warn: float | None, drift: float | None
) -> Learnt:
    return Learnt(
        column=column,
        metric="missing",
        default=0.02,
        warn=warn,
        drift=drift,
        periods=9,
        highest=0.1,
        default_alarms=0,
        learnt_alarms=0,
        expected_alarms=0.1,
        outcome=outcome,
    )


def test_the_table_counts_what_does_not_change() -> None:
    found = Calibration(
        source="x.csv",
        way="9 periods of 1d",
        warn_quantile=0.99,
        drift_quantile=0.999,
        floor=0.5,
        default_alarms=0,
        learnt_alarms=0,
        periods=(ReferencePeriod(label="a", rows=10), ReferencePeriod(label="b", rows=10)),
        left_out=(),
        thresholds=(
            _learnt("higher", "learnt", 0.03, 0.05),
            _learnt("warned", "learnt", 0.01, 0.02),
            _learnt("lower", "floor", None, 0.01),
            _learnt("out", "off", None, None),
            _learnt("same", "floor", None, 0.02000001),
            _learnt("mine", "kept", None, None),
            _learnt("beyond", "infinite", None, None),
        ),
        ungated=(),
    )
    brief = render(found, Look()).splitlines()
    assert [line.split("  ")[0] for line in brief[2:8]] == [
        *("column", "higher", "warned", "lower", "out"),
        "3 thresholds unchanged, 1 of them set by hand (--all shows them)",
    ]
    assert "0.0200 → 0.0500" in brief[3]
    assert "0.0200 → off" in brief[6]
    narrow = render(found, Look(width=40, show_all=True)).splitlines()
    assert max(map(len, narrow)) <= 40
    full = render(found, Look(show_all=True))
    assert [name for name in ("same", "mine", "beyond") if f"\n{name} " in full] == [
        *("same", "mine", "beyond")
    ]


def test_json_has_the_same_figures(drift: Drift, history: str) -> None:
    done = drift("calibrate", history, *BY_DAY, "--dry-run", "--format", "json")
    document = json.loads(done.out)
    jsonschema.validate(document, json.loads(drift("schema", "--of", "calibration").out))
    assert document["schema"] == "drift.calibration/1"
    assert document["way"] == "364 periods of 1d"
    assert len(document["periods"]) == 364
    assert {each["column"] for each in document["thresholds"]} == {"load", "calm", "shop"}


def test_files_and_random_splits(drift: Drift) -> None:
    names = [write(f"{at}.parquet", season(range(at, at + 7), 50, 3)) for at in range(0, 35, 7)]
    done = drift("calibrate", *names, "--dry-run")
    assert "0.parquet, 7.parquet, …: 5 files, 0.parquet to 28.parquet, 350 to 350 rows" in done.out
    done = drift("calibrate", names[0], "--splits", "4", "--min-rows", "1", "--dry-run")
    assert "4 random splits, split 1 to split 4" in done.out
    again = drift("calibrate", names[0], "--splits", "4", "--min-rows", "1", "--dry-run")
    assert again.out == done.out
    other = drift(
        "calibrate", names[0], "--splits", "4", "--min-rows", "1", "--dry-run", "--seed", "1"
    )
    assert other.out != done.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--time", "tss"], "drift: --time: no column 'tss'; did you mean 'ts'?"),
        (["--time", "load"], "drift: --time 'load': holds double and no times; these do: 'ts'"),
        (["--time", "shop"], "drift: --time 'shop': not a column of times: failed to"),
        (["--time", "ts", "--every", "1m"], "drift: --every '1m': expected a number and h, d, w"),
        (["--time", "ts", "--every", "10mo"], "drift: history.parquet: 2 periods of 10mo; calib"),
        (["--time", "ts", "--min-rows", "1000"], "drift: history.parquet: 0 periods of 1d of 1,0"),
        (["--time", "ts", "--splits", "5"], "drift: --time and --splits are two ways to cut"),
        (["--every", "1d"], "drift: --every cuts by a time column; name it with --time"),
        (["history.parquet", "--time", "ts"], "drift: --time cuts one dataset; name several"),
        (["history.parquet"], "drift: history.parquet, history.parquet: 2 files; calibration"),
        (["--splits", "2"], "drift: Invalid value for '--splits': 2 is less than 3"),
        (["--drift-quantile", "1"], "drift: --drift-quantile 1: must lie between 0 and 1"),
        (["--warn-quantile", "0.9999"], "drift: --warn-quantile must not lie above --drift-q"),
        (["--floor", "-1"], "drift: --floor -1: must be a number of at least 0"),
        (["--format", "jsn"], "drift: --format 'jsn': did you mean 'json'?"),
        (["--time", "ts", "-c", "lod"], "drift: --columns: no column 'lod'; did you mean"),
    ],
)
def test_mistakes_are_one_line_and_exit_with_2(
    arguments: list[str], sentence: str, drift: Drift, history: str
) -> None:
    done = drift("calibrate", history, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert done.err.startswith(sentence)
    assert not Path("drift.toml").exists()


def test_a_file_without_room_is_an_error_and_stays(drift: Drift, history: str) -> None:
    own = "columns = { load = { bins = 30 } }\n"
    Path("drift.toml").write_text(own)
    done = drift("calibrate", history, *BY_DAY)
    assert done.code == 2
    assert "no way to add thresholds to columns.load" in done.err
    assert Path("drift.toml").read_text() == own
