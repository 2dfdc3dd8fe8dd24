"""Pairs of columns for a terminal: how the dependence of each changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from driftcli.render import Look
from driftcli.render.escape import short_name
from driftcli.render.figures import MOST_DECIMALS, decimals, number, share
from driftcli.render.instrument_words import said
from driftcli.render.joint_words import (
    TIMES,
    ShownPairs,
    correlation,
    dependence,
    name,
    score,
    select,
    sign,
    summary_parts,
    thresholds,
    unpaired,
    why,
)
from driftcli.render.score_words import LEVELS, MARKS
from driftcli.render.terminal.grid import LEGIBLE, Field, Row, fit
from driftcli.render.terminal.report import finding_lines, verdict_lines
from driftcli.render.terminal.text import (
    DOT,
    GAP,
    QUIET,
    STATUS_STYLES,
    Line,
    Styled,
    cell_len,
    fitted,
    fitted_start,
    for_terminal,
    header,
    joined,
    paint,
    paragraph,
    spaced,
)
from driftcli.render.words import SIGNS, VERDICTS
from driftcli.report.joint import ColumnPair, Joint

_FIELDS = (
    Field("dependence", "dependence", 0, right=True),
    Field("correlation", "correlation", 1, right=True),
    Field("lost", "lost", 2, right=True),
    Field("jsd", "jsd", 3, right=True),
)


def render(joint: Joint, look: Look) -> str:
    """Return the report as lines of at most `look.room` cells, worst pair first."""
    selection = select(joint, look)
    if look.brief:
        return paint(spaced(_in_brief(joint, selection, look)), color=look.color)
    sections = (
        header(joint, look),
        finding_lines(joint, look),
        _pairs(selection, look),
        _together(joint, look),
        _legend(joint, look),
        _unpaired(joint, look),
        _verdict(joint, look),
    )
    return paint(spaced(sections), color=look.color)


def _in_brief(joint: Joint, selection: ShownPairs, look: Look) -> Iterator[Iterable[Line]]:
    """Yield a line a pair that changed, and the verdict."""
    pairs = () if selection.passed else selection.pairs
    changed = (_in_a_line(pair, look) for pair in pairs)
    yield chain(finding_lines(joint, look), changed, _together(joint, look))
    yield _verdict(joint, look)


def _in_a_line(pair: ColumnPair, look: Look) -> Line:
    """Return the one line of a pair: as much of what there is to say as there is room for."""
    margin = Styled(for_terminal(f"{sign(pair)} ", look), STATUS_STYLES[pair.status])
    room = look.room - cell_len(margin.text)
    most = min(room, max(LEGIBLE, room // 2))
    line = [margin, Styled(_fitted_name(pair, most, look))]
    rest = room - cell_len(line[1].text) - len(GAP)
    if rest < LEGIBLE // 2:
        return line
    text = for_terminal(why(pair), look)
    return [*line, Styled(GAP), Styled(fitted_start(text, rest, look.ellipsis))]


def _verdict(joint: Joint, look: Look) -> Iterator[Line]:
    hint = not look.show_all and not look.brief
    return verdict_lines(joint.verdict, summary_parts(joint, hint=hint), look)


def _pairs(selection: ShownPairs, look: Look) -> Iterator[Line]:
    """Yield a line for each selected pair."""
    if not selection.pairs:
        return
    title = "highest scores" if selection.passed else "pair"
    rows = _rows(selection.pairs, look)
    grid = fit(_FIELDS, rows, title, look.room, look.ellipsis)
    yield grid.heading(title)
    for pair, row in zip(selection.pairs, rows, strict=True):
        shown = row.name._replace(text=_fitted_name(pair, grid.name_width, look))
        yield grid.line(row._replace(name=shown))
    if selection.left_out:
        text = f"+ {selection.left_out:,} more (--all shows them)"
        yield from paragraph(text, look, margin=Styled(GAP), style=QUIET)


def _fitted_name(pair: ColumnPair, width: int, look: Look) -> str:
    """Return both names in at most `width` cells: of two long ones each has half of them."""
    first, second = (for_terminal(short_name(each), look) for each in pair.columns)
    sign = for_terminal(TIMES, look)
    room = width - cell_len(sign)
    half = room // 2
    first_room, second_room = room - cell_len(second), room - cell_len(first)
    return (
        fitted(first, max(half, first_room), look.ellipsis)
        + sign
        + fitted(second, max(room - half, second_room), look.ellipsis)
    )


def _rows(pairs: tuple[ColumnPair, ...], look: Look) -> list[Row]:
    bits = [dependence(pair) for pair in pairs]
    # Points stand below each other.
    widest = max(*(decimals(text) for text in bits), MOST_DECIMALS)
    bits = [text + " " * (widest - decimals(text)) for text in bits]
    return [_row(pair, text, look) for pair, text in zip(pairs, bits, strict=True)]


def _row(pair: ColumnPair, bits: str, look: Look) -> Row:
    changed = pair.status != "ok"
    pieces = {
        "dependence": _marked(pair, "pair_dependence", bits, look),
        "correlation": _marked(pair, "pair_correlation", f"{correlation(pair)} ", look),
        "lost": Styled(share(pair.lost), "" if changed else QUIET),
        "jsd": Styled(number(pair.jsd), QUIET),
    }
    margin = Styled(for_terminal(sign(pair), look), STATUS_STYLES[pair.status])
    return Row(margin, Styled(for_terminal(name(pair), look), "bold" if changed else ""), pieces)


def _marked(pair: ColumnPair, metric: str, text: str, look: Look) -> Styled:
    found = score(pair, metric)
    status = found.status if found else "ok"
    style = STATUS_STYLES[status] if status != "ok" else QUIET
    return Styled(for_terminal(f"{text}{MARKS.get(status, ' ')}", look), style)


def _together(joint: Joint, look: Look) -> Iterator[Line]:
    """Yield what was found of all columns together."""
    for each in said(joint):
        if look.brief and each.status in {"ok", None}:
            continue
        margin = Styled("  ")
        if each.status:
            margin = Styled(f"{SIGNS[each.status]} ", STATUS_STYLES[each.status])
        text = f"{each.name}: {joined(each.parts, DOT, look)}"
        yield from paragraph(text, look, margin=margin)


def _legend(joint: Joint, look: Look) -> Iterator[Line]:
    """Yield what the marks beside the scores mean, for those that are there."""
    for status in LEVELS:
        if reached := thresholds(joint, status):
            margin = Styled(f"{MARKS[status]} ", STATUS_STYLES[status])
            text = f"{VERDICTS[status]} at {joined(reached, DOT, look)}"
            yield from paragraph(text, look, margin=margin, style=QUIET)


def _unpaired(joint: Joint, look: Look) -> Iterator[Line]:
    if joint.unpaired:
        text = f"in no pair: {joined(unpaired(joint, look), ',', look)}"
        yield from paragraph(text, look, margin=Styled(""), style=QUIET)
