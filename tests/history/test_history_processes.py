"""Several processes write to one store, and some of them die."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from driftcli.history import open_history

pytestmark = pytest.mark.slow

_WRITERS, _RESULTS = 6, 12
#: Opens the store, says so, and then records: argv has the store, a name and how many results.
_WRITE = """
import sys
from history_records import result
from driftcli.history import open_history

place, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open_history(place) as history:
    run = history.begin_run(name)
    for number in range(count):
        shared = {f"column_{each}": "ok" for each in range(number % 5, 20)}
        history.record(run, result(number, shared, check="shared", current=name))
        history.record(run, result(number, {"own": "drift"}, check=name, profile=bytes(50_000)))
        print(number, flush=True)
    history.end_run(run)
"""


def writer(place: str, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITE, place, name, str(count)]
    folder = Path(__file__).parents[1]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)


def test_writers_that_come_at_once_lose_nothing(place: str) -> None:
    """They also all find no store, and make it."""
    writers = [writer(place, f"writer_{number}", _RESULTS) for number in range(_WRITERS)]
    for each in writers:
        each.communicate(timeout=120)
        assert each.returncode == 0
    with open_history(place, create=False) as history:
        assert history.begin_run("x") == _WRITERS + 1
        outcomes = history.outcomes()
        assert {len(days) for days in outcomes.values()} == {_RESULTS}
        assert len(outcomes) == _WRITERS + 1
        assert len(history.columns("shared")) == 20
        every = list(history.scores())
        assert len(every) == _WRITERS * _RESULTS + sum(20 - n % 5 for n in range(_RESULTS))


def test_a_writer_that_is_killed_loses_nothing_it_had_recorded(place: str) -> None:
    for round_ in range(3):
        name = f"dying_{round_}"
        dying = writer(place, name, 10_000)
        assert dying.stdout
        told = [dying.stdout.readline() for _ in range(2 + round_)][-1]
        time.sleep(0.01 * round_)
        dying.send_signal(signal.SIGKILL)
        rest = dying.communicate(timeout=60)[0].split()
        recorded = int((rest or [told])[-1]) + 1
        with open_history(place, create=False) as history:
            kept = history.outcomes()[name]
            # The one that was being recorded is there as a whole, or not at all.
            assert recorded <= len(kept) <= recorded + 1
            assert all(verdict == "drift" for _, verdict in kept)
            assert [len(runs) for runs in history.column_runs(name).values()] == [len(kept)]
            assert len(list(history.scores(name))) == len(kept)


def test_a_file_is_whole_after_its_writer_was_killed(tmp_path: Path) -> None:
    place = str(tmp_path / "history.db")
    dying = writer(place, "dying", 10_000)
    assert dying.stdout
    dying.stdout.readline()
    dying.kill()
    dying.communicate(timeout=60)
    with open_history(place) as history:
        history.begin_run("x")
    connection = sqlite3.connect(place)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
