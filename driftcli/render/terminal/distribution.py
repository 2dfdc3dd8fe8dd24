"""Both distributions of a column drawn over the same bins, and the witness beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from driftcli.render import Look
from driftcli.render.figures import change, edge_ruler, share
from driftcli.render.terminal.bars import Axis, axis, joined, lying, ticks, trace, upright
from driftcli.render.terminal.text import (
    GAP,
    QUIET,
    Line,
    Styled,
    cell_len,
    fitted,
    fitted_start,
    for_terminal,
    padded,
    paragraph,
)
from driftcli.report.comparison import Bins, Clock, Column, Explanation
from driftcli.text import visible

_TITLES = ("baseline", "current")
_STYLES = ("", "cyan")
#: Labels stand left of the picture where that leaves it enough room, above it elsewhere.
_MARGIN = 12
_LEAST_BESIDE = 40
_LONGEST_BAR = 30
#: Bins from one label of the axis to the next; the last leaves a single label.
ROUND = (1, 2, 5, 10, 20, 25, 50, 100)


def drawing(column: Column, details: Explanation, look: Look) -> Iterator[Line]:
    """Yield the picture: lying bars for categories, upright ones over an axis for the rest."""
    if details.bins.labels:
        yield from _categories(details.bins, look)
        return
    yield from _numbers(column, details, look)
    for name, clock, labels in (
        ("hour of day", column.hour_of_day, tuple(map(str, range(24)))),
        ("weekday", column.weekday, ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")),
    ):
        if clock is not None:
            yield []
            yield from _clock(name, clock, labels, look)


def _numbers(column: Column, details: Explanation, look: Look) -> Iterator[Line]:
    bins = details.bins
    measure = edge_ruler(bins.edges)
    labels = [measure.text(edge) for edge in bins.edges]
    if all(label.endswith(" 00:00:00") for label in labels):
        labels = [label.removesuffix(" 00:00:00") for label in labels]
    along, margin = _placed(len(bins.baseline), look)
    yield from _upright((bins.baseline, bins.current), along, margin, look)
    whole = column.baseline.type.startswith(("int", "uint")) and _are_steps_of_one(bins)
    centred = whole and along.joined == 1
    steps = [(_first_round(bins, every), every) for every in ROUND]
    yield from _scale(labels, steps, along, margin, look, centred=centred)
    if details.transport:
        text = trace(details.transport.witness, along)
        yield from _beside(["witness"], [text], margin, look, QUIET)
    outside = ((f"below {labels[0]}", bins.below), (f"{labels[-1]} and above", bins.above))
    beyond = [f"{where}: {change(*sides)}" for where, sides in outside if any(sides)]
    if beyond:
        yield from paragraph("; ".join(beyond), look, margin=Styled(" " * margin), style=QUIET)


def _placed(bins: int, look: Look) -> tuple[Axis, int]:
    """Return the axis, and how far it is indented."""
    margin = _MARGIN if look.room - _MARGIN >= _LEAST_BESIDE else 0
    return axis(bins, look.room - margin), margin


def _first_round(bins: Bins, every: int) -> int:
    """Return the first edge at a multiple of `every` bins: labels stand at 0, 10 and 20."""
    first, second = bins.edges[:2]
    if isinstance(first, str) or isinstance(second, str) or first is None or second is None:
        return 0
    width = (second - first) * every
    place = first / width if width and math.isfinite(width) else 0.0
    return round((math.ceil(place - 1e-9) - place) * every)


def _are_steps_of_one(bins: Bins) -> bool:
    first, second = bins.edges[:2]
    return not isinstance(first, str) and float(second or 0) - float(first or 0) == 1


def _upright(
    sides: tuple[Sequence[float], Sequence[float]], along: Axis, margin: int, look: Look
) -> Iterator[Line]:
    """Yield both sides' bars to one scale, each with the share of its highest."""
    peaks = [max(joined(side, along)) for side in sides]
    for name, style, side, peak in zip(_TITLES, _STYLES, sides, peaks, strict=True):
        # Empty lines on top say nothing when the other side is much higher.
        lines = [line for line in upright(side, max(peaks) or 1.0, along) if line.strip()]
        labels = [name, f"peak {share(peak)}"]
        yield from _beside(labels, lines or [""], margin, look, style)


