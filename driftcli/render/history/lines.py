"""Rows of the history's tables: a sign, a name, a strip of past runs, and texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from driftcli.render.cells import QUIET, STATUS_STYLES
from driftcli.render.digest import SIGNS, WAIVED_SIGN
from driftcli.render.escape import visible
from driftcli.render.grid import Field, Grid, Row, fit
from driftcli.render.ink import Line, Piece
from driftcli.render.look import Look
from driftcli.render.prose import own, prose
from driftcli.render.timeline.strips import NOT_COMPARED, Mark, Scale, mark, scale
from driftcli.report.history import Outcome

#: The longest strip; of more runs several share a cell.
WIDEST = 40
NOT_RUN, NOT_JUDGED = "E", "–"
#: A day of which nothing is known.
NONE = Mark((-9, 0.0), NOT_COMPARED, QUIET)
#: What has a waiver and is not ok.
WAIVED = "waived"
_SIGNS: dict[str, str] = {"error": SIGNS["drift"], WAIVED: WAIVED_SIGN}
_SIGNS.update(SIGNS.items())
_STYLES: dict[str, str] = {"error": STATUS_STYLES["drift"]}
_STYLES.update(STATUS_STYLES.items())
#: Of a row's strip the place among the pieces of a line: behind sign and name.
_STRIP_AT = 4


def grid_lines(
    fields: Sequence[Field],
    rows: list[Row],
    strips: Sequence[list[Piece]],
    title: str,
    look: Look,
    below: Sequence[str] = (),
) -> Iterator[Line]:
    """Yield a heading and the rows, each with its strip and with what is `below` it."""
    blank = {field.key: Piece("") for field in fields}
    full = [each._replace(pieces={**blank, **each.pieces}) for each in rows]
    told = [field for field in fields if any(each.pieces[field.key].text for each in full)]
    grid = fit(told, full, title, look.room, look.ellipsis)
    yield grid.heading(title)
    for at, (line, strip) in enumerate(zip(full, strips, strict=True)):
        yield _in_ascii(_coloured(grid.line(line), strip, grid), look)
        if below and below[at]:
            yield from prose(below[at], look, margin=Piece(grid.indent), style=QUIET)


def row(
    status: str,
    name: str,
    strip: Sequence[Piece],
    texts: Mapping[str, str],
    look: Look,
) -> Row:
    """Return the row of a check or a column, behind the sign of its status."""
    sign = Piece(own(_sign(status), look), style(status))
    bold = "bold" if status in ("drift", "error") else ""
    return Row(sign, Piece(own(visible(name) or "''", look), bold), pieces(strip, texts, look))


def pieces(strip: Sequence[Piece], texts: Mapping[str, str], look: Look) -> dict[str, Piece]:
    """Return the fields of a row: its strip and texts."""
    drawn = Piece("".join(piece.text for piece in strip))
    return {"strip": drawn, **{key: Piece(own(text, look)) for key, text in texts.items()}}


def _coloured(line: Line, strip: Sequence[Piece], grid: Grid) -> Line:
    """Return a row's line with its strip, the first of its fields, in several colours."""
    if "strip" not in grid.keys:
        return line
    blanks = len(line[_STRIP_AT].text) - sum(len(piece.text) for piece in strip)
    return [*line[:_STRIP_AT], *strip, Piece(" " * blanks), *line[_STRIP_AT + 1 :]]


def _in_ascii(line: Line, look: Look) -> Line:
    return [piece._replace(text=own(piece.text, look)) for piece in line]


def outcome(verdict: Outcome) -> Mark:
    """Return the mark of a check's run."""
    if verdict == "error":
        return Mark((1, 0.0), NOT_RUN, STATUS_STYLES["drift"])
    if verdict == "unjudged":
        return Mark((0, 0.0), NOT_JUDGED, STATUS_STYLES["unjudged"])
    return mark(verdict, 4.0 if verdict == "drift" else 0.0)


def _sign(status: str) -> str:
    return _SIGNS.get(status, "")


def style(status: str) -> str:
    """Return the style of a status or a verdict."""
    return _STYLES.get(status, "")


def scaled(runs: int) -> Scale:
    """Return how runs share the cells of a strip."""
    return scale(runs, WIDEST) if runs > WIDEST else Scale()


def axis(days: Sequence[str], by: Scale) -> str:
    """Return the first and the last day at the ends of the strips."""
    length = by.length(len(days))
    if not days or len(days[0]) + len(days[-1]) >= length:
        return f"{days[0]} to {days[-1]}" if len(days) > 1 else "".join(days)
    return days[0] + days[-1].rjust(length - len(days[0]))
