"""Pairs of columns in the store: as columns are, whichever of both comes first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from history_records import START, joint, result

from driftcli.comparison.joint.waivers import waived
from driftcli.errors import HistoryError
from driftcli.history import open_history
from driftcli.history.trends import trends
from driftcli.report.columns import Waiver
from driftcli.report.joint import pair_waiver_of

LATER = START + timedelta(days=30)
PAIR = ("price", "size")
WAIVER = Waiver(until="2025-12-31", why="new halls")


def recorded(history, *statuses, first=0):
    run = history.begin_run("drift run")
    for day, status in enumerate(statuses, first):
        pairs = joint({("size", "price"): status, ("city", "price"): "ok"})
        columns = {"price": "ok", "size": "ok", "city": "ok"}
        made = result(day, columns, joint=pairs, verdict=pairs.verdict)
        history.record(run, made)


def test_runs_streaks_and_scores_of_a_pair(place):
    with open_history(place) as history:
        recorded(history, "ok", "drift", "drift")
        assert history.pairs("orders") == [("city", "price"), PAIR]
        runs = history.pair_runs("orders", ("size", "price"))
        assert [each.status for each in runs[PAIR]] == ["ok", "drift", "drift"]
        assert [each.number for each in runs[PAIR]] == pytest.approx([0.2, 10, 10])
        since = history.pairs_failing_since("orders")
        assert (list(since), since[PAIR].since, since[PAIR].runs) == ([PAIR], "2025-03-04", 2)
        assert history.pairs_failing_since("orders", START) == {}
        (metric,) = history.pair_metrics("orders", PAIR)
        assert (metric.metric, metric.gated) == ("pair_dependence", True)
        assert [each.value for each in metric.trend] == pytest.approx([0.002, 0.1, 0.1])
        assert history.failing_since("orders") == {}  # that of columns knows none of pairs


def test_the_newest_result_of_a_day_counts(place):
    with open_history(place) as history:
        recorded(history, "drift")
        recorded(history, "ok")
        assert [each.status for each in history.pair_runs("orders")[PAIR]] == ["ok"]


def test_scores_of_pairs_are_rows_of_the_export_behind_those_of_columns(place):
    with open_history(place) as history:
        recorded(history, "drift")
        rows = list(history.scores("orders"))
        assert [(row["column"], row["paired"]) for row in rows] == [
            *((name, None) for name in ("city", "price", "size")),
            ("city", "price"),
            PAIR,
        ]
        assert {row["kind"] for row in rows[3:]} == {"pair"}
        assert list(rows[0]) == list(rows[4])
        assert [row["paired"] for row in history.scores("orders", "price")] == [None]
        (row,) = history.scores("orders", "size", paired="price")
        assert (row["metric"], row["value"], row["status"]) == ("pair_dependence", 0.1, "drift")


def test_waivers_of_pairs_are_apart_from_those_of_columns(place):
    with open_history(place) as history:
        history.accept("orders", "price", LATER, "new list")
        history.accept("orders", "size", LATER, "new halls", "ann", paired="price")
        history.accept("orders", "price", START, "before", paired="ci*")
        assert list(history.waivers("orders", START)[0]) == ["price"]
        active, expired = history.pair_waivers("orders", LATER)
        assert (list(active), list(expired)) == ([PAIR], [("ci*", "price")])
        assert active[PAIR] == Waiver(until=LATER.isoformat(), why="new halls", by="ann")
        history.accept("orders", "price", START, "shorter", paired="size")
        assert list(history.pair_waivers("orders", LATER)[0]) == []
        assert history.revoke("orders", "price")
        assert not history.revoke("orders", "price")
        assert history.revoke("orders", "size", "price")
        assert [each.pattern for each in history.accepted()] == ["ci*"]


def test_pruning_takes_the_pairs_of_a_result_with_it(place):
    with open_history(place) as history:
        recorded(history, "ok", "drift", "drift")
        assert history.prune(START + timedelta(days=2)).results == 2
        assert [each.day for each in history.pair_runs("orders")[PAIR]] == ["2025-03-05"]
        assert len(history.pair_metrics("orders", PAIR)[0].trend) == 1


def test_names_are_stored_as_every_database_can_hold_them(place):
    with open_history(place) as history:
        pairs = joint({("a\0", "b\ud800"): "drift"})
        history.record(history.begin_run("x"), result(0, {"a": "ok"}, joint=pairs))
        assert history.pairs("orders") == [("a\\x00", "b\\ud800")]
        assert history.pair_runs("orders", ("b\ud800", "a\0"))


def test_trends_have_pairs_beside_columns_and_one_when_both_are_named(place):
    with open_history(place) as history:
        recorded(history, "ok", "drift")
        history.accept("orders", "price", LATER, "new halls", paired="s*")
        found = trends(history, "orders")
        assert [each.name for each in found.pairs] == ["price × size", "city × price"]
        assert found.pairs[0].columns == PAIR
        assert (found.pairs[0].status, found.pairs[0].drifted) == ("drift", 1)
        assert found.pairs[0].waiver.why == "new halls"
        one = trends(history, "orders", "size", paired="price")
        assert (one.columns, len(one.pairs), len(one.metrics)) == ((), 1, 1)
        assert trends(history, "orders", "size").pairs == ()
        with pytest.raises(HistoryError, match="no pair of 'size' with 'city' is recorded; known"):
            trends(history, "orders", "size", paired="city")


def test_a_pair_has_the_waiver_of_its_names_before_that_of_globs():
    other, last = (Waiver(until="2025-12-31", why=why) for why in ("glob", "later glob"))
    waivers = {("p*", "s*"): other, PAIR: WAIVER, ("*", "price"): last}
    assert pair_waiver_of(("size", "price"), waivers) is WAIVER
    assert pair_waiver_of(("stock", "price"), waivers) is last
    assert pair_waiver_of(("price", "city"), waivers) is last
    assert pair_waiver_of(("promo", "sold"), waivers) is other
    assert pair_waiver_of(("city", "zip"), waivers) is None


def test_what_is_accepted_of_pairs_is_shown_and_fails_no_report():
    made = joint({PAIR: "drift", ("city", "price"): "drift", ("city", "size"): "ok"})
    some = waived(made, {PAIR: WAIVER})
    assert (some.verdict, some.exit_code, some.summary.drift, some.summary.waived) == (
        *("drift", 1),
        *(1, 1),
    )
    whole = waived(made, {("*", "*"): WAIVER})
    assert (whole.verdict, whole.exit_code) == ("ok", 0)
    assert (whole.summary.drift, whole.summary.waived, whole.summary.ok) == (0, 2, 1)
    assert [each.status for each in whole.pairs] == ["drift", "drift", "ok"]
    assert waived(made, {}) == made
