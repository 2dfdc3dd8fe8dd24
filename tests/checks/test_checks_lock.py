"""Two runs never overlap, and no lock outlives the run that holds it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from driftcli.checks.lock import LockedError, locked
from driftcli.errors import UsageError

NOW = timedelta(0)
HOLD = """
import sys, time
from datetime import timedelta
from pathlib import Path
from driftcli.checks.lock import locked
with locked(Path(sys.argv[1]), timedelta(seconds=float(sys.argv[3]))):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def holder(path: Path, seconds: float, patience: float = 0) -> subprocess.Popen[str]:
    """Start a process that holds the lock for some time, and return once it does."""
    arguments = [str(path), str(seconds), str(patience)]
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_refused_and_told_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with holder(path, 60) as other:
        with pytest.raises(LockedError) as caught, locked(path, NOW):
            pass
        other.kill()
    assert re.fullmatch(
        rf"{re.escape(str(path))}: another run holds the lock: process {other.pid} on"
        rf" {re.escape(socket.gethostname())}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00;"
        " --wait 10m waits",
        str(caught.value),
    )
    assert caught.value.exit_code == 2


def test_a_run_that_was_killed_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with holder(path, 60) as other:
        other.kill()
        other.wait()
        assert json.loads(path.read_text())["pid"] == other.pid  # what it wrote is still there
    with locked(path, NOW):
        assert json.loads(path.read_text())["pid"] == os.getpid()


def test_a_run_that_waits_gets_its_turn(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with holder(path, 1):
        started = time.monotonic()
        with locked(path, timedelta(seconds=30)):
            assert time.monotonic() - started > 0.5


def test_the_wait_comes_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with holder(path, 60) as other:
        started = time.monotonic()
        with pytest.raises(LockedError), locked(path, timedelta(seconds=0.5)):
            pass
        assert 0.5 <= time.monotonic() - started < 10
        other.kill()


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with pytest.raises(ZeroDivisionError), locked(path, NOW):
        raise ZeroDivisionError
    with locked(path, NOW):
        pass


@pytest.mark.parametrize("text", ["", "{}", "[]", "{", "x" * 10_000])
def test_a_lock_that_nobody_signed_is_refused_all_the_same(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.lock"
    with ExitStack() as stack:
        stack.enter_context(locked(path, NOW))
        path.write_text(text)
        with pytest.raises(LockedError, match="another run holds the lock; --wait"):
            stack.enter_context(locked(path, NOW))


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "no" / "x.lock"
    with pytest.raises(UsageError) as caught, locked(path, NOW):
        pass
    assert str(caught.value) == f"{path}: cannot be written: no such file or directory"


def test_no_child_inherits_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with locked(path, NOW):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        with locked(path, NOW):
            pass
    finally:
        child.kill()
        child.wait()
