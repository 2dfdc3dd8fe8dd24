"""`drift explain` as people see it: word for word, at any width, with any text in the data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from render_reports import HOSTILE
from rich.text import Text

from driftcli.api.compare import compare
from driftcli.render import Look
from driftcli.render.terminal.bars import CellAxis, cell_axis, lying, ticks, trace, upright
from driftcli.render.terminal.explain import render
from driftcli.render.terminal.text import cell_len
from driftcli.report.comparison import Report
from driftcli.report.explanation import BlockStrip, BlockValue

Check = Callable[[str, str], None]


def told(baseline: object, current: object, name: str = "amount") -> Report:
    tables = [pa.table({name: side}) for side in (baseline, current)]
    return compare(*tables, details=True)


def _delays() -> Report:
    """Whole minutes with a long tail, which a calmer season has less of."""
    steps = np.arange(1, 2_000)
    calm = np.round(-8 + 3 * np.sqrt(steps % 50) + 1e4 / steps)
    return told(np.round(calm * 1.6 + 2), calm, "delay")


def _names() -> Report:
    p = {"Single-ply": 800, "Raw": 30, "Wraps": 150, "Multi": 20}
    q = {"Single-ply": 400, "Raw": 500, "Wraps": 90, "Unlimited": 10}
    sides = [[name for name, count in side.items() for _ in range(count)] for side in (p, q)]
    return told(*sides, "equipment")


def _times() -> Report:
    first = datetime.fromisoformat("2024-01-01T06:00")
    hours = [first + timedelta(hours=index * 5) for index in range(200)]
    return told(hours, [each + timedelta(days=60, hours=3) for each in hours], "seen")


def _months() -> Report:
    return told([1, 1, 2, 3, 3, 3] * 20, [3, 3, 4, 5, 5, None] * 20, "month")


def _in_blocks(report: Report, blocks: BlockStrip) -> Report:
    [column] = report.columns
    assert column.details is not None
    details = msgspec.structs.replace(column.details, blocks=blocks)
    return msgspec.structs.replace(
        report, columns=(msgspec.structs.replace(column, details=details),)
    )


def _days(first: int, count: int, level: float) -> tuple[BlockValue, ...]:
    return tuple(
        BlockValue(label=f"2013-06-{first + at:02}", value=level + at % 5 / 80, js_distance=0.1)
        for at in range(count)
    )


def _shares_of_days() -> Report:
    strip = BlockStrip(
        of="day of time_hour",
        category="Single-ply",
        baseline=_days(1, 18, 0.111),
        current=_days(19, 11, 0.213),
    )
    return _in_blocks(_names(), strip)


REPORTS = {
    "shares": _shares_of_days(),
    "delays": _delays(),
    "names": _names(),
    "times": _times(),
    "months": _months(),
    "hostile": told([HOSTILE, "b"] * 50, [HOSTILE + "!", "b"] * 50, HOSTILE),
    "empty": told(pa.nulls(40, pa.float64()), [1.0, 2.0] * 20),
}


@pytest.mark.parametrize("width", [100, 60])
@pytest.mark.parametrize("name", REPORTS)
def test_the_explanation_at_each_width(name: str, width: int, check_golden: Check) -> None:
    check_golden(f"explain-{name}-{width}.txt", render(REPORTS[name], Look(width=width)))


def test_the_explanation_in_ascii(check_golden: Check) -> None:
    text = render(REPORTS["delays"], Look(width=80, ascii_only=True))
    assert text.isascii()
    check_golden("explain-delays-ascii-80.txt", text)


@pytest.mark.parametrize("name", sorted(set(REPORTS) - {"hostile"}))
def test_every_sign_of_ours_has_a_look_alike_in_ascii(name: str) -> None:
    text = render(REPORTS[name], Look(width=100, ascii_only=True))
    assert text.isascii()
    assert "\\u" not in text


@pytest.mark.parametrize("width", [20, 33, 40, 60, 80, 100, 120, 250])
@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    for ascii_only in (False, True):
        text = render(REPORTS[name], Look(width=width, ascii_only=ascii_only))
        assert max(map(cell_len, text.splitlines())) <= width


@pytest.mark.parametrize("width", range(40, 90))
def test_the_ranges_of_moves_are_never_cut(width: int) -> None:
    steps = np.linspace(10_000, 109_000, 2_000)
    text = render(told(steps, steps + 20_000), Look(width=width))
    moves = " ".join(text[text.index("\nmoves") :].split())
    assert "10,000 to 109,000 → 30,000 to 129,000" in moves


@pytest.mark.parametrize("name", REPORTS)
def test_colour_changes_nothing_but_the_codes(name: str) -> None:
    plain, coloured = (
        render(REPORTS[name], Look(width=80, color=color)) for color in (False, True)
    )
    assert plain != coloured
    assert Text.from_ansi(coloured).plain.rstrip() == plain.rstrip()


def test_text_from_data_does_nothing_to_the_terminal() -> None:
    text = render(REPORTS["hostile"], Look(width=100))
    assert all(character.isprintable() for character in text.replace("\n", ""))


def test_an_axis_joins_bins_where_there_are_too_many() -> None:
    assert cell_axis(48, 60) == CellAxis(48, 1, 1)
    assert cell_axis(12, 60) == CellAxis(12, 1, 5)
    assert cell_axis(48, 30) == CellAxis(48, 2, 1)
    assert cell_axis(48, 30).cells == 24


def test_upright_bars_have_one_scale_and_a_block_for_what_is_rare() -> None:
    assert upright((0.0, 0.001, 0.5, 1.0), 1.0, CellAxis(4, 1, 1)) == [
        "   █",
        "   █",
        "  ██",
        " ▁██",
    ]
    assert upright((0.5, 0.5, 0.5, 0.5), 1.0, CellAxis(4, 2, 1))[0] == "██"


def test_a_trace_rises_and_falls_with_the_function() -> None:
    assert trace((0.0, 7.0, 14.0, 7.0, 0.0), CellAxis(4, 1, 1)) == "▃▆▆▃"
    assert trace((0.0, 1.0, 2.0, 3.0), CellAxis(3, 2, 1)) == "▃▇"
    assert trace((5.0, 5.0), CellAxis(1, 1, 2)) == "▁▁"
    assert trace((None, None), CellAxis(1, 1, 1)) == "▁"


def test_labels_of_an_axis_keep_apart() -> None:
    labels = [f"{edge * 10}" for edge in range(9)]
    rule, below = ticks(labels, [(0, 1), (0, 2), (0, 4)], CellAxis(8, 1, 3), 30, centred=False)
    assert rule == "┴─────┴─────┴─────┴────┴"[: len(rule)] or rule.count("┴") == 5
    assert below.split() == ["0", "20", "40", "60", "80"]
    assert len(below) <= 30


def test_lying_bars_have_a_sliver_for_what_is_rare() -> None:
    assert lying(0.0, 1.0, 10, Look()) == ""
    assert lying(0.0001, 1.0, 10, Look()) == "▏"
    assert lying(1.0, 1.0, 3, Look()) == "███"
    assert lying(0.5, 1.0, 3, Look(ascii_only=True)) == "##"
