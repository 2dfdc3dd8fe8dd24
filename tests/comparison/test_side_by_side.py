"""Columns that other processes compare: the same bits, and no process for little work."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

import driftcli
from driftcli.engine import children
from driftcli.engine.children import Children
from driftcli.pipeline import side_by_side
from driftcli.profile import categories

DAY, ROWS = 86_400, 900
MONDAY = 18_995 * DAY  # 2022-01-03


def days(seed: int, first: int, *, moved: float = 0.0, days: int = 12) -> pa.Table:
    """Return rows of some days, of columns of every kind."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, days, ROWS))
    level = rng.normal(0, 0.3, days)[day]
    at = MONDAY + (first + day) * DAY + rng.integers(0, DAY, ROWS)
    numbers = rng.normal(level + moved, 1)
    return pa.table(
        {
            "at": pa.array(at).cast(pa.timestamp("s")),
            "number": pa.array(numbers, mask=rng.random(ROWS) < 0.05 + moved / 20),
            "price": np.round(np.abs(numbers) * 100) / 100,
            "wild": np.where(rng.random(ROWS) < 0.1, np.inf, 1e300 * numbers),
            "visits": rng.poisson(3 + moved, ROWS),
            "large": 2**60 + rng.integers(0, 999, ROWS),
            "shop": [f"shop {each}" for each in rng.integers(0, 9 + 3 * (moved > 0), ROWS)],
            "city": [f"city {each}" for each in rng.zipf(1.4, ROWS) % 900],
            "plan": pa.array(rng.choice(["a", "b"], ROWS)).dictionary_encode(),
            "member": rng.random(ROWS) < 0.3,
            "id": [f"id-{seed}-{each:06}" for each in range(ROWS)],
            "note": [" ".join(["word"] * n) + str(n * at) for at, n in enumerate(day)],
            "tags": [[1] * int(each) for each in rng.integers(0, 4, ROWS)],
            "raw": pa.array([b"x"] * ROWS),
            "nothing": pa.nulls(ROWS),
            "constant": np.full(ROWS, 7),
        }
    )


BEFORE, AFTER, MOVED = days(1, 0), days(2, 12), days(3, 12, moved=0.6)


def csv(table: pa.Table, path: Path) -> Path:
    pa_csv.write_csv(table.drop_columns(["tags", "raw", "plan"]), path)
    return path


def saved(table: pa.Table, path: Path) -> Path:
    driftcli.Profile.of(table).save(path)
    return path


#: What is made of a folder to work in.
CASES: dict[str, Callable[[Path], Any]] = {
    "nothing moved": lambda _: driftcli.compare(BEFORE, AFTER),
    "some moved": lambda _: driftcli.compare(BEFORE, MOVED),
    "rows that are independent": lambda _: driftcli.compare(BEFORE, MOVED, block="none"),
    "shops as blocks": lambda _: driftcli.compare(BEFORE, MOVED, block="shop"),
    "another type": lambda _: driftcli.compare(
        BEFORE, MOVED.set_column(2, "price", MOVED["price"].cast(pa.string()))
    ),
    "numbers of another tool": lambda _: driftcli.compare(BEFORE, MOVED, like="evidently"),
    "csv": lambda to: driftcli.compare(csv(BEFORE, to / "p.csv"), csv(MOVED, to / "q.csv")),
    "a saved profile": lambda to: driftcli.compare(saved(BEFORE, to / "p.profile"), MOVED),
    "saved profiles": lambda to: driftcli.compare(
        saved(BEFORE, to / "p.profile"), saved(MOVED, to / "q.profile")
    ),
    "segments": lambda _: driftcli.compare(BEFORE, MOVED, by="shop"),
    "segments of independent rows": lambda _: driftcli.compare(
        BEFORE, MOVED, by="plan", block="none"
    ),
    "a timeline": lambda _: timeline(),
    "days against those before": lambda _: timeline(against="previous"),
    "windows": lambda _: timeline(window="3d", against="first"),
    "a season": lambda _: timeline(against="season:7d"),
    "a span": lambda _: timeline(baseline="2022-01-15..2022-01-18"),
    "a baseline": lambda _: timeline(baseline=BEFORE),
    "shops within days": lambda _: timeline(block="shop"),
    "shops within windows": lambda _: timeline(block="shop", window="2d"),
    "shops against a baseline": lambda _: timeline(block="shop", baseline=BEFORE),
}


