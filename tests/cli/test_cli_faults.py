"""Whatever a run of checks cannot read, write or record: its verdicts are printed, the store whole.

Each kind of call is counted and the n-th of it fails, for every n that there is. The checks run in
this process, so that their calls are counted, too.
"""

from __future__ import annotations

import errno
import io
import json
import os
import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Drift, Ended
from sqlalchemy import Engine, event

from driftcli.checks.planned import PlannedCheck, Task
from driftcli.checks.work import answer
from driftcli.checks.workers import Done
from driftcli.source.files import File

pytestmark = pytest.mark.slow

AT = datetime(2025, 3, 2, tzinfo=UTC)
STORE = "drift-history.db"
CONFIGURATION = """
    reports = ["{check}.json"]
    [checks.a]
    baseline = "base.csv"
    current = "moved.csv"
    [checks.b]
    baseline = "base.csv"
    current = "base.csv"
"""


class Faults:
    """Counts calls, and lets the n-th one fail."""

    def __init__(self, number: int, error: Exception) -> None:
        self.left = number
        self.error = error

    @property
    def happened(self) -> bool:
        return self.left <= 0

    def hit(self, *_: object) -> None:
        self.left -= 1
        if not self.left:
            raise self.error

    def before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.hit()
            return call(*given, **named)

        return counted


class _Writing(io.FileIO):
    """A file whose writes may fail."""

    faults: Faults

    def write(self, data: Any) -> int:
        self.faults.hit()
        return super().write(data)


@contextmanager
def statements(faults: Faults, patched: pytest.MonkeyPatch) -> Iterator[None]:
    def execute(*_: object) -> None:
        faults.hit()

    moments = {"before_cursor_execute": execute, "begin": faults.hit, "commit": faults.hit}
    for moment, fail in moments.items():
        event.listen(Engine, moment, fail)
    try:
        yield
    finally:
        for moment, fail in moments.items():
            event.remove(Engine, moment, fail)


@contextmanager
def writes(faults: Faults, patched: pytest.MonkeyPatch) -> Iterator[None]:
    kind = type("_", (_Writing,), {"faults": faults})
    patched.setattr("driftcli.writing.open", kind, raising=False)
    for name in ("write", "pwrite", "ftruncate"):
        patched.setattr(os, name, faults.before(getattr(os, name)))
    yield


@contextmanager
def names(faults: Faults, patched: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("link", "replace", "chmod"):
        patched.setattr(os, name, faults.before(getattr(os, name)))
    yield


@contextmanager
def flushes(faults: Faults, patched: pytest.MonkeyPatch) -> Iterator[None]:
    patched.setattr(os, "fsync", faults.before(os.fsync))
    yield


@contextmanager
def reads(faults: Faults, patched: pytest.MonkeyPatch) -> Iterator[None]:
    class Reading(io.FileIO):
        def readall(self) -> bytes:
            faults.hit()
            return super().readall()

        def read(self, size: int = -1) -> bytes:
            faults.hit()
            return super().read(size)  # type: ignore[return-value]

        def readinto(self, buffer: Any) -> int:
            faults.hit()
            return super().readinto(buffer)  # type: ignore[return-value]

    patched.setattr(File, "raw", lambda file: Reading(file.path))
    yield


FULL = OSError(errno.ENOSPC, "No space left on device")
KINDS = {
    "statements": (statements, sqlite3.OperationalError("database or disk is full")),
    "writes": (writes, FULL),
    "names": (names, FULL),
    "flushes": (flushes, FULL),
    "reads": (reads, OSError(errno.EIO, "Input/output error")),
}


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch, base: str, moved: str) -> None:
    def finished(
        orders: Sequence[PlannedCheck],
        folder: str,
        at_once: int,
        task_of: Callable[[PlannedCheck], Task],
    ) -> Generator[Done, None, None]:
        for order in orders:
            yield Done(order, answer(task_of(order)), 1, AT, AT)

    monkeypatch.setattr("driftcli.checks.run.finished", finished)
    Path("drift.toml").write_text(CONFIGURATION)


@pytest.mark.parametrize("kind", KINDS)
def test_the_nth_call_that_fails_takes_no_verdict_with_it(
    drift: Drift, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing, error = KINDS[kind]
    number = 0
    while True:
        number += 1
        afresh()
        faults = Faults(number, error)
        with monkeypatch.context() as patched, failing(faults, patched):
            ended = drift("run", "--date", "2025-03-02", "--format", "json", "--debug")
        if not faults.happened:
            break
        check_verdicts(ended, kind, number)
        check_store()
    assert (ended.code, number > 1) == (1, True)
    check_verdicts(ended, "none", number)


def afresh() -> None:
    for path in (*Path().glob(f"{STORE}*"), Path("a.json"), Path("b.json")):
        path.unlink(missing_ok=True)


def check_verdicts(ended: Ended, kind: str, number: int) -> None:
    """Hold a run to its verdicts; only what could not be read has none."""
    about = f"{kind}, the {number}th: {ended}"
    assert ended.code in (1, 2), about
    found = {each["check"]: each for each in json.loads(ended.out)["checks"]}
    outcomes = {name: each["outcome"] for name, each in found.items()}
    if kind != "reads":
        assert outcomes == {"a": "drift", "b": "ok"}, about
    else:
        assert list(outcomes.values()).count("error") <= 1, about
    for each in found.values():
        said = " ".join([*each["problems"], each["error"] or ""])
        assert bool(said) == (each["exit_code"] == 2), about
        if said and kind != "reads":
            assert "the disk is full" in said or "no space left on device" in said, about
    assert not list(Path().glob(".drift-*")), about
    for path in (Path("a.json"), Path("b.json")):
        with suppress(FileNotFoundError):
            json.loads(path.read_text())


def check_store() -> None:
    """Hold the store to be whole: no half of a result, and nothing that leads nowhere."""
    if not Path(STORE).exists():
        return
    connection = sqlite3.connect(STORE)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    judged = connection.execute(
        "SELECT count(j.column_id), count(DISTINCT p.result_id) FROM drift_results r"
        " LEFT JOIN drift_judgements j ON j.result_id = r.id"
        " LEFT JOIN drift_profiles p ON p.result_id = r.id"
        " WHERE r.verdict <> 'error' GROUP BY r.id"
    ).fetchall()
    assert set(judged) <= {(3, 1)}
    connection.close()
