"""The segments of a report as GitHub-flavoured Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from driftcli.render import segment_words
from driftcli.render.escape import markdown_code, markdown_text
from driftcli.render.look import Look
from driftcli.render.words import SIGNS
from driftcli.report.comparison import Segments


def blocks(found: Segments, look: Look, emoji: Callable[[str], str]) -> Iterator[str]:
    """Yield a heading, the mix, and tables of the segments and of what explains the whole."""
    yield f"### {markdown_text(_sentence(segment_words.heading(found)))}"
    yield f"{emoji(SIGNS[found.mix.status])} {markdown_text(segment_words.mix(found))}"
    shown, rest = segment_words.selected(found, look)
    if shown:
        rows = [
            [
                emoji(SIGNS[each.status]),
                markdown_code(segment_words.name(each.label)),
                markdown_text(segment_words.extent(each)),
                markdown_text(segment_words.columns(each)),
            ]
            for each in shown
        ]
        yield _table(["", "segment", "rows", "columns"], rows)
    if rest:
        yield markdown_text(rest)
    parts, more = segment_words.parts(found, look)
    if parts:
        head = ["drifted", "metric", "score", "= mix", "+ within", "mix share", "mostly within"]
        yield _table(head, [[markdown_code(p.name), *map(markdown_text, p[1:])] for p in parts])
    if more:
        yield more


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
