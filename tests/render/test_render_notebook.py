"""How a notebook shows a report: in a frame of its own, or as a plain table."""

from __future__ import annotations

import html
import re

import pytest
from render_reports import REPORTS, RICH
from render_timelines import TIMELINES

from driftcli.render.notebook import frame

SHOWN = {**REPORTS, **{f"timeline-{name}": each for name, each in TIMELINES.items()}}


@pytest.mark.parametrize("name", SHOWN)
def test_the_report_is_in_a_frame_without_scripts(name: str) -> None:
    shown = SHOWN[name]._repr_html_()
    found = re.fullmatch(
        r'<iframe title="[\w: ]+" sandbox="" .* srcdoc="([^"]*)"></iframe>\n', shown, re.DOTALL
    )
    assert found
    page = html.unescape(found[1])
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert "Content-Security-Policy" in page
    height = re.search(r'height="(\d+)"', shown)
    assert height
    assert 200 < int(height[1]) <= 620


def test_the_frame_shows_the_columns_that_changed() -> None:
    shown = frame(RICH)
    assert "dep_&lt;wbr&gt;delay" in shown
    assert "humidity" not in shown
    assert len(shown) < 60_000
