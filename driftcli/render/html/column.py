"""What the page says and draws of one column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from markupsafe import Markup

from driftcli.render import facts
from driftcli.render.escape import name_text, sentence, shortened
from driftcli.render.facts import BinShare, Moved, OneSided, Statistic
from driftcli.render.figures import (
    Ruler,
    Significant,
    data_ruler,
    distance,
    distinct_text,
    ruler,
    share,
    stats_ruler,
    time_change,
)
from driftcli.render.html import svg
from driftcli.render.html.axis import Axis, along, named_axis
from driftcli.render.html.blocks import Strips, strips
from driftcli.render.html.distributions import described, dumbbells, overlaid, ribbons
from driftcli.render.html.gauge import Gauge, gauge, ungated
from driftcli.render.html.states import State, state
from driftcli.render.words import MISSING, acceptance, is_waived
from driftcli.report.columns import Column, Score
from driftcli.report.documents import Value
from driftcli.report.explanation import Bins, Clock, Distribution, Explanation
from driftcli.text import visible

#: Columns that are drawn unless all are asked for, the worst first.
MOST_PANELS = 100
#: Of those that changed, so many are open at first.
MOST_OPEN = 5
_LONGEST_NAME = 120
_LONGEST_VALUE = 60


#: A line of figures, and beside it what it looks like.
Drawn = tuple[Statistic, Markup | None]


class ColumnPanel(NamedTuple):
    """One column as texts and pictures; what is not known is empty."""

    id: str
    name: str
    state: State
    open: bool
    column: Column
    kind: str
    reasons: list[str]
    notes: list[str]
    counts: list[Drawn]
    pictures: Picture
    statistics: list[Drawn]
    gauges: list[Gauge]
    ungated: list[str]
    parts: list[tuple[BinShare, Markup]]
    moves: list[Moved]
    one_sided: list[OneSided]
    blocks: Strips | None


def heading(name: str) -> str:
    """Return a column's name, visible and not too long for a heading."""
    return name_text(name, _LONGEST_NAME)


def sentences(column: Column) -> list[str]:
    """Return what is said of a column, each as a sentence."""
    notes = map(sentence, column.notes)
    return list(filter(None, (acceptance(column), *_reasons(column), *notes)))


def in_full(texts: Sequence[str], room: int) -> str:
    """Return as many whole sentences as there is room for, the first in any case."""
    before = accumulate((len(each) for each in texts), initial=0)
    shown = [each for each, end in zip(texts, before, strict=False) if end < room]
    more = len(texts) - len(shown)
    return "; ".join(shown) + (f"; and {more:,} more" if more else "")


def _reasons(column: Column) -> list[str]:
    """Return why a column has its state, and what is real but small."""
    small = [f"real but small: {sentence(each.message)}" for each in column.changes]
    return [*map(sentence, column.reasons), *small]


