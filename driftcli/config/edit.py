"""A drift.toml edited in place: values that a calibration wrote change, all else stays.

The standard library reads TOML and cannot write it. Little is needed here: to find lines, to
replace the values of our own, and to add `key = value` lines to a table. What a line says is
asked of `tomllib`, a statement at a time, and the outcome is read again and compared with what
it should say, so that a layout which this does not foresee is an error and never a wrong file.

No library takes its place. tomlkit 0.15.2 was tried: it lets a table that is set below dotted keys
(`columns.price.bins = 30`) swallow the columns after it, which is a wrong file; it writes LF into
files of CRLF, puts a new section behind the comment of the next, and drops the mark of what we
wrote inside inline tables, so that the next calibration takes the value for one set by hand.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Self

from msgspec import Struct

from driftcli.config.toml import Key, toml_key
from driftcli.errors import ConfigError
from driftcli.text import visible

_BYTE_ORDER_MARK = "\ufeff"


class Entry(Struct, frozen=True):
    """A threshold to write: where, its value as TOML, and what the comment says of it."""

    glob: str
    metric: str
    value: str
    note: str


class TomlFile:
    """The text of a configuration file, by statements.

    Parameters
    ----------
    text
        The file's text; empty for one that does not exist.
    label
        What messages call it.
    root
        The table that holds the settings: ("tool", "drift") in pyproject.toml.
    """

    def __init__(self, text: str, label: str, root: Key = ()) -> None:
        self._label = label
        self._root = root
        self._mark = text[: text.startswith(_BYTE_ORDER_MARK)]
        text = text.removeprefix(_BYTE_ORDER_MARK)
        self._newline = "\r\n" if "\r\n" in text else "\n"
        try:
            self._document = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise ConfigError(f"{label}: not valid TOML: {error}") from None
        self._statements = list(cut(text))
        self._text = text
        found = (self._threshold(each.path) for each in self._statements if each.ours)
        #: Globs and metrics whose thresholds an earlier calibration wrote.
        self.calibrated = frozenset(each for each in found if each)

    @classmethod
    def at(cls, path: Path, inside: Key = ()) -> Self:
        """Return the configuration file at a path, empty where there is none.

        Parameters
        ----------
        inside
            The table whose settings are to be edited; those at the top by default.

        Raises
        ------
        ConfigError
            When it cannot be read, or is no TOML.
        """
        label = visible(str(path))
        try:
            text = path.read_bytes().decode() if path.exists() else ""
        except OSError as error:
            raise ConfigError(f"{label}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{label}: not UTF-8 text") from None
        tool = ("tool", "drift") if path.name == "pyproject.toml" else ()
        return cls(text, label, (*tool, *inside))

    def hand_set(self, column: str, metric: str) -> bool:
        """Return whether a threshold was set by hand for a column, by its name or a glob."""
        return any(
            metric in metrics and (glob, metric) not in self.calibrated
            for glob, metrics in self._thresholds().items()
            if column == glob or fnmatchcase(column, glob)
        )

    def with_entries(self, entries: Sequence[Entry]) -> str:
        """Return the text with `entries` in the place of those an earlier calibration wrote.

        Raises
        ------
        ConfigError
            When the file's layout has no place for one.
        """
        if not entries:
            return self._mark + self._text
        known = {(each.glob, each.metric): each for each in entries}
        statements = [
            _replaced(each, known[key])
            if each.ours and (key := self._threshold(each.path)) in known
            else each
            for each in self._statements
        ]
        new: dict[str, list[Entry]] = {}
        for each in entries:
            if (each.glob, each.metric) not in self.calibrated:
                new.setdefault(each.glob, []).append(each)
        for glob, added in new.items():
            _insert(statements, self._root, glob, [_pair(each) for each in added], self._newline)
        text = "".join(each.text for each in statements)
        if not self._says(text, entries):
            raise ConfigError(self._misfit(entries))
        return self._mark + text

    def _threshold(self, path: Key) -> tuple[str, str] | None:
        """Return the glob and metric whose threshold a path is."""
        steps = path[len(self._root) :]
        is_one = len(steps) == 4 and steps[0] == "columns" and steps[2] == "thresholds"
        return (steps[1], steps[3]) if is_one and path[: len(self._root)] == self._root else None

    def _thresholds(self) -> Mapping[str, Mapping[str, Any]]:
        columns = _at(self._document, (*self._root, "columns"))
        return {glob: _at(columns, (glob, "thresholds")) for glob in columns}

    def _says(self, text: str, entries: Sequence[Entry]) -> bool:
        """Return whether a text says what the file does, and the new thresholds."""
        expected = deepcopy(self._document)
        try:
            for each in entries:
                table = expected
                for step in (*self._root, "columns", each.glob, "thresholds"):
                    table = table.setdefault(step, {})
                table[each.metric] = tomllib.loads(f"x = {each.value}")["x"]
            return tomllib.loads(text) == expected
        except (tomllib.TOMLDecodeError, AttributeError):
            return False

    def _misfit(self, entries: Sequence[Entry]) -> str:
        """Say for which columns the layout of the file has no place."""
        bad = []
        for glob in dict.fromkeys(each.glob for each in entries):
            some = [each for each in entries if each.glob == glob]
            statements = list(self._statements)
            _insert(statements, self._root, glob, [_pair(each) for each in some], self._newline)
            if not self._says("".join(each.text for each in statements), some):
                bad.append(toml_key((*self._root, "columns", glob)))
        return (
            f"{self._label}: no way to add thresholds to {', '.join(bad[:5]) or 'it'}: write inline"
            " tables as `thresholds.METRIC = …` lines of a section, or give another --output"
        )


def _at(table: Any, path: Sequence[str]) -> Mapping[str, Any]:
    for step in path:
        table = table.get(step, {}) if isinstance(table, dict) else {}
    return table if isinstance(table, dict) else {}


def _replaced(line: Statement, entry: Entry) -> Statement:
    end = line.text[len(line.text.rstrip("\r\n")) :]
    text = f"{key_of(line.text)} = {entry.value}  {MARK}{entry.note}{end}"
    return Statement(text, line.path, ours=True)


def _pair(entry: Entry) -> tuple[Key, str]:
    return ("thresholds", entry.metric), f"{entry.value}  {MARK}{entry.note}"


def _insert(
    statements: list[Statement],
    root: Key,
    glob: str,
    pairs: Sequence[tuple[Key, str]],
    newline: str,
) -> None:
    """Add pairs to a column's table: after what the file says of it, else as a new section."""
    table = (*root, "columns", glob)
    section: Key = ()
    best: tuple[int, int, Key] | None = None
    for place, each in enumerate(statements):
        section = each.path if each.header else section
        within = (*table, "thresholds")[: len(section)] == section
        if each.path and within and each.path[: len(table)] == table:
            # A header of the column itself before the place of a dotted key of it; the last
            # line of a section before its earlier ones.
            candidate = (len(section), place, section)
            best = candidate if best is None or candidate[0] >= best[0] else best
    if best is None:
        if statements:
            statements.append(Statement(newline))
            _end_line(statements, len(statements) - 2, newline)
        statements.append(Statement(f"[{toml_key(table)}]{newline}", table, header=True))
        best = (len(table), len(statements) - 1, table)
    _, place, section = best
    _end_line(statements, place, newline)
    statements[place + 1 : place + 1] = [
        Statement(f"{toml_key((*table, *key)[len(section) :])} = {text}{newline}")
        for key, text in pairs
    ]


