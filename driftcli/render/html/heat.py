"""Periods as cells side by side: a heat strip for a table, and a larger picture with an axis.

A cell is the higher, the farther the highest score lies from its threshold, and has the colour of
its status; one that is inconclusive, or ok by chance alone, is hollow, and one that is not compared
a mere line.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from driftcli.render.html.axis import LABELS, labelled, named_axis
from driftcli.render.html.svg import chart, coordinate, element, on_log_scale, text, words
from driftcli.render.terminal.strips import level
from driftcli.render.timeline_words import score_words
from driftcli.report.timeline import Cell, Period

#: Units of a strip, where its cells are not too narrow or too wide for it.
_STRIP = 460.0
_HEIGHT = 26.0
_LEVELS = 8
_NARROWEST, _WIDEST = 2.0, 36.0
#: Units of the picture: its plot, what its lines stand for beside it, and its height.
_PLOT, _BESIDE, _TALL, _TOP = 1010.0, 70.0, 120.0, 8.0
#: Multiple of the threshold at the end of the picture's scale, which is logarithmic.
_MOST = 16.0
_LINES = ((0.1, "×0.1"), (1.0, "threshold"), (10.0, "×10"))


class _Box(NamedTuple):
    """A cell: its class, and how high it is as a part of the whole."""

    kind: str
    part: float


def strip(cells: Sequence[Cell], periods: Sequence[Period]) -> Markup:
    """Return the cells of a column on a line of a table."""
    boxes = [_box(cell, period) for cell, period in zip(cells, periods, strict=True)]
    return _strip([box and _stepped(box, cell) for box, cell in zip(boxes, cells, strict=True)])


def counts(rows: Sequence[int]) -> Markup:
    """Return how many rows the periods have, beside the one that has most."""
    most = max(rows, default=0) or 1
    return _strip([_Box("rows", max(0.04, count / most)) if count else None for count in rows])


def _strip(boxes: Sequence[_Box | None]) -> Markup:
    wide = _wide(len(boxes))
    paths: dict[str, list[str]] = defaultdict(list)
    for at, box in enumerate(boxes):
        if box is not None:
            gap = 1.0 if wide >= 5 else 0.0
            paths[box.kind].append(_rectangle(at * wide, wide - gap, box.part, _HEIGHT))
    drawn = [element("path", d="".join(d), class_=kind) for kind, d in sorted(paths.items())]
    return _line(wide * len(boxes), _HEIGHT, drawn)


def _line(width: float, height: float, inside: Iterable[Markup]) -> Markup:
    """Return a picture in a table's cell, which is squeezed where the cell is narrower."""
    box = f"0 0 {coordinate(width)} {coordinate(height)}"
    return element(
        "svg",
        *inside,
        class_="strip",
        width=width,
        height=height,
        viewBox=box,
        preserveAspectRatio="none",
    )


def _wide(periods: int) -> float:
    return min(_WIDEST, max(_NARROWEST, math.floor(_STRIP / periods)))


def _rectangle(x: float, wide: float, part: float, height: float, top: float = 0.0) -> str:
    tall = max(1.0, part * height)
    return f"M{coordinate(x)} {coordinate(top + height)}h{wide:g}v-{coordinate(tall)}h-{wide:g}z"


def _box(cell: Cell, period: Period) -> _Box | None:
    """Return a cell's class and height on a logarithmic scale; None where there are no rows."""
    if cell.status == "skipped":
        return _Box("skipped", 0.0) if period.rows and period.status == "skipped" else None
    kind = "inconclusive" if cell.by_chance else cell.status
    return _Box(kind, on_log_scale(cell.excess, _MOST))


def _stepped(box: _Box, cell: Cell) -> _Box:
    """Return the box as high as its level: few heights are told apart at a glance."""
    if box.kind == "skipped":
        return box
    return box._replace(part=(level(cell.excess) + 1) / _LEVELS)


def axis(periods: Sequence[Period]) -> Markup:
    """Return the first and the last period over the strips."""
    wide = _wide(len(periods)) * len(periods)
    first, last = periods[0].label, periods[-1].label
    labels = [text(0, 12, first)]
    if len(periods) > 1 and wide > 7 * len(first + last):
        labels.append(element("text", words(last), x="100%", y=12.0, text_anchor="end"))
    return element("svg", *labels, class_="strip", width=wide, height=16.0)


def picture(name: str, cells: Sequence[Cell], periods: Sequence[Period], *, titled: bool) -> Markup:
    """Return the cells of a column over time, with a title for each where `titled`."""
    along = named_axis([period.label for period in periods], _PLOT)
    wide = _PLOT / len(periods)
    gap = 1.0 if wide >= 5 else 0.0
    floor = _TOP + _TALL
    bars = [
        element(
            "path",
            *([element("title", words(_title(cell, period)))] if titled else []),
            d=_rectangle(at * wide, round(wide - gap, 1), box.part, _TALL, _TOP),
            class_=box.kind,
        )
        for at, (cell, period) in enumerate(zip(cells, periods, strict=True))
        if (box := _box(cell, period)) is not None
    ]
    worst = sum(cell.status == "drift" for cell in cells)
    label = f"{name} over time: drift in {worst:,} of {len(periods):,} periods"
    inside = [element("g", *bars, class_="cells"), *_lines(), *labelled(along, floor)]
    return chart(_PLOT + _BESIDE, floor + LABELS, inside, label)


def _lines() -> Iterator[Markup]:
    heights = [
        (_TOP + _TALL * (1 - on_log_scale(multiple, _MOST)), label) for multiple, label in _LINES
    ]
    for y, label in heights:
        kind = "limit" if label == "threshold" else "grid"
        yield element("path", d=f"M0 {coordinate(y)}H{coordinate(_PLOT)}", class_=kind)
    yield from (text(_PLOT + 6, y + 4, label) for y, label in heights)


def _title(cell: Cell, period: Period) -> str:
    """Return a period, what came out, and why."""
    highest = cell.highest
    parts = [cell.status if cell.status != "skipped" else period.note or "not compared"]
    if highest is not None:
        parts.append(score_words(highest))
    return f"{period.label}: {', '.join(parts)}"