def panel(column: Column, number: int) -> ColumnPanel:
    """Return a column as texts and pictures; its place in the report makes its id."""
    details = column.details
    drawn = pictures(column)
    measure = _measure(column, log=drawn.log)
    return ColumnPanel(
        id=f"column-{number}",
        name=heading(column.name),
        state=state(column),
        open=number <= MOST_OPEN and _is_changed(column),
        column=column,
        kind=_kind(column),
        reasons=_reasons(column),
        notes=[sentence(text) for text in _notes(column)],
        counts=_counts(column),
        pictures=drawn,
        statistics=_statistics(column, _between(column, measure), log=drawn.log),
        gauges=[gauge(each) for each in _defined(column) if each.level is not None],
        ungated=[ungated(each) for each in _defined(column) if each.level is None],
        parts=_parts(details, measure) if details else [],
        moves=facts.moves(details, measure) if details else [],
        one_sided=facts.one_sided(details, measure, _LONGEST_VALUE) if details else [],
        blocks=strips(details.blocks, ruler(column)) if details else None,
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
    return (*(column.notes[:1] if covered else column.notes), *covered)


def _counts(column: Column) -> list[Drawn]:
    """Return the counts of both sides; the shares that are missing are drawn of all rows."""
    p, q = column.baseline, column.current
    lacking = p.missing or 0.0, q.missing or 0.0
    missing = svg.pair(*lacking, 1.0) if any(lacking) else None
    found = [
        (Statistic("rows", f"{p.rows:,}", f"{q.rows:,}"), None),
        (Statistic(MISSING, share(p.missing), share(q.missing)), missing),
    ]
    if column.kind != "unsupported":
        found.append((Statistic("distinct", distinct_text(p), distinct_text(q)), None))
    counts = (
        ("NaN", p.nan_count, q.nan_count),
        ("+∞", p.positive_infinity_count, q.positive_infinity_count),
        ("−∞", p.negative_infinity_count, q.negative_infinity_count),
        ("invalid", p.invalid_count, q.invalid_count),
    )
    return found + [(Statistic(name, f"{a:,}", f"{b:,}"), None) for name, a, b in counts if a or b]


def _statistics(column: Column, measure: Ruler, *, log: bool) -> list[Drawn]:
    """Return the extremes, the quantiles and the moments of a column of numbers or times."""
    if column.baseline.median is None and column.current.median is None:
        return []
    levels = column.details.quantiles if column.details else ()
    low, *inner, high = facts.statistics(column, measure)
    drawn = dumbbells(levels, log=log) if levels else [None] * len(inner)
    moments = ((each, None) for each in _moments(column, measure))
    return [(low, None), *zip(inner, drawn, strict=True), (high, None), *moments]


def _moments(column: Column, measure: Ruler) -> Iterator[Statistic]:
    """Yield the mean and the standard deviation, which need no value that rows have."""
    p, q = column.baseline, column.current
    if column.kind == "timestamp":
        yield facts.both("mean", p.mean, q.mean, measure)
        yield Statistic("sd", time_change(p.sd).lstrip("+"), time_change(q.sd).lstrip("+"))
        return
    for name, before, after in (("mean", p.mean, q.mean), ("sd", p.sd, q.sd)):
        yield Statistic(name, _moment(before), _moment(after))


def _moment(value: Value) -> str:
    return "–" if value is None else distance(float(value), signed=False)


def _defined(column: Column) -> list[Score]:
    """Return the scores that say something: those that are undefined, or 0 in any case, do not."""
    return [score for score in column.scores if score.infinite or score.value or score.noise]


def _parts(details: Explanation, measure: Ruler) -> list[tuple[BinShare, Markup]]:
    """Return the bins of the divergence, each with its part of that as a bar."""
    found = facts.contributions(details, measure, _LONGEST_VALUE)
    bars = [svg.single(each.share) for each in details.contributions]
    return list(zip(found, bars, strict=True))


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Category(NamedTuple):
    """A category and its shares, drawn and as texts."""

    name: str
    drawn: Markup | None
    baseline: str
    current: str


class Picture(NamedTuple):
    """What is drawn of a column: steps for numbers and times, bars for categories.

    `log` says that the steps have a logarithmic axis, `beyond` which shares lie outside of it.
    """

    steps: Markup | None = None
    log: bool = False
    beyond: str = ""
    moved: Markup | None = None
    categories: tuple[Category, ...] = ()
    clocks: tuple[tuple[str, Markup, str], ...] = ()


def pictures(column: Column) -> Picture:
    """Return the pictures of a column, from its details where it has them."""
    details = column.details
    shape: Bins | Distribution | None = column.distribution
    if details:
        shape = details.log_bins or details.bins
    if shape is None:
        return Picture()
    if shape.labels:
        return Picture(categories=tuple(_categories(shape)))
    log = bool(details and details.log_bins)
    whole = details is not None and column.baseline.type.startswith(("int", "uint"))
    axis = along(shape.edges, log=log, whole=whole)
    return Picture(
        steps=overlaid((shape.baseline, shape.current), axis, _label(column, shape, axis)),
        log=log,
        beyond=_beyond(shape, axis) if isinstance(shape, Bins) else "",
        moved=_moved(details, axis),
        clocks=tuple(_clocks(column)),
    )


def _label(column: Column, shape: Bins | Distribution, axis: Axis) -> str:
    """Return what the picture of a column shows, in words."""
    edges = along(shape.edges).labels
    bins = [f"{low} to {high}" for low, high in pairwise(edges)]
    if axis.centred:
        bins = list(axis.labels)
    peaks = described((shape.baseline, shape.current), bins)
    return f"Distribution of {shortened(visible(column.name), _LONGEST_VALUE)}: {peaks}"


def _moved(details: Explanation | None, axis: Axis) -> Markup | None:
    if details is None or details.transport is None or not details.transport.cost:
        return None
    return ribbons(details.transport, axis)


def _beyond(bins: Bins, axis: Axis) -> str:
    """Return the shares below the first edge and above the last."""
    if axis.log:
        first, last = (distance(end, signed=False) for end in (axis.values[0], axis.values[-1]))
    else:
        first, last = along((bins.edges[0], bins.edges[-1])).labels
    return facts.beyond(bins, first, last)


def _categories(shape: Bins | Distribution) -> list[Category]:
    """Return a line for each category; what sums up many has no bar, which would dwarf the rest."""
    sides = list(zip(shape.labels, shape.baseline, shape.current, strict=True))
    shown = sides[:-1] if shape.other else sides
    highest = max((part for _, *parts in shown for part in parts), default=0.0)
    bars = [svg.pair(before, after, highest) for _, before, after in shown]
    found = [_category(*each, bar) for each, bar in zip(shown, bars, strict=True)]
    return found + [
        _category("all others", before, after, None) for _, before, after in sides[len(shown) :]
    ]


def _category(name: str, before: float, after: float, drawn: Markup | None) -> Category:
    return Category(name_text(name, _LONGEST_VALUE), drawn, share(before), share(after))


def _clocks(column: Column) -> list[tuple[str, Markup, str]]:
    """Return a title, a picture and the score of each clock."""
    hours = tuple(f"{hour}:00" if not hour % 3 else "" for hour in range(24))
    both = (
        ("hour of the day", column.hour_of_day, hours),
        ("day of the week", column.weekday, _WEEKDAYS),
    )
    return [_clock(title, clock, labels) for title, clock, labels in both if clock is not None]


def _clock(title: str, clock: Clock, labels: Sequence[str]) -> tuple[str, Markup, str]:
    names = labels if all(labels) else [f"{hour}:00" for hour in range(24)]
    sides = (clock.baseline, clock.current)
    label = f"{title.capitalize()}: {described(sides, names)}"
    score = "" if clock.js_distance is None else f"js_distance {clock.js_distance:.3f}"
    return title, overlaid(sides, named_axis(labels, 272.0), label), score
