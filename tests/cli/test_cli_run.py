"""`drift run`: checks of drift.toml, run and recorded; one line each, the worst exit code."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from threading import Timer
from typing import Any

import jsonschema
import pytest
from cli_runs import COMMAND, CONTROL, Drift, Ended, on_terminal, process, write_csv
from history_records import column, report, result
from loopback import Loopback, loopback
from msgspec import structs
from waiting import wait_until

from driftcli.history import open_history
from driftcli.history.store import History
from driftcli.render import FORMATS

pytestmark = pytest.mark.slow

DAY = "2025-03-02"
OK = '[checks.calm]\nbaseline = "base.csv"\ncurrent = "same.csv"\n'
MOVED = '[checks.moved]\nbaseline = "base.csv"\ncurrent = "{date}.csv"\n'
LOST = '[checks.lost]\nbaseline = "base.csv"\ncurrent = "none/{date}.csv"\n'
NAMES = ("base.csv", "same.csv", f"{DAY}.csv")


def rows(shift: int) -> dict[str, list[object]]:
    return {
        "amount": [i % 10 + shift for i in range(400)],
        "city": ["abc"[i % 3] for i in range(400)],
        "at": [f"2025-03-{1 + i % 2:02d}T{i % 24:02d}:00:00Z" for i in range(400)],
    }


@pytest.fixture(autouse=True)
def _data(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, shift in zip(NAMES, (0, 0, 5), strict=True):
        write_csv(name, rows(shift))
    monkeypatch.delenv("DRIFT_HISTORY", raising=False)


def configure(*parts: str) -> None:
    Path("drift.toml").write_text("".join(parts), encoding="utf-8")


def history() -> History:
    return open_history("drift-history.db")


def documents(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


LINES = f"""\
✓ calm   no drift  3 columns, 400 rows
✗ moved  drift     1 of 3 columns: amount
✗ lost   error     none/{DAY}.csv: no such file or directory; there is no directory 'none' either.
"""


def test_a_line_a_check_details_of_what_failed_and_the_worst_code(drift: Drift) -> None:
    configure(OK, MOVED, LOST)
    ended = drift("run", "--date", DAY)
    assert (ended.code, ended.err) == (2, "")
    lines, details, summary = re.split(r"\n(?=── )|\n(?=✗ 3 checks)", ended.out)
    assert lines == LINES
    assert details.startswith("── moved ──")
    assert f"base.csv (400 rows) → {DAY}.csv (400 rows)" in details
    assert "✗ drift: 1 of 3 columns drifted (amount)" in details
    assert summary == "✗ 3 checks: 1 error · 1 drift · 1 no drift\n"
    assert CONTROL.search(ended.out) is None


def test_checks_side_by_side_come_out_the_same(drift: Drift) -> None:
    configure(OK, MOVED, LOST)
    one = drift("run", "--date", DAY, "--no-history")
    assert drift("run", "--date", DAY, "--no-history", "--jobs", "3") == one
    assert drift("run", "--date", DAY, "--no-history", "-j2", "--threads", "1") == one


@pytest.mark.parametrize(
    ("parts", "names", "code"),
    [
        ((OK,), (), 0),
        ((OK, MOVED), (), 1),
        ((OK, MOVED, LOST), ("c*", "moved"), 1),
        ((LOST,), (), 2),
    ],
)
def test_the_worst_code_counts(
    drift: Drift, parts: tuple[str, ...], names: tuple[str, ...], code: int
) -> None:
    configure(*parts)
    assert drift("run", *names, "--date", DAY).code == code


def test_a_check_that_is_ok_is_one_line(drift: Drift) -> None:
    configure(OK)
    assert drift("run") == Ended(0, "✓ calm  no drift  3 columns, 400 rows\n", "")
    assert "city" in drift("run", "--all").out


def test_quiet_prints_only_what_is_wrong(drift: Drift) -> None:
    configure(OK, MOVED)
    assert drift("run", "calm", "--quiet") == Ended(0, "", "")
    ended = drift("run", "--date", DAY, "-q")
    assert ended.code == 1
    assert ended.out.startswith("✗ moved  drift  1 of 3 columns: amount\n\n── moved ──")
    assert "calm" not in ended.out


def test_durations_and_colours_are_for_a_terminal() -> None:
    configure(OK)
    ended = on_terminal(("run",), columns=80)
    assert ended.code == 0
    shown = re.sub(r"\x1b\[[0-9;]*m", "", ended.out)
    assert shown != ended.out
    assert re.fullmatch(r"✓ calm  no drift  3 columns, 400 rows  \d+\.\d s\n", shown)


def test_the_document_has_the_schema_that_is_printed(drift: Drift) -> None:
    configure(OK, MOVED, LOST)
    ended = drift("run", "--date", DAY, "--format", "json")
    document = json.loads(ended.out)
    jsonschema.validate(document, json.loads(drift("schema", "--of", "run").out))
    assert (document["schema"], document["exit_code"], ended.code) == ("drift.run/1", 2, 2)
    assert (document["outcome"], document["config"]) == ("error", "drift.toml")
    assert document["history"] == "drift-history.db"
    calm, moved, lost = document["checks"]
    assert (calm["outcome"], calm["exit_code"], calm["error"]) == ("ok", 0, None)
    assert (moved["day"], moved["current"], moved["since"]) == (DAY, f"{DAY}.csv", DAY)
    assert moved["report"]["verdict"] == "drift"
    assert len(moved["current_fingerprint"]) == 64
    assert (lost["report"], lost["exit_code"]) == (None, 2)
    assert lost["started"] < lost["finished"]


def test_a_line_of_json_a_check(drift: Drift) -> None:
    configure(MOVED, LOST)
    moved, lost = documents(drift("run", "--date", DAY, "--format", "jsonl").out)
    assert (moved["check"], moved["outcome"], moved["columns"]["drift"]) == (
        "moved",
        "drift",
        ["amount"],
    )
    assert moved["rows"] == {"baseline": 400, "current": 400}
    assert lost["error"].startswith(f"none/{DAY}.csv: no such file or directory;")
    assert "columns" not in lost


def test_the_run_goes_to_files_too(drift: Drift) -> None:
    configure(MOVED)
    ended = drift("run", "--date", DAY, "-o", "json:run.json", "-o", "jsonl:run.jsonl", "--quiet")
    assert ended.out.startswith("✗ moved")
    assert json.loads(Path("run.json").read_text())["checks"][0]["check"] == "moved"
    assert len(documents(Path("run.jsonl").read_text())) == 1


def test_paths_are_relative_to_the_configuration(
    drift: Drift, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configure(MOVED, 'reports = ["reports/{date}/{check}.md", "reports/{check}.html"]\n')
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert drift("run", "--date", DAY).code == 1
    assert drift("run", "--date", DAY, "--config", "../drift.toml").code == 1
    assert not list(Path().iterdir())
    assert (tmp_path / "drift-history.db").exists()
    assert "amount" in (tmp_path / f"reports/{DAY}/moved.md").read_text("utf-8")
    assert "<html" in (tmp_path / "reports/moved.html").read_text("utf-8")


def test_a_check_has_settings_of_its_own(drift: Drift) -> None:
    lenient = "thresholds.js_distance = 1.0\nthresholds.wasserstein = 9\nthresholds.kl = 9\n"
    configure("thresholds.missing = 1.0\n", MOVED, lenient, MOVED.replace("moved", "strict"))
    out = drift("run", "--date", DAY).out
    assert "✓ moved   no drift" in out
    assert "✗ strict  drift" in out
    configure(MOVED, "columns.amuont.bins = 5\n")
    assert drift("run", "--date", DAY).out == (
        "✗ moved  error  drift.toml: checks.moved.columns.amuont.bins: no column 'amuont' in"
        " either dataset; did you mean\n"
        "                'amount'?\n"
    )


def test_segments_are_compared_in_a_check(drift: Drift) -> None:
    configure(MOVED, 'by = ["city"]\n')
    document = json.loads(drift("run", "--date", DAY, "-f", "json").out)
    assert document["checks"][0]["report"]["segments"]["by"] == ["city"]


def test_old_and_few_rows_fail(drift: Drift) -> None:
    configure(OK, 'max_age = "1d"\nmin_rows = 500\n')
    ended = drift("run", "--date", "2025-03-05T23:30")
    assert ended.code == 1
    assert ended.out.startswith(
        "✗ calm  drift  the current data has 400 rows, and must have 500 at least; newest row is"
        " 3 days old: `at`…\n"
    )
    assert "✗ newest row is 3 days old: `at` 2025-03-02T23:00:00+00:00, max_age 1d\n" in ended.out
    assert "3 columns compared · 1 side with too few rows · 1 stale side" in ended.out
    assert drift("run", "--date", "2025-03-03T12").code == 1  # too few rows still
    configure(OK, 'max_age = "1d"\nfail_on = "never"\n')
    assert drift("run", "--date", "2025-03-05").code == 0


def test_results_are_kept_with_since_when(drift: Drift) -> None:
    configure(OK, MOVED.replace("{date}", DAY), LOST)
    for day in ("2025-03-01", "2025-03-02", "2025-03-03"):
        ended = drift("run", "--date", day)
    assert "✗ moved  drift     1 of 3 columns (3 runs since 2025-03-01): amount\n" in ended.out
    assert "'none' either. (3 runs since\n" in ended.out
    report = json.loads(drift("run", "moved", "--date", "2025-03-03", "-f", "json").out)
    column = report["checks"][0]["report"]["columns"][0]
    assert (column["name"], column["since"]) == ("amount", "2025-03-01")
    with history() as kept:
        assert [kept.last(name).verdict for name in ("calm", "moved", "lost")] == [  # type: ignore[union-attr]
            "ok",
            "drift",
            "error",
        ]


def test_a_past_day_that_is_run_again_takes_the_place_of_its_result(drift: Drift) -> None:
    configure(MOVED)
    drift("run", "--date", DAY)
    write_csv(f"{DAY}.csv", rows(0))
    drift("run", "--date", DAY)
    with history() as kept:
        state = kept.last("moved")
    assert state is not None
    assert (state.verdict, state.runs) == ("ok", 1)


def test_no_history_keeps_nothing(drift: Drift) -> None:
    configure(OK)
    before = set(Path().iterdir())
    assert drift("run", "--no-history").code == 0
    assert set(Path().iterdir()) - before == {Path(".drift-run.lock")}


def test_the_history_may_lie_elsewhere(drift: Drift, monkeypatch: pytest.MonkeyPatch) -> None:
    configure('history = "kept/a.db"\n', OK)
    Path("kept").mkdir()
    drift("run")
    drift("run", "--history", "b.db")
    monkeypatch.setenv("DRIFT_HISTORY", "c.db")
    drift("run")
    names = {"kept/a.db", "b.db", "c.db"}
    assert all(Path(name).exists() and Path(f"{name}.lock").exists() for name in names)


def test_a_waiver_holds_until_its_day_and_is_named_afterwards(drift: Drift) -> None:
    configure(MOVED.replace("{date}", DAY))
    with history() as kept:
        kept.accept("moved", "amount", date(2025, 3, 2), "new price list", "ann")
    ended = drift("run", "--date", "2025-03-02")
    assert (ended.code, ended.out[:15]) == (0, "✓ moved  no dri")
    ended = drift("run", "--date", "2025-03-03")
    assert ended.code == 1
    assert (
        "! moved: the waiver of `amount` by ann ended on 2025-03-02: new price list\n" in ended.out
    )


ROLLING = '[checks.follow]\nbaseline = "last 7 days"\ncurrent = "{date}.csv"\n'


def test_a_baseline_follows_the_clean_runs(drift: Drift) -> None:
    configure(ROLLING)
    for day in range(3, 10):
        write_csv(f"2025-03-{day:02d}.csv", rows(0))
    ended = drift("run", "--date", "2025-03-03")
    assert ended.code == 2
    assert "no clean run from 2025-02-24 to 2025-03-02 to compare with; first_baseline" in " ".join(
        ended.out.split()
    )
    configure(ROLLING, 'first_baseline = "base.csv"\n')
    for day in ("03", "04", "05"):
        document = json.loads(drift("run", "--date", f"2025-03-{day}", "-f", "json").out)
    found = document["checks"][0]["report"]["baseline"]
    assert found["source"] == "last 7 days, 2 clean runs"
    assert found["rows"] == 800
    drift("run", "--date", "2025-03-02")  # which drifts, and is not clean
    document = json.loads(drift("run", "--date", "2025-03-06", "-f", "json").out)
    assert document["checks"][0]["report"]["baseline"]["rows"] == 1200
    assert document["checks"][0]["exit_code"] == 0
    ended = drift("run", "--no-history", "--date", "2025-03-06", "--config", "drift.toml")
    assert ended.code == 0  # with the first baseline
    configure(ROLLING)
    ended = drift("run", "--no-history", "--date", "2025-03-06")
    assert "'last 7 days' needs the history of earlier runs" in ended.out


def test_a_baseline_that_follows_takes_columns_that_came_in(drift: Drift) -> None:
    configure(ROLLING, 'first_baseline = "base.csv"\nnew_column = "ok"\n')
    write_csv("2025-03-03.csv", rows(0))
    write_csv("2025-03-04.csv", {**rows(0), "more": [1, 2] * 200})
    for day in ("03", "04", "04", "05"):
        write_csv("2025-03-05.csv", {**rows(0), "more": [1, 2] * 200})
        document = json.loads(drift("run", "--date", f"2025-03-{day}", "-f", "json").out)
    assert document["checks"][0]["report"]["baseline"]["source"] == "last 7 days, 1 clean run"
    assert document["exit_code"] == 0


def test_a_report_that_cannot_be_written_is_a_problem_of_its_own(drift: Drift) -> None:
    configure(OK, 'reports = ["base.csv", "drift.toml/x.md", "good.md"]\n')
    before = Path("base.csv").read_text()
    ended = drift("run")
    assert (ended.code, ended.err) == (2, "")
    assert ended.out == (
        "✓ calm  no drift  3 columns, 400 rows\n\n"
        "! calm: drift.toml: checks.calm.reports: 'base.csv' is the data; name another file\n"
        "! calm: drift.toml/x.md: cannot be written: file exists\n"
    )
    assert Path("base.csv").read_text() == before
    assert Path("good.md").exists()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """An address in the environment that takes what is posted to it."""
    # Apprise imports a module that Python has deprecated.
    warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
    with loopback() as kept:
        monkeypatch.setenv("HOOK", kept.url)
        yield kept


def test_a_change_of_state_is_told_once(drift: Drift, server: Loopback) -> None:
    configure('notify = ["${HOOK}"]\n', OK, MOVED.replace("{date}", DAY))
    titles = []
    for arguments in (["2025-03-01"], ["2025-03-02"], ["2025-03-03", "--always"], ["2025-02-01"]):
        ended = drift("run", "--date", *arguments)
        assert (ended.code, ended.err) == (1, "")
        titles.append([body["title"] for body in server.taken()])
    assert titles == [
        ["drift: moved drifted"],
        [],
        ["drift: calm is ok", "drift: moved drifted"],
        [],  # a past day is no news
    ]
    write_csv(f"{DAY}.csv", rows(0))
    assert drift("run", "--date", "2025-03-04").code == 0
    (told,) = server.taken()
    assert (told["title"], told["type"]) == ("drift: moved is ok again", "success")


def test_a_message_that_fails_changes_no_verdict_and_is_tried_again(
    drift: Drift, server: Loopback
) -> None:
    configure(MOVED, 'notify = ["${HOOK}"]\n')
    server.status = 500
    ended = drift("run", "--date", DAY, "--quiet")
    assert ended.code == 1
    assert ended.err == "drift: moved: ${HOOK} was not told: it was not delivered (status 500)\n"
    assert ended.out.startswith("✗ moved  drift  1 of 3 columns: amount\n")
    server.taken()
    server.status = 200
    assert drift("run", "--date", DAY).err == ""
    (told,) = server.taken()
    assert "amount: mean 4.5 → 9.5" in told["message"]
    assert "An earlier message could not be delivered." in told["message"]


def test_no_output_shows_a_secret(drift: Drift, server: Loopback) -> None:
    configure(f'notify = ["{server.url}", "slack://s3cret"]\n', MOVED)
    shown = [drift("config"), *(drift("run", "--date", DAY, "-f", form) for form in FORMATS["run"])]
    assert len(server.taken()) == 1
    assert "s3cret" not in str(shown)
    assert "slack://… was not told: Apprise knows no such address" in shown[1].err


def fifo() -> str:
    os.mkfifo("pipe")
    return '[checks.hangs]\nbaseline = "base.csv"\ncurrent = "pipe"\n'


def test_a_check_that_hangs_is_stopped(drift: Drift) -> None:
    configure(fifo(), 'timeout = "60m"\n')
    ended = drift("run", "--timeout", "2s")
    assert ended.code == 2
    assert (
        ended.out.splitlines()[0]
        == "✗ hangs  error  took longer than its timeout of 2s, and was stopped"
    )


def test_data_that_comes_late_is_waited_for(drift: Drift, monkeypatch: pytest.MonkeyPatch) -> None:
    configure('retry_every = "1s"\n', OK.replace("same", "late"), 'retry = "60m"\n')
    sleep = time.sleep

    def come(seconds: float) -> None:
        """Let the data come while the run waits to try again."""
        Path("late.csv").write_bytes(Path("same.csv").read_bytes())
        sleep(seconds)

    with monkeypatch.context() as patched:
        patched.setattr("driftcli.checks.workers.time.sleep", come)
        ended = drift("run", "-f", "jsonl")
    (line,) = documents(ended.out)
    assert (ended.code, line["outcome"], line["attempts"]) == (0, "ok", 2)
    assert drift("run", "--retry", "0s").code == 2  # no such duration
    Path("late.csv").unlink()
    configure(OK.replace("same", "late"))
    assert drift("run", "--retry", "1s").code == 2


def test_a_baseline_that_is_missing_is_not_waited_for(drift: Drift) -> None:
    configure(OK.replace("base.csv", "none.csv"), 'retry = "1h"\n')
    ended = drift("run", "-f", "jsonl")
    assert (ended.code, documents(ended.out)[0]["attempts"]) == (2, 1)


def running(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "run", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def recorded(check: str) -> Callable[[], bool]:
    def holds() -> bool:
        if not Path("drift-history.db").exists():
            return False
        with history() as kept:
            return kept.last(check) is not None

    return holds


def test_what_was_recorded_survives_a_crash_in_the_middle(drift: Drift) -> None:
    configure(OK, fifo())
    run = running()
    wait_until(recorded("calm"))
    run.kill()
    run.communicate()
    with history() as kept:
        state = kept.last("calm")
        assert kept.last("hangs") is None
    assert state is not None
    assert state.verdict == "ok"
    assert drift("run", "calm").code == 0  # the lock of the dead is none


def test_two_runs_never_overlap(drift: Drift) -> None:
    configure(OK, fifo())
    run = running()
    wait_until(recorded("calm"))
    ended = drift("run", "calm")
    assert (ended.code, ended.out) == (2, "")
    assert re.fullmatch(
        rf"drift: drift-history.db.lock: another run holds the lock: process {run.pid} on \S+,"
        r" since [-0-9]+ [:0-9]+\+00:00; --wait 10m waits\n",
        ended.err,
    )
    assert drift("run", "calm", "--dry-run").code == 0
    assert drift("run", "calm", "--lock", "other.lock", "--no-history").code == 0
    Timer(0.5, run.kill).start()
    assert drift("run", "calm", "--wait", "5m").code == 0
    run.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_told_to_end_stops_its_checks(number: int) -> None:
    configure(OK, fifo())
    run = running("--jobs", "2")
    wait_until(recorded("calm"))
    run.send_signal(number)
    out, err = run.communicate(timeout=300)
    assert (run.returncode, out, err) == (130, "", "drift: interrupted\n")
    # A child that still read the pipe would take this.
    with pytest.raises(OSError, match="No such device or address"):
        os.open("pipe", os.O_WRONLY | os.O_NONBLOCK)


def test_a_dry_run_prints_what_would_be_compared_and_reads_nothing(drift: Drift) -> None:
    window = ROLLING + 'first_baseline = "first.csv"\nreports = ["{check}-{date}.html"]\n'
    configure('timezone = "Asia/Tokyo"\n', LOST, window)
    ended = drift("run", "--dry-run", "--date", f"{DAY}T07:30")
    assert ended == Ended(
        0,
        f"lost  {DAY} 07:30 Asia/Tokyo\n"
        "  baseline  base.csv\n"
        f"  current   none/{DAY}.csv\n"
        "\n"
        f"follow  {DAY} 07:30 Asia/Tokyo\n"
        "  baseline  last 7 days\n"
        "  first     first.csv\n"
        f"  current   {DAY}.csv\n"
        f"  report    follow-{DAY}.html\n",
        "",
    )
    assert not Path("drift-history.db").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nonesuch",), "drift.toml: no check 'nonesuch'; known: calm"),
        (("--date", "soon"), "--date 'soon': expected a day such as 2025-03-01, or a time such as"),
        (
            ("--timeout", "soon"),
            "--timeout: expected a time such as '30m' (s, m, h, d or w), found",
        ),
        (("--retry", "1y"), "--retry: expected a time such as '30m' (s, m, h, d or w), found"),
        (("--wait", "1y"), "--wait '1y': expected a time such as '30m' (s, m, h, d or w)"),
        (("--jobs", "0"), "Invalid value for '--jobs' / '-j': 0 is less than 1"),
        (("--format", "csv"), "--format 'csv': known: table, json, jsonl"),
        (("--lock", "no/x.lock"), "no/x.lock: cannot be written: no such file or directory"),
        (("--history", "no/x.db"), "no/x.db.lock: cannot be written: no such file or directory"),
    ],
)
def test_mistakes_are_one_line(drift: Drift, arguments: tuple[str, ...], message: str) -> None:
    configure(OK)
    ended = drift("run", *arguments)
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert ended.err.startswith(f"drift: {message}")


def test_without_a_configuration(drift: Drift) -> None:
    message = "drift: no drift.toml here or above; `drift init DATA` writes one\n"
    assert drift("run") == Ended(2, "", message)


def test_errors_are_traced_on_demand(drift: Drift) -> None:
    configure(LOST)
    ended = drift("run", "--debug")
    assert ended.code == 2
    assert ended.err.startswith("drift: Traceback (most recent call last):\n")
    assert all(line.startswith("drift: ") for line in ended.err.splitlines())


def test_hostile_names_are_harmless(drift: Drift) -> None:
    name = "\x1b[31m|<b>\u202e"
    write_csv("base.csv", {name: [0, 1] * 150, "y": range(300)})
    write_csv("same.csv", {name: [5, 6] * 150, "y": range(300)})
    configure(OK)
    for arguments in ((), ("-f", "json"), ("-f", "jsonl"), ("--quiet",)):
        ended = drift("run", *arguments)
        assert ended.code == 1
        assert CONTROL.search(ended.out) is None


def test_a_terminal_without_our_signs_gets_others() -> None:
    configure(OK, MOVED, LOST)
    ended = process("run", "--date", DAY, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert ended.out.isascii()
    assert ended.out.startswith("ok calm   no drift")


def test_help_and_a_run_load_nothing_heavy_that_only_checks_need() -> None:
    code = (
        "import sys\n"
        "from driftcli.cli.process import run_process\n"
        "run_process(['run', '--quiet', '--no-history'])\n"
        "heavy = {'pandas', 'scipy', 'sqlalchemy', 'pyarrow', 'apprise'}\n"
        "print(*sorted(heavy & set(sys.modules)))\n"
    )
    configure(OK)
    script = Path("start.py")
    script.write_text(f"if __name__ == '__main__':\n    exec({code!r})\n")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "\n"


def test_the_day_is_that_of_the_time_zone(drift: Drift) -> None:
    configure('timezone = "Pacific/Kiritimati"\n', OK)
    drift("run")
    with history() as kept:
        state = kept.last("calm")
    assert state is not None
    assert abs((state.day - date.today()).days) <= 1  # noqa: DTZ011 - within a day of it


#: Times move on, and are not judged.
TIMES = {"at": [f"2025-03-{1 + i % 28:02d}T{i % 24:02d}:00:00Z" for i in range(400)]}


def test_a_check_that_judged_nothing_could_not_tell(drift: Drift) -> None:
    write_csv("times.csv", TIMES)
    blind = '[checks.blind]\nbaseline = "times.csv"\ncurrent = "times.csv"\n'
    configure(OK, blind)
    ended = drift("run", "--date", DAY)
    assert (ended.code, ended.err) == (2, "")
    assert ended.out.splitlines()[1].startswith("? blind  not judged  nothing was judged: `at`")
    assert ended.out.splitlines()[-1] == "? 2 checks: 1 not judged · 1 no drift"
    document = json.loads(drift("run", "--date", DAY, "--format", "json").out)
    assert (document["outcome"], document["exit_code"]) == ("unjudged", 2)
    (check,) = (each for each in document["checks"] if each["check"] == "blind")
    assert (check["outcome"], check["exit_code"], check["error"]) == ("unjudged", 2, None)
    with history() as kept:
        assert kept.outcomes("blind")["blind"] == [(date(2025, 3, 2), "unjudged")]
        assert kept.profiles("blind", date(2025, 3, 1), date(2025, 3, 3)) == []  # none is clean
    assert "not judged since 2025-03-02" in drift("history").out


@pytest.mark.parametrize(("setting", "code"), [("error", 2), ("warn", 0), ("ok", 0)])
def test_a_check_may_judge_nothing_where_that_is_set(drift: Drift, setting: str, code: int) -> None:
    write_csv("times.csv", TIMES)
    check = '[checks.blind]\nbaseline = "times.csv"\ncurrent = "times.csv"\n'
    configure(check, f'nothing_judged = "{setting}"\n')
    assert drift("run").code == code


def recorded_nights(rows: Sequence[int]) -> None:
    """Record that the check `calm` ran each day before `DAY`, with so many rows."""
    with history() as kept:
        for at, each in enumerate(reversed(rows), start=1):
            made = report([column("amount")])
            current = structs.replace(made.current, rows=each)
            day = date.fromisoformat(DAY) - timedelta(days=at)
            made = structs.replace(made, current=current)
            kept.record(kept.begin_run("drift run"), result(day, made, "calm"))


UNUSUAL = "the current data has 400 rows, × 0.5 of the 800 usual on a Sunday (the median of 4 runs)"


@pytest.mark.parametrize(
    ("setting", "code", "line"),
    [
        ("", 1, f"✗ calm  drift  {UNUSUAL}"),
        ('row_count = "drift"', 1, f"✗ calm  drift  {UNUSUAL}"),
        ('row_count = "warn"', 0, "! calm  warning  3 columns, 400 rows"),
        ('row_count = "ok"', 0, "✓ calm  no drift  3 columns, 400 rows"),
        ('fail_on = "never"', 0, f"✗ calm  drift  {UNUSUAL}"),
    ],
)
def test_half_a_load_is_found(drift: Drift, setting: str, code: int, line: str) -> None:
    configure(OK, setting)
    recorded_nights([800, 810, 790, 800, 805, 795, 800] * 4)
    ended = drift("run", "--date", DAY)
    assert (ended.code, ended.err) == (code, "")
    assert ended.out.splitlines()[0] == line


def test_rows_are_judged_by_earlier_days_only(drift: Drift) -> None:
    configure(OK)
    recorded_nights([400, 410, 390, 400, 405, 395, 400] * 4)
    assert drift("run", "--date", DAY).code == 0
    assert drift("run", "--date", "2025-02-10").code == 0
    assert drift("run", "--date", DAY, "--no-history").code == 0


def test_nights_beside_a_long_baseline_are_judged_by_past_nights(drift: Drift) -> None:
    write_csv("base.csv", {"amount": [i % 10 for i in range(20_000)]})
    write_csv("same.csv", {"amount": [i % 10 for i in range(150)]})
    configure(OK)
    ended = drift("run", "--date", DAY, "--format", "json")
    (check,) = json.loads(ended.out)["checks"]
    assert (check["outcome"], check["report"]["findings"][0]["kind"]) == ("warn", "few_rows")
    recorded_nights([150, 151, 149, 150] * 7)
    ended = drift("run", "--date", DAY, "--format", "json")
    (check,) = json.loads(ended.out)["checks"]
    assert (check["outcome"], check["report"]["findings"]) == ("ok", [])


def test_checks_run_though_the_store_is_of_no_use(drift: Drift) -> None:
    configure(MOVED, OK)
    Path("drift-history.db").touch()
    ended = drift("run", "--date", DAY, "-f", "json")
    run = json.loads(ended.out)
    assert ended.code == 2
    assert [(each["check"], each["outcome"], each["exit_code"]) for each in run["checks"]] == [
        ("moved", "drift", 2),
        ("calm", "ok", 2),
    ]
    told = "history drift-history.db: the store is empty (0 bytes), so it was cut; "
    assert all(each["problems"][0].startswith(told) for each in run["checks"])
    assert Path("drift-history.db").read_bytes() == b""


def test_a_window_of_a_store_that_is_of_no_use_is_no_other_baseline(drift: Drift) -> None:
    configure(
        '[checks.a]\nbaseline = "last 3 days"\nfirst_baseline = "base.csv"\n'
        "current = 'base.csv'\n"
    )
    Path("drift-history.db").touch()
    run = json.loads(drift("run", "-f", "json").out)
    assert run["checks"][0]["outcome"] == "error"
    assert "the store is empty" in run["checks"][0]["error"]
