"""Both distributions of a column drawn over the same bins, and the witness beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from driftcli.render.cells import QUIET
from driftcli.render.escape import visible
from driftcli.render.figures import change, share
from driftcli.render.grid import GAP
from driftcli.render.histogram import Axis, axis, joined, lying, ticks, trace, upright
from driftcli.render.ink import Line, Piece, fitted, padded
from driftcli.render.look import Look
from driftcli.render.measures import edge_ruler
from driftcli.render.prose import own, prose
from driftcli.render.widths import cell_len
from driftcli.report import Bins, Clock, Column, Explanation

BASELINE, CURRENT = "", "cyan"
_SIDES = (("baseline", BASELINE), ("current", CURRENT))
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
        yield from _beside("witness", [text], margin, look, QUIET)
    outside = ((f"below {labels[0]}", bins.below), (f"{labels[-1]} and above", bins.above))
    beyond = [f"{where}: {change(*sides)}" for where, sides in outside if any(sides)]
    if beyond:
        yield from prose("; ".join(beyond), look, margin=Piece(" " * margin), style=QUIET)


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
    for (name, style), side, peak in zip(_SIDES, sides, peaks, strict=True):
        # Empty lines on top say nothing when the other side is much higher.
        lines = [line for line in upright(side, max(peaks) or 1.0, along) if line.strip()]
        labels = [name, f"peak {share(peak)}"]
        yield from _beside(labels, lines or [""], margin, look, style)


def _beside(
    labels: str | Sequence[str], lines: Sequence[str], margin: int, look: Look, style: str
) -> Iterator[Line]:
    """Yield a picture's lines, its labels left of the last ones or above them."""
    own_labels = [labels] if isinstance(labels, str) else list(labels)
    if not margin:
        yield [Piece(GAP.join(own_labels), QUIET)]
        own_labels = []
    missing = len(own_labels) - len(lines)
    lines = [""] * missing + [own(line, look) for line in lines]
    own_labels = [""] * (len(lines) - len(own_labels)) + own_labels
    for label, line in zip(own_labels, lines, strict=True):
        yield [Piece(label.ljust(margin), QUIET), Piece(line, style)]


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
        yield [Piece(" " * margin), Piece(own(line, look), QUIET)]


def _clock(name: str, clock: Clock, labels: Sequence[str], look: Look) -> Iterator[Line]:
    along, margin = _placed(len(labels), look)
    yield [Piece(name, QUIET)]
    yield from _upright((clock.baseline, clock.current), along, margin, look)
    steps = [(0, every) for every in (1, 2, 3, 6, 12, 24)]
    yield from _scale(labels, steps, along, margin, look, centred=True)


def _categories(bins: Bins, look: Look) -> Iterator[Line]:
    """Yield a line for each category: its name, then each side's share and bar."""
    names = [own(visible(label) or "''", look) for label in bins.labels]
    shares = [[share(each) for each in side] for side in (bins.baseline, bins.current)]
    digits = max(map(len, (*shares[0], *shares[1])))
    width = min(max(map(cell_len, names)), max(look.room // 4, 12))
    bar = min(_LONGEST_BAR, max(0, (look.room - width) // 2 - len(GAP) - digits - 1))
    named = len(names) - bins.other
    highest = max((*bins.baseline[:named], *bins.current[:named]), default=0.0) or 1.0
    heading = [Piece(" " * width)]
    for name, _ in _SIDES:
        heading.append(Piece(GAP + name.rjust(digits).ljust(digits + 1 + bar), QUIET))
    yield heading
    for index, name in enumerate(names):
        quiet = QUIET if index == named else ""
        line = [padded(Piece(fitted(name, width, look.ellipsis), quiet), width)]
        for (_, style), side, texts in zip(
            _SIDES, (bins.baseline, bins.current), shares, strict=True
        ):
            # What sums up many categories has no bar: it would make all others look small.
            drawn = lying(side[index], highest, bar, look) if index < named else ""
            line += [
                Piece(f"{GAP}{texts[index]:>{digits}} ", QUIET),
                padded(Piece(drawn, style), bar),
            ]
        yield line
