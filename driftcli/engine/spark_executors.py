"""Executors of Spark: whether there are any, how much they do at once, what is installed there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from driftcli.engine.versions import Versions
from driftcli.errors import EngineError
from driftcli.source.spark_sessions import REFUSING
from driftcli.text import visible

_VERSIONS = "host string, drift string, python string, arrow string"
#: Tasks that ask what is installed: as many a core, and so many at least and at most.
_ASKED_A_CORE, _FEWEST_ASKED, _MOST_ASKED = 2, 8, 256
#: Spark's own setting of how long it waits for executors.
_WAITING = "spark.scheduler.maxRegisteredResourcesWaitingTime"
#: Seconds from one look at the executors to the next.
_LOOK = 0.1


def check_executors(session: Any, shown: str) -> None:
    """Check what is installed where tasks run; those that come later look for themselves.

    Raises
    ------
    EngineError
        When there are no executors, or they have not what is installed here.
    """
    _wait(session, shown)
    count = min(_MOST_ASKED, max(_FEWEST_ASKED, _ASKED_A_CORE * (cores(session) or 0)))
    asking = session.range(0, count, 1, count).mapInArrow(asking_versions(), _VERSIONS)
    ours = Versions.here()
    for row in asking.toArrow().to_pylist():
        there = Versions(row["drift"], row["python"], row["arrow"])
        if misfit := ours.misfit(there):
            raise EngineError(f"{shown}: {REFUSING} {visible(row['host'])} {misfit}")


def asking_versions() -> Callable[[Any], Any]:
    """Return a function that asks what is installed, and needs nothing of ours."""

    def run(batches: Any) -> Any:
        import platform
        import socket
        from importlib.metadata import PackageNotFoundError, version

        import pyarrow as pa

        list(batches)
        try:
            drift = version("driftcli")
        except PackageNotFoundError:
            drift = None
        found = {"host": socket.gethostname(), "drift": drift}
        found |= {"python": platform.python_version(), "arrow": version("pyarrow")}
        types = pa.schema([(name, pa.string()) for name in found])
        yield pa.RecordBatch.from_pylist([found], types)

    return run


def cores(session: Any) -> int | None:
    """Return how many tasks run at once; None where only Spark knows, as behind Spark Connect."""
    context = _context(session)
    return None if context is None else max(1, context.defaultParallelism)


def _wait(session: Any, shown: str) -> None:
    """Wait for an executor, no longer than Spark's settings say to; else its tasks would for ever.

    Where executors come when there is work for them, there may be none before it.
    """
    spark = _spark_of(session)
    if spark is None or spark.conf().getBoolean("spark.dynamicAllocation.enabled", False):  # noqa: FBT003 - Java's
        return
    seconds = spark.conf().getTimeAsSeconds(_WAITING, "30s")
    until = time.monotonic() + seconds
    # The driver is one of those that are counted.
    while spark.getExecutorMemoryStatus().size() < 2:
        if time.monotonic() > until:
            raise EngineError(
                f"{shown}: Spark has no executors, and got none in {seconds} s; see that its"
                " workers run, and have the cores and the memory that an executor is to have"
                " (spark.executor.cores, spark.executor.memory)"
            )
        time.sleep(_LOOK)


def _spark_of(session: Any) -> Any:
    """Return what knows of executors; None where it is not to be had, or only the driver."""
    context = _context(session)
    if context is None:
        return None
    spark = context._jsc.sc()  # noqa: SLF001 - there is no other way to it
    return None if spark.isLocal() else spark


def _context(session: Any) -> Any:
    """Return the context of a session; None behind Spark Connect, where there is none."""
    try:
        return session.sparkContext
    except AttributeError:
        return None
