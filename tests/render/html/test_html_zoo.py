"""Columns of every shape are drawn, also when their report was stored and read again."""

from __future__ import annotations

import msgspec
import pyarrow as pa
import pytest
from pages import Page
from zoo import COLUMNS, column, shifted

from driftcli.api.compare import compare
from driftcli.render import render
from driftcli.report.comparison import Report


@pytest.mark.slow
@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_every_shape_are_drawn(name: str) -> None:
    values = column(name, 2_000, 5)
    for other in (values, shifted(values, 6), values[:0], values[:1]):
        for sides in ((values, other), (other, values)):
            report = compare(*(pa.table({"x": side}) for side in sides), details=True)
            page = render(report, "html")
            stored = msgspec.json.decode(report.to_json(), type=Report)
            assert render(stored, "html") == page
            assert not {"nan", "inf"} & set(Page(page).text.split())
            for attributes in Page(page).named("path") + Page(page).named("rect"):
                drawn = " ".join(filter(None, attributes.values()))
                assert "nan" not in drawn
                assert "inf" not in drawn.replace("inconclusive", "")


@pytest.mark.parametrize(
    "sides",
    [
        ([1e308, -1e308, 0.0], [1e308, 1.0, -1e308]),
        ([float("inf"), 1.0], [float("-inf"), 2.0]),
        ([float("nan")] * 3, [1.0]),
        ([None, None], [None]),
        ([5e-324, 1e-300], [1e-310, 1e300]),
        ([1.7e308, 4e18], [1e300]),
        ([1e-12, 1.0, 1e12] * 40, [1e-13, 2.0, 1e15] * 40),
        ([2**62, 2**62 + 1], [-(2**62), 0]),
        ([""], ["", "a"]),
        ([True, False], [True, None]),
    ],
)
def test_extreme_values_are_drawn(sides: tuple[list, list]) -> None:
    report = compare(*(pa.table({"x": side}) for side in sides), details=True)
    page = render(report, "html")
    stored = msgspec.json.decode(report.to_json(), type=Report)
    render(stored, "html")
    paths = [each["d"] or "" for each in Page(page).named("path")]
    assert not any("nan" in path or "inf" in path for path in paths)
