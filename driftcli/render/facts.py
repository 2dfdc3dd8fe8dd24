"""The numbers of an explanation: quantiles, what makes up the divergence, and the moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftcli.render import Look
from driftcli.render.figures import Ruler, distance, duration, share
from driftcli.render.terminal.grid import Field, Row, fit
from driftcli.render.terminal.text import Line, Styled, cell_len, for_terminal, paragraph
from driftcli.report.comparison import Column, Contribution, Explanation, Move, Transport
from driftcli.text import visible

_LEGEND = (
    "W₁ is how far rows move on average. The witness rises where they move up, falls where they"
    " move down; its mean is W₁ higher in the current data."
)


def quantiles(column: Column, details: Explanation, measure: Ruler, look: Look) -> Iterator[Line]:
    """Yield both sides' quantiles side by side, between the extremes, and the moments."""
    if not details.quantiles:
        return
    p, q = column.baseline, column.current
    lines = [("min", measure.text(p.min), measure.text(q.min), "")]
    for each in details.quantiles:
        name = "median" if each.level == 0.5 else f"{each.level * 100:g} %"
        timed = isinstance(each.baseline, str)
        moved = (duration if timed else measure.change)(each.difference)
        lines.append((name, measure.text(each.baseline), measure.text(each.current), moved))
    lines.append(("max", measure.text(p.max), measure.text(q.max), ""))
    lines.append(("mean", measure.text(p.mean), measure.text(q.mean), ""))
    if column.kind in ("numeric", "list"):
        lines.append(("sd", measure.text(p.sd), measure.text(q.sd), ""))
    fields = (
        Field("baseline", "baseline", 0, right=True),
        Field("current", "current", 0, right=True),
        Field("change", "change", 1, right=True),
    )
    yield from _table("quantiles", fields, lines, look)


def contributions(details: Explanation, measure: Ruler, look: Look) -> Iterator[Line]:
    """Yield the bins that make up the divergence, with what they add and how their shares moved."""
    lines = [
        (_named(each, measure), share(each.share), share(each.baseline), share(each.current))
        for each in details.contributions
    ]
    fields = (
        Field("part", "of jsd", 0, right=True),
        Field("baseline", "baseline", 1, right=True),
        Field("current", "current", 1, right=True),
    )
    if lines:
        yield from _table("divergence", fields, lines, look)


def _named(each: Contribution, measure: Ruler) -> str:
    if each.label is not None:
        return visible(each.label) or "''"
    if each.low is not None:
        return measure.span(each.low, each.high)
    return f"{each.categories:,} rare categories" if each.categories else "rare categories"


def moves(details: Explanation, measure: Ruler, look: Look) -> Iterator[Line]:
    """Yield the moves, what stayed and the rest, and their sum: W₁."""
    plan = details.transport
    if plan is None or not plan.cost:
        return
    lines = list(_moves(plan, measure))
    fields = (
        Field("rows", "rows", 0, right=True),
        Field("distance", "moved by", 0, right=True),
        Field("part", "of W₁", 1, right=True),
    )
    if max(cell_len(line[0]) for line in lines) + 20 > look.room:
        yield [Styled("moves", "dim")]
        for name, rows, moved, part in lines:
            text = ", ".join(filter(None, (f"{name}: {rows} of rows", moved, f"{part} of W₁")))
            yield from paragraph(text, look, margin=Styled("  "))
    else:
        yield from _table("moves", fields, lines, look)
    yield from paragraph(_LEGEND, look, margin=Styled(""), style="dim")


def _moves(plan: Transport, measure: Ruler) -> Iterator[tuple[str, str, str, str]]:
    if plan.stayed:
        name = f"stayed, or moved less than {plan.small:g}" if plan.small else "stayed"
        yield name, share(plan.stayed), "", _part(plan.stayed_cost, plan)
    for move in plan.moves:
        yield (
            _ranges(move, measure),
            share(move.share),
            distance(move.distance),
            _part(move.cost, plan),
        )
    if plan.rest:
        yield "small moves up and down", share(plan.rest), "", _part(plan.rest_cost, plan)
    yield "all rows", "100 %", distance(plan.cost, signed=False), "100 %"


def _ranges(move: Move, measure: Ruler) -> str:
    before = measure.span(move.from_low, move.from_high)
    return f"{before} → {measure.span(move.to_low, move.to_high)}"


def _part(cost: float | None, plan: Transport) -> str:
    return share(min(1.0, cost / plan.cost)) if cost is not None and plan.cost else "–"


def _table(
    title: str, fields: Sequence[Field], lines: Sequence[tuple[str, ...]], look: Look
) -> Iterator[Line]:
    """Yield a grid of lines that begin with a name and have a text for each field."""
    rows = [
        Row(
            Styled(""),
            Styled(for_terminal(name, look)),
            {
                field.key: Styled(for_terminal(text, look))
                for field, text in zip(fields, texts, strict=True)
            },
        )
        for name, *texts in lines
    ]
    shown = [field._replace(heading=for_terminal(field.heading, look)) for field in fields]
    grid = fit(shown, rows, title, look.room + 1, look.ellipsis)
    # No signs stand before these rows, and so no blank behind them.
    for line in (grid.heading(title), *map(grid.line, rows)):
        yield line[2:]
