"""Two runs never overlap, and no lock outlives the run that holds it."""

from __future__ import annotations

import errno
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


def test_a_run_that_waits_gets_its_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.lock"
    with holder(path, 600) as other:
        waits: list[float] = []

        def wait(seconds: float) -> None:
            waits.append(seconds)
            other.kill()
            other.wait()

        monkeypatch.setattr("driftcli.checks.lock.time.sleep", wait)
        with locked(path, timedelta(seconds=600)):
            assert json.loads(path.read_text())["pid"] == os.getpid()
    assert len(waits) == 1


def test_the_wait_comes_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with holder(path, 60) as other:
        started = time.monotonic()
        with pytest.raises(LockedError), locked(path, timedelta(seconds=0.5)):
            pass
        assert time.monotonic() - started >= 0.5
        other.kill()


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with pytest.raises(ZeroDivisionError), locked(path, NOW):
        raise ZeroDivisionError
    with locked(path, NOW):
        pass


@pytest.mark.parametrize("text", ["", "{}", "[]", "{", "x" * 10_000, "[" * 4000, '{"a":' * 800])
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


FOREIGN = {
    "settings": b'[checks.a]\nbaseline = "b.csv"\n',
    "rows": b"a,b\n1,2\n",
    "bytes": bytes(range(256)),
    "a report": b'{"schema": "drift.report/1", "verdict": "ok"}\n',
    "a signature and more": b'{"pid": 1, "host": "h", "since": "s"}\n{"pid": 2}\n',
    "a signature with more in it": b'{"pid": 1, "host": "h", "since": "s", "more": 1}\n',
    "deep JSON": b"[" * 4000,
    "a long file that begins with blanks": b" " * 4096 + b"kept",
}


@pytest.mark.parametrize("held", FOREIGN.values(), ids=FOREIGN)
def test_a_file_that_holds_something_else_is_refused_and_stays(tmp_path: Path, held: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(held)
    with pytest.raises(UsageError) as caught, locked(path, NOW):
        pass
    assert str(caught.value) == f"{path}: not empty, and no lock of drift; name another file"
    assert path.read_bytes() == held


@pytest.mark.parametrize("left", [b"", b"\n", b"\0" * 100])
def test_a_file_that_holds_nothing_becomes_a_lock(tmp_path: Path, left: bytes) -> None:
    """Zeros are what a file system may leave of a file after a power failure."""
    path = tmp_path / "x.lock"
    path.write_bytes(left)
    with locked(path, NOW):
        assert json.loads(path.read_text())["pid"] == os.getpid()


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_refused_and_what_it_leads_to_stays(tmp_path: Path, there: bool) -> None:
    path, target = tmp_path / "x.lock", tmp_path / "target"
    path.symlink_to(target)
    if there:
        target.touch()
    with pytest.raises(UsageError) as caught, locked(path, NOW):
        pass
    assert str(caught.value) == f"{path}: a link, and no lock; name the file itself"
    assert target.exists() == there
    assert not there or target.read_bytes() == b""


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (Path("/dev/null"), Path("/dev/zero"), Path("/dev/full"), pipe, tmp_path):
        with pytest.raises(UsageError) as caught, locked(path, NOW):
            pass
        assert str(caught.value) == f"{path}: not a file, and so no lock; name another one"


def test_a_full_disk_takes_nothing_from_a_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, data: bytes, at: int) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "x.lock"
    monkeypatch.setattr("driftcli.checks.lock.os.pwrite", full)
    with ExitStack() as stack:
        stack.enter_context(locked(path, NOW))
        with pytest.raises(LockedError, match="another run holds the lock; --wait"):
            stack.enter_context(locked(path, NOW))
    assert path.read_bytes() == b""
    with locked(path, NOW):
        pass


def test_half_a_signature_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.pwrite
    path = tmp_path / "x.lock"
    monkeypatch.setattr("driftcli.checks.lock.os.pwrite", lambda to, data, at: write(to, b"{", at))
    with locked(path, NOW):
        assert path.read_bytes() == b""
