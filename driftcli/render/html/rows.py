"""The table of all columns: a line for each, from which its panel is reached."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from driftcli.render.figures import change, score_text
from driftcli.render.html import gauge
from driftcli.render.html.column import heading, in_full, sentences
from driftcli.render.html.distributions import sparks
from driftcli.render.html.states import State, state
from driftcli.render.score_words import MARKS
from driftcli.render.words import MISSING
from driftcli.report.columns import SEVERITY, Column, Score

#: Characters of the reasons of a column; its panel has all.
_LONGEST_TEXT = 400


class SortedText(NamedTuple):
    """A score as text, with what sorts it and the sign of the threshold it reached."""

    text: str
    sort: str
    mark: str


class ColumnRow(NamedTuple):
    """A column's line. `panel` is the id of its panel, if it has one."""

    panel: str
    name: str
    state: State
    rank: int
    kind: str
    spark: Markup | None
    level: Markup | None
    multiple: SortedText
    scores: list[SortedText]
    missing: SortedText
    why: str
    since: str


def row(column: Column, panel: str, metrics: Sequence[str]) -> ColumnRow:
    """Return the line of a column, with its scores of the metrics."""
    highest = max(column.scores, key=lambda each: each.excess, default=None)
    multiple = 0.0 if highest is None else highest.excess
    gated = any(score.level is not None for score in column.scores)
    shape = column.distribution
    return ColumnRow(
        panel=panel,
        name=heading(column.name),
        state=state(column),
        rank=SEVERITY[column.status],
        kind=column.kind,
        spark=sparks((shape.baseline, shape.current)) if shape else None,
        level=gauge.level_bar(multiple, column.status) if gated else None,
        multiple=_multiple(multiple) if gated else SortedText("–", "-1", ""),
        scores=[_score(column.score(metric)) for metric in metrics],
        missing=_missing(column),
        why=in_full(sentences(column), _LONGEST_TEXT),
        since=column.since or "",
    )


def _multiple(multiple: float) -> SortedText:
    if not multiple:
        return SortedText("0", "0", "")
    text = (
        "∞" if math.isinf(multiple) else f"{multiple:.2f}" if multiple < 10 else f"{multiple:.0f}"
    )
    return SortedText(f"×{text}", f"{multiple:.6g}", "")


def _score(score: Score | None) -> SortedText:
    value = math.nan if score is None else score.number
    sort = "-1" if math.isnan(value) else f"{value:.6g}"
    return SortedText(score_text(score), sort, MARKS.get(score.status, "") if score else "")


def _missing(column: Column) -> SortedText:
    before, after = column.baseline.missing, column.current.missing
    score = column.score(MISSING)
    mark = MARKS.get(score.status, "") if score else ""
    return SortedText(change(before, after), f"{abs((after or 0) - (before or 0)):.6g}", mark)
