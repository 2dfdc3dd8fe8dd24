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
from threading import Lock, Thread
from typing import Any

from driftcli.engine.child import READY, opened, received, send
from driftcli.engine.threads import Item, Result, available_threads
from driftcli.engine.threads import in_order as on_threads

#: Processes at most, this one included: each takes some 100 MB before any data.
MOST = 8

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
        self._idle: list[_Child] = []

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
                if ended:
                    self._all, self._idle = [], []
            for child in ended:
                child.end()

    def start(self, count: int, processors: int) -> None:
        """Have so many at least, if it can be; each may use so many processors."""
        with self._lock:
            while _can_start() and len(self._all) < count:
                try:
                    child = _Child(processors)
                except OSError:  # no more processes, no room, or a place that has none
                    return
                self._all.append(child)
                Thread(target=self._await, args=(child,), daemon=True).start()

    def _await(self, child: _Child) -> None:
        if child.is_ready():
            self._give_back(child)

    def _give_back(self, child: _Child) -> None:
        with self._lock:
            if child in self._all:
                self._idle.append(child)

    def work(self, work: Callable[[Item], Result], item: Item) -> Result:
        """Return what work makes of an item, on a child that is idle, or else in this thread."""
        with self._lock:
            child = self._idle.pop() if self._idle else None
        if child is None:
            return work(item)
        try:
            made: Result = child.ask(work, item)
        except _Gone:
            return work(item)
        except Exception:
            self._give_back(child)
            raise
        self._give_back(child)
        return made


def _can_start() -> bool:
    """Return whether there is a Python to start: a program that embeds or freezes it is none."""
    name = Path(sys.executable or "").name.lower()
    return name.startswith(("python", "pypy")) and not getattr(sys, "frozen", False)


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
    processes = min(threads, MOST)
    with _OURS.kept():
        if processes > 1:
            _OURS.start(processes - 1, threads // processes)
        side_by_side = processes - 1 + threads // processes
        yield from on_threads(partial(_OURS.work, work), items, side_by_side, ahead)