def _end_line(statements: list[Statement], place: int, newline: str) -> None:
    """End the last line of a file that lacks its line end."""
    each = statements[place]
    if not each.text.endswith("\n"):
        statements[place] = Statement(each.text + newline, each.path, each.header, each.ours)


#: How a line of ours ends. Without this comment a value is taken for one set by hand.
MARK = "# calibrated: "
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class Statement(Struct, frozen=True):
    """Some whole lines: a header, a pair, or neither. `path` is absolute."""

    text: str
    path: Key = ()
    header: bool = False
    ours: bool = False


def cut(text: str) -> Iterator[Statement]:
    """Cut TOML into statements: lines are put together until they can be read on their own."""
    section: Key = ()
    pending = ""
    for line in _LINE.findall(text):
        pending += line
        try:
            parsed = tomllib.loads(pending)
        except tomllib.TOMLDecodeError:
            continue
        header = bool(parsed) and pending.lstrip(" \t").startswith("[")
        if header:
            section = tuple(_steps(parsed))
        path = section if header or not parsed else (*section, *_steps(parsed))
        ours = not header and _is_marked(pending, parsed)
        if ours:
            path = (*section, *_steps(tomllib.loads(key_of(pending) + " = 0")))
        yield Statement(pending, path if parsed else (), header=header, ours=ours)
        pending = ""
    if pending:
        yield Statement(pending)


def _is_marked(line: str, parsed: Mapping[str, Any]) -> bool:
    """Return whether a pair ends with our comment; a text in quotes may hold the mark too."""
    for found in re.finditer(re.escape(MARK), line) if parsed else ():
        with suppress(tomllib.TOMLDecodeError):
            if tomllib.loads(line[: found.start()]) == parsed:
                return True
    return False


def _steps(parsed: Any) -> Iterator[str]:
    """Yield the keys down to the first table that does not hold just one."""
    while isinstance(parsed, list) and parsed:  # an array of tables
        parsed = parsed[-1]
    while isinstance(parsed, dict) and len(parsed) == 1:
        key, parsed = next(iter(parsed.items()))
        yield key
        while isinstance(parsed, list) and parsed and isinstance(parsed[-1], dict):
            parsed = parsed[-1]


def key_of(line: str) -> str:
    """Return what stands before the equals sign; a quoted key may hold one too."""
    for found in re.finditer("=", line):
        key = line[: found.start()].rstrip()
        try:
            tomllib.loads(key + " = 0")
        except tomllib.TOMLDecodeError:
            continue
        return key
    return line
