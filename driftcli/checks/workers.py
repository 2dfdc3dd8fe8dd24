"""Checks side by side, each in a process of its own.

A process can be stopped when its time is up, whatever it waits for; one that dies takes no other
with it, and its memory goes back to the system.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from msgspec import Struct
from msgspec.structs import replace

from driftcli.checks.planned import Answer, PlannedCheck, Task
from driftcli.config import RunSettings, length
from driftcli.errors import CRASH, DriftError

#: Threads and locks of Arrow's do not survive a fork.
_CONTEXT = multiprocessing.get_context("spawn")


class Done(Struct, frozen=True):
    """A check that is done, after how many attempts; in UTC, when the last one began and ended."""

    planned: PlannedCheck
    answer: Answer
    attempts: int
    started: datetime
    finished: datetime


class _Attempt(Struct, frozen=True):
    """A check to try from `ready` on, by the monotonic clock, and again until `until`."""

    planned: PlannedCheck
    ready: float
    until: float
    number: int = 1

    @property
    def settings(self) -> RunSettings:
        return self.planned.configuration.running


class _Child(Struct, frozen=True):
    attempt: _Attempt
    process: BaseProcess
    pipe: Connection
    deadline: float
    started: datetime


def compared(task: Task) -> Answer:
    """Return what comes of a task; only a child loads what that takes."""
    from driftcli.checks.work import answer

    return answer(task)


def finished(
    checks: Sequence[PlannedCheck],
    folder: str,
    at_once: int,
    task_of: Callable[[PlannedCheck], Task] = Task,
    work: Callable[[Task], Answer] = compared,
) -> Generator[Done, None, None]:
    """Run checks, at most `at_once` at a time, and yield each as it comes to its end.

    A check whose data is not there yet is put off, and others run meanwhile. When the generator is
    closed, what still runs is stopped.

    Parameters
    ----------
    task_of
        Makes the task of a check, when its turn comes.
    folder
        The directory that paths are relative to.
    work
        What a child does with a task.
    """
    now = time.monotonic()
    waiting = [
        _Attempt(each, now, now + _seconds(each.configuration.running.retry)) for each in checks
    ]
    running: list[_Child] = []
    try:
        while waiting or running:
            while len(running) < at_once and (attempt := _first_ready(waiting)):
                running.append(_started(attempt, folder, task_of(attempt.planned), work))
            for child in _ended(running, _next_start(waiting, running, at_once)):
                running.remove(child)
                found = _answer(child)
                again = _again(child.attempt, found)
                if again:
                    waiting.append(again)
                else:
                    number = child.attempt.number
                    yield Done(
                        child.attempt.planned, found, number, child.started, datetime.now(UTC)
                    )
    finally:
        for child in running:
            _stop(child)


def _seconds(duration: str | None) -> float:
    return length(duration).total_seconds() if duration else 0.0


def _first_ready(waiting: list[_Attempt]) -> _Attempt | None:
    """Take the first attempt whose time has come off the list."""
    now = time.monotonic()
    for attempt in waiting:
        if attempt.ready <= now:
            waiting.remove(attempt)
            return attempt
    return None


def _started(attempt: _Attempt, folder: str, task: Task, work: Callable[[Task], Answer]) -> _Child:
    ours, theirs = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_run, args=(theirs, work, task, folder), daemon=True)
    process.start()
    theirs.close()  # so that the end of the child is the end of the pipe
    timeout = _seconds(attempt.settings.timeout)
    deadline = time.monotonic() + timeout if timeout else float("inf")
    return _Child(attempt, process, ours, deadline, datetime.now(UTC))


def _next_start(waiting: list[_Attempt], running: list[_Child], at_once: int) -> float:
    """Return when there is something else to do than to wait for children."""
    if len(running) == at_once:
        return float("inf")
    return min((each.ready for each in waiting), default=float("inf"))


def _ended(running: list[_Child], wake: float) -> list[_Child]:
    """Wait until a child ends, its time is up, or it is time to `wake`; return those that ended."""
    until = min([wake, *(child.deadline for child in running)])
    patience = None if until == float("inf") else max(0.0, until - time.monotonic())
    if not running:
        time.sleep(patience or 0.0)
        return []
    ready = wait([child.pipe for child in running], patience)
    now = time.monotonic()
    return [child for child in running if child.pipe in ready or child.deadline <= now]


def _answer(child: _Child) -> Answer:
    """Return what a child sends, or what became of it."""
    try:
        if not child.pipe.poll():
            limit = child.attempt.settings.timeout
            return _failed(f"took longer than its timeout of {limit}, and was stopped", 2)
        found: Answer = child.pipe.recv()
    except EOFError:
        child.process.join()
        return _failed(f"its process {_end(child.process.exitcode or 0)}", CRASH)
    finally:
        _stop(child)
    return found


def _failed(text: str, code: int) -> Answer:
    return Answer(error=text, exit_code=code)


def _end(code: int) -> str:
    if code >= 0:
        return f"ended with code {code} and no answer"
    name = signal.Signals(-code).name
    hint = "; was it short of memory?" if name == "SIGKILL" else ""
    return f"was ended by {name}{hint}"


def _stop(child: _Child) -> None:
    child.process.kill()
    child.process.join()
    child.process.close()
    child.pipe.close()


def _again(attempt: _Attempt, found: Answer) -> _Attempt | None:
    """Return the next attempt at a check whose data is not there yet, while there is time."""
    ready = time.monotonic() + _seconds(attempt.settings.retry_every)
    if not found.missing or ready > attempt.until:
        return None
    return replace(attempt, ready=ready, number=attempt.number + 1)


def _run(pipe: Connection, work: Callable[[Task], Answer], task: Task, folder: str) -> None:
    """Do a task in a child: from here on, it is the child's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted, and stops us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.chdir(folder)
    pipe.send(work(task))
    pipe.close()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(DriftError.exit_code)
