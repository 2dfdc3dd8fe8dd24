"""Data that workers of a cluster are to read by themselves, and what they cannot."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

from driftcli.engine import Engine
from driftcli.engine.contract import Worked
from driftcli.errors import UsageError
from driftcli.source import Source
from driftcli.source.files import File
from driftcli.source.piped import is_piped
from driftcli.source.remote import is_address
from driftcli.source.spark_names import is_frame, is_table
from driftcli.source.sql_addresses import is_database
from driftcli.source.stored import Cuts, TextSource, Uncut, cuts_of
from driftcli.source.table_files import TableSource
from driftcli.text import named, safe

_SEEN = "which others would see in the cluster's graphs of tasks"
_INSTEAD = "; name files that its workers see, or leave out the engine"


def spark_of(engine: Engine) -> Engine:
    """Return what reads what Spark holds: Spark, also where files are read by threads."""
    from driftcli.engine.spark import Spark

    return engine if isinstance(engine, Spark) else Spark(None)


def refuse_unshared(data: Any, engine: Engine) -> None:
    """Refuse, before it is opened, what only this process has, or what holds keys.

    Raises
    ------
    UsageError
        When data is no name, or one of standard input, a pipe or a database, or has keys in it.
    """
    if isinstance(data, File):
        return
    if is_frame(data) or (isinstance(data, str) and is_table(data)):
        _refuse_table(named(data) if isinstance(data, str) else "data", engine)
        return
    if not isinstance(data, str | os.PathLike):
        raise UsageError(f"data: a {type(data).__name__} is in this process alone{_INSTEAD}")
    name = os.fsdecode(os.fspath(data))
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
    return Worked(cuts_of(file))


def _same(parts: Sequence[Cuts], *, last: bool) -> Cuts:  # noqa: ARG001 - as in `Join`
    (part,) = parts
    return part


def _refuse_table(name: str, engine: Engine) -> None:
    from driftcli.engine.spark import Spark

    if not isinstance(engine, Spark):
        raise UsageError(f"{name}: what Spark holds is read by Spark; leave out the engine")
