"""TOML cut into statements: a header, a pair or a comment each, and what path it is about."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from driftcli.config.wording import Key

#: How a line of ours ends. Without this comment a value is taken for one set by hand.
MARK = "# calibrated: "
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class Statement:
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
            said = tomllib.loads(pending)
        except tomllib.TOMLDecodeError:
            continue
        header = bool(said) and pending.lstrip(" \t").startswith("[")
        if header:
            section = tuple(_steps(said))
        path = section if header or not said else (*section, *_steps(said))
        ours = not header and _is_marked(pending, said)
        if ours:
            path = (*section, *_steps(tomllib.loads(key_of(pending) + " = 0")))
        yield Statement(pending, path if said else (), header=header, ours=ours)
        pending = ""
    if pending:
        yield Statement(pending)


def _is_marked(line: str, said: Mapping[str, Any]) -> bool:
    """Return whether a pair ends with our comment; a text in quotes may hold the mark too."""
    for found in re.finditer(re.escape(MARK), line) if said else ():
        with suppress(tomllib.TOMLDecodeError):
            if tomllib.loads(line[: found.start()]) == said:
                return True
    return False


def _steps(said: Any) -> Iterator[str]:
    """Yield the keys down to the first table that does not hold just one."""
    while isinstance(said, list) and said:  # an array of tables
        said = said[-1]
    while isinstance(said, dict) and len(said) == 1:
        key, said = next(iter(said.items()))
        yield key
        while isinstance(said, list) and said and isinstance(said[-1], dict):
            said = said[-1]


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
