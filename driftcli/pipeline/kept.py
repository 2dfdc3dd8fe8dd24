"""Blocks of rows as profiles keep them: made of the rows of data, taken where those are gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from driftcli.config import INDEPENDENT, Configuration
from driftcli.pipeline.blocks import (
    Cut,
    are_apart,
    asked,
    names_of,
    of_days,
    of_rows,
    said,
    times_of_rows,
    with_length,
    without_rows,
)
from driftcli.profile import kept_counting, kept_merging, kept_room
from driftcli.profile.calendar import Every
from driftcli.profile.categories import Categories
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Profiled
from driftcli.profile.kept import KeptBlocks
from driftcli.profile.kept_profiles import blocks_of
from driftcli.profile.kinds import kind_of
from driftcli.profile.points import BUILD_POINTS
from driftcli.report.comparison import Finding

_DAY = Every(1, "d")
_FEWEST_PARTS = 5


def keep_blocks(made: Profiled, configuration: Configuration) -> tuple[DatasetProfile, str]:
    """Return the profile of data with the blocks of its rows, or why it has none, if that is news.

    Raises
    ------
    UsageError
        When the setting `block` names no column, or no length of time.
    """
    if made.drawn is None or configuration.settings.block == INDEPENDENT:
        return made.whole, ""
    cut = asked(configuration, names_of(made.whole))
    if cut is not None:
        return _with_blocks(made, with_length(cut, made.drawn)), ""
    if made.whole.kept:  # of all its rows, of which no more may be left than some
        return made.whole, ""
    days = list(_of_days(made))
    if len(days) == 1:
        return _with_blocks(made, days[0]), ""
    named = ", ".join(repr(each.column) for each in days)
    told = f"several columns say which day rows are of: {named}; --block {{}}:1d keeps its days"
    return made.whole, told.format(days[0].column) if days else ""


def _of_days(made: Profiled) -> Iterator[Cut]:
    """Yield the columns by whose days rows may move together."""
    for name in times_of_rows(made):
        cut = Cut(name, _DAY, automatic=True)
        if of_days(cut.numbers(made.drawn), made.whole.rows):
            yield cut


def _with_blocks(made: Profiled, cut: Cut) -> DatasetProfile:
    return replace(made.whole, kept=_of_drawn(made, cut))


def _of_drawn(side: Profiled, cut: Cut, like: KeptBlocks | None = None) -> KeptBlocks | None:
    # Entities go by their hashes alone, so that no key is kept.
    cut = replace(cut.coarse(side.drawn) if cut.every else cut, points=BUILD_POINTS)
    blocks = of_rows(side, cut)
    return kept_counting.of_rows(blocks, side.whole.columns, like) if blocks.each else None


class _Unit(Struct, frozen=True):
    """What makes a block: a period or a value of a column; without one, a part that was merged."""

    column: str | None
    every: Every | None
    automatic: bool
    asked: bool = False


def with_kept(
    p: Profiled, q: Profiled, configuration: Configuration
) -> tuple[DatasetProfile, DatasetProfile, list[Finding]]:
    """Return both datasets, one of which keeps blocks at least, with blocks in the same cells.

    Raises
    ------
    UsageError
        When the setting `block` names no column, or no length of time.
    """
    cut = asked(configuration, names_of(p.whole))
    unit = _unit([side.whole.kept for side in (p, q) if side.whole.kept], cut)
    sides = []
    for side, other in ((p, q), (q, p)):
        kept = _kept(side, unit, other.whole.kept)
        if kept is None:
            return p.whole, q.whole, [_lacking(side, unit)]
        sides.append(kept)
    if unit.automatic and not (_are_apart(sides) if unit.column else _are_many(sides)):
        return p.whole, q.whole, []
    kinds = [{n: c.kind for n, c in side.whole.columns.items()} for side in (p, q)]
    same = [name for name, kind in kinds[0].items() if kinds[1].get(name) == kind]
    alike = kept_merging.in_common(
        [each.of(same) for each in kept_merging.of_one_unit(sides) or sides]
    )
    made = [blocks_of(kept, side.whole.columns) for kept, side in zip(alike, (p, q), strict=True)]
    most = max(made, key=lambda each: len(each.each))
    # One that is no more than a block is one of what the other has many of.
    named = [replace(each, kind=most.kind, column=most.column) for each in made]
    return replace(p.whole, blocks=named[0]), replace(q.whole, blocks=named[1]), []


def _unit(kept: Sequence[KeptBlocks], cut: Cut | None) -> _Unit:
    """Return what makes a block where that is asked for, else that of the most that are kept."""
    most = max(kept, key=lambda each: each.rows.size)
    if cut is None:
        return _Unit(most.column, most.every, most.automatic)
    every = next((each.every for each in kept if each.column == cut.column), None)
    return _Unit(cut.column, cut.every or every, automatic=False, asked=True)


def _kept(side: Profiled, unit: _Unit, like: KeptBlocks | None) -> KeptBlocks | None:
    """Return the blocks of a side; None where nothing tells them apart."""
    whole, drawn = side.whole, side.drawn
    several = whole.kept is not None and whole.kept.rows.size > 1
    if several and whole.kept and whole.kept.column == unit.column:
        return _in_periods(whole.kept, unit.every)
    if drawn is not None and unit.column and unit.column in drawn.schema.names:
        times = kind_of(drawn.schema.field(unit.column).type) == "timestamp"
        cut = Cut(unit.column, unit.every, unit.automatic)
        if bool(unit.every) != times:
            return None
        if not unit.automatic or of_days(cut.numbers(drawn), whole.rows):
            return _of_drawn(side, cut, like)
    if not several and (unit.column is None or _is_one(whole, unit)):
        return kept_counting.as_one(whole.source, whole.rows, whole.columns, like)
    return None


def _in_periods(kept: KeptBlocks, every: Every | None) -> KeptBlocks | None:
    """Return kept blocks by longer periods, where theirs make them."""
    if not (every and kept.every):
        return kept
    # Where there were many, they were put together.
    many = kept.every.unit == every.unit and kept.every.count > every.count
    return kept if many else kept_room.in_periods(kept, every)


def _is_one(whole: DatasetProfile, unit: _Unit) -> bool:
    """Return whether all rows of a dataset are of one block."""
    if whole.kept and whole.kept.column == unit.column:
        return True
    held = whole.columns.get(unit.column or "")
    if held is None or not (unit.every and held.time_unit) or isinstance(held.values, Categories):
        return False
    if not held.values.points.total:
        return False
    ends = np.array([held.values.low, held.values.high], np.int64)
    return np.unique(unit.every.numbers(ends, held.time_unit)).size == 1


def _lacking(side: Profiled, unit: _Unit) -> Finding:
    if unit.column is None:
        return said(
            f"{side.whole.source} is no part as those that the other side was merged of are: rows"
            " are taken as independent"
        )
    return without_rows(side, Cut(unit.column, unit.every))


def _are_apart(sides: Sequence[KeptBlocks]) -> bool:
    """Return whether sides are of other days; a side that is one block is."""
    none = np.empty(0, np.int64)
    return are_apart([side.numbers if side.column else none for side in sides])


def _are_many(sides: Sequence[KeptBlocks]) -> bool:
    """Return whether parts are enough to tell how they differ."""
    return max(side.rows.size for side in sides) >= _FEWEST_PARTS
