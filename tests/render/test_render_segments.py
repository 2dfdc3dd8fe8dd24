"""How segments are shown: golden files, narrow terminals, hostile names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs
from render_reports import CHANGED, DRIFTED, HOSTILE, PASSED, RICH, column, score, stats
from rich.cells import cell_len

from driftcli.render import Look, render
from driftcli.report.columns import Column, Status
from driftcli.report.comparison import Report
from driftcli.report.segments import Decomposition, Segment, Segments, WithinSegment

TERMINAL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def segment(label: str, status: Status = "ok", names: str = "", **more: Any) -> Segment:
    fields: dict[str, Any] = {
        "keys": {"country": label},
        "presence": "both",
        "baseline_rows": 1_200,
        "current_rows": 1_500,
        "baseline": 0.1,
        "current": 0.1111,
        "compared": 7,
        "columns": tuple(column(name, status, (0.3, 0.2, 0.15)) for name in names.split()),
        **more,
    }
    return Segment(label=label, status=status, **fields)


def mix(name: str, status: Status = "ok", **more: Any) -> Column:
    fields: dict[str, Any] = {
        "kind": "categorical",
        "baseline": stats(distinct=9),
        "current": stats(distinct=9),
        "scores": (score("js_distance", 0.0201), score("new", 0.0, 0.01)),
        **more,
    }
    return column(name, status, **fields)


def decomposition(name: str, total: float, part: float, *labels: str, **more: Any) -> Decomposition:
    fields: dict[str, Any] = {"metric": "wasserstein", "unit": "baseline sd", **more}
    return Decomposition(
        column=name,
        total=total,
        mix=part,
        within=total - part,
        mix_share=part / total,
        within_share=1 - part / total,
        error_bound=0.0012,
        segments=tuple(
            WithinSegment(label=label, within=total / 4, share=0.25) for label in labels
        ),
        **fields,
    )


FOUND = Segments(
    by=("country", "device"),
    min_rows=100,
    found=31,
    mix=mix(
        "country,device",
        "drift",
        reasons=("new: 'XK, phone' 3.0 %", "category 'DE, phone' 15 % → 9.0 %"),
        scores=(score("js_distance", 0.2103), score("new", 0.0301, 0.01)),
    ),
    segments=(
        segment("DE, phone", "drift", "dep_delay carrier distance origin air_time minute"),
        segment("FR, (missing)", "drift", "dep_delay", current=0.1, keys={"device": None}),
        segment(
            "(other)",
            "drift",
            "a b c d e f g h",
            pooled=12,
            baseline=0.004,
            current=0.0051,
        ),
        segment(
            "IT, phone",
            "inconclusive",
            columns=(column("dep_delay", "inconclusive"), column("minute", "inconclusive")),
        ),
        segment("XK, phone", "skipped", presence="new", baseline=0.0, current=0.03, compared=0),
        *(segment(f"S{at}, phone") for at in range(14)),
    ),
    decompositions=(
        decomposition("dep_delay", 0.4523, -0.0211, "DE, phone", "FR, (missing)", "(other)"),
        decomposition("dep_delay", 0.038, 0.0012, "DE, phone", metric="missing", unit="share"),
        decomposition("carrier", 0.151, 0.1511, unit=None),
    ),
)
SOME = structs.replace(RICH, segments=FOUND)
QUIET = structs.replace(
    PASSED,
    segments=Segments(
        by=("plan",),
        min_rows=100,
        found=2,
        mix=mix("plan"),
        segments=(segment("basic"), segment("pro")),
    ),
)
MANY = structs.replace(
    PASSED,
    verdict="drift",
    exit_code=1,
    segments=structs.replace(
        FOUND,
        found=700,
        mix=mix("country,device"),
        segments=tuple(segment(f"S{at}, phone", "drift", "price") for at in range(200)),
        decompositions=tuple(decomposition(f"c{at}", 0.3, 0.1, "S1") for at in range(40)),
    ),
)
EVIL = structs.replace(
    SOME,
    columns=DRIFTED + CHANGED,
    segments=structs.replace(
        FOUND,
        by=(HOSTILE,),
        mix=mix(HOSTILE, "drift", reasons=(f"new: '{HOSTILE}' 3 %",)),
        segments=(
            segment(HOSTILE, "drift", columns=(column(HOSTILE, "drift"),)),
            segment("x" * 5_000, "drift", columns=(column("y" * 5_000, "drift"),)),
            segment("=cmd|' /C calc'!A0", "drift"),
        ),
        decompositions=(decomposition(HOSTILE, 0.5, 0.25, HOSTILE, "z" * 5_000),),
    ),
)
REPORTS = {"some": SOME, "quiet": QUIET, "many": MANY, "hostile": EVIL}


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_tables(name: str, width: int, check_golden: Callable[[str, str], None]) -> None:
    check_golden(f"segments-{name}-{width}.txt", render(REPORTS[name], "table", Look(width=width)))


@pytest.mark.parametrize("name", REPORTS)
def test_markdown(name: str, check_golden: Callable[[str, str], None]) -> None:
    check_golden(f"segments-{name}.md", render(REPORTS[name], "markdown"))


def test_ascii(check_golden: Callable[[str, str], None]) -> None:
    text = render(SOME, "table", Look(width=100, ascii_only=True))
    assert text.isascii()
    check_golden("segments-some-ascii-100.txt", text)


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [20, 40, 77, 200])
@pytest.mark.parametrize("show_all", [False, True])
def test_no_line_is_wider_than_the_terminal(name: str, width: int, *, show_all: bool) -> None:
    text = render(REPORTS[name], "table", Look(width=width, show_all=show_all))
    assert max(map(cell_len, text.splitlines())) <= width


@pytest.mark.parametrize("name", REPORTS)
def test_colour_adds_codes_only(name: str) -> None:
    colored = render(REPORTS[name], "table", Look(color=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render(REPORTS[name], "table")


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_text_from_data_does_nothing(form: str) -> None:
    text = render(EVIL, form)
    assert not TERMINAL.search(text)
    if form == "markdown":
        assert "<b>" not in text
        assert "\n@" not in text


def test_json_has_it_all() -> None:
    found = json.loads(render(SOME, "json"))["segments"]
    assert found["by"] == ["country", "device"]
    assert found["segments"][1]["keys"] == {"device": None}
    assert found["decompositions"][0]["segments"][0] == {
        "label": "DE, phone",
        "within": 0.113075,
        "share": 0.25,
    }


def test_all_shows_every_segment() -> None:
    text = render(MANY, "table", Look(show_all=True, width=120))
    assert text.count("S199, phone") == 1
    assert "c39" in text
    few = render(MANY, "table", Look(width=120))
    assert "190 more drifted (--all shows them)" in few
    assert "+ 30 more" in few


def test_the_last_line_tells_of_segments() -> None:
    def last(report: Report) -> str:
        return " ".join(render(report, "table", Look(width=200)).split("\n\n")[-1].split())

    assert "the mix of country, device drifted · 3 of 19 segments drifted (DE" in last(SOME)
    assert "2 segments compared" in last(QUIET)
