"""What pictures show is where it should be: heights, positions, labels, heat."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from render_reports import score
from render_timelines import TIMELINES

from driftcli.render.figures import Significant
from driftcli.render.html import distributions, gauge, heat, svg
from driftcli.render.html.axis import WIDTH, along, labelled, named_axis
from driftcli.render.html.column import panel
from driftcli.render.html.distributions import ribbons
from driftcli.render.html.svg import coordinate, element, text, words
from driftcli.report.columns import Score
from driftcli.report.explanation import Move, Transport

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=48)
#: A step of a path: along to x, then up or down to y; `Z` closes it.
COMMAND = re.compile(r"([MHV])(-?\d+)(?: (-?\d+))?")


def heights(path: str, positions: list[int], floor: int) -> list[int]:
    """Return how high an outline is over each bin."""
    x, y, found = 0, floor, {}
    for command, first, second in COMMAND.findall(path):
        if command == "M":
            x, y = int(first), int(second)
        elif command == "V":
            y = int(first)
        else:
            found.update({at: floor - y for at in positions if x <= at < int(first)})
            x = int(first)
    return [found[at] for at in positions]


@given(st.data())
def test_steps_are_as_high_as_the_shares(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 48))
    sides = tuple(
        data.draw(st.lists(st.floats(0, 1), min_size=size, max_size=size)) for _ in range(2)
    )
    drawn = str(distributions.overlaid(sides, named_axis([str(at) for at in range(size)]), "x"))
    highest = max(*sides[0], *sides[1]) or 1.0
    positions = [round(WIDTH * at / size) for at in range(size)]
    for side, name in zip(sides, ("was-area", "now-line"), strict=True):
        (path,) = re.findall(rf'<path d="([^"]*)" class="{name}"', drawn)
        for share, height in zip(side, heights(path, positions, 146), strict=True):
            assert height == pytest.approx(132 * share / highest, abs=1.01)
            assert (height > 0) == (share > 0)


@given(SHARES.filter(any))
@example([5e-324])
def test_lines_across_stand_at_round_shares(side: list[float]) -> None:
    drawn = str(distributions.overlaid((side, side), named_axis(["x"] * len(side)), "x"))
    labels = re.findall(r">([\d.e+-]+) %</text>", drawn)
    assert len(labels) <= 5
    for label in labels:
        assert float(label) <= 100 * max(side) * (1 + 1e-6)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(1, 48), st.floats(0, 1))
def test_a_value_lies_between_the_edges_of_its_bin(
    low: float, width: float, bins: int, part: float
) -> None:
    edges = [low + width * at for at in range(bins + 1)]
    axis = along(edges)
    value = low + width * bins * part
    assert axis.at(value) == pytest.approx(WIDTH * part, abs=1e-3)
    assert axis.at(low - 1) == 0
    assert axis.at(edges[-1] + 1) == WIDTH


def test_a_logarithmic_axis_has_equal_steps_of_ratio_and_labels_powers_of_ten() -> None:
    edges = [10.0 ** (at / 5) for at in range(-5, 16)]
    axis = along(edges, log=True)
    assert axis.at(10.0) - axis.at(1.0) == pytest.approx(axis.at(100.0) - axis.at(10.0))
    assert [label for label in axis.labels if label] == ["0.1", "1", "10", "100", "1,000"]


@given(
    st.integers(-50, 50),
    st.sampled_from([1, 2, 5, 10, 1000, 10**6]),
    st.integers(2, 48),
    st.booleans(),
)
def test_labels_keep_apart_and_inside(low: int, step: int, bins: int, whole: bool) -> None:
    axis = along([float((low + at) * step) for at in range(bins + 1)], whole=whole)
    drawn = "".join(labelled(axis, 100))
    found = re.findall(r'<text x="(-?\d+)" y="\d+">([^<]*)</text>', drawn)
    assert found
    spans = [(int(x) - 3.3 * len(label), int(x) + 3.3 * len(label)) for x, label in found]
    assert all(left[1] < right[0] for left, right in pairwise(spans))
    assert spans[0][0] >= -1
    assert spans[-1][1] <= WIDTH + 1


def test_whole_numbers_are_labelled_in_the_middle_of_their_bins() -> None:
    axis = along([1.0, 2.0, 3.0], whole=True)
    assert axis.centred
    assert axis.span(1, 2) == (0, WIDTH)
    assert not along([1.0, 3.0, 5.0], whole=True).centred


def test_times_are_labelled_by_day_where_all_edges_are_midnights() -> None:
    days = ["2024-01-01T00:00:00", "2024-01-02T00:00:00"]
    assert along(days).labels == ("2024-01-01", "2024-01-02")
    assert along([*days, "2024-01-02T06:00:00"]).labels[0] == "2024-01-01 00:00:00"


@pytest.mark.parametrize(
    ("value", "noise", "x"),
    [(0.1, 0.02, 66), (1.0, 0.02, 105), (0.01, 0.0, 27), (0.0, 0.0, 8), (3.2, 0.02, 124)],
)
def test_scores_are_placed_by_the_logarithm_of_their_multiple(
    value: float, noise: float, x: int
) -> None:
    drawn = str(gauge.gauge(score("js_distance", value, noise=noise)).drawn)
    assert 'd="M66 1v18"' in drawn  # the threshold, in the middle
    assert f'<circle cx="{x}"' in drawn
    assert ("<rect" in drawn) == bool(noise)


def test_a_score_beyond_the_scale_is_an_arrow_and_one_by_chance_is_hollow() -> None:
    far = str(gauge.gauge(score("wasserstein", None, infinite=True)).drawn)
    assert "<circle" not in far
    assert 'class="drift"' in far
    chance = score("js_distance", 0.3, status="inconclusive", p_adjusted=0.3)
    assert "inconclusive hollow" in str(gauge.gauge(chance).drawn)


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.25, "0.25"), (0.0004, "0.0004"), (2e-5, "0.00002"), (1e-9, "<10⁻⁶"), (1, "1")],
)
def test_p_values_are_short(p: float, text: str) -> None:
    found = gauge.gauge(Score(metric="m", value=1.0, threshold=0.1, gated=True, p_value=p))
    assert found.chance == text


@pytest.mark.parametrize(
    ("given", "multiple"),
    [
        ({"value": 0.3, "threshold": 0.1}, 3.0),
        ({"value": 0.3, "threshold": None, "warn_threshold": 0.2}, 1.5),
        ({"value": 0.3, "threshold": 0.0}, float("inf")),
        ({"value": 0.0, "threshold": 0.0}, 0.0),
        ({"value": 0.3, "threshold": 0.1, "gated": False}, 0.0),
        ({"value": None, "threshold": 0.1}, 0.0),
    ],
)
def test_a_multiple_is_of_the_threshold(given: dict, multiple: float) -> None:
    fields = {"metric": "m", "gated": True, **given}
    assert Score(**fields).excess == pytest.approx(multiple)


def test_bars_share_a_scale_and_show_what_is_there() -> None:
    assert re.findall(r'width="(\d+)"', str(svg.pair(0.5, 0.25, 0.5))) == ["120", "60"]
    assert re.findall(r'width="(\d+)"', str(svg.pair(1e-9, 0.0, 0.5))) == ["2", "0"]
    assert re.findall(r'width="(\d+)"', str(svg.pair(0.0, 0.0, 0.0))) == ["0", "0"]
    assert re.findall(r'width="(\d+)"', str(svg.single(1.0))) == ["60"]


def move(low: float, high: float, by: float, share: float) -> Move:
    ends = {"from_low": low, "from_high": high, "to_low": low + by, "to_high": high + by}
    return Move(share=share, distance=by, cost=share * abs(by), **ends)


def transport(*moves: Move) -> Transport:
    return Transport(
        cost=1.0, small=0, stayed=0, stayed_cost=0, moves=moves, rest=0, rest_cost=0, witness=()
    )


def test_ribbons_lead_from_where_rows_were_to_where_they_are() -> None:
    axis = along([0.0, 10.0, 20.0])
    drawn = str(ribbons(transport(move(0, 5, 10, 0.5), move(20, 20, -20, 0.1)), axis))
    assert 'd="M0 4C0 46 280 46 280 88H420C420 46 140 46 140 4Z" class="up"' in drawn
    assert 'class="down"' in drawn
    assert 'd="M558 4C558 46 0 46 0 88H2C2 46 560 46 560 4Z"' in drawn  # wide enough to be seen
    assert re.findall(r'fill-opacity="([\d.]+)"', drawn) == ["0.8", "0.32"]


def test_without_moves_nothing_is_drawn() -> None:
    assert ribbons(transport(), along([0.0, 1.0])) is None


def test_a_heat_strip_is_as_high_as_its_levels() -> None:
    timeline = TIMELINES["rich"]
    column = timeline.columns[0]
    drawn = str(heat.strip(column.cells, timeline.periods))
    rises = {int(each) for each in re.findall(r"v-(\d+)h", drawn)}
    assert rises <= {round(26 * level / 8) for level in range(1, 9)} | {1}
    assert str(heat.counts([0, 50, 100])).count("M") == 2


@given(st.integers(1, 1200))
def test_a_strip_fits_its_table_until_its_cells_are_two_wide(periods: int) -> None:
    (width,) = re.findall(r'width="(\d+)"', str(heat.counts([1] * periods)))
    assert int(width) <= max(460, 2 * periods)


def test_quartiles_stand_in_for_quantiles_without_details() -> None:
    from render_reports import column, stats

    sides = {
        "baseline": stats(min=0.0, q25=1.0, median=2.0, q75=3.0, max=9.0, mean=2.5, sd=1.0),
        "current": stats(min=0.0, q25=1.5, median=2.5, q75=3.5, max=9.5, mean=3.0, sd=1.1),
    }
    names = [each.name for each, _ in panel(column("a", **sides), 1).statistics]
    assert names == ["min", "25 %", "median", "75 %", "max", "mean", "sd"]


def test_elements_escape_what_they_hold() -> None:
    assert words("<b>\x1b") == "&lt;b&gt;\\x1b"
    drawn = element("path", d='"><script>', fill_opacity=None, class_="a", x=1.4)
    assert drawn == '<path d="&#34;&gt;&lt;script&gt;" class="a" x="1"/>'
    assert text(1, 2, "a<b") == '<text x="1" y="2">a&lt;b</text>'
    assert coordinate(-0.2) == "0"


def test_values_over_powers_of_ten_have_three_digits_each() -> None:
    measure = Significant()
    shown = [measure.text(value) for value in (0.0123, 4.5, 1234.5, 23705, None)]
    assert shown == ["0.0123", "4.50", "1,234", "23,705", "–"]
    assert (measure.span(1.0, 250.0), measure.change(2.5)) == ("1.00 to 250", "+2.50")
