"""Messages go out on a change of state, name what failed, and change no verdict."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Loopback, loopback

from driftcli.checks.notify import _why, is_due, state_of, tell, text_of
from driftcli.config import NotifyOn
from driftcli.history import open_history
from driftcli.history.store import History
from driftcli.report.columns import Column, ColumnStats, Waiver
from driftcli.report.comparison import Dataset, Finding, Report, Summary
from driftcli.report.history import Outcome
from driftcli.report.run import CheckReport

#: Apprise imports it where it is there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
NEVER = "json://127.0.0.1:9/hook"  # where nobody listens


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as kept:
        yield kept


@pytest.fixture
def store(tmp_path: Path) -> Iterator[History]:
    with open_history(str(tmp_path / "history.db")) as opened:
        yield opened


STATS = ColumnStats(type="double", rows=9, missing=0.0, missing_count=0, distinct=9)


def column(name: str, *reasons: str, since: str | None = None, waived: bool = False) -> Column:
    return Column(
        name=name,
        kind="numeric",
        status="drift",
        reasons=reasons,
        baseline=STATS,
        current=STATS,
        since=since,
        waiver=Waiver(until="2026-01-01", why="known") if waived else None,
    )


def report(*columns: Column, findings: tuple[Finding, ...] = ()) -> Report:
    side = Dataset(source="x", format="csv", rows=9, columns=3)
    counts = dict.fromkeys(("drift", "warn", "inconclusive", "ok", "skipped"), 0)
    return Report(
        version="1",
        verdict="drift",
        exit_code=1,
        baseline=side,
        current=side,
        settings={},
        summary=Summary(columns=3, **counts),
        columns=columns,
        findings=findings,
    )


def result(outcome: Outcome = "drift", **fields: object) -> CheckReport:
    codes = {"ok": 0, "inconclusive": 0, "warn": 0, "unjudged": 2, "drift": 1, "error": 2}
    return CheckReport(
        check="orders",
        outcome=outcome,
        exit_code=codes[outcome],
        day="2025-03-02",
        baseline="base.csv",
        current="lake/day=2025-03-02/",
        started="2025-03-02T05:00:00+00:00",
        finished="2025-03-02T05:00:01+00:00",
        seconds=1.0,
        **{
            "report": report(column("price", "mean 5 → 9")) if outcome == "drift" else None,
            **fields,
        },
    )


def test_what_counts_is_the_exit_code() -> None:
    outcomes: tuple[Outcome, ...] = ("ok", "inconclusive", "warn", "drift", "unjudged", "error")
    states = [state_of(result(each)) for each in outcomes]
    assert states == ["ok", "ok", "ok", "drift", "error", "error"]


def test_why_nothing_was_judged_is_told() -> None:
    finding = Finding(
        kind="nothing_judged", column=None, status="warn", message="nothing was judged: `id`"
    )
    title, body = text_of(result("unjudged", report=report(findings=(finding,))), "error")
    assert title == "drift: orders could not be checked"
    assert body.splitlines()[:2] == [
        *("orders on 2025-03-02: unjudged", "nothing was judged: `id`")
    ]


@pytest.mark.parametrize(
    ("told", "state", "due"),
    [
        (None, "ok", "always"),
        (None, "drift", "change failure always"),
        (None, "error", "change failure always"),
        ("ok", "ok", "always"),
        ("ok", "drift", "change failure always"),
        ("drift", "drift", "failure always"),
        ("drift", "error", "change failure always"),
        ("drift", "ok", "change failure always"),
        ("error", "error", "failure always"),
    ],
)
def test_when_a_message_is_due(told: str | None, state: str, due: str) -> None:
    ways: tuple[NotifyOn, ...] = ("change", "failure", "always")
    assert " ".join(way for way in ways if is_due(way, state, told)) == due  # type: ignore[arg-type]


def test_each_change_of_state_is_told_once(server: Loopback, store: History) -> None:
    titles = []
    for outcome in ("ok", "drift", "drift", "error", "error", "warn", "ok", "drift"):
        assert tell(result(outcome), (server.url,), "change", store) == []  # type: ignore[arg-type]
        titles.append([body["title"] for body in server.taken()])
    assert titles == [
        [],
        ["drift: orders drifted"],
        [],
        ["drift: orders could not be checked"],
        [],
        ["drift: orders is ok again"],
        [],
        ["drift: orders drifted"],
    ]


def test_without_a_history_all_that_is_not_ok_is_told(server: Loopback) -> None:
    for outcome in ("ok", "drift", "drift"):
        tell(result(outcome), (server.url,), "change", None)  # type: ignore[arg-type]
    assert len(server.taken()) == 2


def test_a_message_names_the_columns_the_reasons_and_since_when() -> None:
    stale = Finding(kind="stale", column=None, status="drift", message="newest row is 3 days old")
    held = report(
        column("price", "mean 5 → 9", "missing 1 % → 4 %", since="2025-02-28"),
        column("qty"),
        column("known", waived=True),
        findings=(stale,),
    )
    made = result(report=held, since="2025-02-28", runs=3)
    assert text_of(made, "drift") == (
        "drift: orders drifted",
        (
            "orders on 2025-03-02: drift, since 2025-02-28 (3 runs)\n"
            "newest row is 3 days old\n"
            "price (since 2025-02-28): mean 5 → 9; missing 1 % → 4 %\n"
            "qty: drifted\n"
            "baseline base.csv, current lake/day=2025-03-02/"
        ),
    )


def test_a_message_of_many_columns_is_cut() -> None:
    held = report(*(column(f"c{number}", "moved") for number in range(14)))
    lines = text_of(result(report=held), "drift")[1].splitlines()
    assert lines[1:] == [
        *(f"c{number}: moved" for number in range(10)),
        "… and 4 more",
        "baseline base.csv, current lake/day=2025-03-02/",
    ]


def test_a_message_of_an_error_says_which() -> None:
    made = result("error", error="lake/x: no such file or directory.")
    assert text_of(made, "error")[1].splitlines()[:2] == [
        "orders on 2025-03-02: error",
        "lake/x: no such file or directory.",
    ]


def test_no_text_of_the_data_pings_anybody() -> None:
    hostile = "@everyone <!channel> http://evil www.evil #1 \x1b[31m\n|"
    body = text_of(result(report=report(column(hostile, hostile))), "drift")[1]
    for text in ("@e", "<!", "://", "www.", "\x1b", "#1"):
        assert text not in body
    assert body.count("\n") == 2
    assert "@\u200beveryone <\u200b!channel>" in body


def test_names_in_messages_are_those_of_the_columns() -> None:
    body = text_of(result(report=report(column("unit_price*2", "moved"))), "drift")[1]
    assert "unit_price*2: moved" in body


def test_a_message_that_fails_is_tried_again(server: Loopback, store: History) -> None:
    server.status = 503
    problems = tell(result("drift"), (server.url,), "change", store)
    assert problems == ["orders: json://… was not told: it was not delivered (status 503)"]
    server.taken()
    assert tell(result("drift"), (server.url,), "change", store) == problems
    server.taken()
    server.status = 200
    assert tell(result("drift"), (server.url,), "change", store) == []
    (sent,) = server.taken()
    assert sent["message"].endswith("\nAn earlier message could not be delivered.")
    assert tell(result("drift"), (server.url,), "change", store) == []
    assert server.taken() == []


def test_news_that_are_old_by_then_are_not_lost(server: Loopback, store: History) -> None:
    server.status = 500
    tell(result("drift"), (server.url,), "change", store)
    server.taken()
    server.status = 200
    tell(result("ok"), (server.url,), "change", store)
    (sent,) = server.taken()
    assert sent["title"] == "drift: orders is ok"
    assert "An earlier message could not be delivered." in sent["message"]


def test_of_two_addresses_only_the_one_that_failed_is_tried_again(
    server: Loopback, store: History
) -> None:
    addresses = (NEVER, server.url)
    assert len(tell(result("drift"), addresses, "change", store)) == 1
    assert len(server.taken()) == 1
    assert len(tell(result("drift"), addresses, "change", store)) == 1
    assert server.taken() == []


def test_variables_stand_for_secrets(server: Loopback, store: History) -> None:
    environ = {"HOOK": server.url, "PORT": str(server.port)}
    addresses = ("${HOOK}", "json://127.0.0.1:${PORT}/other")
    assert tell(result("drift"), addresses, "change", store, environ) == []
    assert [path for path, _ in server.posts] == ["/hook", "/other"]


@pytest.mark.parametrize(
    ("address", "shown", "reason"),
    [
        ("${NO_SUCH}", "${NO_SUCH}", "the environment variable NO_SUCH is not set"),
        ("${EMPTY}", "${EMPTY}", "the environment variable EMPTY is not set"),
        (
            "nonesuch://s3cret",
            "nonesuch://…",
            "Apprise knows no such address, or parts of it are missing",
        ),
        (
            "slack://s3cret",
            "slack://…",
            "Apprise knows no such address, or parts of it are missing",
        ),
        (
            "json://u:s3cret@127.0.0.1:9/s3cret",
            "json://…",
            "it was not delivered (connection refused)",
        ),
    ],
)
def test_no_secret_is_shown(
    store: History, address: str, shown: str, reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    problems = tell(result("drift"), (address,), "change", store, {"EMPTY": ""})
    assert problems == [f"orders: {shown} was not told: {reason}"]
    assert capfd.readouterr() == ("", "")


def test_apprise_is_an_extra(
    server: Loopback, store: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert tell(result("drift"), (server.url,), "change", store) == [
        (
            "orders: json://… was not told: this needs apprise;"
            f" {sys.executable} -m pip install 'apprise>=1.8'"
        )
    ]


@pytest.mark.parametrize(
    ("logged", "why"),
    [
        ("Failed to send JSON notification: Not Found, error=404.", "status 404"),
        ("Socket Exception: s3cret ([Errno 111] Connection refused)", "connection refused"),
        ("Failed to resolve 's3cret' ([Errno -2] …)", "its host is not known"),
        ("SSLError(1, 'certificate verify failed: s3cret')", "its certificate is not trusted"),
        ("HTTPConnectionPool(s3cret): Read timed out.", "it did not answer in time"),
        ("JSON Payload: {'message': 'timed out'}", None),
        ("SMTP Authentication s3cret", "it does not take the credentials"),
        ("A Connection error occurred sending JSON notification to s3cret.", "no connection"),
        ("s3cret", None),
    ],
)  # fmt: skip
def test_a_log_is_told_in_our_words(logged: str, why: str | None) -> None:
    assert _why(logged) == why
