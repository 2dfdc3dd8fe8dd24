"""Colours can be told apart: WCAG 2.2 AA, computed from the style's variables, in both themes."""

from __future__ import annotations

import re

import pytest

from driftcli.render.html.page import source

VARIABLE = re.compile(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);")
COLOURS = {name: (light, dark) for name, light, dark in VARIABLE.findall(source("page.css"))}
STATUSES = ("drift", "warn", "inconclusive", "ok", "skipped", "waived")
#: Text needs 4.5, pictures 3 (success criteria 1.4.3 and 1.4.11).
TEXT = [(front, back) for front in ("ink", "soft", *STATUSES) for back in ("page", "paper", "tint")]
PICTURES = [
    *((front, "paper") for front in ("base", "now", *STATUSES)),
    ("ink", "base-fill"),
    ("now", "base-fill"),
    ("base", "page"),
]


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_has_the_ratio_of_the_definition() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_stands_out(front: str, back: str, theme: int) -> None:
    assert contrast(COLOURS[front][theme], COLOURS[back][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PICTURES)
def test_pictures_stand_out(front: str, back: str, theme: int) -> None:
    assert contrast(COLOURS[front][theme], COLOURS[back][theme]) >= 3


def test_every_colour_is_a_variable_of_both_themes() -> None:
    style = source("page.css")
    used = set(re.findall(r"var\(--([\w-]+)\)", style)) - {"sans", "mono", "tone"}
    assert used <= COLOURS.keys()
    rest = VARIABLE.sub("", style).split("@media print")[0]
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl", rest)
