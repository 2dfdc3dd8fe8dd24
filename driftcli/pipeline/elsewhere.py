"""The engine that is asked for, and data that workers of a cluster are to read by themselves."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any

from driftcli.config import Configuration
from driftcli.engine import Engine
from driftcli.engine.choose import SPARK, THREADS, chosen, package_of
from driftcli.engine.contract import Worked
from driftcli.errors import UsageError
from driftcli.pipeline.inputs import names_profile
from driftcli.profile.dataset import DatasetProfile
from driftcli.source import Source
from driftcli.source.piped import is_piped
from driftcli.source.remote import is_address
from driftcli.source.spark_names import is_frame, is_table
from driftcli.source.sql_addresses import is_database
from driftcli.text import named, safe

if TYPE_CHECKING:
    from driftcli.source.stored import Cuts, Uncut

_SEEN = "which others would see in the cluster's graphs of tasks"
_INSTEAD = "; name files that its workers see, or leave out the engine"


def engine_for(
    configuration: Configuration,
    data: Iterable[Any],
    threads: int | None = None,
    given: Any = None,
) -> AbstractContextManager[Engine]:
    """Return the engine that is to read data, as `chosen` does: of the settings, or one given.

    What its workers cannot read, or should not be told, is refused before anything connects.

    Parameters
    ----------
    data
        What is to be read, as the user named it; None is nothing.
    given
        A `Client` of Dask or a `SparkSession`; a name is in the settings.

    Raises
    ------
    EngineError
        When it cannot be used, or does not answer.
    UsageError
        When it is no engine, or is not to read the data.
    """
    by_name = given is None or isinstance(given, str)
    asked = configuration.running.engine if by_name else given
    if asked != THREADS:
        package = package_of(asked)
        for each in data:
            _refuse_unshared(each, package)
    return chosen(asked, threads)


def spark_of(engine: Engine) -> Engine:
    """Return what reads what Spark holds: Spark, also where files are read by threads."""
    from driftcli.engine.spark import Spark

    return engine if isinstance(engine, Spark) else Spark(None)


def _refuse_unshared(data: Any, package: str) -> None:
    """Refuse what only this process has, or what holds keys; a saved profile is read here."""
    if data is None or isinstance(data, DatasetProfile):
        return
    name = os.fsdecode(os.fspath(data)) if isinstance(data, str | os.PathLike) else ""
    if is_frame(data) or is_table(name):
        if package != SPARK:
            shown = named(name) if name else "data"
            raise UsageError(f"{shown}: what Spark holds is read by Spark; leave out the engine")
        return
    if not name:
        raise UsageError(f"data: a {type(data).__name__} is in this process alone{_INSTEAD}")
    if names_profile(name):
        return
    if is_piped(name):
        raise UsageError(f"{named(name)}: a cluster cannot read what is piped here{_INSTEAD}")
    if is_database(name):
        raise UsageError(
            f"{named(name)}: a query of a database is one stream, read here; leave out the engine"
        )
    if is_address(name) and safe(name) != name:
        raise UsageError(
            f"{named(name)}: holds keys, {_SEEN}; leave them out, and give them to the workers by"
            " their environment"
        )


def cut_there(source: Source, engine: Engine) -> Source:
    """Return a source of which an engine's workers read texts, too, and not this process.

    Raises
    ------
    DriftError
        When they cannot, or should not be sent what it takes.
    """
    from driftcli.source.stored import TextSource
    from driftcli.source.table_files import TableSource

    if isinstance(source, TableSource) and source.keyed:
        raise UsageError(
            f"{source.name}: its catalog gives keys for its files, {_SEEN}; give them to the"
            " workers by their environment instead"
        )
    return source.cut(partial(_cut, engine)) if isinstance(source, TextSource) else source


def _cut(engine: Engine, files: Sequence[Uncut]) -> list[Cuts]:
    found = engine.map_merge(_cuts_of, _same, enumerate(files), lambda _: None)
    return [found[at].part for at in range(len(files))]


def _cuts_of(file: Uncut) -> Worked[Cuts]:
    from driftcli.source.stored import cuts_of

    return Worked(cuts_of(file))


def _same(parts: Sequence[Cuts], *, last: bool) -> Cuts:  # noqa: ARG001 - as in `Join`
    (part,) = parts
    return part
