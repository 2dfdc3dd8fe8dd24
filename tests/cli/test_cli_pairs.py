"""Pairs of columns of checks: run, accepted, and told of by the history."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_runs import Drift

LATER = str(datetime.now(UTC).date() + timedelta(days=30))
WHY = ("--until", LATER, "--why", "new halls")


def rows(seed: int, correlation: float) -> pa.Table:
    rng = np.random.default_rng(seed)
    x, noise = rng.normal(size=(2, 2_000))
    y = correlation * x + np.sqrt(1 - correlation**2) * noise
    return pa.table({"price": x, "size": y})


@pytest.fixture(autouse=True)
def _check() -> None:
    pq.write_table(rows(1, 0.6), "base.parquet")
    pq.write_table(rows(2, 0.0), "new.parquet")
    Path("drift.toml").write_text(
        '[checks.flats]\nbaseline = "base.parquet"\ncurrent = "new.parquet"\njoint = true\n'
    )


def test_a_pair_drifts_is_accepted_and_told_of(drift: Drift) -> None:
    ran = drift("run", "--date", "2025-03-01")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith("✗ flats  drift  1 of 1 pair: price × size\n")
    assert "── flats: pairs ──" in ran.out
    assert "── flats ──" not in ran.out  # columns are well
    done = drift("accept", "flats", "size", "--with", "price", *WHY)
    assert (done.code, done.err) == (0, f"drift: accepted flats: size × price until {LATER}\n")
    assert "price × size" in drift("accept", "--list").out
    ran = drift("run", "--date", "2025-03-02")
    assert (ran.code, ran.out) == (
        0,
        "✓ flats  no drift  2 columns, 1 pair, 2,000 rows, 1 accepted\n",
    )
    told = drift("run", "--date", "2025-03-02", "--format", "json").out
    (pair,) = json.loads(told)["checks"][0]["joint"]["pairs"]
    assert (pair["status"], pair["since"]) == ("drift", "2025-03-01")
    assert pair["waiver"]["why"] == "new halls"
    table = drift("history", "flats").out
    assert "~ price × size" in table
    assert "accepted until" in table
    assert drift("accept", "flats", "price", "--with", "size", "--revoke").code == 0
    assert drift("run", "--brief").code == 1


def test_a_pair_of_a_check_without_pairs_is_not_accepted(drift: Drift) -> None:
    text = Path("drift.toml").read_text().replace("joint = true\n", "")
    Path("drift.toml").write_text(text)
    assert drift("run", "--date", "2025-03-01").code == 0
    asked = ("accept", "flats", "price", "--with", "size", *WHY)
    assert drift(*asked).err == (
        "drift: flats: no pair is in its runs; `joint = true` has it; --ahead accepts what is to"
        " come\n"
    )
    assert drift(*asked, "--ahead").code == 0


def test_a_waiver_that_ended_is_told_of(drift: Drift) -> None:
    assert drift("accept", "flats", "price", "--with", "size", *WHY).code == 0
    after = datetime.now(UTC).date() + timedelta(days=31)
    ran = drift("run", "--brief", "--date", str(after))
    assert ran.code == 1
    assert "flats: the waiver of `price × size` by" in ran.out
    assert f"ended on {LATER}: new halls" in ran.out


def test_the_history_of_a_pair(drift: Drift) -> None:
    for day in ("2025-03-01", "2025-03-02"):
        drift("run", "--date", day)
    table = drift("history", "flats", "--column", "size", "--with", "price")
    assert (table.code, table.err) == (0, "")
    assert "pair_correlation" in table.out
    assert "✗ 2025-03-02" in table.out
    rows_of = drift("history", "flats", "--column", "size", "--with", "price", "-f", "jsonl").out
    kept = [json.loads(line) for line in rows_of.splitlines()]
    assert {(row["column"], row["paired"], row["kind"]) for row in kept} == {
        ("price", "size", "pair")
    }
    assert len(kept) == 4
    assert drift("prune", "--keep", "30d").code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("accept", "flats", "price × size", *WHY),
            (
                "flats: 'price × size' is no column; a pair is 'price' --with 'size'; --ahead"
                " accepts what is to come"
            ),
        ),
        (
            ("accept", "flats", "price", "--with", "sise", *WHY),
            (
                "flats: no pair of 'price' with 'sise' in its runs; did you mean 'size'?; --ahead"
                " accepts what is to come"
            ),
        ),
        (
            ("accept", "flats", "price", "--with", "size", "--revoke"),
            "flats: the pair price × size is not accepted; none is known",
        ),
        (
            ("history", "flats", "--with", "size"),
            "--with names the other column of a pair; name the first with --column",
        ),
        (
            ("history", "flats", "--column", "price", "--with", "sise"),
            "no pair of 'price' with 'sise' is recorded; did you mean 'size'?",
        ),
    ],
)
def test_what_is_no_pair_is_refused(drift: Drift, arguments: tuple[str, ...], told: str) -> None:
    drift("run", "--date", "2025-03-01")
    ended = drift(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert told in ended.err
