"""The engine of Spark: units, and the rows of its own tables, by operations of data frames."""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from itertools import chain
from operator import itemgetter
from typing import Any, ClassVar

import pyarrow as pa
from msgspec import Struct

from driftcli.engine.contract import Join, Lanes, Part, Told, Unit, Work, Worked
from driftcli.engine.failures import FailedUnit
from driftcli.engine.passes import Cutting
from driftcli.engine.spark_executors import check_executors, cores
from driftcli.engine.spark_tasks import Joining, WorkOnRows, WorkOnUnits
from driftcli.engine.tree import FAN, Outcome, held, placed
from driftcli.engine.versions import Versions
from driftcli.errors import EngineError
from driftcli.source.spark import SparkFragment, form_in, unfilled
from driftcli.source.spark_sessions import REFUSING, having, session_for, settled, told

_SENT = pa.schema({"lane": pa.int64(), "at": pa.int64(), "data": pa.binary()})
#: What came of units: the number of their lane, their place in it, and a pickled outcome.
_OUTCOMES = "lane long, at long, data binary"
#: How many partitions a table is read in is not known before, but that there are no more.
_PARTITIONS = 512
#: Tasks of units, a core: each costs about as much as a unit; and where cores are not known.
_TASKS_A_CORE, _TASKS = 4, 256


@contextmanager
def opened(asked: Any) -> Iterator[Spark]:
    """Return the engine of a master's address, or of a session, which is left standing.

    Raises
    ------
    EngineError
        When there is no Spark to be had, or an executor lacks what it needs.
    """
    named = isinstance(asked, str)
    shown = asked if named else "engine"
    master = asked if named and asked != "spark" else None
    with session_for(master) if named else nullcontext(asked) as session:
        with told(shown, EngineError), settled(session):
            check_executors(session, shown)
        yield Spark(session, shown)


class Spark(Struct, frozen=True):
    """A session of Spark; `shown` is what messages call it."""

    session: Any
    shown: str = "spark"

    elsewhere: ClassVar[bool] = True

    def map_merge(
        self,
        work: Work[Unit, Part],
        join: Join[Part],
        lanes: Lanes[Unit],
        progress: Told,
    ) -> Mapping[Hashable, Worked[Part]]:
        """Return the part of each lane: see `Engine`. How it went is told at the end."""
        form, units = _form(lanes)
        if form is None:
            with told(self.shown, EngineError), settled(self.session):
                made = _made_of_units(self.session, units, work, join)
        else:
            frame = form.frame
            settings = settled(frame.sparkSession, len(frame.columns), heavy=form.heavy)
            with told(form.name), settings:
                made = _made_of_rows(form, units, work, join)
        found = dict(zip(made, held(made.values()), strict=True))
        for worked in found.values():
            progress(worked)
        return found


def _form(lanes: Any) -> tuple[SparkFragment | None, Any]:
    """Return the form of the fragments out of which units are cut, if they are forms."""
    if not isinstance(lanes, Cutting):
        return None, lanes
    first = next(lanes.fragments, None)
    if first is None:
        return None, lanes
    return form_in(first.fragment), Cutting(chain([first], lanes.fragments), lanes.cut)


def _made_of_units(
    session: Any, lanes: Lanes[Unit], work: Work[Any, Part], join: Join[Part]
) -> dict[Hashable, Outcome[Part]]:
    """Return what comes of each lane, whose units are tasks, and of finding more, if it failed."""
    units: dict[Hashable, list[tuple[int, bytes]]] = {}
    failed: dict[Hashable, Outcome[Part]] = {}
    for each in placed(lanes):
        if isinstance(each, FailedUnit):
            failed[each] = each
            break
        place, lane, unit = each
        units.setdefault(lane, []).append((place, pickle.dumps(unit)))
    known = cores(session)
    tasks = _TASKS_A_CORE * known if known else _TASKS
    rows, counts = _rows(units, tasks)
    with having(session, "spark.sql.leafNodeDefaultParallelism", max(1, min(len(rows), tasks))):
        sent = session.createDataFrame(pa.Table.from_pylist(rows, _SENT))
        made = sent.mapInArrow(_shipped(WorkOnUnits(work, join)), _OUTCOMES)
        return _merged(session, made, counts, join) | failed


