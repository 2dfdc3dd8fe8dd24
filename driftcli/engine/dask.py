"""The engine of a Dask cluster that stands there: units to its workers, one part back.

Parts are made and merged where the rows are read, and only what comes of a lane is fetched.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socket import gethostname
from typing import Any, ClassVar, NamedTuple
from uuid import uuid4
from weakref import WeakSet

from distributed import Client, Future, KilledWorker
from distributed.comm import CommClosedError
from msgspec import Struct

from driftcli.engine.contract import Join, Lanes, Part, Told, Unit, Work, Worked
from driftcli.engine.dask_workers import Lookout, check_workers, connected
from driftcli.engine.failures import FailedUnit
from driftcli.engine.tree import (
    FAN,
    Carry,
    Outcome,
    Sent,
    attempted_there,
    first_of,
    held,
    joined,
    placed,
)
from driftcli.engine.versions import Versions
from driftcli.errors import EngineError

#: What is merged frees memory, and comes before what takes more; what is asked for is small.
_MERGE_FIRST, _TELL_FIRST = 10, 20
#: Units that are sent ahead, a thread of the workers, and at least.
_AHEAD, _FEWEST_AHEAD = 4, 16
#: Units that are tasks by themselves, a thread of the workers: others share tasks.
_APART = 32
#: Bytes of units that are sent ahead: those of files hold next to none.
_AHEAD_BYTES = 64 << 20
#: After so many seconds without news it is seen whether there are workers.
_LOOK = 2.5


@contextmanager
def opened(asked: str | Client) -> Iterator[Dask]:
    """Return the engine of a scheduler's address, or of a client, which stays open.

    Raises
    ------
    EngineError
        When there is no scheduler, or a worker lacks what it needs.
    """
    with connected(asked) as (client, shown):
        check_workers(client, shown)
        yield Dask(client, shown)


class Dask(Struct, frozen=True):
    """The workers of a cluster, by a client of it; `shown` is what messages call it."""

    client: Client
    shown: str

    elsewhere: ClassVar[bool] = True

    def map_merge(
        self,
        work: Work[Unit, Part],
        join: Join[Part],
        lanes: Lanes[Unit],
        progress: Told,
    ) -> Mapping[Hashable, Worked[Part]]:
        """Return the part of each lane: see `Engine`."""
        with _understood(self.shown):
            lookout = Lookout(self.client)
        sending = _Sending(self.client, self.shown, pickle.dumps(work), pickle.dumps(join), lookout)
        try:
            return sending.made(lanes, progress)
        finally:
            sending.cancel()


class _News(NamedTuple):
    """What the driver is told of a unit: all of what came of it but the part."""

    place: int
    worked: Worked[None]


class _Lane(NamedTuple):
    """What comes of units of a lane, eight by eight, and the next, which wait for one more."""

    groups: Carry[Future]
    waiting: list[Sent]


@dataclass
class _Sending:
    """One piece of work on the cluster: what was sent, and what is not finished yet."""

    client: Client
    shown: str
    work: bytes
    join: bytes
    lookout: Lookout
    _sent: WeakSet[Future] = field(default_factory=WeakSet)
    _ahead: deque[tuple[Future, int]] = field(default_factory=deque)
    _ahead_bytes: int = 0
    _apart: int = 0
    _failed: list[FailedUnit] = field(default_factory=list)

    def made(self, lanes: Lanes[Unit], progress: Told) -> dict[Hashable, Worked[Any]]:
        """Return the part of each lane."""
        threads = self._threads()
        most, self._apart = max(_FEWEST_AHEAD, _AHEAD * threads), _APART * threads
        known: dict[Hashable, _Lane] = {}
        for each in placed(lanes):
            if isinstance(each, FailedUnit):
                self._failed.append(each)
                break
            place, name, unit = each
            lane = known.setdefault(name, _Lane(Carry(self._merged), []))
            if len(lane.waiting) == FAN:
                lane.groups.add(self._group(lane.waiting))
                lane.waiting.clear()
                self._tell(progress, most)
            lane.waiting.append((place, pickle.dumps(unit)))
            if self._failed:
                break
        made = {}
        for name, lane in known.items():
            made[name] = self._finished(lane)
            self._tell(progress, most)
        self._tell(progress, 0)
        if self._failed:
            raise first_of(self._failed).error
        found = [self._result(future) for future in made.values()]
        return dict(zip(made, held(found), strict=True))

    def _finished(self, lane: _Lane) -> Future:
        """Send the last units of a lane, and return what comes of all."""
        if not lane.groups:
            return self._merged([self._task([each]) for each in lane.waiting], last=True)
        lane.groups.add(self._group(lane.waiting))
        return lane.groups.finish()

    def _group(self, some: Sequence[Sent]) -> Future:
        """Return what comes of neighbours of which others of their lane are left.

        Once all threads have work they share a task, as each costs about as much as a unit.
        """
        if self._apart <= 0 or len(some) == 1:
            return self._task(some)
        self._apart -= len(some)
        return self._merged([self._task([each]) for each in some], last=False)

    def _task(self, some: Sequence[Sent]) -> Future:
        """Send units, and ask to be told what comes of them."""
        ours = tuple(Versions.here())
        leaf = self._submit(_leaf, ours, self.work, self.join, list(some))
        news = self._submit(_news, leaf, priority=_TELL_FIRST)
        size = sum(len(unit) for _, unit in some)
        self._ahead.append((news, size))
        self._ahead_bytes += size
        return leaf

    def _merged(self, some: Sequence[Future], *, last: bool) -> Future:
        return self._submit(_node, self.join, list(some), last=last, priority=_MERGE_FIRST)

    def _submit(self, function: Callable[..., object], *args: object, **how: Any) -> Future:
        name = function.__name__
        future = self.client.submit(_called, name, *args, key=_key(name), **how)
        self._sent.add(future)
        return future

    def _tell(self, progress: Told, most: int) -> None:
        """Wait for what came of the first units that were not told of, until `most` are left."""
        while len(self._ahead) > most or self._ahead_bytes > _AHEAD_BYTES:
            future, size = self._ahead.popleft()
            self._ahead_bytes -= size
            news = self._result(future)
            if isinstance(news, FailedUnit):
                self._failed.append(news)
            else:
                progress(news.worked)

    def _result(self, future: Future) -> Any:
        while True:
            with _understood(self.shown, future):
                try:
                    return future.result(timeout=_LOOK)
                except TimeoutError:
                    if future.status == "error":
                        raise
                    lost = self.lookout.lost()
            if lost:
                raise EngineError(
                    f"{self.shown}: has no workers, or none any more; start some and run it again"
                )

    def _threads(self) -> int:
        with _understood(self.shown):
            return sum(self.client.nthreads().values())

    def cancel(self) -> None:
        """Have the cluster forget what is not finished; where it is lost, that is no other error.

        It goes on standing.
        """
        if unfinished := [each for each in self._sent if not each.done()]:
            with suppress(Exception):
                self.client.cancel(unfinished)


def _key(name: str) -> str:
    """Return a key that is no other's, with what dashboards call the task before the dash."""
    return f"drift{name}-{uuid4().hex}"


