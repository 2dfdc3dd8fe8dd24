"""Child processes of this one, which share no lock of Python's: work on them, results in order.

A child is a Python that runs nothing of the program it belongs to, so that a script needs no
`__main__` guard; it is asked and answers by pipes, and ends when they close, however that comes.
Where none can be started, or one dies, threads do the work: the results are the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from driftcli.engine.child import READY, opened, received, send
from driftcli.engine.room import memory
from driftcli.engine.threads import Item, Result, available_threads
from driftcli.engine.threads import in_order as on_threads

#: Processes at most, this one included: each takes some 100 MB before any data.
MOST = 8
#: And no more than have so much memory each.
EACH = 1 << 29

_BOOT = """\
import sys
sys.path[:] = {path}
import gc
gc.disable()
from driftcli.engine.child import serve
serve({processors})
"""


class _Gone(Exception):  # noqa: N818 - no error: its work is done elsewhere
    """A child that has died."""


class _Child:
    """A child process, which one thread at a time may ask."""

    def __init__(self, processors: int) -> None:
        path = ascii([each for each in sys.path if isinstance(each, str)])
        boot = _BOOT.format(path=path, processors=processors)
        self._work: Callable[[Any], Any] | None = None
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, *_flags(), "-c", boot],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if sys.stderr else subprocess.DEVNULL,
            # Ctrl-C is for this process, which knows when children have to end.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_ready(self) -> bool:
        """Wait until it can work; whether it ever can."""
        assert self._process.stdout
        with suppress(OSError, ValueError):
            return any(line.endswith(READY) for line in iter(self._process.stdout.readline, b""))
        return False

    def ask(self, work: Callable[[Any], Any], item: Any) -> Any:
        """Return what work makes of an item.

        Raises
        ------
        _Gone
            When the child has died.
        """
        assert self._process.stdin
        assert self._process.stdout
        known, self._work = self._work, None
        try:
            send(self._process.stdin, (None if work is known else work, item))
            answer = received(self._process.stdout)
        except (OSError, EOFError) as gone:
            raise _Gone from gone
        made, error = opened(answer)
        if error is not None:
            raise error
        self._work = work
        return made

    def end(self) -> None:
        """End it: it holds nothing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with suppress(OSError):  # what was not sent any more
                pipe.close()


def _flags() -> list[str]:
    """Return the options that this Python was started with, as far as they tell what it finds."""
    flags = sys.flags
    given = {
        "-I": flags.isolated,
        "-E": flags.ignore_environment,
        "-s": flags.no_user_site,
        "-S": flags.no_site,
        "-Xutf8": flags.utf8_mode,
    }
    warned = [f"-W{each}" for each in sys.warnoptions]
    return [*(flag for flag, value in given.items() if value), *warned]


class Children:
    """Child processes, started when they are first wanted, until nobody is left who keeps them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._keepers = 0
        self._all: list[_Child] = []
        self._begin()

    def _begin(self) -> None:
        self._started = 0
        # Whoever can work: None is a thread of this process.
        self._free: SimpleQueue[_Child | None] = SimpleQueue()

    @property
    def pids(self) -> list[int]:
        """The numbers of those that there are."""
        return [child.pid for child in self._all]

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep those that are started within for all of it."""
        with self._lock:
            self._keepers += 1
        try:
            yield
        finally:
            with self._lock:
                self._keepers -= 1
                ended = [] if self._keepers else self._all
                if not self._keepers:
                    self._all = []
                    self._begin()
            for child in ended:
                child.end()

    def start(self, count: int, here: int) -> None:
        """Have so many at least, and so many threads here, which work alone until they are there.

        Each may use as many processors as there are threads here.
        """
        with self._lock:
            for _ in range(0 if self._started else here):
                self._free.put(None)
            while self._started < count:
                self._started += 1
                Thread(
                    target=self._join, args=(self._begun(here or 1), self._free), daemon=True
                ).start()

    def _begun(self, processors: int) -> _Child | None:
        if not _can_start():
            return None
        try:
            child = _Child(processors)
        except OSError:  # no more processes, no room, or a place that has none
            return None
        self._all.append(child)
        return child

    @staticmethod
    def _join(child: _Child | None, free: SimpleQueue[_Child | None]) -> None:
        free.put(child if child and child.is_ready() else None)

    def work(self, work: Callable[[Item], Result], item: Item) -> Result:
        """Return what work makes of an item, on whoever is free first."""
        free = self._free
        worker = free.get()
        try:
            if worker is None:
                return work(item)
            made: Result = worker.ask(work, item)
        except _Gone:
            worker = None
            return work(item)
        else:
            return made
        finally:
            free.put(worker)


def _can_start() -> bool:
    """Return whether there is a Python to start: a program that embeds or freezes it is none."""
    name = Path(sys.executable or "").name.lower()
    return name.startswith(("python", "pypy")) and not getattr(sys, "frozen", False)


def _processes(threads: int) -> int:
    """Return how many processes share the work of so many threads."""
    room = memory() if threads > 1 else None
    return min(threads, MOST if room is None else max(1, min(MOST, room // EACH)))


_OURS = Children()
if hasattr(os, "register_at_fork"):  # a copy of this process has none
    os.register_at_fork(after_in_child=_OURS.__init__)  # type: ignore[misc]
#: Keeps child processes that are started within for all of it.
kept = _OURS.kept


def in_order(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    threads: int | None = None,
    ahead: int | None = None,
) -> Generator[Result]:
    """Map `work` over `items` as `threads.in_order`, but on child processes and this one.

    What the work is and holds, items and results can be pickled. It begins in this process, while
    children start; `kept` has them stay for the next call.
    """
    threads = threads or available_threads()
    processes = _processes(threads)
    if processes == 1:
        yield from on_threads(work, items, threads, ahead)
        return
    here = threads // processes
    with _OURS.kept():
        _OURS.start(processes - 1, here)
        yield from on_threads(partial(_OURS.work, work), items, processes - 1 + here, ahead)
