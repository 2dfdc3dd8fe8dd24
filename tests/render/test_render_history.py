"""Trends as a table, scores as rows, and what is accepted: word for word, and safe to print."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from math import inf

import jsonschema
import pyarrow.parquet as pq
import pytest
from msgspec import structs
from render_reports import HOSTILE

from driftcli.render import Look, json_text, score_rows
from driftcli.render.terminal import history
from driftcli.render.terminal.history import AcceptedRow, render_accepted
from driftcli.render.terminal.text import cell_len
from driftcli.report.columns import Waiver
from driftcli.report.history import (
    CheckRun,
    CheckTrend,
    ColumnRun,
    ColumnTrend,
    MetricTrend,
    PairTrend,
    ScoreRun,
    Trends,
)
from driftcli.report.schemas import json_schema

Check = Callable[[str, str], None]


def days(count: int) -> list[str]:
    return [f"2025-{3 + at // 28:02}-{1 + at % 28:02}" for at in range(count)]


def check(name: str, verdicts: str, **more: object) -> CheckTrend:
    """Return a check of a letter a day: o, i, w, d, e."""
    words = {"o": "ok", "i": "inconclusive", "w": "warn", "d": "drift", "e": "error"}
    known = [words[each] for each in verdicts]
    trend = [CheckRun(day=d, verdict=v) for d, v in zip(days(len(known)), known, strict=True)]
    drifted = [run.day for run in trend if run.verdict == "drift"]
    fields = {
        "verdict": known[-1],
        "day": trend[-1].day,
        "since": trend[-1].day,
        "runs": 1,
        "drifted": len(drifted),
        "first_drift": drifted[0] if drifted else None,
        "last_drift": drifted[-1] if drifted else None,
        **more,
    }
    return CheckTrend(name=name, trend=tuple(trend), **fields)


def column(name: str, status: str, *excesses: float | None, **more: object) -> ColumnTrend:
    """Return a column with an excess a day; it drifts from 1 on, and None is a day without it."""
    trend = tuple(
        ColumnRun(
            day=day,
            status="drift" if each >= 1 else "ok",
            excess=None if each == inf else each,
            infinite=each == inf,
        )
        for day, each in zip(days(len(excesses)), excesses, strict=True)
        if each is not None
    )
    fields = {"day": "2025-03-08", "since": "2025-03-07", "runs": 2, "drifted": 0, **more}
    return ColumnTrend(name=name, status=status, trend=trend, **fields)


def pair(
    first: str, second: str, status: str, *excesses: float | None, **more: object
) -> PairTrend:
    made = column(f"{first} × {second}", status, *excesses, **more)
    return PairTrend(columns=(first, second), **structs.asdict(made))


CHECKS = Trends(
    version="0",
    checks=(
        check("stock", "ooooooee", since="2025-03-07", runs=2),
        check("orders", "oodoiwdd", since="2025-03-07", runs=2),
        check("returns", "o" * 100, since="2025-03-01", runs=100),
        check("new", "d"),
    ),
)
ORDERS = Trends(
    version="0",
    check="orders",
    checks=(check("orders", "oodoeidd", since="2025-03-07", runs=2),),
    columns=(
        column(
            "price_of_the_whole_order_in_euros",
            "drift",
            *(0.1, 0.3, 1.2, 0.4, None, 0.6, 3.0, inf),
            drifted=3,
            first_drift="2025-03-03",
            last_drift="2025-03-08",
        ),
        column(
            "carrier",
            "drift",
            *(0.1, 0.3, 0.2, 0.4, None, 0.6, 1.7, 2.6),
            drifted=2,
            first_drift="2025-03-07",
            last_drift="2025-03-08",
            waiver=Waiver(until="2025-12-31", why="a new | carrier"),
        ),
        column("tax", "ok", *(0.1,) * 4, None, *(0.2,) * 3, since="2025-03-01", runs=7),
        column("note", "skipped", since="2025-03-01", runs=7),
    ),
)


def scores(metric: str, *values: float | None, threshold: float | None = 0.1) -> MetricTrend:
    return MetricTrend(
        metric=metric,
        gated=threshold is not None,
        trend=tuple(
            ScoreRun(
                day=day,
                status="drift" if threshold and value and value >= threshold else "ok",
                value=None if value == inf else value,
                infinite=value == inf,
                threshold=threshold,
                noise=0.0123 if threshold else None,
            )
            for day, value in zip(days(len(values)), values, strict=True)
        ),
    )


PRICE = Trends(
    version="0",
    check="orders",
    column=ORDERS.columns[0].name,
    checks=ORDERS.checks,
    columns=ORDERS.columns[:1],
    metrics=(
        scores("js_distance", 0.01, 0.03, 0.12, 0.04, None, 0.06, 0.08, 0.31),
        scores("kl", 0.01, 0.03, 0.02, 0.04, None, 0.06, 0.3, inf),
        scores("psi", 0.02, 0.06, 0.4, 0.08, None, 0.12, 0.6, 4.5, threshold=None),
    ),
)
HOSTILE_TRENDS = Trends(
    version="0",
    check=HOSTILE,
    checks=(check(HOSTILE, "od"),),
    columns=(column(HOSTILE, "drift", 0.1, 1.2, waiver=Waiver(until="2025-12-31", why=HOSTILE)),),
)
PAIRS = structs.replace(
    ORDERS,
    pairs=(
        pair("price", "size", "drift", 0.1, 0.3, 1.2, 0.4, None, 0.6, 3.0, inf, drifted=3),
        pair(HOSTILE, "size", "ok", 0.1, 0.3, 1.2, 0.4, None, 0.6, 0.2, 0.3, drifted=1),
        pair("city", "size", "ok", 0.1, 0.3, 0.2, 0.4, None, 0.6, 0.2, 0.3),
    ),
)
TRENDS = {
    "checks": CHECKS,
    "check": ORDERS,
    "pairs": PAIRS,
    "column": PRICE,
    "hostile": HOSTILE_TRENDS,
}
ROW = {
    **dict.fromkeys(score_rows.FIELDS, None),
    "check": "orders",
    "day": date(2025, 3, 3),
    "started": datetime(2025, 3, 3, 4, 5, 6, 789, tzinfo=UTC),
    "column": HOSTILE,
    "metric": "kl",
    "value": 0.1,
    "gated": True,
    "baseline": "=cmd|' /C calc'!A0",
}


@pytest.mark.parametrize("width", [100, 60, 30])
@pytest.mark.parametrize("name", TRENDS)
def test_the_table(name: str, width: int, check_golden: Check) -> None:
    text = history.render(TRENDS[name], Look(width=width))
    check_golden(f"history-{name}-{width}.txt", text)
    assert max(map(cell_len, text.splitlines())) <= width
    assert text.replace("\n", "").isprintable()


def test_colour_adds_nothing_but_colour(check_golden: Check) -> None:
    check_golden("history-check.ansi", history.render(ORDERS, Look(width=100, color=True)))


def test_the_table_in_ascii(check_golden: Check) -> None:
    text = history.render(ORDERS, Look(width=100, ascii_only=True))
    check_golden("history-check-ascii.txt", text)
    assert text.isascii()


def test_an_empty_store() -> None:
    assert history.render(Trends(version="0", checks=()), Look()) == "no run is recorded\n"


def test_trends_without_a_run_in_the_days_asked_for() -> None:
    bare = Trends(
        version="0",
        check="orders",
        column="tax",
        checks=(check("orders", "o", drifted=0),),
        columns=(column("tax", "ok"),),
    )
    assert "tax" in history.render(bare, Look())


@pytest.mark.parametrize("name", TRENDS)
def test_the_document_fits_its_schema(name: str) -> None:
    text = json_text.render(TRENDS[name], Look())
    jsonschema.validate(json.loads(text), json_schema("history"))
    assert text.replace("\n", "").isprintable()


def test_rows_as_csv() -> None:
    header, one = csv.reader(io.StringIO(score_rows.as_csv([ROW])))
    told = dict(zip(header, one, strict=True))
    assert header == list(score_rows.FIELDS)
    assert (told["day"], told["value"], told["gated"]) == ("2025-03-03", "0.1", "true")
    assert told["started"] == "2025-03-03T04:05:06.000789+00:00"
    assert told["baseline"].startswith("'=cmd")
    assert (told["column"].isprintable(), told["noise"]) == (True, "")
    assert ",inf," in score_rows.as_csv([{**ROW, "value": inf}])
    assert score_rows.as_csv([]).strip() == ",".join(score_rows.FIELDS)


def test_rows_as_json_lines() -> None:
    one, other = map(json.loads, score_rows.as_jsonl([ROW, {**ROW, "value": inf}]).splitlines())
    assert (one["value"], one["infinite"], one["column"]) == (0.1, False, HOSTILE)
    assert (other["value"], other["infinite"]) == (None, True)


def test_rows_as_parquet() -> None:
    written = score_rows.as_parquet([ROW, {**ROW, "value": inf}])
    found = pq.read_table(io.BytesIO(written))
    assert found.schema.names == list(score_rows.FIELDS)
    first, second = found.to_pylist()
    assert first == ROW
    assert second["value"] == inf
    assert pq.read_table(io.BytesIO(score_rows.as_parquet([]))).num_rows == 0


def test_what_is_accepted(check_golden: Check) -> None:
    found = [
        AcceptedRow("orders", pattern, Waiver(until=until, why=why, by=by), holds=holds)
        for pattern, until, why, by, holds in (
            ("promo_*", "2025-12-31", "campaign", "ann", True),
            (HOSTILE, "2025-01-31", HOSTILE, None, False),
        )
    ]
    text = render_accepted(found, Look(width=100))
    check_golden("history-accepted.txt", text)
    assert text.replace("\n", "").isprintable()
    assert render_accepted([], Look()) == "nothing is accepted\n"
