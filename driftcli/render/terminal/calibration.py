"""A calibration for a terminal: what it was learnt from, what changes, the alarms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from statistics import median

from driftcli.render import Look
from driftcli.render.escape import name_text
from driftcli.render.figures import counted, number
from driftcli.render.terminal.grid import Field, unsigned
from driftcli.render.terminal.text import Line, Styled, paint, paragraph, spaced
from driftcli.report.calibration import Calibration, Learnt, ReferencePeriod
from driftcli.text import visible

_FIELDS = (
    Field("metric", "metric", 0),
    Field("change", "default → learnt", 0, right=True),
    Field("warn", "warn", 3, right=True),
    Field("highest", "highest", 4, right=True),
    Field("alarms", "alarms", 1, right=True),
    Field("learnt", "learnt", 1, right=True),
)
_LONGEST_NAME = 32
_NAMED = 5
#: Lines that a sentence may take.
_MOST_LINES = 8


def render(learnt: Calibration, look: Look) -> str:
    """Return the calibration as lines: what it was learnt from, what changes, the alarms."""
    shown = [each for each in learnt.thresholds if look.show_all or _changes(each)]
    hidden = _hidden(learnt, len(learnt.thresholds) - len(shown))
    table = unsigned("column", _FIELDS, map(_row, shown), look) if shown else ()
    sections = (
        _sentences(_head(learnt), look),
        chain(table, _sentences(hidden, look)),
        _sentences(_foot(learnt), look),
    )
    return paint(spaced(sections), color=look.color)


def _sentences(texts: Iterable[str], look: Look) -> Iterator[Line]:
    for text in texts:
        yield from paragraph(text, look, margin=Styled(""), most=_MOST_LINES)


def _row(each: Learnt) -> tuple[str, ...]:
    return (
        name_text(each.column, _LONGEST_NAME),
        each.metric,
        f"{number(each.default)} → {_learnt(each)}",
        "–" if each.warn is None else number(each.warn),
        "∞" if each.highest is None else number(each.highest),
        str(each.default_alarms),
        str(each.learnt_alarms),
    )


def _changes(each: Learnt) -> bool:
    """Return whether a threshold is another than before, to the digits that are shown."""
    if each.outcome in ("kept", "infinite"):
        return False
    levels = [number(level) for level in (each.warn, each.drift) if level is not None]
    return not levels or any(level != number(each.default) for level in levels)


def _hidden(learnt: Calibration, count: int) -> Iterator[str]:
    if count:
        kept = sum(each.outcome == "kept" for each in learnt.thresholds)
        by_hand = f", {kept:,} of them set by hand" if kept else ""
        yield f"{counted(count, 'threshold')} unchanged{by_hand} (--all shows them)"


def _learnt(each: Learnt) -> str:
    words = {"kept": "by hand", "off": "off", "infinite": "–"}
    if each.outcome in words:
        return words[each.outcome]
    text = number(each.drift or 0.0)
    return f"{text} (floor)" if each.outcome == "floor" else text


def _head(learnt: Calibration) -> Iterator[str]:
    rows = [each.rows for each in learnt.periods]
    yield (
        f"{visible(learnt.source)}: {learnt.way}, {visible(learnt.periods[0].label)} to"
        f" {visible(learnt.periods[-1].label)}, {_extent(min(rows), median(rows), max(rows))}"
    )
    if learnt.left_out:
        yield f"left out for few rows: {_named(learnt.left_out)}"
    if learnt.drifted:
        yield (
            f"left out as they drifted or warned: {counted(learnt.drifted, 'run')}"
            " (--with-drifted learns from them, too)"
        )
    if learnt.outside:
        yield f"left out for a missing time: {counted(learnt.outside, 'row')}"


def _extent(low: float, middle: float, high: float) -> str:
    return f"{low:,} to {high:,} rows each (median {middle:,.0f})"


def _named(periods: tuple[ReferencePeriod, ...]) -> str:
    shown = [f"{visible(each.label)} ({each.rows:,})" for each in periods[:_NAMED]]
    more = len(periods) - _NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _foot(learnt: Calibration) -> Iterator[str]:
    count = len(learnt.periods)
    yield (
        f"Alarms: of {count} periods, those that reach the default threshold, and those that reach"
        " the one learnt from the other periods alone. In any column: "
        f"{learnt.default_alarms} and {learnt.learnt_alarms}."
    )
    if learnt.thresholds:
        likeliest = max(learnt.thresholds, key=lambda each: each.expected_alarms)
        yield (
            f"A new period like these reaches a learnt threshold with probability {likeliest.odds},"
            " for each score."
        )
    kept = [f"{each.column}.{each.metric}" for each in learnt.thresholds if each.outcome == "kept"]
    if kept:
        yield f"Kept as set by hand: {', '.join(map(visible, kept))}."
    for reason in dict.fromkeys(each.reason for each in learnt.ungated):
        names = [visible(each.column) for each in learnt.ungated if each.reason == reason]
        yield f"Nothing learnt for {', '.join(names)}: {reason}."
