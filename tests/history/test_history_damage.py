"""A store that holds what cannot be, or goes away, is named so, and nothing is made up."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from history_records import START, result

from driftcli.errors import HistoryError, LostStoreError
from driftcli.history import open_history
from driftcli.history.store import History
from driftcli.history.trends import trends

#: What somebody may write into a place, and how messages call what should be there.
ODD = [
    *(("drift_schema_version", "version", odd, "a whole number") for odd in ("abc", -1, 1.5, b"1")),
    *(("drift_results", "day", odd, "a day") for odd in ("abc", "2025-13-01", 7, b"x", "")),
    *(("drift_results", "verdict", odd, "a word") for odd in ("nonsense", 3, "", b"ok")),
    *(("drift_judgements", "status", odd, "a word") for odd in ("nonsense", 3)),
    *(("drift_judgements", "excess", odd, "a number") for odd in ("abc", b"\0")),
    *(("drift_scores", "value", odd, "a number") for odd in ("abc", b"\0")),
    *(("drift_scores", "threshold", odd, "a number") for odd in ("abc",)),
    *(("drift_scores", "p_value", odd, "a number") for odd in ("abc",)),
    *(("drift_scores", "status", odd, "a word") for odd in ("nonsense",)),
    *(("drift_scores", "gated", odd, "a truth value") for odd in ("x", b"1")),
    *(("drift_scores", "metric", odd, "a word") for odd in (b"x",)),
    *(("drift_waivers", "until", odd, "a day") for odd in ("abc", "2025-02-30", 5)),
    *(("drift_waivers", "recorded", odd, "a time") for odd in ("abc", 5)),
    *(("drift_waivers", "pattern", odd, "a text") for odd in (b"\xff",)),
    *(("drift_notices", "attempts", odd, "a whole number") for odd in ("abc", -1)),
    *(("drift_notices", "state", odd, "a text") for odd in (b"\xff",)),
    *(("drift_profiles", "data", odd, "a profile") for odd in ("abc",)),
    *(("drift_checks", "name", odd, "a text") for odd in (b"\xff",)),
    *(("drift_columns", "name", odd, "a text") for odd in (b"\xff",)),
]


@pytest.fixture
def place(tmp_path: Path) -> str:
    """Return a store with something in each of its tables."""
    path = str(tmp_path / "history.db")
    with open_history(path) as history:
        history.record(history.begin_run("x"), result(0, {"price": "drift"}, profile=b"p"))
        history.record(history.begin_run("x"), result(1, {"price": "ok"}, profile=b"p"))
        history.accept("orders", "price", date(2030, 1, 1), "known")
        history.notified("orders", "target", "drift", "down")
    return path


def everything(history: History) -> None:
    """Ask for all that there is."""
    trends(history)
    for check in history.checks():
        history.failing_since(check)
        history.last(check)
        history.gated_scores(check)
        history.profiles(check, START, date(2030, 1, 1))
        for column in history.columns(check):
            trends(history, check, column)
    history.waivers("orders", START)
    history.notice("orders", "target")
    list(history.scores())


def changed(place: str, *statements: str, values: tuple[object, ...] = ()) -> None:
    connection = sqlite3.connect(place)
    for statement in statements:
        connection.execute(statement, values)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(("table", "column", "odd", "what"), ODD)
def test_a_value_that_is_none_is_damage(
    place: str, table: str, column: str, odd: object, what: str
) -> None:
    changed(place, f"UPDATE {table} SET {column} = ?", values=(odd,))
    with pytest.raises(LostStoreError) as caught, open_history(place) as history:
        everything(history)
    assert str(caught.value) == (
        f"history {place}: the store is damaged: it holds {what} that is none;"
        " restore a copy, or name another file"
    )


@pytest.mark.parametrize(
    ("statement", "how"),
    [
        ("DELETE FROM drift_schema_version", "it holds no version of its own"),
        ("INSERT INTO drift_schema_version VALUES (1)", "it holds no version of its own"),
        ("UPDATE drift_schema_version SET version = 0", "it holds no version of its own"),
        ("DROP TABLE drift_scores", "it lacks a table or a column"),
        ("ALTER TABLE drift_judgements DROP COLUMN excess", "it lacks a table or a column"),
        ("UPDATE drift_checks SET name = CAST(x'ff' AS TEXT)", "it holds a text that is none"),
        (
            "UPDATE drift_judgements SET column_id = 99",
            "it holds a judgement of a column that it does not name",
        ),
    ],
)
def test_a_store_that_lacks_something_is_damaged(place: str, statement: str, how: str) -> None:
    changed(place, statement)
    with pytest.raises(LostStoreError) as caught, open_history(place) as history:
        everything(history)
    assert str(caught.value) == (
        f"history {place}: the store is damaged: {how}; restore a copy, or name another file"
    )


def test_what_is_there_is_read(place: str) -> None:
    with open_history(place) as history:
        everything(history)


def test_a_store_that_was_cut_to_nothing_is_not_made_anew(place: str) -> None:
    for left in ("", "-wal", "-shm"):
        Path(place + left).unlink(missing_ok=True)
    Path(place).touch()
    with pytest.raises(LostStoreError) as caught:
        open_history(place)
    assert str(caught.value) == (
        f"history {place}: the store is empty (0 bytes), so it was cut;"
        " restore a copy, or name another file"
    )
    assert Path(place).read_bytes() == b""


def _move(path: Path) -> None:
    path.rename(path.with_name("moved.db"))


def _replace(path: Path) -> None:
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


@pytest.mark.parametrize(
    ("away", "how"),
    [
        (Path.unlink, "the store was removed while it was in use"),
        (_move, "the store was removed while it was in use"),
        (_replace, "the store was replaced while it was in use"),
        (lambda path: os.truncate(path, 0), "the store is empty (0 bytes), so it was cut"),
    ],
)
def test_a_store_that_goes_away_is_missed(
    place: str, away: Callable[[Path], None], how: str
) -> None:
    with open_history(place) as history:
        run = history.begin_run("x")
        away(Path(place))
        for ask in (history.checks, lambda: history.record(run, result(2, {"price": "ok"}))):
            with pytest.raises(LostStoreError) as caught:
                ask()  # type: ignore[operator]
            assert str(caught.value).startswith(f"history {place}: {how}")


def test_a_store_is_whole_as_soon_as_it_is_there(tmp_path: Path) -> None:
    """Whoever dies while it is made leaves none, which the next one makes."""
    path = tmp_path / "history.db"
    with open_history(str(path)):
        pass
    assert {each.name for each in tmp_path.iterdir()} == {"history.db"}
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("SELECT count(*) FROM drift_results").fetchone() == (0,)
    connection.close()


def test_no_room_for_a_new_store_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("driftcli.history.files.os.fsync", full)
    with pytest.raises(LostStoreError, match=r"history\.db: the disk is full$"):
        open_history(str(tmp_path / "history.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_that_sqlite_does_not_name_is_named(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        f_bavail = 0

    with open_history(place) as history:
        monkeypatch.setattr("driftcli.history.faults.os.statvfs", lambda _: Full)
        changed(place, "DROP TABLE drift_runs")
        with pytest.raises(LostStoreError, match=r"the disk is full$"):
            history.begin_run("x")


def test_an_address_with_an_unknown_option_is_a_mistake() -> None:
    with pytest.raises(HistoryError) as caught:
        open_history("sqlite:///x.db?token=Hunter2")
    assert str(caught.value) == "history sqlite:///x.db?token=…: SQLite has no option 'token'"


def test_a_link_may_lead_to_where_no_store_is_yet(tmp_path: Path) -> None:
    (tmp_path / "history.db").symlink_to("kept.db")
    for _ in range(2):
        with open_history(str(tmp_path / "history.db")) as history:
            assert history.begin_run("x") in (1, 2)
    assert (tmp_path / "history.db").is_symlink()
    assert (tmp_path / "kept.db").stat().st_size > 0


def test_a_new_store_is_whole_though_it_is_written_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda to, data: write(to, bytes(data)[:1000]))
    with open_history(str(tmp_path / "history.db")) as history:
        assert history.begin_run("x") == 1
