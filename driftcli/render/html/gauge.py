"""Scores over their thresholds, all on one scale: how far each is from where it drifts."""

from __future__ import annotations

import math
from typing import NamedTuple

from markupsafe import Markup

from driftcli.render.figures import noise_text, number, score_text
from driftcli.render.html.svg import coordinate, element, group, mark, on_log_scale, text
from driftcli.report.columns import Score, Status

#: As wide as its style makes it.
_WIDTH = 132.0
_MIDDLE = 10
#: Multiple of the threshold at the end of the scale, which is logarithmic.
_MOST = 32.0
_TICKS = ((0.1, "×0.1"), (1.0, "×1"), (10.0, "×10"))
_INSET = 8.0


class Gauge(NamedTuple):
    """A score as a line of the table of scores."""

    metric: str
    status: Status
    drawn: Markup | None
    score: str
    unit: str
    threshold: str
    noise: str
    chance: str
    remark: str = ""


def ungated(score: Score) -> str:
    """Return a score that no threshold judges, in words."""
    return " ".join(filter(None, (score.metric, score_text(score), score.unit)))


def gauge(score: Score) -> Gauge:
    """Return a score that a threshold judges, drawn and in digits."""
    threshold = score.level
    return Gauge(
        metric=score.metric,
        status=score.status,
        drawn=_drawn(score, threshold) if threshold else None,
        score=score_text(score),
        unit=score.unit or "",
        threshold="" if threshold is None else f"{threshold:g}",
        noise=noise_text(score),
        chance=_chance(score),
        remark=_remark(score),
    )


def _chance(score: Score) -> str:
    p = score.p_value if score.p_adjusted is None else score.p_adjusted
    if p is None:
        return ""
    if p < 1e-6:
        return "<10⁻⁶"
    return f"{p:.2g}" if p >= 1e-4 else f"{p:.6f}".rstrip("0")


def _remark(score: Score) -> str:
    parts = []
    if score.error_bound:
        parts.append(f"known to ±{number(score.error_bound)}")
    if score.rows_needed:
        parts.append(f"about {score.rows_needed:,} rows a side would tell")
    return "; ".join(parts)


def _x(multiple: float) -> float:
    """Return where a multiple of the threshold lies, at an end when it is beyond it."""
    return _INSET + on_log_scale(multiple, _MOST) * (_WIDTH - 2 * _INSET)


def _drawn(score: Score, threshold: float) -> Markup:
    inside = []
    if score.noise:
        inside.append(element("rect", width=_x(score.noise / threshold)))
    inside.append(element("path", d=_UPRIGHT))
    multiple = score.number / threshold
    if not math.isnan(multiple):
        inside.append(_dot(multiple, score))
    return mark("gauge", *inside)


def _dot(multiple: float, score: Score) -> Markup:
    """Return a dot, hollow where chance could explain the score; an arrow beyond the scale."""
    x = _x(multiple)
    kind = score.status if score.significant else f"{score.status} hollow"
    if multiple > _MOST:
        d = f"M{coordinate(x - 4)} {_MIDDLE - 5}l9 5l-9 5Z"
        return element("path", d=d, class_=kind)
    return element("circle", cx=x, class_=kind)


#: The line of the threshold.
_UPRIGHT = f"M{coordinate(_x(1.0))} 1v18"


def scale() -> Markup:
    """Return the labels above the gauges."""
    return mark("gauge", group("middle", [text(_x(at), 14, label) for at, label in _TICKS]))


def level_bar(multiple: float, status: Status) -> Markup:
    """Return how far a column's highest score is from its threshold, for a line of a table."""
    width = 52.0
    length = width * on_log_scale(multiple, _MOST)
    return mark(
        "level-bar",
        element("rect", width=max(length, 1.0), class_=status),
        element("path", d=f"M{coordinate(width / 2)} 0v16"),
    )
