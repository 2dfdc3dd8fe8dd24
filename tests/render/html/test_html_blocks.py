"""The blocks of a column on a page."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from pages import ATTACKS, Page, repeated, small

from driftcli.render import render
from driftcli.render.figures import Significant
from driftcli.render.html.blocks import HEIGHT, MOST_BARS, WIDTH, strips
from driftcli.report.explanation import BlockStrip, BlockValue

NUMBERS = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=300)


def strip(before, after, **fields):
    sides = (
        tuple(BlockValue(label=f"day {at}", value=each) for at, each in enumerate(side))
        for side in (before, after)
    )
    return BlockStrip(of="day", baseline=next(sides), current=next(sides), **fields)


def bars(drawn):
    """Return where the bars of either side stand and how high they are."""
    sides = {}
    for path, name in re.findall(r'<path d="([^"]*)" stroke-width="\d+" class="(was|now)"', drawn):
        start, floor = re.match(r"M(\d+) (\d+)", path).groups()
        assert int(floor) == HEIGHT
        x, sides[name] = int(start), []
        for up, on, down in re.findall(r"v-(\d+)m(\d+) (\d+)", path):
            assert up == down
            sides[name].append((x, int(up)))
            x += int(on)
    return sides.get("was", []), sides.get("now", [])


def test_a_bar_is_as_high_as_its_block_between_the_lowest_and_the_highest():
    (line,) = strips(strip([0.0, 5.0], [10.0]), Significant()).lines
    assert (line.name, line.told) == ("median", "0 to 5.00 → 10.0")
    before, after = bars(str(line.drawn))
    assert [height for _, height in before + after] == [2, 15, HEIGHT]


@given(NUMBERS, NUMBERS)
def test_bars_stand_beside_each_other_within_the_strip(before, after):
    made = strips(strip(before, after), Significant())
    if made is None:
        assert not before
        assert not after
        return
    sides = bars(str(made.lines[0].drawn))
    assert [bool(side) for side in sides] == [bool(before), bool(after)]
    places = [x for side in sides for x, _ in side]
    assert places == sorted(places)
    assert 0 <= places[0] <= places[-1] <= WIDTH
    assert len(places) <= MOST_BARS + 1
    assert all(2 <= height <= HEIGHT for side in sides for _, height in side)


def test_many_blocks_are_as_high_as_the_highest_of_some():
    (line,) = strips(strip([*[1.0] * 399, 9.0], [1.0] * 400), Significant()).lines
    before, after = bars(str(line.drawn))
    assert [height for _, height in before] == [2] * (len(before) - 1) + [HEIGHT]
    assert {height for _, height in after} == {2}


def with_blocks(report, made):
    """Return a report each of whose columns has these blocks."""
    columns = (
        structs.replace(each, details=structs.replace(each.details, blocks=made))
        for each in report.columns
    )
    return structs.replace(report, columns=tuple(columns))


@pytest.mark.parametrize("attack", ATTACKS)
def test_names_of_blocks_and_categories_are_text(attack):
    labelled = BlockValue(label=attack, value=0.5, js_distance=0.1)
    made = BlockStrip(of=attack, category=attack, baseline=(labelled,), current=(labelled,))
    page = render(with_blocks(small(), made), "html")
    shown = Page(page)
    assert "Blocks of rows, by" in shown.text
    assert len(shown.named("script")) == len(Page(render(small(), "html")).named("script"))
    assert not shown.named("img")
    assert attack not in page or "<" not in attack


def test_a_hundred_columns_of_many_blocks_take_less_than_a_megabyte():
    days = tuple(
        BlockValue(label=f"2024-01-01 + {at}", value=at * 7 % 400 / 400, js_distance=at % 9 / 9)
        for at in range(400)
    )
    made = BlockStrip(of="day", category="A", baseline=days, current=days)
    page = render(with_blocks(repeated(small(), 20), made), "html")
    assert page.count("Blocks of rows, by") == 100
    assert len(page.encode()) < 1_000_000


def test_nothing_where_no_blocks_are_known():
    assert strips(None, Significant()) is None
    assert strips(strip([], []), Significant()) is None
