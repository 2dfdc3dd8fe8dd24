"""Whatever is killed at whatever moment leaves what is whole, and no other.

DRIFT_KILLS says how often each command is killed: 3 times in CI, and as long as one likes by
`DRIFT_KILLS=300 pytest tests/cli/test_cli_kills.py`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import time
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from cli_runs import COMMAND, process, write_csv

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("DRIFT_KILLS", "3"))
STORE = Path("drift-history.db")
CONFIGURATION = """\
# Kept by hand.
reports = ["{check}.json", "{check}.html"]

[checks.a]
baseline = "base.csv"
current = "moved.csv"

[checks.b]
baseline = "base.csv"
current = "base.csv"
"""
COMMANDS = {
    "run": ["run", "--date", "2025-03-02", "--quiet"],
    "compare": ["compare", "base.csv", "moved.csv", "-o", "a.json", "-o", "a.html"],
    "profile": ["profile", "base.csv", "-o", "base.profile"],
    "calibrate": ["calibrate", "base.csv", "base.csv", "moved.csv"],
    "accept": ["accept", "a", "amount", "--until", "2099-12-31", "--why", "known"],
}


@pytest.fixture(autouse=True)
def _files() -> None:
    rows = range(2_000)
    write_csv("base.csv", {"amount": [i % 10 for i in rows], "city": ["abc"[i % 3] for i in rows]})
    write_csv("moved.csv", {"amount": [i % 9 for i in rows], "city": ["ab"[i % 2] for i in rows]})
    Path("drift.toml").write_text(CONFIGURATION)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_killed_leaves_nothing_half_done(name: str) -> None:
    started = time.monotonic()
    first = process(*COMMANDS[name])
    took = time.monotonic() - started
    assert first.code in (0, 1), first
    chance = random.Random(name)
    for _ in range(ROUNDS):
        # Most of the time goes to the start, in which nothing is written.
        _killed(COMMANDS[name], after=took * chance.uniform(0.3, 1.0))
        _check_files()
        _check_store()
    again = process(*COMMANDS[name])
    assert again.code == first.code, again
    assert not list(Path().glob(".drift-*"))


def _killed(arguments: list[str], after: float) -> None:
    """Run a command and kill it, with all that it started, after some seconds."""
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as child:
        try:
            child.wait(after)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)


def _check_files() -> None:
    """Hold each file to be as a command makes it."""
    for path in Path().glob("*.json"):
        assert json.loads(path.read_text())["schema"] == "drift.report/1"
    for path in Path().glob("*.html"):
        assert path.read_text().rstrip().endswith("</html>")
    for path in Path().glob("*.profile"):
        assert process("show", str(path)).code == 0
    held = Path("drift.toml").read_text()
    assert held.startswith("# Kept by hand.")
    assert set(tomllib.loads(held)["checks"]) == {"a", "b"}


def _check_store() -> None:
    if not STORE.exists():
        return
    with closing(sqlite3.connect(STORE)) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        halves = store.execute(
            "SELECT r.id FROM drift_results r LEFT JOIN drift_judgements j ON j.result_id = r.id"
            " GROUP BY r.id HAVING count(j.column_id) <> 2"
        ).fetchall()
        assert halves == []
