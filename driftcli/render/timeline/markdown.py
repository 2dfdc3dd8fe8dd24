"""The timeline as GitHub-flavoured Markdown, for a pull request's comment or a step summary."""

from __future__ import annotations

from collections.abc import Iterator

from driftcli.render.escape import markdown_code, markdown_text, shortened, visible
from driftcli.render.figures import extent
from driftcli.render.look import Look
from driftcli.render.markdown import EMOJI, LONGEST_SOURCE, LONGEST_TEXT, findings, name, row
from driftcli.render.terminal.strips import NO_ROWS, Scale, meanings, scale, strip
from driftcli.render.timeline_words import (
    Selection,
    about,
    highest,
    score_words,
    select,
    summary_parts,
    when,
    why,
)
from driftcli.render.words import SIGNS, VERDICTS, sign
from driftcli.report.timeline import Timeline, TimelineColumn

#: Characters of a strip: a page is as wide as its reader's window.
_STRIP = 60
#: What stands for no rows: blanks in a code span may be lost.
_EMPTY = "–"


def render(report: Timeline, look: Look) -> str:
    """Return a heading with the verdict, the counts, the findings and a table of the columns."""
    selection = select(report, look)
    by = scale(len(report.periods), _STRIP)
    strips = [_strip(column, report, by) for column in selection.columns]
    source = markdown_code(shortened(visible(report.data.source), LONGEST_SOURCE))
    blocks = (
        [f"## {EMOJI[SIGNS[report.verdict]]} {VERDICTS[report.verdict].capitalize()}"],
        [markdown_text(" · ".join(summary_parts(report, hint=False)))],
        [f"{source} ({extent(report.data)}): {markdown_text('; '.join(about(report)))}"],
        findings(report, look),
        _table(report, selection, strips),
        [f"+ {selection.left_out:,} more"] if selection.left_out else [],
        [markdown_text(_legend(strips, by))],
    )
    texts = ("\n".join(block) for block in blocks)
    return "\n\n".join(text for text in texts if text) + "\n"


def _strip(column: TimelineColumn, report: Timeline, by: Scale) -> str:
    if not column.cells:
        return ""
    drawn = "".join(piece.text for piece in strip(column.cells, report.periods, by))
    return drawn.replace(NO_ROWS, _EMPTY)


def _table(report: Timeline, selection: Selection, strips: list[str]) -> Iterator[str]:
    if not selection.columns:
        return
    first, last = report.periods[0].label, report.periods[-1].label
    title = "highest scores" if selection.passed else "column"
    yield row(["", title, f"{first} to {last}", "highest", "when", "why"])
    yield row(["---"] * 6)
    for column, drawn in zip(selection.columns, strips, strict=True):
        score = highest(column)
        yield row(
            [
                EMOJI[sign(column)],
                markdown_code(name(column.name)),
                f"`{drawn}`" if drawn else "",
                markdown_text(score_words(score)) if score else "",
                markdown_text(when(column)),
                markdown_text(shortened(why(column), LONGEST_TEXT)),
            ]
        )


def _legend(strips: list[str], by: Scale) -> str:
    parts = meanings(iter(strips))
    if _EMPTY in "".join(strips):
        parts.append(f"{_EMPTY} no rows")
    if by.together > 1:
        parts.append(f"a cell is {by.together:,} periods, the worst of them")
    return "; ".join(parts)
