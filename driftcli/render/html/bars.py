"""Shares as lying bars, small enough for the cell of a table."""

from __future__ import annotations

from markupsafe import Markup

from driftcli.render.html.svg import element, mark

#: Units of the longest bar.
_WIDTH = 120.0


def pair(before: float, after: float, highest: float) -> Markup:
    """Return a share of the baseline over that of the current data; a full bar is `highest`."""
    return mark("pair", _bar(before, highest), _bar(after, highest))


def single(part: float) -> Markup:
    """Return a share of a whole."""
    return mark("bar", _bar(part, 2.0))


def _bar(part: float, highest: float) -> Markup:
    """Return a bar, of at least a sliver for what is there; its style gives its place."""
    length = max(2.0, _WIDTH * part / highest) if part > 0 and highest else 0.0
    return element("rect", width=length)
