"""What is recorded comes back, from either kind of database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import inf

import pytest
from history_records import START, column, report, result, score
from sqlalchemy import select

from driftcli.history import CheckState, Notice, Streak, open_history
from driftcli.history.opening import reading
from driftcli.history.queries import EXPORTED
from driftcli.history.tables import findings, profiles, results, runs
from driftcli.render.score_rows import FIELDS
from driftcli.report.columns import Waiver
from driftcli.report.comparison import Finding

LOST = Finding(kind="lost_column", column="gone", status="drift", message="lost column `gone`")


def day(number: int) -> date:
    return START + timedelta(days=number)


def test_a_run_has_its_command_and_its_times(place: str) -> None:
    with open_history(place) as history:
        run = history.begin_run("drift run orders")
        history.end_run(run)
        assert history.begin_run("drift run") == run + 1
        with reading(history._engine) as connection:
            first, second = connection.execute(select(runs).order_by(runs.c.id)).all()
    assert first.command == "drift run orders"
    assert (first.started <= first.ended, first.started.tzinfo) == (True, UTC)
    assert second.ended is None


def test_every_field_of_a_result_comes_back(place: str) -> None:
    scores = (
        score("js_distance", 0.25, "drift", error_bound=0.001, warn_threshold=0.05),
        score("kl", None, "drift", infinite=True, noise=None, p_value=1e-9, significant=True),
        score("wasserstein", None, gated=False),
    )
    made = report([column("price", "drift", scores=scores, kind="numeric")], [LOST])
    when = datetime(2025, 3, 3, 4, 5, 6, 789, tzinfo=UTC)
    told = result(
        0,
        made,
        started=when,
        finished=when + timedelta(seconds=9),
        baseline="last 28 days",
        current="s3://lake/day=2025-03-03/",
        baseline_fingerprint="a" * 64,
        current_fingerprint="b" * 64,
        profile=b"PAR1\0\xff",
    )
    with open_history(place) as history:
        history.record(history.begin_run("drift run"), told)
        rows = list(history.scores())
        assert history.profiles("orders", day(0), day(0)) == []  # drifted: not clean
        with reading(history._engine) as connection:
            kept = connection.execute(select(results)).one()
            found = connection.execute(select(findings)).one()
            assert connection.scalar(select(profiles.c.data)) == b"PAR1\0\xff"
    assert (kept.started, kept.finished) == (told.started, told.finished)
    assert (kept.verdict, kept.exit_code, kept.baseline_rows) == ("drift", 1, 1_000)
    assert (kept.baseline_fingerprint, kept.current_fingerprint) == ("a" * 64, "b" * 64)
    assert (found.kind, found.status, found.message) == ("lost_column", "drift", LOST.message)
    js, kl, wasserstein = rows
    expected = ("orders", day(0), "price", "drift", "js_distance", 0.25, 0.001, 0.05, 0.1)
    names = ("check", "day", "column", "column_status", "metric", "value", "error_bound")
    assert tuple(js[name] for name in (*names, "warn_threshold", "threshold")) == expected
    assert (kl["value"], kl["p_value"], kl["significant"], kl["noise"]) == (inf, 1e-9, True, None)
    assert (wasserstein["value"], wasserstein["gated"]) == (None, False)


def test_the_export_has_the_fields_it_is_written_with() -> None:
    assert [each.key for each in EXPORTED] == list(FIELDS)


def test_the_newest_result_of_a_day_counts(place: str) -> None:
    with open_history(place) as history:
        run = history.begin_run("drift run")
        history.record(run, result(0, {"price": "ok"}, profile=b"first"))
        history.record(run, result(1, {"price": "ok"}, profile=b"second"))
        history.record(run, result(0, {"price": "drift"}, profile=b"again"))
        assert history.outcomes() == {"orders": [(day(0), "drift"), (day(1), "ok")]}
        assert [each.status for each in history.column_runs("orders")["price"]] == ["drift", "ok"]
        assert history.profiles("orders", day(0), day(1)) == [b"second"]
        assert [row["day"] for row in history.scores("orders")] == [day(0), day(1)]
        history.record(run, result(0, {"price": "ok"}, profile=b"mended"))
        assert history.profiles("orders", day(0), day(1)) == [b"mended", b"second"]


def test_profiles_are_of_clean_results_within_the_days(place: str) -> None:
    with open_history(place) as history:
        run = history.begin_run("drift run")
        statuses = ["ok", "warn", "inconclusive", "drift", "ok"]
        for number, status in enumerate(statuses):
            made = result(number, {"price": status}, profile=bytes([number]))
            history.record(run, made)
            history.record(run, result(number, {"price": "ok"}, "other", profile=b"other"))
        assert history.profiles("orders", day(0), day(4)) == [b"\0", b"\2", b"\4"]
        assert history.profiles("orders", day(1), day(3)) == [b"\2"]
        assert history.profiles("nothing", day(0), day(4)) == []


def test_the_state_of_a_check(place: str) -> None:
    with open_history(place) as history:
        assert history.last("orders") is None
        run = history.begin_run("drift run")
        for number, status in enumerate(["ok", "drift", "drift"]):
            history.record(run, result(number, {"price": status}))
        assert history.last("orders") == CheckState("drift", day(2), day(1), 2)
        history.record(run, result(3))
        assert history.last("orders") == CheckState("error", day(3), day(3), 1)
        assert history.checks() == ["orders"]


def test_since_when_columns_fail(place: str) -> None:
    with open_history(place) as history:
        assert history.failing_since("orders") == {}
        run = history.begin_run("drift run")
        history.record(run, result(0, {"price": "drift", "amount": "drift", "tax": "ok"}))
        history.record(run, result(1, {"price": "warn", "amount": "ok", "tax": "ok"}))
        history.record(run, result(2))  # an error says nothing of columns
        history.record(run, result(3, report([column("price", "warn"), column("tax")], [LOST])))
        assert history.failing_since("orders") == {
            "price": Streak("warn", day(0).isoformat(), 3),
            "gone": Streak("drift", day(3).isoformat(), 1),
        }
        assert history.failing_since("orders", day(0)) == {
            "price": Streak("drift", day(0).isoformat(), 1),
            "amount": Streak("drift", day(0).isoformat(), 1),
        }


def test_a_column_is_as_bad_as_what_was_found_of_it(place: str) -> None:
    wrong = Finding(kind="invalid_values", column="price", status="drift", message="3 of 10")
    with open_history(place) as history:
        history.record(history.begin_run("x"), result(0, report([column("price")], [wrong])))
        assert history.failing_since("orders") == {"price": Streak("drift", day(0).isoformat(), 1)}
        assert history.columns("orders") == ["price"]


@pytest.mark.parametrize(
    "name", ["a\0b", "caf\udce9", "x" * 5_000, "'; DROP TABLE x; --", "é🎉", ""]
)
def test_names_from_data_are_stored_as_they_are_or_escaped(place: str, name: str) -> None:
    shown = name.replace("\0", "\\x00").encode(errors="backslashreplace").decode()
    with open_history(place) as history:
        run = history.begin_run("x")
        history.record(run, result(0, {name: "drift", "a\\x00b": "ok"}, check=name))
        history.record(run, result(1, {name: "drift"}, check=name))
        assert list(history.failing_since(name)) == [shown]
        assert history.checks() == [shown]


def test_what_is_accepted(place: str) -> None:
    with open_history(place) as history:
        history.accept("orders", "price", day(5), "new list", "ann")
        history.accept("orders", "promo_*", day(1), "campaign")
        history.accept("other", "price", day(5), "else")
        assert history.waivers("orders", day(2)) == (
            {"price": Waiver(until="2025-03-08", why="new list", by="ann")},
            {"promo_*": Waiver(until="2025-03-04", why="campaign")},
        )
        assert history.waivers("orders", day(1))[1] == {}
        history.accept("orders", "promo_*", day(9), "longer")
        assert set(history.waivers("orders", day(2))[0]) == {"price", "promo_*"}
        assert history.waivers("nothing", day(2)) == ({}, {})


def test_a_waiver_is_revoked_once(place: str) -> None:
    with open_history(place) as history:
        history.accept("orders", "price", day(5), "new list")
        history.accept("orders", "price", day(6), "longer")
        assert history.revoke("orders", "price")
        assert not history.revoke("orders", "price")
        assert history.waivers("orders", day(0)) == ({}, {})
        history.accept("orders", "price", day(7), "again")
        assert [each.waiver.why for each in history.accepted()] == ["again"]


def test_what_a_target_was_told(place: str) -> None:
    with open_history(place) as history:
        assert history.notice("orders", "slack") == Notice("orders", "slack")
        history.notified("orders", "slack", "drift")
        first = history.notice("orders", "slack")
        assert (first.state, first.attempts, first.error) == ("drift", 0, None)
        assert first.told_at
        assert first.told_at.tzinfo == UTC
        history.notified("orders", "slack", "ok", "503")
        history.notified("orders", "slack", "ok", "timeout")
        assert history.notice("orders", "slack") == Notice(
            "orders", "slack", "drift", first.told_at, 2, "timeout"
        )
        history.notified("orders", "slack", "ok")
        assert history.notice("orders", "slack").attempts == 0
        assert history.notice("orders", "mail") == Notice("orders", "mail")


def test_old_results_leave_with_all_that_is_theirs(place: str) -> None:
    with open_history(place) as history:
        old, mixed = history.begin_run("old"), history.begin_run("mixed")
        running = history.begin_run("running")
        history.record(old, result(0, report([column("price", "drift")], [LOST]), profile=b"x"))
        history.record(mixed, result(1, {"price": "ok"}))
        history.record(mixed, result(5, {"price": "ok"}, profile=b"new"))
        history.accept("orders", "price", day(0), "kept")
        told = history.prune(day(5), dry_run=True)
        assert (told.results, told.profiles, told.runs) == (2, 1, 1)
        assert len(history.outcomes()["orders"]) == 3
        assert history.prune(day(5)) == told
        assert history.outcomes() == {"orders": [(day(5), "ok")]}
        assert [row["day"] for row in history.scores()] == [day(5)]
        assert history.accepted()
        with reading(history._engine) as connection:
            assert connection.scalars(select(runs.c.id)).all() == [mixed, running]
            assert connection.scalars(select(profiles.c.data)).all() == [b"new"]
            assert connection.execute(select(findings)).all() == []
        assert history.prune(day(5)).results == 0


def test_a_pruned_file_is_smaller(tmp_path) -> None:
    path = tmp_path / "history.db"
    with open_history(str(path)) as history:
        run = history.begin_run("x")
        for number in range(20):
            history.record(run, result(number, {"price": "ok"}, profile=bytes(100_000)))
    before = path.stat().st_size
    with open_history(str(path)) as history:
        history.prune(day(19))
    assert path.stat().st_size < before / 5