def _called(name: str, *args: object, **how: object) -> object:
    """Call a function of this module by its name, on a worker."""
    from importlib import import_module

    return getattr(import_module("driftcli.engine.dask"), name)(*args, **how)


# So that it is sent as code: where nothing of ours is installed, the task says so. A name that
# cannot be looked up is found as a message is read, and ends the worker.
_called.__module__ = "__main__"


def _leaf(
    versions: tuple[str, str, str], work: bytes, join: bytes, some: Sequence[Sent]
) -> Outcome[Any]:
    """Return what came of units, on a worker; it may have joined since the others were checked."""
    if misfit := Versions(*versions).misfit(Versions.here()):
        return FailedUnit(some[0][0], EngineError(f"the worker on {gethostname()} {misfit}"))
    return attempted_there(pickle.loads(work), pickle.loads(join), some)  # noqa: S301 - ours


def _news(outcome: Outcome[Any]) -> _News | FailedUnit:
    if isinstance(outcome, FailedUnit):
        return outcome
    return _News(outcome.place, outcome.worked._replace(part=None))


def _node(join: bytes, some: Sequence[Outcome[Any]], *, last: bool) -> Outcome[Any]:
    return joined(pickle.loads(join), some, last=last)  # noqa: S301 - ours


@contextmanager
def _understood(shown: str, asked: Future | None = None) -> Iterator[None]:
    """Say in a line what has become of the cluster; what a task raised is a crash of ours."""
    try:
        yield
    except KilledWorker as error:
        times = error.allowed_failures + 1
        died = "a worker" if times == 1 else f"{times} workers"
        raise EngineError(
            f"{shown}: {died} died of the same rows, which may take more memory than there is: give"
            " workers more, or fewer threads each"
        ) from error
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "driftcli":
            raise
        ours = Versions.here()
        raise EngineError(
            f"{shown}: a worker that joined {ours.misfit(ours._replace(drift=None))}"
        ) from error
    except (CancelledError, CommClosedError, OSError) as error:
        if asked and asked.status == "error":
            raise
        raise EngineError(
            f"{shown}: the scheduler has gone, or was told to drop the work; run the command again"
        ) from error
