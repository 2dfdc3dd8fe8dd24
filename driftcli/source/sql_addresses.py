"""What a name of something in a database says: where it lies, and what is to be read there."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from driftcli.errors import InputError, MissingInputError, UsageError, nearest
from driftcli.text import cause, conceal, late, named, quoted, remember

#: Drivers by the schemes of their addresses; PostgreSQL's and SQLite's come with the extra.
DRIVERS = {
    "postgresql": "adbc_driver_postgresql",
    "postgres": "adbc_driver_postgresql",
    "sqlite": "adbc_driver_sqlite",
    "snowflake": "adbc_driver_snowflake",
    "bigquery": "adbc_driver_bigquery",
    "grpc": "adbc_driver_flightsql",
    "grpc+tls": "adbc_driver_flightsql",
}
_SCHEME = late(rf"({'|'.join(map(re.escape, DRIVERS))}):", re.IGNORECASE)
_CONNECTION = late(r"(?P<name>[\w-]+):#", re.ASCII)
_VARIABLE = late(r"\$\{(\w+)\}")
#: What a statement that reads begins with, behind comments.
_READS = late(
    r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*(?:select|with|values|table)\b", re.IGNORECASE | re.DOTALL
)
#: What a `;` within is no end of a statement: texts and names in quotes, and comments. Some
#: databases have a backslash escape a quote in every text.
_QUOTED = r"--[^\n]*|/\*.*?\*/|(\$\w*\$).*?\1|\"[^\"]*\"|`[^`]*`|\b[eE]'(?:\\.|[^'\\])*'"
_STANDARD = late(rf"{_QUOTED}|'[^']*'", re.DOTALL)
_ESCAPED = late(rf"{_QUOTED}|'(?:\\.|[^'\\])*'", re.DOTALL)
_READINGS = {"sqlite": (_STANDARD,), "postgresql": (_STANDARD,)}
_COMMENTS = ("--", "/*")
_END = "; \t\r\n"
_PART = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$-]*)'
_TABLE = late(rf"{_PART}(?:\.{_PART}){{0,2}}")


class Query(Struct, frozen=True):
    """What is read of a database.

    Attributes
    ----------
    name
        What messages and reports call it.
    scheme, address
        Which kind of database, and where it lies, secrets included.
    text
        The statement.
    """

    name: str
    scheme: str
    address: str
    text: str


def is_database(name: str) -> bool:
    """Tell whether what the user named is in a database."""
    if _SCHEME.match(name):
        return True
    return bool(_CONNECTION.match(name)) and not Path(name).exists()


def refuse_connection(name: str, connections: Mapping[str, str]) -> None:
    """Refuse a name that begins with that of a connection, and does not say what to read there.

    Raises
    ------
    UsageError
        When that is so.
    """
    connection, _, what = name.partition(":")
    if connection in connections and not Path(name).exists():
        raise UsageError(
            f"{named(name)}: {quoted(connection)} is a connection of drift.toml, behind which a # "
            f"stands: {named(f'{connection}:#{what}')}"
        )


def query_of(name: str, connections: Mapping[str, str]) -> Query:
    """Return what a name stands for: `ADDRESS#TABLE`, `ADDRESS#@FILE.sql` or `ADDRESS#select …`.

    Parameters
    ----------
    connections
        Addresses by their names, in the place of which `NAME:#…` stands.

    Raises
    ------
    UsageError
        When it has another form, or names no connection.
    InputError
        When the file of a statement cannot be read.
    """
    shown = named(name)
    found = _CONNECTION.match(name)
    if found and not _SCHEME.match(name):
        address, what = _connection(shown, found["name"], connections), name[found.end() :]
    else:
        address, _, what = name.partition("#")
    if what.strip() in ("", "@"):
        raise UsageError(
            f"{shown}: name what to read there: ADDRESS#schema.table, ADDRESS#@file.sql or "
            "'ADDRESS#select …'"
        )
    scheme = _SCHEME.match(address)
    if not scheme:
        raise UsageError(f"{shown}: no address of a database; {nearest(address[:12], DRIVERS)}")
    conceal([os.environ.get("PGPASSWORD", "")])
    kind = scheme[1].lower()
    kind = "postgresql" if kind == "postgres" else kind
    return Query(shown, kind, address, _statement(shown, what, kind))


def _connection(shown: str, name: str, connections: Mapping[str, str]) -> str:
    if name not in connections:
        raise UsageError(
            f"{shown}: no connection {quoted(name)} in [connections] of drift.toml; "
            f"{nearest(name, connections)}"
        )

    def value(found: re.Match[str]) -> str:
        held = os.environ.get(found[1])
        if held is None:
            raise UsageError(
                f"{shown}: connections.{name} needs the environment variable {found[1]}, which is "
                "not set"
            )
        return held

    address = _VARIABLE.sub(value, connections[name]).partition("#")[0]
    remember([address])
    return address


def _statement(shown: str, what: str, kind: str) -> str:
    if what.startswith("@"):
        what = _file(shown, what[1:])
    elif _TABLE.fullmatch(what):
        parts = re.findall(_PART, what)
        return f"SELECT * FROM {'.'.join(map(_quoted_name, parts))}"  # noqa: S608 - quoted
    text = what.strip()
    if not _READS.match(text):
        raise UsageError(
            f"{shown}: neither a table nor a SELECT; only what reads is run. The name of a table "
            "that has other signs goes in double quotes"
        )
    readings = _READINGS.get(kind, (_STANDARD, _ESCAPED))
    plain = [_without_quotes(text, reading).rstrip(_END) for reading in readings]
    if all(";" in each for each in plain):
        raise UsageError(f"{shown}: several statements, and one is read: `;` ends it")
    return f"{text[: len(plain[0])]}\n"


def _without_quotes(text: str, reading: re.Pattern[str]) -> str:
    """Return a statement, as long, with nothing in comments and letters alone in quotes."""
    return reading.sub(
        lambda found: (" " if found[0][:2] in _COMMENTS else "x") * len(found[0]), text
    )


def _quoted_name(part: str) -> str:
    return part if part.startswith('"') else f'"{part}"'


def _file(shown: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise MissingInputError(f"{shown}: there is no file {quoted(path)}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{shown}: {quoted(path)} cannot be read: {cause(error)}.") from error
