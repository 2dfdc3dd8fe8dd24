"""From a TOML table to checked entries; each mistake is a sentence that names its key."""

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any, get_args

import msgspec
from msgspec import Struct, structs

from driftcli.config.entries import Entries
from driftcli.config.running import REQUIRED, Inputs, RunSettings, StoreSettings
from driftcli.config.settings import (
    GENERAL_THRESHOLDS,
    ColumnSettings,
    Levels,
    Like,
    ReadSettings,
    Settings,
    Threshold,
)
from driftcli.config.toml import Key
from driftcli.config.wording import expectation, found, shown_key
from driftcli.errors import ConfigError, nearest
from driftcli.text import quoted

Table = Mapping[str, object]
Records = tuple[type[Struct], ...]

_TOOLS = get_args(Like)
_LEVELS = "a number of at least 0, { warn, drift } or 'off'"
#: What may stand at the top of a file, and in the table of a check.
_FILE: Records = (Settings, RunSettings, StoreSettings)
_CHECK: Records = (Inputs, Settings, RunSettings)
#: Settings that are tables of settings.
_TABLES = ("thresholds", "read", "columns", "checks")
#: Names that settings had, and still may have in a file.
OTHER_NAMES = {"ignore": "exclude"}
#: A check's name is part of file names.
_NAME = re.compile(r"\w[\w.-]*")
_ADDRESS = re.compile(r"[A-Za-z][\w+.-]*://|\$\{\w+\}")
_ADDRESSES = "expected a list of addresses such as 'mailto://…' or '${SLACK_URL}'"


class Layer(Struct, frozen=True):
    """One origin of settings: its TOML table, and how a message calls the place of a key."""

    table: Table
    place: Callable[[Key], str]


def decode(layer: Layer, metrics: Collection[str]) -> Entries:
    """Return the entries that `layer` sets.

    Parameters
    ----------
    metrics
        The names of the metrics that exist.

    Raises
    ------
    ConfigError
        At the first unknown key or metric, and the first value of a wrong type or range.
    """
    return dict(_Decoder(layer.place, metrics).section(layer.table, _FILE, ()))


class _Decoder(Struct, frozen=True):
    place: Callable[[Key], str]
    metrics: Collection[str]

    def section(self, table: object, records: Records, prefix: Key) -> Iterator[tuple[Key, Any]]:
        fields = _fields(records)
        for name, value in self.items(table, prefix):
            key = (*prefix, name)
            if OTHER_NAMES.get(name) in fields:
                yield self.renamed(self.items(table, prefix), key, value, fields)
            elif name not in fields:
                raise self.mistake(key, f"unknown key; {nearest(name, fields)}")
            elif name in _TABLES:
                yield from self.inner(name, value, key)
            else:
                yield key, self.value(value, fields[name], key)

    def inner(self, name: str, table: object, key: Key) -> Iterator[tuple[Key, Any]]:
        if name == "thresholds":
            yield from self.thresholds(table, key)
        elif name == "read":
            yield from self.section(table, (ReadSettings,), key)
        elif name == "columns":
            for glob, column in self.items(table, key):
                yield from self.section(column, (ColumnSettings,), (*key, glob))
        else:
            for check, settings in self.items(table, key):
                yield from self.check(settings, (*key, check))

    def renamed(
        self,
        others: Iterable[tuple[str, object]],
        key: Key,
        value: object,
        fields: Mapping[str, Any],
    ) -> tuple[Key, Any]:
        name = OTHER_NAMES[key[-1]]
        if name in dict(others):
            raise self.mistake(key, f"another name of {name!r}, which is given too; drop one")
        return (*key[:-1], name), self.value(value, fields[name], key)

    def check(self, table: object, key: Key) -> Iterator[tuple[Key, Any]]:
        if not _NAME.fullmatch(key[-1]):
            raise self.mistake(key, "a check's name has letters, digits, '_', '-' and '.' only")
        given = dict(self.items(table, key))
        yield from self.section(given, _CHECK, key)
        for name in REQUIRED:
            if name not in given:
                raise self.mistake(key, f"has no {name!r}; it compares current with baseline")

    def items(self, table: object, key: Key) -> Iterable[tuple[str, object]]:
        if not isinstance(table, Mapping):
            raise self.unexpected(key, "a table", table)
        return table.items()

    def thresholds(self, table: object, prefix: Key) -> Iterator[tuple[Key, Levels]]:
        for metric, value in self.items(table, prefix):
            key = (*prefix, metric)
            of_columns = prefix[-3:-2] == ("columns",)
            known = self.metrics if of_columns else (*self.metrics, *GENERAL_THRESHOLDS)
            if metric not in known:
                raise self.mistake(key, f"unknown metric; {nearest(metric, known)}")
            yield key, self.levels(value, key)

    def levels(self, value: object, key: Key) -> Levels:
        if value == "off":
            return Levels()
        if not isinstance(value, Mapping):
            return Levels(drift=self.level(value, key, _LEVELS))
        if not value:
            raise self.unexpected(key, _LEVELS, value)
        fields = _fields((Levels,))
        for name in value:
            if name not in fields:
                raise self.mistake((*key, name), f"unknown key; {nearest(name, fields)}")
        wanted = expectation(Threshold)
        levels = Levels(**{n: self.level(v, (*key, n), wanted) for n, v in value.items()})
        if levels.warn is not None and levels.drift is not None and levels.warn > levels.drift:
            raise self.mistake(key, f"warn {levels.warn} is above drift {levels.drift}")
        return levels

    def level(self, value: object, key: Key, wanted: str) -> float:
        share = percentage(value) if isinstance(value, str) else None
        level = _converted(value if share is None else share, Threshold)
        if not isinstance(level, float):
            raise self.unexpected(key, wanted, value)
        return level

    def value(self, value: object, annotation: Any, key: Key) -> object:
        result = _converted(value, annotation)
        if result is None:
            if key[-1] == "notify":  # what was found may hold a secret
                raise self.mistake(key, _ADDRESSES)
            if key[-1] == "like" and isinstance(value, str):
                raise self.mistake(key, f"unknown tool {quoted(value)}; {nearest(value, _TOOLS)}")
            wanted = expectation(annotation)
            if wanted == expectation(dict[str, str]) and isinstance(value, Mapping):
                key, value = next(
                    ((*key, k), v) for k, v in value.items() if not isinstance(v, str)
                )
                wanted = expectation(str)
            raise self.unexpected(key, wanted, value)
        if key[-1] == "metrics":
            return self.selection(result, key)
        if complaint := _complaint(key[-1], result):
            raise self.mistake(key, complaint)
        return result

    def selection(self, names: Any, key: Key) -> tuple[str, ...]:
        if not names:
            raise self.unexpected(key, "at least one metric", names)
        for name in names:
            if name not in self.metrics:
                raise self.mistake(
                    key, f"unknown metric {quoted(name)}; {nearest(name, self.metrics)}"
                )
        return tuple(dict.fromkeys(names))

    def unexpected(self, key: Key, wanted: str, value: object) -> ConfigError:
        if key[-1] in ("notify", "connections"):  # the whole of an address may be secret
            return self.mistake(key, f"expected {wanted}")
        return self.mistake(key, f"expected {wanted}, found {found(value)}")

    def mistake(self, key: Key, sentence: str) -> ConfigError:
        return ConfigError(f"{self.place(key)}: {sentence}")


