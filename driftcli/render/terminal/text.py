"""Lines of coloured pieces: measured, cut and wrapped by terminal cells, painted last.

Of Rich this takes the widths of characters and the painting of styles. Its tables lay out a few
hundred rows a second, too slow for thousands of columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import set_cell_size
from rich.color import ColorSystem
from rich.style import Style

from driftcli.render import Look
from driftcli.render.escape import ELLIPSIS, TIE, to_ascii
from driftcli.render.figures import extent
from driftcli.report.columns import Status
from driftcli.report.comparison import Dataset, Report, Verdict
from driftcli.report.joint import Joint
from driftcli.text import visible

GAP = "  "
#: How far what is beside the point stands back.
QUIET = "dim"
STATUS_STYLES: dict[Status | Verdict, str] = {
    "drift": "bold red",
    "unjudged": "magenta",
    "warn": "yellow",
    "inconclusive": "magenta",
    "ok": "green",
    "skipped": "dim",
}


class Styled(NamedTuple):
    """Visible text in one style, as Rich names styles; the empty one is the terminal's own."""

    text: str
    style: str = ""


Line = list[Styled]


def paint(lines: Iterable[Line], *, color: bool) -> str:
    """Return the lines as text. With `color` it differs by ANSI codes only."""
    return "".join(_painted(line, color=color) + "\n" for line in lines)


def _painted(line: Line, *, color: bool) -> str:
    pieces = _without_trailing_blanks(line)
    if not color:
        return "".join(piece.text for piece in pieces)
    return "".join(_ansi(piece) for piece in pieces)


def _without_trailing_blanks(line: Line) -> Line:
    pieces = list(line)
    while pieces and not pieces[-1].text.strip(" "):
        pieces.pop()
    if pieces:
        pieces[-1] = pieces[-1]._replace(text=pieces[-1].text.rstrip(" "))
    return pieces


def _ansi(piece: Styled) -> str:
    if not piece.style or not piece.text.strip(" "):
        return piece.text
    return _style(piece.style).render(piece.text, color_system=ColorSystem.STANDARD)


@lru_cache
def _style(name: str) -> Style:
    return Style.parse(name)


def padded(piece: Styled, width: int, *, right: bool = False) -> Styled:
    """Return a piece that fits as one of exactly `width` cells."""
    blanks = " " * (width - cell_len(piece.text))
    return piece._replace(text=blanks + piece.text if right else piece.text + blanks)


