"""SVG elements as text that is safe to put into a page."""

from __future__ import annotations

import math
from collections.abc import Iterable

from markupsafe import Markup, escape

from driftcli.text import visible

Attribute = str | float | None


def coordinate(value: float) -> str:
    """Return a coordinate as a whole number: pictures are about as wide as their units."""
    return str(round(value))


def words(text: str) -> Markup:
    """Return text from data: visible, and never markup."""
    return escape(visible(text))


def element(name: str, *inside: Markup, **attributes: Attribute) -> Markup:
    """Return an element; attributes that are None are left out.

    An underscore in the name of an attribute stands for a hyphen, and one at its end for nothing.
    """
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not inside:
        return Markup(f"<{name}{shown}/>")  # noqa: S704 - both are made here
    return Markup(f"<{name}{shown}>{''.join(inside)}</{name}>")  # noqa: S704 - these are markup


def _value(value: str | float) -> str:
    return words(value) if isinstance(value, str) else coordinate(value)


def chart(width: float, height: float, inside: Iterable[Markup], label: str) -> Markup:
    """Return a picture that is as wide as its place, and what it shows in words."""
    box = f"0 0 {coordinate(width)} {coordinate(height)}"
    return element("svg", *inside, viewBox=box, class_="chart", role="img", aria_label=label)


def mark(class_: str, *inside: Markup) -> Markup:
    """Return a picture beside a number that says the same; its style gives its size."""
    return element("svg", *inside, class_=class_)


def text(x: float, y: float, content: str) -> Markup:
    """Return text, by default to the right of x."""
    return element("text", words(content), x=x, y=y)


def group(anchor: str, texts: Iterable[Markup]) -> Markup:
    """Return texts that have their middle or their end at their x."""
    return element("g", *texts, text_anchor=anchor)


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


def on_log_scale(multiple: float, most: float) -> float:
    """Return where a multiple lies between 1 / `most` and `most`, 0 to 1; at an end beyond it."""
    return 0.5 + 0.5 * math.log(min(max(multiple, 1 / most), most)) / math.log(most)