def percentage(text: str) -> float | None:
    """Return the share that a text such as `5%` is, and None for what is no percentage.

    Examples
    --------
    >>> percentage("2.9 %"), percentage("5")
    (0.029, None)
    """
    number, sign, rest = text.partition("%")
    try:
        # In decimals, since a hundredth of a float is not always the float that 0.029 is.
        return float(Decimal(number.strip()).scaleb(-2)) if sign and not rest.strip() else None
    except ArithmeticError:
        return None


def in_file(label: str) -> Callable[[Key], str]:
    """Return how messages call the keys of a file: its label and the dotted key."""
    return lambda key: f"{label}: {shown_key(key)}"


@cache
def _fields(records: Records) -> dict[str, Any]:
    fields = {each.name: each.type for record in records for each in structs.fields(record)}
    fields.pop("column_overrides", None)
    return fields if StoreSettings not in records else {**fields, "checks": None}


def _converted(value: object, annotation: Any) -> object | None:
    """Return `value` as `annotation`, or None where it does not fit or is not finite."""
    if value is None:
        return None
    try:
        result: object = msgspec.convert(value, annotation)
    except msgspec.ValidationError:
        return None
    numbers = result if isinstance(result, tuple) else (result,)
    finite = all(math.isfinite(each) for each in numbers if isinstance(each, float))
    return result if finite else None


def _complaint(name: str, value: Any) -> str | None:
    """Return what is wrong with a value of the right type, if anything is."""
    if name == "edges":
        if len(value) < 2:
            return f"expected at least two numbers, found {found(value)}"
        if any(right <= left for left, right in pairwise(value)):
            return f"expected increasing numbers, found {found(value)}"
    if name == "encoding" and not _is_encoding(value):
        return f"unknown encoding {quoted(value)}"
    if name == "timezone":
        return _unknown_zone(value)
    if name == "notify" and not all(_ADDRESS.match(each) for each in value):
        return _ADDRESSES
    return None


def _unknown_zone(name: str) -> str | None:
    from zoneinfo import available_timezones

    known = sorted(available_timezones())
    return None if name in known else f"unknown time zone {quoted(name)}; {nearest(name, known)}"


def _is_encoding(name: str) -> bool:
    try:
        "a".encode(name)
    except (LookupError, ValueError):  # a NUL in the name is a ValueError
        return False
    return True
