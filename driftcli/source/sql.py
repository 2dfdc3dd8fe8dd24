"""Tables and queries of databases, streamed by ADBC drivers in a session that cannot write."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from driftcli.errors import InputError, missing_package, nearest
from driftcli.source.memory import MemorySource
from driftcli.source.sql_addresses import DRIVERS, Query, query_of
from driftcli.source.sql_values import plain_batch, plain_schema
from driftcli.source.sqlite_types import sql_name, typed
from driftcli.source.where import Where
from driftcli.text import cause, quoted, scrubbed

#: Bytes of one batch of PostgreSQL's, and the rows from which SQLite's types are guessed.
_BATCH_BYTES = 4 << 20
_BATCH_ROWS = 1 << 16
_SESSIONS: Mapping[str, Sequence[str]] = {
    "postgresql": ("SET default_transaction_read_only = on", "SET TimeZone = 'UTC'"),
    "sqlite": ("PRAGMA query_only = ON", "PRAGMA case_sensitive_like = ON"),
}
_STATEMENTS = {
    "postgresql": {"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)},
    "sqlite": {"adbc.sqlite.query.batch_rows": str(_BATCH_ROWS)},
}
#: What SQLite says where a column's values change their type.
_MISMATCH = re.compile(r"Type mismatch in column (\d+): (expected \w+ but got \w+)")
#: What is said of a table that is not there, and which there are.
_NO_TABLE = re.compile(r'no such table: ([^\n]+)|relation "([^"]+)" does not exist')
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name",
    "postgresql": "SELECT table_name FROM information_schema.tables"
    " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY table_name",
}
#: What stands before a driver's own words.
_HEAD = re.compile(
    r"^(?:[A-Z_]+: )?(?:\[\w+\] )?(?:Failed to \w+(?: query)?(?: '.*?')?: )?", re.DOTALL
)


class SqlSource(MemorySource):
    """The rows of a query, which are read once."""

    format = "sql"


def open_sql(
    name: str, connections: Mapping[str, str], where: Where | None
) -> tuple[SqlSource, None]:
    """Return the source of something in a database, of the rows that meet a filter alone.

    Raises
    ------
    InputError
        When the database does not answer as it should, or what reads it lacks.
    UsageError
        When the name is none of something in a database.
    """
    query = query_of(name, connections)
    session = _Session(query)
    if where is None:
        return SqlSource(session.reader(query.text), query.name), None
    found = session.schema(query.text, where)
    rows = session.reader(_filtered(query, found, where))
    _check_numbers(query, _numbers(found, where), rows.schema)
    return SqlSource(rows, query.name), None


class _Session:
    """A connection that cannot write, closed once the rows of a query were read."""

    def __init__(self, query: Query) -> None:
        self._query = query
        driver = _driver(query)
        # What is below the drivers' DB-API, which imports pandas, Polars and Arrow's datasets.
        self._adbc = importlib.import_module("adbc_driver_manager")
        self._error = self._adbc.Error
        self._statement = None
        try:
            self._database = driver.connect(_given(query))
            self._connection = self._adbc.AdbcConnection(self._database)
        except self._error as error:
            raise InputError(f"{query.name}: cannot be connected to: {_told(error)}.") from error
        for statement in _SESSIONS.get(query.scheme, ()):
            self._read(statement).close()

    def __del__(self) -> None:
        """Leave no connection open where the rows were not read to their end."""
        self.close()

    def close(self) -> None:
        """Close the connection; where it is lost, that is no other error."""
        for name in ("_statement", "_connection", "_database"):
            with suppress(Exception):
                if (each := getattr(self, name, None)) is not None:
                    each.close()

    def schema(self, text: str, where: Where) -> pa.Schema:
        """Return the columns of a query; in SQLite their types are those of values."""
        if self._query.scheme == "sqlite":
            new = where.renamed
            asked = {name: new.get(name, name) for name in self._executed(text).schema.names}
            only = [name for name, called in asked.items() if called in where.columns]
            return plain_schema(self._typed(text, only)[0])
        return plain_schema(self._executed(f"SELECT * FROM ({text}) AS d LIMIT 0").schema)  # noqa: S608 - as it is run

    def reader(self, text: str) -> pa.RecordBatchReader:
        """Return the rows of a query, as they come."""
        if self._query.scheme == "sqlite":
            schema, rows = self._typed(text)
        else:
            found = self._executed(text)
            schema, rows = found.schema, iter(found)
        return pa.RecordBatchReader.from_batches(plain_schema(schema), self._rows(schema, rows))

    def _typed(
        self, text: str, only: Sequence[str] | None = None
    ) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        try:
            return typed(self._executed, text, _BATCH_ROWS, only)
        except (self._error, pa.ArrowException, OSError) as error:
            raise InputError(f"{self._query.name}: {_told(error)}.") from error

    def _executed(self, text: str) -> Any:
        try:
            return self._read(text)
        except (self._error, pa.ArrowException, OSError) as error:
            told = f"{_told(error)}{self._nearest_table(error)}"
            self.close()
            end = "" if told.endswith("?") else "."
            raise InputError(f"{self._query.name}: {told}{end}") from error

    def _read(self, text: str) -> pa.RecordBatchReader:
        """Return the rows of a statement, after which none of an earlier one are read."""
        if self._statement is not None:
            self._statement.close()
        self._statement = statement = self._adbc.AdbcStatement(self._connection)
        statement.set_options(**_STATEMENTS.get(self._query.scheme, {}))
        statement.set_sql_query(text)
        rows, _ = _interruptible(statement.execute_query, statement.cancel)
        return pa.RecordBatchReader.from_stream(rows)

    def _nearest_table(self, error: BaseException) -> str:
        """Return which table may be meant in the place of one that is not there."""
        found = _NO_TABLE.search(str(error))
        if found is None or self._query.scheme not in _TABLES:
            return ""
        with suppress(self._error, pa.ArrowException, OSError):
            known = self._read(_TABLES[self._query.scheme]).read_all().column(0).to_pylist()
            return f"; {nearest((found[1] or found[2]).rpartition('.')[2], known)}"
        return ""

    def _rows(self, schema: pa.Schema, rows: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            for batch in rows:
                yield plain_batch(batch)
        except (self._error, pa.ArrowException, OSError) as error:
            raise InputError(f"{self._query.name}: {_broken(error, schema)}.") from error
        finally:
            self.close()


def _driver(query: Query) -> Any:
    package = DRIVERS[query.scheme]
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise InputError(f"{query.name}: {missing_package(package.replace('_', '-'))}") from error


def _interruptible(run: Callable[[], Any], cancel: Callable[[], None]) -> Any:
    """Return what comes of a call that waits for a database; end it where we are interrupted."""
    with ThreadPoolExecutor(1, "drift") as pool:
        waiting = pool.submit(run)
        try:
            return waiting.result()
        except BaseException:  # that of --timeout as well, which the pool would wait behind
            with suppress(Exception):
                cancel()
            raise


def _given(query: Query) -> str | dict[str, str]:
    """Return what the driver takes: an address, but for BigQuery's."""
    return {"uri": query.address} if query.scheme == "bigquery" else _address(query)


