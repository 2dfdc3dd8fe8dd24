"""Identifiers judged by repeats and form, and free text by its lengths: what is drift and not."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from driftcli import compare
from driftcli.report.columns import Column
from driftcli.report.comparison import Report

ROWS = 600
WORDS = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "we", "wait"]


def uuids(rows: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in range(rows)]


def mails(first: int) -> list[str]:
    return [f"{WORDS[at % 11]}.{WORDS[at % 7]}{at}@mail.com" for at in range(first, first + ROWS)]


def drawn(rows: int, seed: int) -> list[str]:
    """Draw tail numbers of a fleet of 4,000."""
    return [f"N{at}" for at in np.random.default_rng(seed).integers(1000, 5000, rows)]


def sentences(rows: int, seed: int, longest: int = 15) -> list[str]:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, longest, rows)
    return [" ".join(rng.choice(WORDS, size)).capitalize() + "." for size in sizes]


def report(p: Any, q: Any, name: str = "x", **options: Any) -> Report:
    return compare(pa.table({name: p}), pa.table({name: q}), **options)


def column(p: Any, q: Any, name: str = "x", **options: Any) -> Column:
    return report(p, q, name, **options).columns[0]


IDS = uuids(ROWS, 1)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (IDS, uuids(ROWS, 2)),
        (mails(0), mails(ROWS)),
        ([f"ORD-{at}" for at in range(400, 1000)], [f"ORD-{at}" for at in range(1000, 1600)]),
        ([f"D-09-{at:04}" for at in range(ROWS)], [f"D-10-{at:04}" for at in range(ROWS)]),
        (drawn(200, 5), drawn(8000, 6)),
    ],
    ids=["uuids", "addresses", "one digit more", "days", "more rows of one pool"],
)
def test_new_identifiers_are_no_drift(p: list[str], q: list[str]) -> None:
    found = column(p, q)
    assert (found.identifier, found.status) == (True, "ok")


@pytest.mark.parametrize(
    ("p", "q", "said"),
    [
        (mails(0), ["N/A"] * ROWS, "rows that repeat another's value 0 % → 99.8 %: 'N/A' 100 %"),
        (IDS, [x if at % 3 else "unknown" for at, x in enumerate(uuids(ROWS, 2))], "'unknown'"),
        (IDS, uuids(ROWS // 4, 2) * 4, "rows that repeat another's value 0 % → 75 %"),
        (IDS, [x.upper() for x in uuids(ROWS, 2)], "form 'X-X-X-X-X' 0 % → 100 %"),
        (IDS, [x.replace("-", "") for x in uuids(ROWS, 2)], "form 'x' 0 % → 100 %"),
        (
            [f"{at:05}" for at in range(ROWS)],
            [str(at) for at in range(1000, 1000 + ROWS)],
            "median length 5 → 4 characters",
        ),
        (
            [x.replace("-", "") * 2 for x in IDS],
            [x.replace("-", "") for x in uuids(ROWS, 3)],
            "median length 64 → 32 characters",
        ),
    ],
    ids=["one constant", "unknown", "four times", "large", "no signs", "zeros lost", "cut off"],
)
def test_identifiers_that_no_longer_identify_drift(p: list[str], q: list[str], said: str) -> None:
    found = report(p, q)
    assert found.exit_code == 1
    assert said in "; ".join(found.columns[0].reasons)


AMOUNTS = np.random.default_rng(3).choice(np.arange(5000, 20000) * 2, ROWS, replace=False)
KEYS = np.random.default_rng(4).integers(0, 2**62, ROWS)


@pytest.mark.parametrize(
    ("name", "p", "q", "identifier", "exit_code"),
    [
        ("v", range(1, 1001), range(1001, 2001), True, 0),
        ("v", range(0, 10000, 10), range(10000, 20000, 10), True, 0),
        ("v", range(1001, 2001), range(1, 1001), False, 1),
        ("amount", AMOUNTS, AMOUNTS // 2, False, 1),
        ("amount", AMOUNTS, np.random.default_rng(5).permutation(AMOUNTS), False, 0),
        ("userId", KEYS, KEYS + 2**61, True, 0),
        ("user_id", KEYS, np.repeat(KEYS[:150], 4), True, 1),
        ("v", range(1, 1001), np.tile(np.arange(1, 1001), 4), False, 1),
    ],
)
def test_integers_are_an_identifier_by_more_than_not_repeating(
    name: str, p: Any, q: Any, identifier: bool, exit_code: int
) -> None:
    found = report(list(p), list(q), name)
    assert (found.columns[0].identifier, found.exit_code) == (identifier, exit_code)


def test_free_text_is_judged_by_its_lengths() -> None:
    before = sentences(5000, 1)
    same, short = column(before, sentences(5000, 2)), column(before, sentences(ROWS, 2, 4))
    assert (same.kind, same.identifier, same.status) == ("text", False, "ok")
    assert short.status == "drift"
    assert same.baseline.max == max(map(len, before))
    assert any(each.startswith("median length ") for each in short.reasons)


@pytest.mark.parametrize(
    "q", [["-"] * ROWS, [x.upper() for x in sentences(ROWS, 2)], sentences(ROWS // 4, 2) * 4]
)
def test_free_text_that_is_none_any_more_drifts(q: list[str]) -> None:
    assert column(sentences(ROWS, 1), q).status == "drift"


def test_a_column_is_text_or_categories_where_the_settings_say_so(tmp_path: Any) -> None:
    config = tmp_path / "drift.toml"
    config.write_text('text = ["x"]\n')
    assert column(["a", "bb"] * 50, ["a", "bb"] * 50, config=config).kind == "text"
    config.write_text('columns.x.kind = "categorical"\n')
    texts = sentences(ROWS, 1)
    assert column(texts, texts, config=config).kind == "categorical"
