"""What is said of the blocks that noise was taken from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from driftcli.comparison.blocks import BothBlocks, of_nights
from driftcli.metrics.blocks import ROWS_OF_ONE, enough
from driftcli.profile.blocks import Blocks
from driftcli.report.columns import Column
from driftcli.report.comparison import Finding


def called(known: Blocks) -> str:
    """Return what a block is: a day of time_hour."""
    if known.column in (None, known.kind):
        return known.kind
    return f"{known.kind} of {known.column}"


def finding(columns: Sequence[Column], blocks: BothBlocks) -> list[Finding]:
    """Return what is to be said of the blocks that noise was taken from, if there is anything."""
    known = next((side for side in blocks if side), None)
    if known is None:
        return []
    counts = [len(side.each) if side else 1 for side in blocks]
    named = called(known)
    by = f"noise by {named}{_numbers(blocks, counts)}"
    if not enough(*counts):
        so = COUNTED if of_nights(known) else "rows are taken as independent"
        few = f"too few to tell how they differ, so that {so}"
        return [_finding(f"{by}: {few}")]
    # Of identifiers no values are judged, and those of a day are of that day alone.
    judged = [
        each for each in columns if each.gated and not each.identifier and each.name != known.column
    ]
    first = max(judged, key=_effect, default=None)
    if first is None or _effect(first) <= 1:
        return [] if known.automatic else [_finding(f"{by}, between which no column differs")]
    article = "" if known.kind[0].isdigit() else "a "
    block = named if known.kind == "value" else known.kind
    rows = first.current.rows
    said = (
        f"rows of {article}{block} move together: the {rows:,} rows of {first.name} count like"
        f" {max(1, round(rows / _effect(first))):,}; {by}"
    )
    return [_finding(f"{said}; --block none for independent rows" if known.automatic else said)]


#: What is said of nights that are too few.
COUNTED = f"each counts like {ROWS_OF_ONE} rows"
#: Segments that are named.
_NAMED = 3


def finding_within(segments: Mapping[str, BothBlocks]) -> list[Finding]:
    """Return what is to be said of segments, by their labels, that have too few blocks to judge."""
    few = {
        label: known
        for label, blocks in segments.items()
        if (known := [side for side in blocks if side]) and not enough(*_counts(blocks))
    }
    if not few:
        return []
    first = next(iter(few.values()))[0]
    named = ", ".join(list(few)[:_NAMED])
    more = f" and {len(few) - _NAMED} more" if len(few) > _NAMED else ""
    rows = f"rows of {'this segment' if len(few) == 1 else 'these segments'} are independent"
    so = COUNTED if of_nights(first) else rows
    return [
        _finding(f"too few blocks ({first.kind}) to tell how they differ in {named}{more}: {so}")
    ]


def in_numbers(entities: Sequence[int | None], counts: Sequence[int]) -> str:
    """Return how many entities there are, and in how many blocks if these are others."""
    said = f"{counts[0]:,} + {counts[1]:,}"
    if list(entities) == list(counts):
        return f", {said}"
    known = [each for each in entities if each is not None]
    named = f", {known[0]:,} + {known[1]:,}" if len(known) > 1 else ""
    return f"{named} in {said} blocks"


def _numbers(blocks: BothBlocks, counts: Sequence[int]) -> str:
    known = [side for side in blocks if side]
    of_values = any(side.column for side in known) and not any(side.every for side in known)
    entities = [side.entities if side else None for side in blocks]
    return in_numbers(entities if of_values else counts, counts)


def _counts(blocks: BothBlocks) -> tuple[int, int]:
    p, q = (len(side.each) if side else 1 for side in blocks)
    return p, q


def _effect(column: Column) -> float:
    return column.design_effect or 1.0


def _finding(message: str) -> Finding:
    return Finding(kind="blocks", column=None, status="ok", message=message)