def _address(query: Query) -> str:
    if query.scheme != "sqlite":
        return query.address
    path = re.sub(r"^sqlite:(?://(?=/))?/?", "", query.address, flags=re.IGNORECASE)
    whole = Path(path) if Path(path).is_file() else Path("/", path)
    if not whole.is_file():
        raise InputError(
            f"{query.name}: there is no database {quoted(path)}; sqlite:///PATH is relative, and "
            "sqlite:////PATH is not."
        )
    return f"{whole.absolute().as_uri()}?mode=ro"


def _filtered(query: Query, schema: pa.Schema, where: Where) -> str:
    """Return a query of the rows that meet a filter, in the words of its database."""
    new = {where.renamed.get(name, name): name for name in schema.names}
    known = pa.schema([(where.renamed.get(f.name, f.name), f.type) for f in schema])
    where.check(known, query.name)
    dialect = {"postgresql": "postgres", "grpc": None, "grpc+tls": None}
    conditions = where.sql(new, known, dialect.get(query.scheme, query.scheme))
    if query.scheme == "sqlite" and (numbers := _numbers(schema, where)):
        # To SQLite texts are greater than all numbers: they are kept, so that they are met.
        texts = " OR ".join(f"typeof({sql_name(each)}) IN ('text', 'blob')" for each in numbers)
        conditions = f"({conditions}) OR {texts}"
    return f"SELECT * FROM ({query.text}) AS drift_rows WHERE {conditions}"  # noqa: S608 - ours


def _numbers(schema: pa.Schema, where: Where) -> list[str]:
    """Return the columns of a query that a filter takes for numbers."""
    asked = (f for f in schema if where.renamed.get(f.name, f.name) in where.columns)
    return [f.name for f in asked if pa.types.is_integer(f.type) or pa.types.is_floating(f.type)]


def _check_numbers(query: Query, names: Sequence[str], rows: pa.Schema) -> None:
    """Refuse rows that have texts in columns that a filter took for numbers."""
    texts = (each for each in names if rows.field(each).type in (pa.string(), pa.binary()))
    if (name := next(texts, None)) is not None:
        raise InputError(f"{query.name}: {_several(name, 'numbers and texts')}.")


def _broken(error: BaseException, schema: pa.Schema) -> str:
    found = _MISMATCH.search(str(error))
    if found is None:
        return f"the rows ended with an error: {_told(error)}"
    return _several(schema.names[int(found[1])], found[2])


def _several(column: str, types: str) -> str:
    return (
        f"column {quoted(column)} has values of several types ({types}), which SQLite allows; "
        f"cast it in a query: cast({column} as real), or as text"
    )


def _told(error: BaseException) -> str:
    """Return what a driver says in its own words, without the query that it repeats."""
    text = scrubbed(str(error))
    if "percent-encoded" in text:  # it quotes the part of a password that it is about
        return "the address is not well-formed: % in it is written %25"
    words = re.search(r"(?:ERROR|FATAL): +([^\n]+)", text)
    return cause(RuntimeError(words[1] if words else _HEAD.sub("", text)))