def _rows(
    units: Mapping[Hashable, Sequence[tuple[int, bytes]]], tasks: int
) -> tuple[list[dict[str, Any]], dict[Hashable, int]]:
    """Return rows of units, those of the same rows of data together, and how many each lane has.

    Neighbours that are merged anyhow, and of which others of their lane are left, are one row: what
    comes of it is merged before it leaves Python. There are as many rows as tasks at least.
    """
    lengths = [len(every) for every in units.values()]
    most, size = min(sum(lengths) // tasks, max(lengths, default=1) - 1), 1
    while size * FAN <= most:
        size *= FAN
    rows: list[dict[str, Any]] = []
    counts: dict[Hashable, int] = {}
    for number, (lane, every) in enumerate(units.items()):
        step = size if len(every) > size else 1
        parts = [every[first : first + step] for first in range(0, len(every), step)]
        counts[lane] = len(parts)
        for at, part in enumerate(parts):
            rows.append({"lane": number, "at": at, "data": pickle.dumps(part)})
    return sorted(rows, key=itemgetter("at")), counts


def _made_of_rows(
    form: SparkFragment, cutting: Cutting[Any], work: Work[Any, Part], join: Join[Part]
) -> dict[Hashable, Outcome[Part]]:
    """Return what comes of each lane of the rows of a data frame, whose partitions are tasks."""
    from pyspark.sql import functions

    some = list(cutting.fragments)
    lanes = list(dict.fromkeys(lane for lane, _ in cutting.cut(iter(some))))
    forms = (form_in(each.fragment) for each in some)
    stored = {name: own for each in forms if each for name, own in each.stored.items()}
    task = WorkOnRows(unfilled(some), list(stored), lanes, cutting.cut, work, join)
    columns: list[Any] = list(stored.values()) or [functions.lit(1)]
    rows = form.frame.select(columns).coalesce(_PARTITIONS)
    made = rows.mapInArrow(_shipped(task), _OUTCOMES)
    session = form.frame.sparkSession
    return _merged(session, made, dict.fromkeys(lanes, _PARTITIONS), join)


def _merged(
    session: Any, frame: Any, lanes: Mapping[Hashable, int], join: Join[Part]
) -> dict[Hashable, Outcome[Part]]:
    """Return the part of each lane, or the first error of it.

    Parameters
    ----------
    frame
        What came of units.
    lanes
        How many they are, at most.
    """
    if not lanes:
        return {}
    counts = list(lanes.values())
    while deep := [lane for lane, count in enumerate(counts) if count > FAN]:
        frame = _joined(frame, join, deep)
        counts = [-(-count // FAN) if count > FAN else count for count in counts]
    with _interrupted(session):
        rows = _joined(frame, join).toArrow().to_pylist()
    made = {row["lane"]: pickle.loads(row["data"]) for row in rows}  # noqa: S301 - ours
    return {lane: made[at] for at, lane in enumerate(lanes) if at in made}


def _joined(frame: Any, join: Join[Any], deep: Sequence[int] = ()) -> Any:
    """Return parts merged with their neighbours: eight of the deep lanes, or all of a lane."""
    from pyspark.sql import functions as f

    at = f.col("at")
    higher = f.when(f.col("lane").isin(list(deep)), f.floor(at / FAN)).otherwise(at)
    lifted = frame.withColumn("up", (higher if deep else f.lit(0)).cast("long"))
    task = _shipped(Joining(join, last=not deep))
    return lifted.groupBy("lane", "up").applyInArrow(task, _OUTCOMES)


def _shipped(task: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a task as a function that is sent whole: an executor may have nothing of ours."""
    written, ours = pickle.dumps(task), Versions.here()
    versions: Any = tuple(ours)
    none, begins = ours.misfit(ours._replace(drift=None)), REFUSING

    def run(given: Any) -> Any:
        import pickle
        import socket

        there = f"{begins} {socket.gethostname()}"
        try:
            from driftcli.engine.versions import Versions
        except ImportError:
            raise RuntimeError(f"{there} {none}") from None
        if misfit := Versions(*versions).misfit(Versions.here()):
            raise RuntimeError(f"{there} {misfit}")
        return pickle.loads(written)(given)  # noqa: S301 - ours

    return run


@contextmanager
def _interrupted(session: Any) -> Iterator[None]:
    """Have Spark leave off what nobody waits for any more."""
    tag = f"drift-{uuid.uuid4()}"
    session.addTag(tag)
    try:
        yield
    except BaseException:
        with suppress(Exception):  # where the session is lost, that is no other error
            session.interruptTag(tag)
        raise
    finally:
        session.removeTag(tag)