def fitted(text: str, width: int, ellipsis: str = ELLIPSIS) -> str:
    """Return `text` in at most `width` cells, its middle replaced by an ellipsis if need be."""
    # Far more characters than fit, whatever their widths: measuring them all would be slow.
    if len(text) > 8 * width:
        text = text[: 4 * width] + text[-4 * width :]
    if cell_len(text) <= width:
        return text
    room = width - len(ellipsis)
    head = set_cell_size(text, (room + 1) // 2).rstrip(" ")
    return head + ellipsis + _last_cells(text, room // 2)


def _last_cells(text: str, width: int) -> str:
    start = len(text)
    while start and cell_len(text[start - 1 :]) <= width:
        start -= 1
    return text[start:]


def tied(text: str, width: int) -> str:
    """Return `text` bound together for `wrapped`, unless it would nearly fill a line."""
    return text.replace(" ", TIE) if cell_len(text) <= width - 8 else text


def wrapped(text: str, width: int, most: int, ellipsis: str = ELLIPSIS) -> list[str]:
    """Return `text` as at most `most` lines of at most `width` cells, broken at spaces.

    A space before a per cent sign or an arrow is no place to break.
    """
    text = re.sub(" (?=%|→|->)", TIE, text)
    lines: list[str] = []
    words = (fitted(word, width, ellipsis) for word in text.split(" "))
    for line in _broken(words, width):
        if len(lines) == most:
            lines[-1] = fitted_start(lines[-1] + ellipsis, width, ellipsis)
            break
        lines.append(line)
    return [line.replace(TIE, " ") for line in lines]


def fitted_start(text: str, width: int, ellipsis: str = ELLIPSIS) -> str:
    """Return the start of `text` in at most `width` cells, an ellipsis for what is cut off."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - len(ellipsis)).rstrip(" ") + ellipsis


def _broken(words: Iterable[str], width: int) -> Iterator[str]:
    line = ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if cell_len(longer) <= width:
            line = longer
        else:
            yield line
            line = word
    if line:
        yield line


#: Sentences stay readable on a very wide terminal.
WIDEST_TEXT = 120
MOST_LINES = 4
#: Between short parts on one line.
DOT = f"{TIE}·"


def spaced(sections: Iterable[Iterable[Line]]) -> Iterator[Line]:
    """Yield the lines of the sections, an empty one between them."""
    blocks = [block for section in sections if (block := list(section))]
    for index, block in enumerate(blocks):
        yield from ([[]] if index else [])
        yield from block


def for_terminal(text: str, look: Look) -> str:
    """Return visible text as the look's terminal can print it."""
    return to_ascii(text) if look.ascii_only else text


def paragraph(
    text: str,
    look: Look,
    *,
    margin: Styled,
    style: str = "",
    most: int = MOST_LINES,
) -> Iterator[Line]:
    """Yield wrapped lines of visible text: the first behind a margin, the rest indented as far."""
    margin = margin._replace(text=for_terminal(margin.text, look))
    indent = cell_len(margin.text)
    width = min(look.room, WIDEST_TEXT) - indent
    for index, line in enumerate(wrapped(for_terminal(text, look), width, most, look.ellipsis)):
        yield [Styled(" " * indent) if index else margin, Styled(line, style)]


def joined(parts: Iterable[str], separator: str, look: Look) -> str:
    """Return parts as one text that `paragraph` breaks after separators, not within parts."""
    return f"{separator} ".join(tied(part, look.room) for part in parts)


def header(report: Report | Joint, look: Look) -> Iterator[Line]:
    """Yield both sources and their rows, on one line where they fit."""
    sides = (report.baseline, report.current)
    sources = [for_terminal(visible(side.source), look) for side in sides]
    arrow = for_terminal(" → ", look)
    line = [
        *_side(sources[0], report.baseline),
        Styled(arrow, QUIET),
        *_side(sources[1], report.current),
    ]
    if sum(cell_len(piece.text) for piece in line) <= look.room:
        yield line
        return
    for label, source, side in zip(("baseline", "current"), sources, sides, strict=True):
        yield from _side_lines(label, source, extent(side), look)


def _side(source: str, side: Dataset) -> Line:
    return [Styled(source, "bold"), Styled(f" ({extent(side)})", QUIET)]


def _side_lines(label: str, source: str, rows_text: str, look: Look) -> Iterator[Line]:
    """Yield a side on lines of its own, its rows below its source where that is long."""
    margin = "baseline" + GAP
    room = look.room - len(margin)
    beside = room - len(GAP) - len(rows_text)
    first = [Styled(label.ljust(len(margin)), QUIET)]
    if cell_len(source) <= beside:
        yield [*first, Styled(source, "bold"), Styled(GAP + rows_text, QUIET)]
        return
    yield [*first, Styled(fitted(source, room, look.ellipsis), "bold")]
    yield from paragraph(rows_text, look, margin=Styled(" " * len(margin)), style=QUIET)


#: One cell each, as every terminal draws them.
_OURS = str.maketrans(dict.fromkeys("▁▂▃▄▅▆▇█▏▎▍▌▋▊▉─│┴₁✗✓○▲△·→∞≥≤–−±…×‘’“”\N{NO-BREAK SPACE}"))


@lru_cache(maxsize=4096)
def cell_len(text: str) -> int:
    """Return the cells that `text` takes.

    Rich loads its tables of Unicode widths only for text that needs them: they cost as much
    time as everything else in a report.
    """
    if text.isascii() or text.translate(_OURS).isascii():
        return len(text)
    from rich.cells import cell_len as wide_cell_len

    return wide_cell_len(text)
