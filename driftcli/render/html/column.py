"""What the page says and draws of one column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from markupsafe import Markup

from driftcli.render.escape import sentence, shortened
from driftcli.render.figures import (
    Ruler,
    Significant,
    data_ruler,
    distance,
    ruler,
    share,
    stats_ruler,
)
from driftcli.render.html import svg
from driftcli.render.html.dumbbell import Line, lines
from driftcli.render.html.gauge import Gauge, gauge, ungated
from driftcli.render.html.pictures import Picture, pictures
from driftcli.render.html.states import State, state
from driftcli.render.words import MISSING, acceptance, is_waived
from driftcli.report.comparison import (
    Column,
    ColumnStats,
    Contribution,
    Explanation,
    Score,
    Support,
    Transport,
)
from driftcli.text import visible

#: Columns that are drawn unless all are asked for, the worst first.
MOST_PANELS = 100
#: Of those that changed, so many are open at first.
MOST_OPEN = 5
LONGEST_NAME = 120
_LONGEST_VALUE = 60


class Part(NamedTuple):
    """A bin of the divergence."""

    name: str
    drawn: Markup
    share: str
    baseline: str
    current: str


class Moved(NamedTuple):
    """Rows that moved, or that stayed."""

    name: str
    rows: str
    distance: str
    part: str


class OneSided(NamedTuple):
    """What only one side has, as texts, and how many categories are not listed."""

    word: str
    values: list[str]
    more: int


class Panel(NamedTuple):
    """One column as texts and pictures; what is not known is empty."""

    id: str
    name: str
    state: State
    open: bool
    column: Column
    kind: str
    reasons: list[str]
    notes: list[str]
    facts: list[Line]
    pictures: Picture
    statistics: list[Line]
    gauges: list[Gauge]
    ungated: list[str]
    parts: list[Part]
    moves: list[Moved]
    one_sided: list[OneSided]


def named(name: str) -> str:
    """Return a column's name, visible and not too long for a heading."""
    return shortened(visible(name), LONGEST_NAME) or "''"


def told(column: Column) -> list[str]:
    """Return what is said of a column, each as a sentence."""
    notes = map(sentence, column.notes)
    return list(filter(None, (acceptance(column), *_reasons(column), *notes)))


def in_full(said: Sequence[str], room: int) -> str:
    """Return as many whole sentences as there is room for, the first in any case."""
    before = accumulate((len(each) for each in said), initial=0)
    shown = [each for each, end in zip(said, before, strict=False) if end < room]
    more = len(said) - len(shown)
    return "; ".join(shown) + (f"; and {more:,} more" if more else "")


def _reasons(column: Column) -> list[str]:
    """Return why a column has its state, and what is real but small."""
    small = [f"real but small: {sentence(each.message)}" for each in column.changes]
    return [*map(sentence, column.reasons), *small]


def panel(column: Column, number: int) -> Panel:
    """Return a column as texts and pictures; its place in the report makes its id."""
    details = column.details
    drawn = pictures(column)
    measure = _measure(column, log=drawn.log)
    return Panel(
        id=f"column-{number}",
        name=named(column.name),
        state=state(column),
        open=number <= MOST_OPEN and _is_changed(column),
        column=column,
        kind=_kind(column),
        reasons=_reasons(column),
        notes=[sentence(text) for text in _notes(column)],
        facts=_facts(column),
        pictures=drawn,
        statistics=lines(column, _between(column, measure), log=drawn.log),
        gauges=[gauge(each) for each in _defined(column) if each.level is not None],
        ungated=[ungated(each) for each in _defined(column) if each.level is None],
        parts=[_part(each, measure) for each in details.contributions] if details else [],
        moves=_moves(details.transport, measure) if details else [],
        one_sided=_one_sided(details, measure) if details else [],
    )


def _measure(column: Column, *, log: bool) -> Ruler:
    """Return how to write values that rows have."""
    whole = all(side.type.startswith(("int", "uint")) for side in (column.baseline, column.current))
    return Significant() if log and not whole else data_ruler(column)


