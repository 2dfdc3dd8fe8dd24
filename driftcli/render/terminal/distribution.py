"""Both distributions of a column drawn over the same bins, and the witness beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from driftcli.render import Look, facts
from driftcli.render.escape import name_text
from driftcli.render.figures import change, edge_ruler, share
from driftcli.render.terminal.bars import (
    CellAxis,
    bar_shares,
    cell_axis,
    lying,
    ticks,
    trace,
    upright,
)
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
from driftcli.report.columns import Column
from driftcli.report.explanation import Bins, Clock, Explanation

_TITLES = ("baseline", "current")
_STYLES = ("", "cyan")
#: Labels stand left of the picture where that leaves it enough room, above it elsewhere.
_MARGIN = 12
_LEAST_BESIDE = 40
_LONGEST_BAR = 30


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
    labels = facts.edge_labels(bins.edges, edge_ruler(bins.edges))
    along, margin = _placed(len(bins.baseline), look)
    yield from _upright((bins.baseline, bins.current), along, margin, look)
    whole = column.baseline.type.startswith(("int", "uint"))
    centred = whole and along.joined == 1 and facts.are_steps_of_one(bins.edges)
    steps = [(facts.first_label(bins.edges, every), every) for every in facts.LABEL_STEPS]
    yield from _scale(labels, steps, along, margin, look, centred=centred)
    if details.transport:
        text = trace(details.transport.witness, along)
        yield from _beside(["witness"], [text], margin, look, QUIET)
    if beyond := facts.beyond(bins, labels[0], labels[-1]):
        yield from paragraph(beyond, look, margin=Styled(" " * margin), style=QUIET)


def _placed(bins: int, look: Look) -> tuple[CellAxis, int]:
    """Return the axis, and how far it is indented."""
    margin = _MARGIN if look.room - _MARGIN >= _LEAST_BESIDE else 0
    return cell_axis(bins, look.room - margin), margin


def _upright(
    sides: tuple[Sequence[float], Sequence[float]], along: CellAxis, margin: int, look: Look
) -> Iterator[Line]:
    """Yield both sides' bars to one scale, each with the share of its highest."""
    peaks = [max(bar_shares(side, along)) for side in sides]
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
    along: CellAxis,
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
    names = [for_terminal(name_text(label), look) for label in bins.labels]
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
