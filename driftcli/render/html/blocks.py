"""The blocks of rows that move together, side by side: whether one is unlike the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from driftcli.render import facts
from driftcli.render.escape import shortened
from driftcli.render.facts import BlockLine
from driftcli.render.figures import Ruler
from driftcli.render.html.svg import element, mark
from driftcli.report.explanation import BlockStrip

#: As wide and as high as its style makes it.
WIDTH = 360
HEIGHT = 28
#: The least height of a block, which is there even where it is the lowest.
_LEAST = 2
#: Blocks that are drawn by themselves, four weeks of either side; of more, some together are as
#: high as their highest.
MOST_BARS = 56
_LONGEST_NAME = 60


class Strip(NamedTuple):
    """Blocks by one measure: what it is, drawn, and both sides' lowest and highest as text."""

    name: str
    drawn: Markup
    told: str


class Strips(NamedTuple):
    """The blocks of a column: which they are, and a strip for each measure."""

    told: str
    lines: list[Strip]


def strips(blocks: BlockStrip | None, measure: Ruler) -> Strips | None:
    """Return the blocks of a column as pictures, if any of them has values."""
    if blocks is None or not (lines := facts.block_lines(blocks, measure)):
        return None
    found = [Strip(shortened(line.name, _LONGEST_NAME), _drawn(line), line.told) for line in lines]
    return Strips(facts.blocks_told(blocks), found)


def _drawn(line: BlockLine) -> Markup:
    together = -(-(len(line.baseline) + len(line.current)) // MOST_BARS)
    before, after = (_highest(side, together) for side in (line.baseline, line.current))
    step = WIDTH // (len(before) + len(after) + 1)
    sides = ((before, 0, "was"), (after, (len(before) + 1) * step, "now"))
    paths = [_bars(heights, start, step, name) for heights, start, name in sides if heights]
    return mark("blocks", *paths)


def _highest(heights: Sequence[float], together: int) -> list[float]:
    return [max(heights[at : at + together]) for at in range(0, len(heights), together)]


def _bars(heights: Sequence[float], start: int, step: int, name: str) -> Markup:
    """Return the blocks of one side as strokes, between two of which is a gap of a fifth or so."""
    width = max(1, round(step * 0.8))
    tall = (round(_LEAST + each * (HEIGHT - _LEAST)) for each in heights)
    # Each up from where it stands, and on to the foot of the next.
    drawn = "".join(f"v-{each}m{step} {each}" for each in tall)
    return element(
        "path", d=f"M{start + width // 2} {HEIGHT}{drawn}", stroke_width=width, class_=name
    )
