"""Since when, and how many in a row: against a plain count over random results."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import takewhile

import pytest
from history_records import START, column, report, result, score
from hypothesis import given
from hypothesis import strategies as st

from driftcli.errors import HistoryError
from driftcli.history import CheckState, Streak, open_history
from driftcli.history.records import state, streak
from driftcli.history.trends import trends
from driftcli.report.history import ColumnRun

VERDICTS = ("ok", "inconclusive", "warn", "drift", "error")
BADNESS = {"drift": 0, "warn": 1, "inconclusive": 2, "ok": 3, "skipped": 4}
days = st.lists(st.integers(0, 400), min_size=1, max_size=30, unique=True).map(sorted)


def of_days(words: tuple[str, ...]):
    """Return a strategy of days with a word each, oldest first."""
    return days.flatmap(
        lambda found: st.lists(
            st.sampled_from(words), min_size=len(found), max_size=len(found)
        ).map(
            lambda said: [
                (START + timedelta(each), word) for each, word in zip(found, said, strict=True)
            ]
        )
    )


def column_runs(results):
    return [ColumnRun(day=day.isoformat(), status=status, excess=None) for day, status in results]


@given(of_days(VERDICTS))
def test_a_check_is_so_since_the_first_of_equal_verdicts(results):
    newest, now = results[-1]
    row = list(takewhile(lambda each: each[1] == now, reversed(results)))
    assert state(results) == CheckState(now, newest, row[-1][0], len(row))


def test_a_check_that_never_ran_has_no_state():
    assert state([]) is None


@given(of_days(tuple(BADNESS)))
def test_a_column_is_so_since_the_first_of_statuses_as_bad(results):
    now = results[-1][1]
    well = ("ok", "skipped")

    def as_bad(each):
        return each[1] in well if now in well else BADNESS[each[1]] <= BADNESS[now]

    row = list(takewhile(as_bad, reversed(results)))
    assert streak(column_runs(results)) == Streak(now, row[-1][0].isoformat(), len(row))


@pytest.mark.slow
@given(runs=of_days(VERDICTS), order=st.randoms(use_true_random=False))
def test_the_order_of_recording_does_not_matter(runs, order, tmp_path_factory):
    shuffled = [*runs]
    order.shuffle(shuffled)
    path = tmp_path_factory.mktemp("store") / "a.db"
    with open_history(str(path)) as history:
        run = history.begin_run("x")
        for day, verdict in shuffled:
            made = None if verdict == "error" else {"price": verdict}
            history.record(run, result(day, made))
        assert history.outcomes()["orders"] == runs
        assert history.last("orders") == state(runs)
        judged = [(day, verdict) for day, verdict in runs if verdict != "error"]
        failing = history.failing_since("orders")
        if judged and judged[-1][1] != "ok":
            assert failing == {"price": streak(column_runs(judged))}
        else:
            assert failing == {}
        told = trends(history, "orders").checks[0]
        drifted = [day.isoformat() for day, verdict in runs if verdict == "drift"]
        assert (told.drifted, told.first_drift, told.last_drift) == (
            len(drifted),
            drifted[0] if drifted else None,
            drifted[-1] if drifted else None,
        )


@pytest.fixture
def history(tmp_path):
    with open_history(str(tmp_path / "a.db")) as opened:
        run = opened.begin_run("x")
        for number, status in enumerate(["ok", "drift", "drift", "ok", "drift"]):
            opened.record(run, result(number, {"price": status, "tax": "ok"}))
        opened.record(run, result(3, {"price": "ok"}, check="stock"))
        yield opened


def test_checks_come_worst_first_and_trends_end_with_the_newest(history):
    found = trends(history)
    assert [each.name for each in found.checks] == ["orders", "stock"]
    assert [each.verdict for each in found.checks[0].trend] == [
        *("ok", "drift", "drift", "ok", "drift")
    ]
    assert (found.columns, found.metrics, found.check) == ((), (), None)


def test_a_trend_begins_where_it_is_asked_to_but_since_is_of_all(history):
    found = trends(history, "orders", since=START + timedelta(2))
    assert [each.day for each in found.checks[0].trend] == [
        "2025-03-05",
        "2025-03-06",
        "2025-03-07",
    ]
    price, tax = found.columns
    assert [each.status for each in price.trend] == ["drift", "ok", "drift"]
    assert (price.drifted, price.first_drift, price.last_drift) == (3, "2025-03-04", "2025-03-07")
    assert (tax.since, tax.runs) == ("2025-03-03", 5)
    assert [each.day for each in trends(history, "orders", last=2).checks[0].trend] == [
        *("2025-03-06", "2025-03-07")
    ]
    assert trends(history, since=date(2030, 1, 1)).checks[0].trend == ()
    later = trends(history, "orders", "price", since=date(2030, 1, 1))
    assert (later.columns[0].trend, later.metrics) == ((), ())


def test_a_column_has_its_metrics_the_gated_ones_first(tmp_path):
    scores = (
        score("psi", 0.3, gated=False, threshold=None),
        score("kl", None, "drift", infinite=True),
        score("js_distance", 0.05),
    )
    made = report([column("price", "drift", scores=scores)])
    with open_history(str(tmp_path / "a.db")) as opened:
        opened.record(opened.begin_run("x"), result(0, made))
        found = trends(opened, "orders", "price")
    assert [(each.metric, each.gated) for each in found.metrics] == [
        *(("js_distance", True), ("kl", True), ("psi", False))
    ]
    kl = found.metrics[1].trend[0]
    assert (kl.value, kl.infinite, kl.status) == (None, True, "drift")
    assert found.columns[0].trend[0].infinite


def test_a_column_that_has_gone_is_told_of_only_when_asked_for(history):
    history.record(history.begin_run("x"), result(9, {"tax": "ok"}))
    assert [each.name for each in trends(history, "orders").columns] == ["tax"]
    price = trends(history, "orders", "price").columns[0]
    assert (price.name, price.day, price.status) == ("price", "2025-03-07", "drift")
    assert list(history.failing_since("orders")) == []


def test_a_waiver_is_told_of_the_newest_day(history):
    history.accept("orders", "pri*", date(2025, 3, 7), "list")
    assert trends(history, "orders").columns[0].waiver.why == "list"
    history.accept("orders", "pri*", date(2025, 3, 6), "list")
    assert trends(history, "orders").columns[0].waiver is None


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("order",), "no run of a check 'order' is recorded; did you mean 'orders'?"),
        (("orders", "prise"), "orders: no column 'prise' is recorded; did you mean 'price'?"),
    ],
)
def test_what_was_never_recorded_is_refused_with_a_hint(history, asked, told):
    with pytest.raises(HistoryError) as caught:
        trends(history, *asked)
    assert str(caught.value) == told