def _between(column: Column, measure: Ruler) -> Ruler:
    """Return how to write quantiles, which may lie between two values that rows have."""
    if isinstance(measure, Significant):
        return measure
    if column.details and column.details.quantiles:
        return ruler(column)
    return max(stats_ruler(column.baseline), stats_ruler(column.current))


def _is_changed(column: Column) -> bool:
    return column.status in ("drift", "warn", "inconclusive") and not is_waived(column)


def _kind(column: Column) -> str:
    p, q = (visible(side.type) for side in (column.baseline, column.current))
    types = p if p == q else f"{p} → {q}"
    return column.kind if types == column.kind else f"{column.kind}, {types}"


def _notes(column: Column) -> tuple[str, ...]:
    """Return the notes; those that the coverage tells in more words give way to it."""
    covered = column.details.coverage if column.details else ()
    own = column.notes[:1] if covered else column.notes
    return (*own, *covered)


def _facts(column: Column) -> list[Line]:
    """Return the counts of both sides; the shares that are missing are drawn of all rows."""
    p, q = column.baseline, column.current
    missing = svg.pair(p.missing, q.missing, 1.0) if p.missing or q.missing else None
    found = [
        Line("rows", f"{p.rows:,}", f"{q.rows:,}"),
        Line(MISSING, share(p.missing), share(q.missing), drawn=missing),
    ]
    if column.kind != "unsupported":
        found.append(Line("distinct", _distinct(p), _distinct(q)))
    counts = (
        ("NaN", p.nan_count, q.nan_count),
        ("+∞", p.positive_infinity_count, q.positive_infinity_count),
        ("−∞", p.negative_infinity_count, q.negative_infinity_count),
        ("invalid", p.invalid_count, q.invalid_count),
    )
    found += [Line(name, f"{a:,}", f"{b:,}") for name, a, b in counts if a or b]
    return found


def _distinct(side: ColumnStats) -> str:
    return f"{'' if side.distinct_exact else '≥'}{side.distinct:,}"


def _defined(column: Column) -> list[Score]:
    """Return the scores that say something: those that are undefined, or 0 in any case, do not."""
    return [score for score in column.scores if score.infinite or score.value or score.noise]


def _part(each: Contribution, measure: Ruler) -> Part:
    return Part(
        _bin(each, measure),
        svg.single(each.share),
        share(each.share),
        share(each.baseline),
        share(each.current),
    )


def _bin(each: Contribution, measure: Ruler) -> str:
    if each.label is not None:
        return shortened(visible(each.label), _LONGEST_VALUE) or "''"
    if each.low is not None:
        return measure.span(each.low, each.high)
    return f"{each.categories:,} rare categories" if each.categories else "rare categories"


def _moves(plan: Transport | None, measure: Ruler) -> list[Moved]:
    if plan is None or not plan.cost:
        return []
    found = [
        Moved(
            f"{measure.span(move.from_low, move.from_high)}"
            f" → {measure.span(move.to_low, move.to_high)}",
            share(move.share),
            distance(move.distance),
            _of(move.cost, plan),
        )
        for move in plan.moves
    ]
    if plan.stayed:
        less = f", or moved less than {plan.small:g}" if plan.small else ""
        found.append(Moved(f"stayed{less}", share(plan.stayed), "", _of(plan.stayed_cost, plan)))
    if plan.rest:
        rest = "small moves up and down"
        found.append(Moved(rest, share(plan.rest), "", _of(plan.rest_cost, plan)))
    found.append(Moved("all rows", "100 %", distance(plan.cost, signed=False), "100 %"))
    return found


def _of(cost: float | None, plan: Transport) -> str:
    return share(min(1.0, cost / plan.cost)) if cost is not None and plan.cost else "–"


def _one_sided(details: Explanation, measure: Ruler) -> list[OneSided]:
    sides = (("new", details.new, details.more_new), ("lost", details.lost, details.more_lost))
    return [
        OneSided(word, [_support(each, measure) for each in parts], more)
        for word, parts, more in sides
        if parts
    ]


def _support(part: Support, measure: Ruler) -> str:
    if part.label is None:
        return f"{measure.span(part.low, part.high)} ({share(part.share)})"
    return f"{shortened(visible(part.label), _LONGEST_VALUE) or repr('')} ({share(part.share)})"