def _beside(
    labels: Sequence[str], lines: Sequence[str], margin: int, look: Look, style: str
) -> Iterator[Line]:
    """Yield a picture's lines, its labels left of the last ones or above them."""
    if not margin:
        yield [Styled(fitted_start(GAP.join(labels), look.room, look.ellipsis), QUIET)]
        labels = ()
    height = max(len(labels), len(lines))
    beside = [""] * (height - len(labels)) + list(labels)
    drawn = [""] * (height - len(lines)) + [for_terminal(line, look) for line in lines]
    for label, line in zip(beside, drawn, strict=True):
        yield [Styled(label.ljust(margin), QUIET), Styled(line, style)]


def _scale(
    labels: Sequence[str],
    steps: Sequence[tuple[int, int]],
    along: Axis,
    margin: int,
    look: Look,
    *,
    centred: bool,
) -> Iterator[Line]:
    room = look.room - margin
    for line in ticks(labels, steps, along, room, centred=centred):
        yield [Styled(" " * margin), Styled(for_terminal(line, look), QUIET)]


def _clock(name: str, clock: Clock, labels: Sequence[str], look: Look) -> Iterator[Line]:
    along, margin = _placed(len(labels), look)
    yield [Styled(name, QUIET)]
    yield from _upright((clock.baseline, clock.current), along, margin, look)
    steps = [(0, every) for every in (1, 2, 3, 6, 12, 24)]
    yield from _scale(labels, steps, along, margin, look, centred=True)


class _Layout(NamedTuple):
    """Widths in cells of a line of lying bars: the name, a share's digits, and a bar."""

    name: int
    digits: int
    bar: int


def _layout(names: Sequence[str], bins: Bins, look: Look) -> _Layout:
    digits = max(len(share(each)) for side in (bins.baseline, bins.current) for each in side)
    width = min(max(map(cell_len, names)), max(look.room // 4, 12))
    room = (look.room - width) // 2 - len(GAP) - digits - 1
    return _Layout(width, digits, min(_LONGEST_BAR, room))


def _categories(bins: Bins, look: Look) -> Iterator[Line]:
    """Yield a line for each category: its name, then each side's share and bar."""
    names = [for_terminal(visible(label) or "''", look) for label in bins.labels]
    layout = _layout(names, bins, look)
    if layout.bar < 1:
        yield from _category_lines(names, bins, look)
        return
    named = len(names) - bins.other
    highest = max((*bins.baseline[:named], *bins.current[:named]), default=0.0) or 1.0
    titles = [title.rjust(layout.digits).ljust(layout.digits + 1 + layout.bar) for title in _TITLES]
    yield [Styled(" " * layout.name), *(Styled(GAP + title, QUIET) for title in titles)]
    for index, name in enumerate(names):
        shown = Styled(fitted(name, layout.name, look.ellipsis), "" if index < named else QUIET)
        line = [padded(shown, layout.name)]
        for style, side in zip(_STYLES, (bins.baseline, bins.current), strict=True):
            # What sums up many categories has no bar: it would make all others look small.
            bar = lying(side[index], highest, layout.bar, look) if index < named else ""
            line.append(Styled(f"{GAP}{share(side[index]):>{layout.digits}} ", QUIET))
            line.append(padded(Styled(bar, style), layout.bar))
        yield line


def _category_lines(names: Sequence[str], bins: Bins, look: Look) -> Iterator[Line]:
    """Yield the categories where there is no room for bars: shares before and after below each."""
    for name, before, after in zip(names, bins.baseline, bins.current, strict=True):
        yield [Styled(fitted(name, look.room, look.ellipsis))]
        yield from paragraph(change(before, after), look, margin=Styled(GAP), style=QUIET)
