"""A store is found, opened, brought up to date, or refused in one line."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

import pytest
from history_records import START, result
from sqlalchemy import Connection, inspect, select, text, update

from driftcli.errors import HistoryError
from driftcli.history import faults, open_history, opening
from driftcli.history.migrations import MIGRATIONS, bring_up_to_date, is_current
from driftcli.history.opening import where
from driftcli.history.tables import schema_version

STORES = Path(__file__).parent / "stores"


def refusal(place: str, **options: object) -> str:
    with pytest.raises(HistoryError) as caught, open_history(place, **options):  # type: ignore[arg-type]
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def shape(place: str) -> dict[str, object]:
    """Return the tables of a store: columns, keys and indexes."""
    with open_history(place) as history, opening.reading(history._engine) as connection:
        seen = inspect(connection)
        return {
            name: (
                [(each["name"], str(each["type"]), each["nullable"]) for each in columns],
                seen.get_pk_constraint(name)["constrained_columns"],
                sorted(str(each["constrained_columns"]) for each in seen.get_foreign_keys(name)),
                sorted(str(each["column_names"]) for each in seen.get_indexes(name)),
            )
            for name in sorted(seen.get_table_names())
            for columns in [seen.get_columns(name)]
        }


class TestPlaces:
    def test_the_option_comes_first_then_the_environment_then_the_configuration(self, tmp_path):
        named = {"DRIFT_HISTORY": "env.db"}
        assert where("own.db", named, "set.db", tmp_path) == "own.db"
        assert where(None, named, "set.db", tmp_path) == "env.db"

    def test_what_is_configured_lies_beside_the_configuration(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert where(None, {}, "set.db", tmp_path) == "set.db"
        assert where(None, {}, None, tmp_path / "conf") == "conf/drift-history.db"
        assert where(None, {}, "postgresql://host/name", tmp_path) == "postgresql://host/name"

    def test_a_url_names_the_same_file_as_a_path(self, tmp_path):
        path = tmp_path / "a.db"
        with open_history(str(path)) as history:
            history.begin_run("x")
        with open_history(f"sqlite:///{path}", create=False) as history:
            assert history.begin_run("x") == 2

    def test_a_password_is_not_repeated(self):
        told = refusal("postgresql://ann:secret@127.0.0.1:1/drift", patience=2)
        assert "secret" not in told
        assert told.startswith("history postgresql+psycopg://ann:…@127.0.0.1:1/drift: ")
        assert "connection" in told.lower()


class TestRefusals:
    def test_no_store(self, tmp_path):
        path = tmp_path / "none.db"
        assert refusal(str(path), create=False) == (
            f"history {path}: there is no such store; `drift run` makes one, --history names it"
        )
        assert not path.exists()

    def test_no_directory(self, tmp_path):
        path = tmp_path / "none" / "a.db"
        assert refusal(str(path)) == (
            f"history {path}: there is no directory '{path.parent}'; make it"
        )

    def test_a_directory(self, tmp_path):
        told = f"history {tmp_path}: a directory; name a file in it"
        assert refusal(str(tmp_path)) == told

    def test_not_a_database(self, tmp_path):
        path = tmp_path / "a.db"
        path.write_text("some text that is no database at all\n" * 100)
        told = f"history {path}: not an SQLite database; name another file"
        assert refusal(str(path)) == told

    def test_another_database(self, tmp_path):
        path = tmp_path / "a.db"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE t (x)")
        connection.close()
        assert refusal(str(path)) == (
            f"history {path}: an SQLite database, but not one of drift; name another file"
        )

    def test_a_damaged_file_whose_bytes_are_repeated(self, tmp_path, monkeypatch):
        """SQLite's own message is then no text, and Python's decoding of it fails."""
        path = tmp_path / "history.db"
        open_history(str(path)).close()
        broken = bytes([0x89]).decode

        def prepare(connection, record):
            broken("utf-8")

        monkeypatch.setattr(opening, "_prepare", prepare)
        with pytest.raises(HistoryError) as told:
            open_history(str(path))
        assert str(told.value) == (
            f"history {path}: the file is damaged; restore a copy, or name another file"
        )

    def test_a_damaged_file(self, tmp_path):
        path = tmp_path / "a.db"
        with open_history(str(path)) as history:
            history.record(history.begin_run("x"), result(0, {"price": "ok"}))
        data = bytearray(path.read_bytes())
        data[100:] = bytes(len(data) - 100)
        path.write_bytes(data)
        told = refusal(str(path))
        assert told == (
            f"history {path}: the file is damaged; restore a copy, or name another file"
        )

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_no_permission(self, tmp_path):
        tmp_path.chmod(0o500)
        path = tmp_path / "a.db"
        assert refusal(str(path)) == f"history {path}: no permission; name another place"

    def test_what_the_file_system_forbids(self, tmp_path, monkeypatch):
        monkeypatch.setattr(faults.os, "access", lambda *_: False)
        url = opening.url_of(str(tmp_path / "a.db"))
        error = sqlite3.OperationalError("unable to open database file")
        assert str(faults._failure(url, error)) == "no permission; name another place"
        error = sqlite3.OperationalError("attempt to write a readonly database")
        assert (
            str(faults._failure(url, error)) == "no permission to write there; name another place"
        )

    def test_a_full_disk(self, tmp_path):
        with open_history(str(tmp_path / "a.db")) as history:
            run = history.begin_run("x")
            with opening.reading(history._engine) as connection:
                connection.exec_driver_sql("PRAGMA max_page_count = 60")
            with pytest.raises(HistoryError, match=r"the disk is full$"):
                history.record(run, result(0, {"price": "ok"}, profile=bytes(1 << 20)))
            assert history.outcomes() == {}  # nothing half-written

    def test_a_locked_store(self, tmp_path):
        path = tmp_path / "a.db"
        with open_history(str(path), patience=0.1) as history:
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            told = "locked by another process; try again when it is done$"
            with pytest.raises(HistoryError, match=told):
                history.begin_run("x")
            assert history.outcomes() == {}  # who reads need not wait
            other.rollback()
            assert history.begin_run("x") == 1
            other.close()

    @pytest.mark.parametrize(
        ("place", "told"),
        [
            (
                "mysql://host/name",
                "history mysql://host/name: a store is an SQLite file or a PostgreSQL database",
            ),
            ("sqlite://", "history: a store in memory forgets everything; name a file"),
            (
                "://",
                "history: not a database URL; write a path, or postgresql://USER@HOST/NAME",
            ),
            (
                "postgresql+nothing://host/name",
                (
                    "history postgresql+nothing://host/name: there is no such driver;"
                    " postgresql://… takes psycopg"
                ),
            ),
        ],
    )
    def test_other_places(self, place, told):
        assert refusal(place) == told

    def test_a_missing_driver(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "psycopg", None)
        assert refusal("postgresql://host/name") == (
            "history postgresql+psycopg://host/name: this needs psycopg;"
            f" {sys.executable} -m pip install 'psycopg[binary]>=3.1'"
        )


def _grown(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE drift_runs ADD COLUMN host TEXT"))


def _failing(connection: Connection) -> None:
    _grown(connection)
    raise ZeroDivisionError


class TestMigrations:
    def test_version_1_is_brought_up_to_date(self, tmp_path):
        path = tmp_path / "old.db"
        with sqlite3.connect(path) as connection:
            connection.executescript((STORES / "version-1.sql").read_text())
        connection.close()
        assert shape(str(path)) == shape(str(tmp_path / "new.db"))
        with open_history(str(path)) as history:
            assert history.last("orders").runs == 2
            assert len(list(history.scores("orders"))) == 6
            assert history.profiles("orders", START, START) == [b"profile"]
            assert list(history.waivers("orders", START)[0]) == ["price"]
            assert history.notice("orders", "slack").state == "drift"

    def test_version_2_is_read_as_it_is(self, tmp_path):
        path = tmp_path / "old.db"
        with sqlite3.connect(path) as connection:
            connection.executescript((STORES / "version-2.sql").read_text())
        connection.close()
        assert shape(str(path)) == shape(str(tmp_path / "new.db"))
        with open_history(str(path)) as history:
            assert history.pair_runs("orders")["price", "size"][-1].status == "drift"
            assert len(list(history.scores("orders"))) == 6
            assert history.pair_waivers("orders", START)[0]["price", "s*"].by == "ann"

    def test_a_waiver_of_version_1_is_none_of_a_pair(self, tmp_path):
        path = tmp_path / "old.db"
        with sqlite3.connect(path) as connection:
            connection.executescript((STORES / "version-1.sql").read_text())
        connection.close()
        with open_history(str(path)) as history:
            assert history.pair_waivers("orders", START) == ({}, {})
            assert history.pair_runs("orders") == {}
            history.record(history.begin_run("x"), result(9, {"price": "ok"}))
            assert history.accepted()[0].paired is None

    def test_a_missing_version_is_made_by_its_migration(self, place):
        with open_history(place) as history, opening.writing(history._engine) as connection:
            history_of = [*MIGRATIONS, _grown]
            assert not is_current(connection, history_of)
            bring_up_to_date(connection, history_of)
            bring_up_to_date(connection, history_of)  # whoever comes second finds it done
            assert connection.scalar(select(schema_version.c.version)) == len(MIGRATIONS) + 2
            names = [each["name"] for each in inspect(connection).get_columns("drift_runs")]
            assert names[-1] == "host"

    def test_a_migration_that_fails_changes_nothing(self, place):
        with open_history(place) as history:
            with (
                pytest.raises(ZeroDivisionError),
                opening.writing(history._engine) as connection,
            ):
                bring_up_to_date(connection, [*MIGRATIONS, _failing])
            with opening.reading(history._engine) as connection:
                assert is_current(connection)
                names = [each["name"] for each in inspect(connection).get_columns("drift_runs")]
                assert "host" not in names

    def test_a_newer_store_is_refused(self, place):
        with open_history(place) as history, opening.writing(history._engine) as connection:
            connection.execute(update(schema_version).values(version=99))
        assert refusal(place).endswith(
            ": written by a newer drift (store version 99; this one knows up to"
            f" {len(MIGRATIONS) + 1}); upgrade drift"
        )

    def test_a_postgresql_database_may_hold_other_tables(self, postgres):
        with open_history(postgres) as history:
            engine = history._engine
            with opening.writing(engine) as connection:
                connection.execute(text("CREATE TABLE theirs (x int)"))
        with open_history(postgres) as history:
            assert history.begin_run("x") == 1

    def test_readers_do_not_wait_for_writers(self, tmp_path):
        path = tmp_path / "a.db"
        with open_history(str(path)):
            pass
        with sqlite3.connect(path) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()
