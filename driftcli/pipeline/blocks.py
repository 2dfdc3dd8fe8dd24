"""Which rows of two datasets move together: blocks of the rows that were drawn from both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec import Struct, field
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.arrays import distinct
from driftcli.comparison.joint.blocks import RowsInBlocks
from driftcli.config import INDEPENDENT, Configuration
from driftcli.engine.grouping import NO_GROUP
from driftcli.engine.periods import PeriodGrouping
from driftcli.errors import UsageError, no_column
from driftcli.pipeline import entities
from driftcli.pipeline.entities import Entities
from driftcli.pipeline.folders import days_of
from driftcli.profile.blocks import Blocks, RowBlock
from driftcli.profile.calendar import Every
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.drawn import FEW_POINTS, DrawnRows
from driftcli.profile.groups import Profiled
from driftcli.profile.kinds import kind_of, type_name
from driftcli.report.comparison import Finding

Numbers = NDArray[np.int64]

_DAY = Every(1, "d")
#: Neighbouring periods make one block where there are more.
_MOST_PERIODS = 400
#: Without being asked for, days are blocks where one side has so many of them, of so many rows.
_FEWEST_DAYS, _FEWEST_ROWS = 7, 5
#: Days of which a larger share are days of the other side, too, are a split of their rows.
_SHARED = 0.15
#: In few rows few move together, and it matters little.
_MANY_ROWS = 1_000
#: A column is the time of rows only where nearly all have one.
_TIMED = 0.9


class Cut(Struct, frozen=True):
    """The column that says which rows move together, and the length of time that they do.

    A column of numbers has so many `points` in a block.
    """

    column: str
    every: Every | None = None
    automatic: bool = False
    entities: Entities = field(default_factory=Entities)
    points: int = FEW_POINTS

    @property
    def kind(self) -> str:
        """What a block is called."""
        return "value" if self.every is None else self.every.word

    def numbers(self, rows: pa.Table) -> Numbers:
        """Return the number of the block of each row."""
        column = rows.column(self.column).combine_chunks()
        if self.every is None:
            return self.entities.numbers(column)
        return PeriodGrouping(self.column, self.every).numbers([[column]], len(column), 0)

    def count(self, rows: pa.Table) -> int | None:
        """Return how many entities there are; None where periods make blocks."""
        return None if self.every else entities.count(rows.column(self.column))

    def label(self, number: int) -> str:
        """Return what a block is called."""
        return self.every.label(number) if self.every else self.entities.label(number)

    def coarse(self, *sides: pa.Table) -> Cut:
        """Return the same by periods so long, or entities so put together, that few are left."""
        every = self.every
        if every is None:
            columns = (rows.column(self.column).combine_chunks() for rows in sides)
            return replace(self, entities=Entities.among(*columns))
        found = (self.numbers(rows) for rows in sides)
        most = max(distinct(numbers[numbers != NO_GROUP]).size for numbers in found)
        longer = 1 << max(0, (-(-most // _MOST_PERIODS) - 1).bit_length())
        return replace(self, every=replace(every, count=every.count * longer))


def asked(configuration: Configuration, names: Sequence[str]) -> Cut | None:
    """Return what the setting `block` names; None where it is not set, or is "none".

    Raises
    ------
    UsageError
        When it names no column, or no length of time.
    """
    text = configuration.settings.block
    if text is None or text == INDEPENDENT:
        return None
    if text in names:
        return Cut(text)
    column, colon, length = text.rpartition(":")
    where = configuration.place(("block",))
    if colon and column in names:
        return Cut(column, Every.parse(length, where))
    raise UsageError(f"{where}: {no_column(column if colon else text, names)}")


def drawn_for(configuration: Configuration, schema: Any) -> Sequence[str]:
    """Return the columns that say, or may say, which rows of a dataset move together.

    Raises
    ------
    UsageError
        When the setting `block` names no column, or no length of time.
    """
    if configuration.settings.block == INDEPENDENT:
        return ()
    cut = asked(configuration, schema.names)
    if cut is None:
        return times_of(schema)
    _check_type(cut, schema, configuration)
    return [cut.column]


def _check_type(cut: Cut, schema: Any, configuration: Configuration) -> None:
    type_ = schema.field(cut.column).type
    if kind_of(type_) in (None, "list", "unsupported") and not _is_bytes(type_):
        raise UsageError(
            f"{configuration.place(('block',))}: {cut.column!r} holds {type_name(type_)}, whose"
            " values tell no rows apart; name a column of texts, whole numbers, dates or times"
        )
    if cut.every and kind_of(type_) != "timestamp":
        raise UsageError(
            f"{configuration.place(('block',))}: {cut.column!r} holds {type_name(type_)} and"
            f" no times; leave out ':{cut.every}', or name a column of times"
        )


def _is_bytes(type_: Any) -> bool:
    types = pa.types
    is_bytes = (types.is_binary, types.is_large_binary, types.is_fixed_size_binary)
    return any(is_a(type_) for is_a in is_bytes)


def names_of(side: DatasetProfile) -> list[str]:
    """Return the columns of a dataset that may tell its rows apart."""
    return [*side.types, *side.left_out, *side.path_keys]


def times_of(schema: Any) -> list[str]:
    """Return the columns of times."""
    return [field.name for field in schema if kind_of(field.type) == "timestamp"]


def with_blocks(
    p: Profiled, q: Profiled, configuration: Configuration
) -> tuple[DatasetProfile, DatasetProfile, list[Finding]]:
    """Return both datasets with their blocks, and what there is to be said of them.

    What is known of a side, as which runs a baseline is of, is not looked for.

    Raises
    ------
    UsageError
        When the setting `block` names no column, or no length of time.
    """
    if configuration.settings.block == INDEPENDENT:
        return replace(p.whole, blocks=None), replace(q.whole, blocks=None), []
    if any(side.whole.kept for side in (p, q)) and not any(s.whole.blocks for s in (p, q)):
        from driftcli.pipeline.kept import with_kept

        return with_kept(p, q, configuration)
    cut, found = cut_of(p, q, configuration)
    if cut is None:
        return p.whole, q.whole, found
    sides = [replace(side.whole, blocks=of_rows(side, cut)) for side in (p, q)]
    return sides[0], sides[1], found


def cut_of(
    p: Profiled, q: Profiled, configuration: Configuration
) -> tuple[Cut | None, list[Finding]]:
    """Return what tells apart the rows drawn of both datasets, and what there is to be said of it.

    Where nothing is asked for, days do where one column says which.

    Raises
    ------
    UsageError
        When the setting `block` names no column, or no length of time.
    """
    if configuration.settings.block == INDEPENDENT:
        return None, []
    cut = asked(configuration, names_of(p.whole))
    if not _can_tell(cut, p, q):
        return None, [_unknown(p, q, cut)] if cut else []
    if cut is not None:
        for side in (p, q):
            _check_type(cut, side.drawn.schema, configuration)
        return with_length(cut, p.drawn).coarse(p.drawn, q.drawn), []
    cuts = list(_of_kept(p, q) or _automatic(p, q))
    if len(cuts) > 1:
        return None, [_several(cuts)]
    return next((cut.coarse(p.drawn, q.drawn) for cut in cuts), None), []


def rows_in_blocks(p: Profiled, q: Profiled, cut: Cut) -> RowsInBlocks:
    """Return which of the rows drawn of both datasets move together."""
    numbers = [_from_0_up(cut.numbers(side.drawn)) for side in (p, q)]
    known = cut.count(p.drawn), cut.count(q.drawn)
    return RowsInBlocks(cut.kind, cut.column, cut.automatic, (numbers[0], numbers[1]), known)


def _from_0_up(numbers: Numbers) -> Numbers:
    known = distinct(numbers[numbers != NO_GROUP])
    return np.where(numbers == NO_GROUP, -1, np.searchsorted(known, numbers))


def _can_tell(cut: Cut | None, p: Profiled, q: Profiled) -> bool:
    """Whether rows of both sides were drawn, with the column that is asked for, if any."""
    return not any(
        side.drawn is None
        or side.whole.blocks
        or (cut and cut.column not in side.drawn.schema.names)
        for side in (p, q)
    )


def _unknown(p: Profiled, q: Profiled, cut: Cut) -> Finding:
    """Return what is said where rows cannot be told apart as was asked for."""
    known = next((side.whole.blocks for side in (p, q) if side.whole.blocks), None)
    if known:
        return said(f"a {known.kind} is a block already: {cut.column!r} tells none apart")
    return without_rows(next((side for side in (p, q) if side.drawn is None), p), cut)


def without_rows(side: Profiled, cut: Cut) -> Finding:
    """Return what is said of a side whose rows are not known, or not what tells them apart."""
    if side.drawn is not None:
        return said(f"the sample is drawn without {cut.column!r}: rows are taken as independent")
    kept, length = side.whole.kept, f":{cut.every}" if cut.every else ""
    lacks = f"has no rows to tell apart by {cut.column!r}"
    if kept:
        lacks = f"keeps its rows by {kept.called}, and not by {cut.kind} of {cut.column}"
    return said(
        f"{side.whole.source} {lacks}: rows are taken as independent; `drift profile` with"
        f" --block {cut.column}{length} keeps its blocks"
    )


def unknown(p: Profiled, q: Profiled, configuration: Configuration) -> Finding | None:
    """Return that rows are taken as independent, where nobody says so and nothing tells of them."""
    if configuration.settings.block:
        return None
    lacking = next((side for side in (p, q) if side.whole.made_of and not side.whole.kept), None)
    times = set.intersection(*(set(times_of(side.whole.schema)) for side in (p, q)))
    if lacking and times:
        return said(
            f"{lacking.whole.source} keeps no blocks of its rows, so that rows are taken as"
            f" independent; `drift profile` with --block {min(times)}:1d makes it again, and keeps"
            " its days"
        )
    if times or min(p.whole.rows, q.whole.rows) < _MANY_ROWS:
        return None
    return Finding(
        kind="independent_rows",
        column=None,
        status="ok",
        message="rows are taken as independent, since no column of times says which move together;"
        " --block COLUMN says that those with one value in it do",
    )


def with_length(cut: Cut, rows: pa.Table) -> Cut:
    """Return the cut of a column of times by days, where no length is named."""
    of_times = kind_of(rows.schema.field(cut.column).type) == "timestamp"
    return replace(cut, every=_DAY) if cut.every is None and of_times else cut


def _of_kept(p: Profiled, q: Profiled) -> list[Cut]:
    """Return what tells apart the blocks that a profile keeps, where rows of both sides have it."""
    return [
        Cut(kept.column, kept.every, kept.automatic)
        for kept in (side.whole.kept for side in (p, q))
        if kept and kept.column and _can_tell(Cut(kept.column), p, q)
    ][:1]


def _automatic(p: Profiled, q: Profiled) -> Iterator[Cut]:
    """Yield the columns by whose days the sides differ."""
    shared = set(times_of_rows(q))
    for name in times_of_rows(p):
        if name in shared:
            cut = Cut(name, _DAY, automatic=True)
            if _by_days([cut.numbers(side.drawn) for side in (p, q)], [p.whole.rows, q.whole.rows]):
                yield cut


def times_of_rows(side: Profiled) -> list[str]:
    """Return the columns of times of the rows drawn: folders of days say it before any other."""
    return days_of(side.drawn, side.whole.path_keys) or times_of(side.drawn.schema)


def _by_days(numbers: Sequence[Numbers], rows: Sequence[int]) -> bool:
    """Return whether both sides are made of days, and of others: these are the days of rows."""
    made = all(of_days(side, count) for side, count in zip(numbers, rows, strict=True))
    return made and are_apart([distinct(side[side != NO_GROUP]) for side in numbers])


def of_days(numbers: Numbers, rows: int) -> bool:
    """Return whether nearly all rows drawn have a day, and days have many of all the `rows`."""
    timed = numbers[numbers != NO_GROUP]
    many = rows >= _FEWEST_ROWS * distinct(timed).size
    return many and timed.size >= _TIMED * max(1, numbers.size)


def are_apart(days: Sequence[Numbers]) -> bool:
    """Return whether one side has days enough, and few of either are days of the other, too."""
    sizes = [side.size for side in days]
    shared = sum(sizes) - distinct(np.concatenate(days)).size
    return max(sizes) >= _FEWEST_DAYS and shared <= _SHARED * min(sizes)


def _several(cuts: Sequence[Cut]) -> Finding:
    named = ", ".join(repr(cut.column) for cut in cuts)
    return said(
        f"rows of a day may move together, and several columns say which day: {named};"
        f" none is taken, so that rows are taken as independent (--block"
        f" {cuts[0].column}:1d takes one)"
    )


def said(message: str) -> Finding:
    """Return what is to be said of blocks."""
    return Finding(kind="blocks", column=None, status="ok", message=message)


def of_rows(side: Profiled, cut: Cut) -> Blocks:
    """Return the blocks of the rows that were drawn."""
    numbers = cut.numbers(side.drawn)
    rows = side.whole.sampled_rows or side.whole.rows
    made = of_some(side, cut, numbers, np.arange(numbers.size), rows)
    return replace(made, entities=cut.count(side.drawn))


def of_some(side: Profiled, cut: Cut, numbers: Numbers, drawn: Numbers, rows: int) -> Blocks:
    """Return the blocks of some of the rows that were drawn.

    Parameters
    ----------
    numbers : shape (rows that were drawn,)
        The number of the block of each.
    drawn : shape (rows of these,)
        Where these rows are.
    rows
        How many they were drawn from.
    """
    order = drawn[np.argsort(numbers[drawn], kind="stable")]
    order = order[numbers[order] != NO_GROUP]
    starts = np.flatnonzero(np.diff(numbers[order], prepend=NO_GROUP))
    lengths = np.diff(starts, append=order.size)
    kinds = {name: column.kind for name, column in side.whole.columns.items()}
    columns = DrawnRows(side.drawn, order, lengths, kinds, cut.points).columns()
    found = numbers[order][starts].tolist()
    return Blocks(
        cut.kind,
        tuple(
            RowBlock(cut.label(number), count, own, number)
            for number, count, own in zip(found, lengths.tolist(), columns, strict=True)
        ),
        cut.column,
        order.size / max(1, rows),
        cut.automatic,
        cut.every,
    )
