"""What moved where: a ribbon for each move, from its values before to its values after."""

from __future__ import annotations

from markupsafe import Markup

from driftcli.render.html.axis import Axis
from driftcli.render.html.svg import chart, element, number, text
from driftcli.report.comparison import Move, Transport, Value

_HEIGHT = 84.0
_TOP = 4.0
_LEAST_WIDTH = 2.0


def ribbons(plan: Transport, axis: Axis) -> Markup | None:
    """Return the moves drawn on a column's axis, the baseline above; None where none fits on it."""
    drawn = [each for move in plan.moves if (each := _ribbon(move, plan, axis)) is not None]
    if not drawn or not axis.values:
        return None
    floor = _TOP + _HEIGHT
    rules = f"M0 {number(_TOP)}H{number(axis.width)}M0 {number(floor)}H{number(axis.width)}"
    inside = [
        *drawn,
        element("path", d=rules, class_="rule"),
        text(2, _TOP + 14, "baseline"),
        text(2, floor - 6, "current"),
    ]
    label = "Where rows moved, from the baseline above to the current data below"
    return chart(axis.width, floor + 4, inside, label)


def _ribbon(move: Move, plan: Transport, axis: Axis) -> Markup | None:
    ends = [_number(end) for end in (move.from_low, move.from_high, move.to_low, move.to_high)]
    from_low, from_high, to_low, to_high = ends
    if from_low is None or from_high is None or to_low is None or to_high is None:
        return None
    top = _widened(*axis.span(from_low, from_high), axis.width)
    bottom = _widened(*axis.span(to_low, to_high), axis.width)
    floor = _TOP + _HEIGHT
    middle = number((_TOP + floor) / 2)
    a, b, c, d = map(number, (*top, *bottom))
    path = (
        f"M{a} {number(_TOP)}C{a} {middle} {c} {middle} {c} {number(floor)}"
        f"H{d}C{d} {middle} {b} {middle} {b} {number(_TOP)}Z"
    )
    most = max(each.share for each in plan.moves)
    weight = 0.2 + 0.6 * move.share / most if most else 0.2
    up = (move.distance or 0.0) > 0
    return element("path", d=path, class_="up" if up else "down", fill_opacity=f"{weight:.2g}")


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _widened(left: float, right: float, width: float) -> tuple[float, float]:
    """Return ends that are far enough apart to be seen."""
    lacking = max(0.0, _LEAST_WIDTH - (right - left)) / 2
    start = min(max(0.0, left - lacking), width - _LEAST_WIDTH)
    return start, max(min(width, right + lacking), start + _LEAST_WIDTH)
