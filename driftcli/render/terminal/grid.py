"""A borderless table that fits a width by leaving out its least important columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from driftcli.render import Look
from driftcli.render.terminal.text import GAP, Line, Styled, cell_len, fitted, for_terminal, padded

#: From this width on, a shortened name can be told from others.
LEGIBLE = 20
HEADING = "dim"


class Field(NamedTuple):
    """A column of the grid. Fields of a high `rank` are left out when there is no room.

    A field that is `beside` another is shown only if that is.
    """

    key: str
    heading: str
    rank: int
    right: bool = False
    beside: str | None = None


class Row(NamedTuple):
    """One line of the grid: a sign, a name, and the pieces of the fields by key."""

    sign: Styled
    name: Styled
    pieces: Mapping[str, Styled]


class Grid(NamedTuple):
    """The fields that fit, and the widths of all columns."""

    fields: tuple[Field, ...]
    sign_width: int
    name_width: int
    widths: Mapping[str, int]
    ellipsis: str

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the fields that fit."""
        return frozenset(field.key for field in self.fields)

    @property
    def indent(self) -> str:
        """Blanks that put a line below a row's name."""
        return " " * (self.sign_width + 1)

    def heading(self, name: str) -> Line:
        """Return the line above the rows, `name` over the names."""
        pieces = {field.key: Styled(field.heading, HEADING) for field in self.fields}
        return self.line(Row(Styled(""), Styled(name, HEADING), pieces))

    def line(self, row: Row) -> Line:
        """Return a row's line, its name shortened if need be."""
        name = row.name._replace(text=fitted(row.name.text, self.name_width, self.ellipsis))
        return [
            padded(row.sign, self.sign_width),
            Styled(" "),
            padded(name, self.name_width),
            *self._cells(row.pieces),
        ]

    def _cells(self, pieces: Mapping[str, Styled]) -> Iterator[Styled]:
        for field in self.fields:
            yield Styled(GAP)
            yield padded(pieces[field.key], self.widths[field.key], right=field.right)


def filled(fields: Iterable[Field], rows: Iterable[Row]) -> list[Field]:
    """Return the fields in which any row has a text."""
    lines = list(rows)
    return [field for field in fields if any(row.pieces[field.key].text for row in lines)]


def fit(fields: Iterable[Field], rows: list[Row], title: str, width: int, ellipsis: str) -> Grid:
    """Return a grid of the most important fields that fit `width` beside legible names.

    Names keep a quarter of the width or `LEGIBLE` cells, if they need as much.
    """
    candidates = tuple(fields)
    widths = {
        field.key: _widest(field.heading, [row.pieces[field.key] for row in rows])
        for field in candidates
    }
    sign = _widest("", [row.sign for row in rows])
    longest = _widest(title, [row.name for row in rows])
    wanted = min(longest, LEGIBLE, max(len(title), width // 4))
    kept = _most_important(candidates, widths, width - sign - 1 - wanted)
    room = width - sign - 1 - _taken(kept, widths)
    return Grid(kept, sign, min(longest, room), widths, ellipsis)


def _most_important(
    candidates: tuple[Field, ...], widths: Mapping[str, int], room: int
) -> tuple[Field, ...]:
    """Return the fields that fit, a lower rank before a higher and fields of one rank together."""
    kept: set[Field] = set()
    for rank in sorted({field.rank for field in candidates}):
        keys = {field.key for field in kept}
        fresh = {
            field
            for field in candidates
            if field.rank == rank and (field.beside is None or field.beside in keys)
        }
        if _taken(kept | fresh, widths) <= room:
            kept |= fresh
    return tuple(field for field in candidates if field in kept)


def _widest(heading: str, pieces: Iterable[Styled]) -> int:
    return max(cell_len(heading), max((cell_len(piece.text) for piece in pieces), default=0))


def _taken(fields: Iterable[Field], widths: Mapping[str, int]) -> int:
    return sum(len(GAP) + widths[field.key] for field in fields)


def unsigned(
    title: str, fields: Iterable[Field], lines: Iterable[tuple[str, ...]], look: Look
) -> Iterator[Line]:
    """Yield a table without signs: of each line a name, and a text for each of the fields."""
    shown = [each._replace(heading=for_terminal(each.heading, look)) for each in fields]
    rows = [
        Row(
            Styled(""),
            Styled(for_terminal(name, look)),
            {
                field.key: Styled(for_terminal(text, look))
                for field, text in zip(shown, texts, strict=True)
            },
        )
        for name, *texts in lines
    ]
    # No signs stand before these rows, and so no blank behind them.
    grid = fit(shown, rows, title, look.room + 1, look.ellipsis)
    for line in (grid.heading(title), *map(grid.line, rows)):
        yield line[2:]
