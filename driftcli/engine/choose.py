"""The engine that a name or an object stands for, open for as long as it is used.

What an engine is made with is imported here alone, once it is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from driftcli.engine.children import kept
from driftcli.engine.contract import Engine
from driftcli.engine.threads import Threads
from driftcli.errors import EngineError, UsageError, missing_package

THREADS = "threads"
#: What `package_of` says of Spark.
SPARK = "pyspark"
#: By the package whose objects it takes: how its names begin, the distribution, and our module,
#: whose `opened` takes a name or an object.
_CLUSTERS = {
    "distributed": (("dask",), "distributed", "driftcli.engine.dask"),
    SPARK: (("spark", "local-cluster"), "pyspark", "driftcli.engine.spark"),
}


def chosen(asked: Any, threads: int | None = None) -> AbstractContextManager[Engine]:
    """Return the engine that is asked for, to be closed after use, as are child processes.

    Parameters
    ----------
    asked
        A name (`threads`, `dask://host:port`, `spark`, …), a `Client` of Dask or a
        `SparkSession`; objects are not closed.
    threads
        How many threads there are, where it is threads; as many as processors when None.

    Raises
    ------
    EngineError
        When it cannot be used, or does not answer.
    UsageError
        When it is no engine.
    """
    return _with_children(_threads(threads) if asked == THREADS else _cluster(asked))


@contextmanager
def _with_children(engine: AbstractContextManager[Engine]) -> Iterator[Engine]:
    with kept(), engine as used:
        yield used


def _cluster(asked: Any) -> AbstractContextManager[Engine]:
    package = package_of(asked)
    _, distribution, module = _CLUSTERS[package]
    if not find_spec(package):
        raise EngineError(f"engine {asked}: {missing_package(distribution)}")
    made: AbstractContextManager[Engine] = import_module(module).opened(asked)
    return made


@contextmanager
def _threads(count: int | None) -> Iterator[Engine]:
    """Return threads; tables of Spark, which it reads itself, may have had a session started."""
    try:
        yield Threads(count)
    finally:
        if SPARK in sys.modules:
            from driftcli.source.spark_sessions import stop_own

            stop_own()


def package_of(asked: Any) -> str:
    """Return the package that a cluster is reached by, of its name or an object.

    Raises
    ------
    UsageError
        When it is neither.
    """
    names = [asked] if isinstance(asked, str) else [each.__module__ for each in type(asked).__mro__]
    for package, (beginnings, *_) in _CLUSTERS.items():
        known = beginnings if isinstance(asked, str) else (f"{package}.",)
        if any(name.startswith(known) for name in names):
            return package
    raise UsageError(
        f"engine: a {type(asked).__name__} is none; give a name, a dask.distributed Client or a"
        " SparkSession"
    )