def timeline(**how: Any) -> Any:
    return driftcli.timeline(
        pa.concat_tables([AFTER, days(4, 24, moved=0.6)]), time="at", every="1d", **how
    )


def pickled(work: Callable[[Any], Any], items: Iterable[Any], threads: int | None) -> Iterator[Any]:
    """Do work as a child process does: of what it is sent, and nothing else."""
    del threads
    for item in items:
        asked, sent = pickle.loads(pickle.dumps((work, item), 5))
        yield pickle.loads(pickle.dumps(asked(sent), 5))


@pytest.mark.parametrize("case", CASES)
def test_what_is_compared_elsewhere_comes_out_the_same(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = msgspec.msgpack.encode(CASES[case](tmp_path))
    sent: list[Any] = []
    monkeypatch.setattr(side_by_side, "_MANY", 1)
    monkeypatch.setattr(side_by_side, "_MANY_CELLS", 1)
    monkeypatch.setattr(
        children, "in_order", lambda *a, **k: pickled(a[0], map(told_of(sent), a[1]), **k)
    )
    assert msgspec.msgpack.encode(CASES[case](tmp_path)) == here
    assert sent


def told_of(sent: list[Any]) -> Callable[[Any], Any]:
    def tell(item: Any) -> Any:
        sent.append(item)
        return item

    return tell


def test_coarse_names_come_out_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for limit in ("MAX_CATEGORIES", "KEPT_CATEGORIES"):
        monkeypatch.setattr(categories, limit, 100)
    for case in ("some moved", "shops within days", "segments"):
        test_what_is_compared_elsewhere_comes_out_the_same(case, tmp_path, monkeypatch)


def test_child_processes_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = msgspec.msgpack.encode(driftcli.compare(BEFORE, MOVED, threads=2))
    monkeypatch.setattr(side_by_side, "_MANY", 1)
    assert msgspec.msgpack.encode(driftcli.compare(BEFORE, MOVED, threads=2)) == here


@pytest.mark.parametrize("case", ["some moved", "saved profiles", "segments", "a timeline"])
def test_little_work_starts_no_process(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Children, "start", refused)
    assert CASES[case](tmp_path)


def test_names_are_sent_without_those_they_were_cut_from() -> None:
    names = pa.array([f"name {each}" for each in range(100_000)], pa.large_string())
    part = categories.Categories(names[500:510], np.ones(10, np.int64), distinct=10)
    sent = pickle.dumps(part)
    assert len(sent) < 2_000
    assert pickle.loads(sent).names == part.names


def test_a_column_is_sent_without_the_rows_of_others(tmp_path: Path) -> None:
    """Of 400 columns in blocks, each goes with its own rows alone."""
    wide = pa.table({"shop": BEFORE["shop"], **{f"c{at}": BEFORE["number"] for at in range(400)}})
    pq.write_table(wide, tmp_path / "wide.parquet")
    sizes: list[int] = []

    def sized(work: Any, items: Iterable[Any], threads: int | None) -> Iterator[Any]:
        del threads
        for item in items:
            sizes.append(len(pickle.dumps(item, 5)) // len(item))
            yield work(item)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(side_by_side, "_MANY", 1)
        patched.setattr(children, "in_order", sized)
        driftcli.compare(tmp_path / "wide.parquet", wide, block="shop")
    assert len(sizes) > 10
    assert max(sizes) < 200_000
