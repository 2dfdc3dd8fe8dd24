"""The engine of this process: work on its threads, and its results in order."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import Any, ClassVar, TypeVar

from msgspec import Struct

from driftcli.engine import room
from driftcli.engine.contract import Join, Lanes, Part, Told, Unit, Work, Worked
from driftcli.engine.failures import FailedUnit
from driftcli.engine.passes import Cutting
from driftcli.engine.tree import Carry, Outcome, attempted, held, joined, placed

Item = TypeVar("Item")
Result = TypeVar("Result")


class Threads(Struct, frozen=True):
    """Threads of this process: so many, or `available_threads` when None.

    Where `children` are to help, most of them are processes.
    """

    count: int | None = None
    children: bool = False

    elsewhere: ClassVar[bool] = False

    def map_merge(
        self,
        work: Work[Unit, Part],
        join: Join[Part],
        lanes: Lanes[Unit],
        progress: Told,
    ) -> Mapping[Hashable, Worked[Part]]:
        """Return the part of each lane: see `Engine`."""
        carries: dict[Hashable, Carry[Outcome[Part]]] = {}
        # Rows of a stream wait in memory: of those one unit more than are worked at is taken.
        ahead = 0 if isinstance(lanes, Cutting) and lanes.streamed else None
        results = self._in_order()(partial(attempted, work), placed(lanes), self.count, ahead)
        with closing(results):
            for lane, outcome in results:
                if isinstance(outcome, FailedUnit):
                    raise outcome.error
                progress(outcome.worked)
                carries.setdefault(lane, Carry(partial(joined, join))).add(outcome)
        made = in_order(_finished, carries.values(), self.count)
        return dict(zip(carries, held(made), strict=True))

    def _in_order(self) -> Callable[..., Generator[Any]]:
        if not self.children:
            return in_order
        from driftcli.engine.children import in_order as on_children

        return on_children


def _finished(carry: Carry[Outcome[Part]]) -> Outcome[Part]:
    return carry.finish()


def available_threads() -> int:
    """Return the number of threads that this process has processors and memory for."""
    return room.threads()


def in_order(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    threads: int | None = None,
    ahead: int | None = None,
) -> Generator[Result]:
    """Map `work` over `items` on threads; yield results in order, a bounded number ahead.

    There are `available_threads` when `threads` is None. Items are taken up to one more
    than there are threads, and `ahead` more: another for each thread when that is None.
    """
    threads = threads or available_threads()
    if threads == 1:
        yield from map(work, items)
        return
    most = threads + (threads if ahead is None else ahead)
    with ThreadPoolExecutor(threads, "drift") as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > most:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8


def keep_freed_memory() -> None:
    """Have glibc reuse freed blocks instead of returning them to the system.

    Blocks of a million values come and go all the time here; having each of their pages mapped
    and zeroed anew costs a quarter of the profiling. And have all threads share what was freed:
    what one makes another merges, and with a heap each a timeline took a third more memory.
    Elsewhere this does nothing. For programs only: a library must not decide this for the process
    it is used in.

    Where nothing was searched for garbage so far, it is from here on, except for what is there.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_MMAP_THRESHOLD, 32 * 2**20)
        libc.mallopt(_TRIM_THRESHOLD, 2**30)
        libc.mallopt(_ARENA_MAX, 1)
