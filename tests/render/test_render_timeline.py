"""Timelines as people and programs see them, word for word."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from render_timelines import RICH, TIMELINES, column, timeline

from driftcli.render import FORMATS, Look, render
from driftcli.render.terminal.bars import LEVELS
from driftcli.render.terminal.strips import Scale, scale, strip
from driftcli.render.terminal.text import cell_len
from driftcli.report.schemas import json_schema
from driftcli.report.timeline import Timeline

Check = Callable[[str, str], None]
SUFFIXES = {"json": "json", "markdown": "md", "csv": "csv"}


@pytest.mark.parametrize("width", [120, 80, 40])
@pytest.mark.parametrize("name", TIMELINES)
def test_the_table_at_each_width(name: str, width: int, check_golden: Check) -> None:
    check_golden(f"timeline-{name}-{width}.txt", render(TIMELINES[name], look=Look(width=width)))


def test_the_table_of_all_columns_in_colour(check_golden: Check) -> None:
    look = Look(width=100, show_all=True, color=True)
    check_golden("timeline-rich-all-color-100.ansi", render(RICH, look=look))


def test_the_table_in_ascii(check_golden: Check) -> None:
    look = Look(width=100, show_all=True, ascii_only=True)
    check_golden("timeline-rich-all-ascii-100.txt", render(RICH, look=look))


@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize("name", ["rich", "passed", "hostile"])
def test_the_documents(name: str, form: str, check_golden: Check) -> None:
    check_golden(f"timeline-{name}.{SUFFIXES[form]}", render(TIMELINES[name], form))


@pytest.mark.parametrize("name", TIMELINES)
def test_the_json_is_what_the_schema_says(name: str) -> None:
    document = json.loads(render(TIMELINES[name], "json"))
    schema = json.loads(json.dumps(json_schema("timeline")))
    jsonschema.validate(document, schema)
    assert all(len(each["cells"]) in (0, len(document["periods"])) for each in document["columns"])


@pytest.mark.parametrize("name", ["rich", "long", "passed"])
def test_the_json_holds_all_of_it(name: str) -> None:
    made = msgspec.json.decode(render(TIMELINES[name], "json"), type=Timeline)
    assert made == TIMELINES[name]


def test_the_csv_has_a_row_for_each_period_column_and_metric() -> None:
    rows = list(csv.DictReader(io.StringIO(render(RICH, "csv"))))
    compared = [each for each in RICH.columns if each.cells]
    scores = [cell.scores or (None,) for each in compared for cell in each.cells]
    assert len(rows) == sum(map(len, scores))
    assert {row["period"] for row in rows} == {each.label for each in RICH.periods}
    (infinite,) = [row for row in rows if row["infinite"] == "true"]
    assert (infinite["column"], infinite["value"]) == ("price", "inf")


@given(letters=st.text("0123456789?abcdi_w", min_size=1, max_size=300), room=st.integers(10, 120))
def test_a_strip_fits_and_hides_no_drift(letters: str, room: int) -> None:
    made = timeline(column("x", letters), rows=[1] * len(letters))
    by = scale(len(letters), room)
    drawn = "".join(piece.text for piece in strip(made.columns[0].cells, made.periods, by))
    assert len(drawn) == by.length(len(letters)) <= room
    shown = drawn[:: by.wide]
    for at, mark in enumerate(shown):
        together = letters[at * by.together : (at + 1) * by.together]
        drifted = any(letter in "abcdi" for letter in together)
        assert drifted == (mark in LEVELS[4:])


def test_a_cell_is_as_high_as_the_score_over_its_threshold() -> None:
    letters = "02479abcdi?w__"
    made = timeline(column("x", letters), rows=[1] * (len(letters) - 1) + [0])
    pieces = strip(made.columns[0].cells, made.periods, Scale())
    assert "".join(piece.text for piece in pieces) == "▁▁▂▃▄▅▆▇██?!· "


@pytest.mark.parametrize("form", FORMATS["timeline"])
def test_no_width_is_exceeded_and_nothing_acts(form: str) -> None:
    for name, made in TIMELINES.items():
        for width in (20, 33, 57, 80, 200):
            text = render(made, form, Look(width=width, show_all=True))
            assert text.encode()
            lines = text.removesuffix("\n").split("\r\n" if form == "csv" else "\n")
            if form != "csv":
                assert all(line.isprintable() for line in lines), name
            if form == "table":
                assert max(map(cell_len, lines)) <= width, (name, width)
