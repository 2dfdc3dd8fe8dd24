"""The summary of a dataset for a terminal: a line for each column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftcli.render import Look
from driftcli.render.escape import name_text, sentence, shortened
from driftcli.render.figures import counted, distinct_text, extent, share, stats_ruler
from driftcli.render.terminal.bars import draw
from driftcli.render.terminal.grid import Field, Row, filled, fit
from driftcli.render.terminal.text import (
    DOT,
    GAP,
    QUIET,
    STATUS_STYLES,
    Line,
    Styled,
    cell_len,
    fitted,
    for_terminal,
    joined,
    paint,
    paragraph,
    spaced,
)
from driftcli.render.words import MOST_COLUMNS, UNGATED_SIGN
from driftcli.render.words import SIGNS as STATUS_SIGNS
from driftcli.report.columns import ColumnStats, Status
from driftcli.report.summary import ColumnSummary, ProfileSummary
from driftcli.text import visible

#: What stands before a column that is out of the ordinary.
SIGNS = {
    "identifier": UNGATED_SIGN,
    "constant": "=",
    "unsupported": "–",
}
MEANINGS = {
    "identifier": "identifier: names rows rather than describing them",
    "constant": "constant",
    "unsupported": "values of this type are not compared",
}
_LONGEST_NAME = 20
_LONGEST_TYPE = 24
_FIELDS = (
    Field("kind", "kind", 4),
    Field("type", "type", 6),
    Field("missing", "missing", 2, right=True),
    Field("distinct", "distinct", 1, right=True),
    Field("min", "min", 3, right=True),
    Field("median", "median", 3, right=True),
    Field("max", "max", 3, right=True),
    Field("shape", "shape", 0),
    Field("commonest", "commonest", 5),
)


def render(summary: ProfileSummary, look: Look) -> str:
    """Return the summary as lines of at most `look.room` cells, in the order of the dataset.

    Narrow terminals get fewer fields rather than broken lines. Without colour the text is the
    same, apart from the ANSI codes.
    """
    most = len(summary.columns) if look.show_all else MOST_COLUMNS
    shown = summary.columns[:most]
    sections = (
        _header(summary, look),
        _notes(summary, look),
        _columns(shown, len(summary.columns), look),
        _legend(shown, look),
    )
    return paint(spaced(sections), color=look.color)


def _header(summary: ProfileSummary, look: Look) -> Iterator[Line]:
    """Yield where the data came from and how much it is, on one line where that fits."""
    source = for_terminal(visible(summary.data.source), look)
    parts = [extent(summary.data), counted(summary.data.columns, "column")]
    if summary.redacted:
        parts.append("redacted")
    elif summary.profile_of is not None:
        parts.append(f"a profile of {sentence(summary.profile_of)}")
    if summary.blocks is not None:
        parts.append(f"{counted(summary.block_count, 'block')} by {visible(summary.blocks)}")
    if summary.kept_rows:
        parts.append(f"{counted(summary.kept_rows, 'row')} kept")
    text = for_terminal(f"({joined(parts, ',', look)})", look)
    line = [Styled(source, "bold"), Styled(f" {_untied(text)}", QUIET)]
    if sum(cell_len(piece.text) for piece in line) <= look.room:
        yield line
        return
    yield [Styled(fitted(source, look.room, look.ellipsis), "bold")]
    yield from paragraph(joined(parts, ",", look), look, margin=Styled(GAP), style=QUIET)


def _untied(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def _notes(summary: ProfileSummary, look: Look) -> Iterator[Line]:
    told: dict[Status, Sequence[str]] = {"warn": summary.notes, "ok": summary.read_as}
    for status, notes in told.items():
        margin = Styled(f"{STATUS_SIGNS[status]} ", STATUS_STYLES[status])
        for note in notes:
            yield from paragraph(sentence(note), look, margin=margin)


def _columns(columns: Sequence[ColumnSummary], total: int, look: Look) -> Iterator[Line]:
    rows = [_row(column, look) for column in columns]
    if rows:
        # Without signs there is no column for them, and no blank behind it.
        bare = 0 if any(row.sign.text for row in rows) else 2
        grid = fit(filled(_FIELDS, rows), rows, "column", look.room + bare // 2, look.ellipsis)
        for line in (grid.heading("column"), *map(grid.line, rows)):
            yield line[bare:]
        if total > len(rows):
            text = f"{total - len(rows):,} more (--all shows them)"
            yield from paragraph(text, look, margin=Styled(grid.indent), style=QUIET)


def _row(column: ColumnSummary, look: Look) -> Row:
    stats = column.stats
    numbers = stats_ruler(stats)
    supported = column.kind != "unsupported"
    known = supported or stats.distinct_exact
    texts = {
        "kind": column.kind,
        "type": shortened(visible(stats.type), _LONGEST_TYPE),
        "missing": share(stats.missing) if known else "",
        "distinct": distinct_text(stats) if supported else "",
        **{
            name: "" if value is None else numbers.text(value)
            for name, value in (("min", stats.min), ("median", stats.median), ("max", stats.max))
        },
        "shape": _bars(column),
        "commonest": _commonest(stats),
    }
    quiet = ("kind", "type", "commonest")
    pieces = {
        key: Styled(for_terminal(text, look), QUIET if key in quiet else "")
        for key, text in texts.items()
    }
    sign = next((SIGNS[mark] for mark in _marks(column)), "")
    name = Styled(for_terminal(name_text(column.name), look))
    return Row(Styled(for_terminal(sign, look), QUIET), name, pieces)


def _marks(column: ColumnSummary) -> list[str]:
    marks = {
        "unsupported": column.kind == "unsupported",
        "constant": column.constant,
        "identifier": column.identifier,
    }
    return [mark for mark, holds in marks.items() if holds]


def _bars(column: ColumnSummary) -> str:
    if column.shape is None:
        return ""
    shares = column.shape.shares
    return draw(shares, shares, ordered=not column.shape.labels)[0]


def _commonest(stats: ColumnStats) -> str:
    if not stats.top:
        return ""
    first = stats.top[0]
    return f"{name_text(first.value, _LONGEST_NAME)} {share(first.share)}"


def _legend(columns: Sequence[ColumnSummary], look: Look) -> Iterator[Line]:
    """Yield what the signs mean, for those that are there."""
    there = {mark for column in columns for mark in _marks(column)[:1]}
    parts = [f"{SIGNS[mark]} {MEANINGS[mark]}" for mark in SIGNS if mark in there]
    if parts:
        yield from paragraph(joined(parts, DOT, look), look, margin=Styled(""), style=QUIET)
