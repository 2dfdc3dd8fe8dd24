"""A calibration for a terminal: what it was learnt from, what changes, the alarms."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from driftcli.render.escape import to_ascii
from driftcli.render.figures import counted, number
from driftcli.render.terminal.text import Styled, cell_len, fitted, padded, wrapped
from driftcli.report.calibration import Calibration, Learnt, ReferencePeriod
from driftcli.text import visible

if TYPE_CHECKING:
    from driftcli.render import Look

_HEADING = ("column", "metric", "default → learnt", "warn", "highest", "alarms", "learnt")
_LEFT = 2
_WIDEST_NAME = 32
_WIDEST_TEXT = 100
_NAMED = 5


def render(learnt: Calibration, look: Look) -> str:
    """Return the calibration as lines: what it was learnt from, what changes, the alarms."""
    shown = [each for each in learnt.thresholds if look.show_all or _changes(each)]
    rows = [_HEADING, *(_row(each) for each in shown)] if shown else []
    table = [*_lines(rows, look), *_hidden(learnt, len(learnt.thresholds) - len(shown))]
    blocks = [list(_head(learnt)), table, list(_foot(learnt))]
    texts = [line for block in blocks if block for line in (*block, "")][:-1]
    width = max(look.room, 60)
    folded = [part for text in texts for part in _folded(text, rows, width)]
    joined = "\n".join(folded) + "\n"
    return to_ascii(joined) if look.ascii_only else joined


def _folded(text: str, rows: list[tuple[str, ...]], width: int) -> list[str]:
    """Break sentences; lines of the table stay whole."""
    if not text or cell_len(text) <= width or not rows:
        return [text]
    return wrapped(text, min(width, _WIDEST_TEXT), 8) if ". " in text or ": " in text else [text]


def _row(each: Learnt) -> tuple[str, ...]:
    return (
        visible(each.column),
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


def _lines(rows: list[tuple[str, ...]], look: Look) -> list[str]:
    if not rows:
        return []
    rows = [(fitted(row[0], _WIDEST_NAME, look.ellipsis), *row[1:]) for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            padded(Styled(cell), width, right=at >= _LEFT).text
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


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
