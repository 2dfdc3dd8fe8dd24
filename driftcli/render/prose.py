"""Running text of the terminal reports: sections, wrapped sentences, where the data came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from driftcli.render.cells import QUIET
from driftcli.render.escape import TIE, to_ascii, visible
from driftcli.render.figures import extent
from driftcli.render.grid import GAP
from driftcli.render.ink import Line, Piece, fitted, tied, wrapped
from driftcli.render.look import Look
from driftcli.render.widths import cell_len
from driftcli.report.comparison import Dataset, Report

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


def own(text: str, look: Look) -> str:
    """Return visible text as the look's terminal can print it."""
    return to_ascii(text) if look.ascii_only else text


def prose(
    text: str,
    look: Look,
    *,
    margin: Piece,
    style: str = "",
    most: int = MOST_LINES,
) -> Iterator[Line]:
    """Yield wrapped lines of visible text: the first behind a margin, the rest indented as far."""
    margin = margin._replace(text=own(margin.text, look))
    indent = cell_len(margin.text)
    width = min(look.room, WIDEST_TEXT) - indent
    for index, line in enumerate(wrapped(own(text, look), width, most, look.ellipsis)):
        yield [Piece(" " * indent) if index else margin, Piece(line, style)]


def joined(parts: Iterable[str], separator: str, look: Look) -> str:
    """Return parts as one text that `prose` breaks after separators rather than within parts."""
    return f"{separator} ".join(tied(part, look.room) for part in parts)


def header(report: Report, look: Look) -> Iterator[Line]:
    """Yield both sources and their rows, on one line where they fit."""
    sides = (report.baseline, report.current)
    sources = [own(visible(side.source), look) for side in sides]
    arrow = own(" → ", look)
    line = [
        *_side(sources[0], report.baseline),
        Piece(arrow, QUIET),
        *_side(sources[1], report.current),
    ]
    if sum(cell_len(piece.text) for piece in line) <= look.room:
        yield line
        return
    for label, source, side in zip(("baseline", "current"), sources, sides, strict=True):
        yield from _side_lines(label, source, extent(side), look)


def _side(source: str, side: Dataset) -> Line:
    return [Piece(source, "bold"), Piece(f" ({extent(side)})", QUIET)]


def _side_lines(label: str, source: str, rows_text: str, look: Look) -> Iterator[Line]:
    """Yield a side on lines of its own, its rows below its source where that is long."""
    margin = "baseline" + GAP
    room = look.room - len(margin)
    beside = room - len(GAP) - len(rows_text)
    first = [Piece(label.ljust(len(margin)), QUIET)]
    if cell_len(source) <= beside:
        yield [*first, Piece(source, "bold"), Piece(GAP + rows_text, QUIET)]
        return
    yield [*first, Piece(fitted(source, room, look.ellipsis), "bold")]
    yield from prose(rows_text, look, margin=Piece(" " * len(margin)), style=QUIET)
