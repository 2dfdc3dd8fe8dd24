"""`drift accept`: what people accept, list and take back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli_runs import Drift
from history_records import result

from driftcli.history import open_history

STORE = "drift-history.db"
TODAY = datetime.now(UTC).date()
LATER = str(TODAY + timedelta(days=30))
WHY = ("--until", LATER, "--why", "new price list", "--by", "ann")


@pytest.fixture
def store() -> str:
    with open_history(STORE) as history:
        history.record(history.begin_run("x"), result(0, {"price": "drift", "tax": "ok"}))
    return STORE


def test_it_is_recorded_listed_and_taken_back(drift: Drift, store: str) -> None:
    done = drift("accept", "orders", "price", *WHY)
    assert (done.code, done.out, done.err) == (
        0,
        "",
        f"drift: accepted orders: price until {LATER}\n",
    )
    with open_history(store) as history:
        assert history.waivers("orders", TODAY)[0]["price"].by == "ann"
    assert drift("accept", "--list").out.splitlines() == [
        "  check   column  until       by",
        f"✓ orders  price   {LATER}  ann",
        "    new price list",
    ]
    assert drift("accept", "--list", "stock").out == "nothing is accepted\n"
    done = drift("accept", "orders", "price", "--revoke")
    assert (done.code, done.err) == (0, "drift: revoked orders: price\n")
    assert drift("accept", "--list").out == "nothing is accepted\n"


def test_the_list_may_be_coloured(drift: Drift, store: str) -> None:
    drift("accept", "orders", "price", *WHY)
    plain = drift("accept", "--list", "--color", "never")
    assert plain == drift("accept", "--list")
    assert "\x1b[2mcheck" in drift("accept", "--list", "--color", "always").out


def test_a_glob_and_the_last_day(drift: Drift, store: str) -> None:
    done = drift("accept", "orders", "pri*", "--until", str(TODAY), "--why", " today\n only ")
    assert (done.code, done.err) == (0, f"drift: accepted orders: pri* until {TODAY}\n")
    with open_history(store) as history:
        found = history.waivers("orders", TODAY)[0]["pri*"]
        assert found.why == "today only"
        history.accept("orders", "old", TODAY - timedelta(days=1), "was")
    assert (
        f"– orders  old     {TODAY - timedelta(days=1)} (expired)" in drift("accept", "--list").out
    )


def test_before_the_first_run(drift: Drift) -> None:
    Path("drift.toml").write_text(
        '[checks.orders]\nbaseline = "base.csv"\ncurrent = "new.csv"\n', encoding="utf-8"
    )
    done = drift("accept", "orders", "price", *WHY)
    assert (done.code, done.err) == (0, f"drift: accepted orders: price until {LATER}\n")


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (("order", "price"), "there is no check 'order'; did you mean 'orders'?"),
        (
            ("orders", "prise"),
            "orders: no column 'prise' in its newest run; did you mean 'price'?",
        ),
        (("orders", "q*"), "orders: no column 'q*' in its newest run; known: price, tax"),
        (("orders", "old"), "orders: no column 'old' in its newest run; known: price, tax"),
    ],
)
def test_what_does_not_exist_is_refused_unless_it_is_to_come(
    drift: Drift, store: str, what: tuple[str, str], told: str
) -> None:
    with open_history(store) as history:
        history.record(history.begin_run("x"), result(-1, {"old": "drift"}))
    done = drift("accept", *what, *WHY)
    check, column = what
    message = f"drift: {told}; --ahead accepts what is to come\n"
    assert (done.code, done.out, done.err) == (2, "", message)
    with open_history(store) as history:
        assert not history.waivers(check, TODAY)[0]
    done = drift("accept", *what, *WHY, "--ahead")
    assert (done.code, done.err) == (0, f"drift: accepted {check}: {column} until {LATER}\n")
    with open_history(store) as history:
        assert list(history.waivers(check, TODAY)[0]) == [column]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["orders"], "name the check and the column, such as: drift accept orders price"),
        ([], "name the check and the column, such as: drift accept orders price"),
        (["orders", "price"], "what is accepted needs both --until DAY and --why TEXT"),
        (
            ["orders", "price", "--until", LATER],
            "what is accepted needs both --until DAY and --why TEXT",
        ),
        (
            ["orders", "price", "--until", LATER, "--why", " "],
            "what is accepted needs both --until DAY and --why TEXT",
        ),
        (
            ["orders", "price", "--until", "2025-01-31", "--why", "x"],
            "--until 2025-01-31: this day is over, so that nothing would be accepted",
        ),
        (
            ["orders", "price", "--until", "soon", "--why", "x"],
            "--until 'soon': expected a day, such as 2026-01-31",
        ),
        (["--list", "--revoke"], "--list and --revoke are two things to do; give one"),
        (["--list", "orders", "price"], "--list takes a check at most"),
        (["--list", "--until", LATER], "--list takes no --until, --why and --by"),
        (
            ["orders", "price", "--revoke", "--why", "x"],
            "--revoke takes no --until, --why and --by",
        ),
        (["orders", "tax", "--revoke"], "orders: 'tax' is not accepted; none is known"),
    ],
)
def test_what_is_refused(drift: Drift, store: str, arguments: list[str], told: str) -> None:
    done = drift("accept", *arguments)
    assert (done.code, done.out, done.err) == (2, "", f"drift: {told}\n")
    with open_history(store) as history:
        assert history.accepted() == []


def test_listing_makes_no_store(drift: Drift) -> None:
    done = drift("accept", "--list")
    assert (done.code, Path(STORE).exists()) == (2, False)
    assert done.err == (
        f"drift: history {STORE}: there is no such store; `drift run` makes one, --history names"
        " it\n"
    )


def test_hostile_text_is_told_harmlessly(drift: Drift, store: str) -> None:
    done = drift(
        "accept", "or\x1b[2Jders", "p\x07", "--until", LATER, "--why", "w\x1b[31m", "--ahead"
    )
    assert "\x1b" not in done.err
    assert "\x07" not in done.err
    assert drift("accept", "--list").out.replace("\n", "").isprintable()
