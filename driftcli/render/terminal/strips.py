"""Heat strips: one cell a period, as high as the column's highest score is over its threshold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from driftcli.render import Look
from driftcli.render.escape import name_text
from driftcli.render.terminal.bars import LEVELS
from driftcli.render.terminal.grid import Field, Grid, Row, filled, fit
from driftcli.render.terminal.text import (
    QUIET,
    STATUS_STYLES,
    Line,
    Styled,
    cell_len,
    for_terminal,
    paragraph,
)
from driftcli.render.words import SIGNS, UNGATED_SIGN, VERDICTS, WAIVED_SIGN
from driftcli.report.columns import SEVERITY, Status
from driftcli.report.history import Outcome
from driftcli.report.timeline import Cell, Period

#: Of a threshold: the lower four levels end at a quarter, a half, three quarters, and all of it.
_BELOW = 4
#: The upper four levels begin at these multiples of a threshold.
_ABOVE = (1.0, 1.5, 2.0, 4.0)
NOT_COMPARED, NO_ROWS = "·", " "
#: In words, as a legend has them.
MEANINGS = {
    "".join(LEVELS[:_BELOW]): "below the threshold",
    "".join(LEVELS[_BELOW:]): "at it, ×1.5, ×2, ×4",
    "!": VERDICTS["warn"],
    "?": VERDICTS["inconclusive"],
    NOT_COMPARED: "not compared",
    NO_ROWS: "blank: no rows",
}
#: Few periods are drawn wider, so that a strip can be read.
_WIDEST_CELL = 3


class Scale(NamedTuple):
    """How periods become characters: `together` share one, or each has `wide` of them."""

    together: int = 1
    wide: int = 1

    def length(self, periods: int) -> int:
        """Return how many characters a strip of so many periods takes."""
        return -(-periods // self.together) * self.wide


def scale(periods: int, room: int) -> Scale:
    """Return the scale by which a strip of so many periods fits."""
    if periods > room:
        return Scale(together=-(-periods // room))
    return Scale(wide=min(_WIDEST_CELL, room // periods))


def strip(cells: Sequence[Cell], periods: Sequence[Period], by: Scale) -> list[Styled]:
    """Return the strip of a column, as few pieces of one style each."""
    return strip_of([_mark(*each) for each in zip(cells, periods, strict=True)], by)


def strip_of(marks: Sequence[Mark], by: Scale) -> list[Styled]:
    """Return marks as a strip, those that share a cell as the gravest of them."""
    shown = (_gravest(marks[at : at + by.together]) for at in range(0, len(marks), by.together))
    runs = groupby(shown, key=lambda each: each.style)
    return [Styled("".join(each.text * by.wide for each in run), style) for style, run in runs]


def counts(rows: Sequence[int], by: Scale) -> str:
    """Return a strip of how many rows the periods have, beside the one that has most."""
    together = [max(rows[at : at + by.together]) for at in range(0, len(rows), by.together)]
    most = max(together)
    return "".join(_height(count, most) * by.wide for count in together)


def _height(count: int, most: int) -> str:
    return LEVELS[max(1, round(count / most * len(LEVELS))) - 1] if count else NO_ROWS


class Mark(NamedTuple):
    """A character of a strip, and how it ranks among those that share a cell."""

    rank: tuple[int, float]
    text: str
    style: str


def _mark(cell: Cell, period: Period) -> Mark:
    if cell.status == "skipped":
        empty = period.status != "skipped" or not period.rows
        return Mark((-SEVERITY["skipped"], 0.0), NO_ROWS if empty else NOT_COMPARED, QUIET)
    if cell.by_chance:
        return Mark((-SEVERITY["ok"], cell.excess), "?", QUIET)
    return strip_mark(cell.status, cell.excess)


def strip_mark(status: Status, excess: float) -> Mark:
    """Return the mark of a column whose highest score is `excess` times its threshold."""
    rank = (-SEVERITY[status], excess)
    style = QUIET if status == "ok" else STATUS_STYLES[status]
    if status == "skipped":
        return Mark(rank, NOT_COMPARED, style)
    if status == "inconclusive":
        return Mark(rank, "?", style)
    if status == "warn":
        return Mark(rank, "!", style)
    return Mark(rank, LEVELS[level(excess)], style)


def level(excess: float) -> int:
    """Return which of eight levels a score over its threshold is on; the upper four reach it."""
    if excess < 1:
        return int(excess * _BELOW)
    return _BELOW + sum(excess >= start for start in _ABOVE) - 1


def _gravest(marks: Sequence[Mark]) -> Mark:
    return max(marks, key=lambda each: each.rank)


def meanings(strips: Iterator[str]) -> list[str]:
    """Return what the characters that occur in strips mean: `▁▂▃▄ below the threshold`."""
    there = set("".join(strips))
    return [f"{marks} {text}".strip() for marks, text in MEANINGS.items() if there & set(marks)]


#: The longest strip; of more runs several share a cell.
WIDEST = 40
NOT_RUN, NOT_JUDGED = "E", "–"
#: A day of which nothing is known.
NONE = Mark((-9, 0.0), NOT_COMPARED, QUIET)
#: What has a waiver and is not ok.
WAIVED = "waived"
#: What is ok because nothing can make it drift.
UNGATED = "ungated"
_SIGNS: dict[str, str] = dict(SIGNS.items()) | {
    "error": SIGNS["drift"],
    WAIVED: WAIVED_SIGN,
    UNGATED: UNGATED_SIGN,
}
_STYLES: dict[str, str] = dict(STATUS_STYLES.items()) | {
    "error": STATUS_STYLES["drift"],
    UNGATED: QUIET,
}
#: A row of a table, and the strip in it in several colours.
StripRow = tuple[Row, Sequence[Styled]]
#: Of a row's strip the place among the pieces of a line: behind sign and name.
_STRIP_AT = 4


def grid_lines(
    fields: Sequence[Field],
    rows: Sequence[StripRow],
    title: str,
    look: Look,
    below: Callable[[int, Collection[str]], str] = lambda _at, _keys: "",
    indent: str = "",
) -> Iterator[Line]:
    """Yield a heading and the rows with their strips.

    `below` says what is below a row, by its place and the keys of the fields that have room.
    """
    blank = {field.key: Styled("") for field in fields}
    full = [each._replace(pieces={**blank, **each.pieces}) for each, _ in rows]
    grid = fit(filled(fields, full), full, title, look.room, look.ellipsis)
    yield grid.heading(title)
    for at, (line, (_, strip)) in enumerate(zip(full, rows, strict=True)):
        yield _colored(grid.line(line), strip, grid, look)
        if text := below(at, grid.keys):
            yield from paragraph(text, look, margin=Styled(grid.indent + indent), style=QUIET)


def row(
    status: str,
    name: str,
    strip: Sequence[Styled],
    texts: Mapping[str, str],
    look: Look,
) -> StripRow:
    """Return the row of a check or a column, behind the sign of its status."""
    sign = Styled(for_terminal(_sign(status), look), style(status))
    bold = "bold" if status in ("drift", "error") else ""
    shown = {key: Styled(for_terminal(text, look)) for key, text in texts.items()}
    label = Styled(for_terminal(name_text(name), look), bold)
    return Row(sign, label, {"strip": _joined(strip), **shown}), strip


def quiet_row(name: str, strip: Sequence[Styled]) -> StripRow:
    """Return a row of no status, with a strip and nothing beside it."""
    return Row(Styled(""), Styled(name, QUIET), {"strip": _joined(strip)}), strip


def _joined(strip: Sequence[Styled]) -> Styled:
    return Styled("".join(piece.text for piece in strip))


def _colored(line: Line, strip: Sequence[Styled], grid: Grid, look: Look) -> Line:
    """Return a row's line with its strip, the first of its fields, in several colours."""
    if "strip" in grid.keys:
        blanks = cell_len(line[_STRIP_AT].text) - sum(len(piece.text) for piece in strip)
        line = [*line[:_STRIP_AT], *strip, Styled(" " * blanks), *line[_STRIP_AT + 1 :]]
    return [piece._replace(text=for_terminal(piece.text, look)) for piece in line]


def outcome(verdict: Outcome) -> Mark:
    """Return the mark of a check's run."""
    if verdict == "error":
        return Mark((1, 0.0), NOT_RUN, STATUS_STYLES["drift"])
    if verdict == "unjudged":
        return Mark((0, 0.0), NOT_JUDGED, STATUS_STYLES["unjudged"])
    return strip_mark(verdict, 4.0 if verdict == "drift" else 0.0)


def _sign(status: str) -> str:
    return _SIGNS.get(status, "")


def style(status: str) -> str:
    """Return the style of a status or a verdict."""
    return _STYLES.get(status, "")


def scaled(runs: int) -> Scale:
    """Return how runs share the cells of a strip."""
    return scale(runs, WIDEST) if runs > WIDEST else Scale()


def strip_axis(labels: Sequence[str], length: int) -> str:
    """Return the first and the last label at the ends of strips of a length."""
    if not labels or len(labels[0]) + len(labels[-1]) >= length:
        return f"{labels[0]} to {labels[-1]}" if len(labels) > 1 else "".join(labels)
    return labels[0] + labels[-1].rjust(length - len(labels[0]))
