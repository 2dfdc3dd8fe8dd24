"""What is said of scores: the levels that they reached, and what chance makes of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

from driftcli.render.figures import multiple_text, noise_text, score_text
from driftcli.render.words import named, why
from driftcli.report.columns import Column, Score, Status

#: Beside a score that reached a threshold. An inconclusive one is within the noise.
MARKS: dict[Status, str] = {"drift": "▲", "warn": "△", "inconclusive": "?"}
#: The statuses that have thresholds of their own.
LEVELS: tuple[Status, ...] = ("drift", "warn")


def mark(score: Score | None) -> str:
    """Return the sign beside a score that reached a threshold, or nothing."""
    return "" if score is None else MARKS.get(score.status, "")


def marked(score: Score) -> str:
    """Return a score with the sign of the threshold it reached: `kl 0.250 ▲`."""
    return f"{score.metric} {score_text(score)} {mark(score)}".rstrip()


def phrase(score: Score) -> str:
    """Return a score, the levels it is judged by, and what chance makes of it.

    Examples
    --------
    >>> phrase(Score(metric="kl", value=0.25, threshold=0.1, p_adjusted=4.2e-40, status="drift"))
    'kl 0.250 ▲, drifts from 0.1, p 4.2e-40'
    """
    return ", ".join([marked(score), *_levels(score)])


def _levels(score: Score) -> Iterator[str]:
    if score.warn_threshold is not None:
        yield f"warns from {score.warn_threshold:g}"
    if score.threshold is not None:
        yield f"drifts from {score.threshold:g}"
    if chance := noise_text(score):
        yield f"chance alone reaches {chance}"
    if score.p_adjusted is not None:
        yield f"p {score.p_adjusted:.2g}"


def reached(column: Column) -> Iterator[Score]:
    """Yield the scores that reached a threshold."""
    return (score for score in column.scores if mark(score))


def culprit(column: Column) -> str:
    """Return the score that is highest over the level that made the column's status.

    As a multiple of that level, with its sign: `lost ×77 ▲`. Nothing where no score did.
    """
    status = column.status
    scores = [each for each in column.scores if each.status == status and status in LEVELS]
    if not scores:
        return ""
    worst = max(scores, key=_multiple)
    return f"{worst.metric} {multiple_text(_multiple(worst))} {mark(worst)}"


def _multiple(score: Score) -> float:
    level = score.warn_threshold if score.status == "warn" else score.threshold
    return score.number / level if level else math.inf


def doubt(column: Column) -> list[str]:
    """Return what chance could explain in an inconclusive column, the most telling words first."""
    doubtful = [each for each in column.scores if each.status == "inconclusive"]
    if not doubtful:
        return [why(column, notes=False)]
    score = max(doubtful, key=lambda each: each.rows_needed or 0)
    text = f"{score.metric} {score_text(score)}"
    if score.noise is not None and score.noise >= score.number:
        text += f", noise {noise_text(score)}"
    elif score.p_adjusted is not None:
        text += f", p {score.p_adjusted:.2g}"
    rows = [f"about {score.rows_needed:,} rows would tell"] if score.rows_needed else []
    return [text, *rows]


def unplaced(column: Column, placed: Collection[str]) -> list[str]:
    """Return the scores that reached a threshold and have no place in the table.

    A reason that begins with the metric's name, as `missing 1 % → 5 %` does, speaks for its score.
    """
    spoken_for = {reason.partition(" ")[0] for reason in column.reasons}
    scores = (
        score
        for score in column.scores
        if mark(score) and score.metric not in placed and score.metric not in spoken_for
    )
    return list(map(marked, scores))


def thresholds(columns: tuple[Column, ...], status: Status) -> list[str]:
    """Return the thresholds that scores of a status reached: `js_distance ≥ 0.1`.

    Where they differ, the columns of those that are not the commonest are named:
    `js_distance ≥ 0.1 (price ≥ 0.05)`.
    """
    levels: dict[str, dict[float, list[str]]] = {}
    for column in columns:
        for score in column.scores:
            level = score.warn_threshold if status == "warn" else score.threshold
            if score.status == status and level is not None:
                levels.setdefault(score.metric, {}).setdefault(level, []).append(column.name)
    return [f"{metric} {_by_column(names)}" for metric, names in levels.items()]


def _by_column(names: dict[float, list[str]]) -> str:
    common = max(names, key=lambda level: len(names[level]))
    others = [f"{', '.join(named(names[level]))} ≥ {level:g}" for level in names if level != common]
    return f"≥ {common:g}" + (f" ({', '.join(others)})" if others else "")
