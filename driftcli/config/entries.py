"""Settings as a flat table: one entry a dotted key, which is what layers of settings merge by."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec import Struct, structs

from driftcli.config.running import RunSettings, StoreSettings, masked
from driftcli.config.settings import (
    DEFAULT_THRESHOLDS,
    JOINT_THRESHOLDS,
    ColumnSettings,
    ReadSettings,
    Settings,
)
from driftcli.config.toml import Key
from driftcli.text import safe

Entries = Mapping[Key, Any]

_SECTIONS = ("thresholds", "read", "columns", "column_overrides")
_Record = TypeVar("_Record", bound=Struct)


def assemble(file: Entries, overrides: Iterable[Entries]) -> Settings:
    """Return the settings of a file's entries with overrides on top, over the defaults.

    Thresholds merge metric by metric; the column entries of the overrides stay apart, in their
    order, because they come after all of the file's.
    """
    both = dict(file)
    columns: list[tuple[str, ColumnSettings]] = []
    for entries in overrides:
        both.update(entries)
        columns.extend(_columns(entries).items())
    return Settings(
        **_fields_of(Settings, both),
        thresholds={**DEFAULT_THRESHOLDS, **_under(("thresholds",), both)},
        read=ReadSettings(**_under(("read",), both)),
        columns=_columns(file),
        column_overrides=tuple(columns),
    )


def record(kind: type[_Record], entries: Entries) -> _Record:
    """Return a record of settings that stand at the top of a table, all others their defaults."""
    return kind(**_fields_of(kind, entries))


def _fields_of(kind: type[Struct], entries: Entries) -> dict[str, Any]:
    names = kind.__struct_fields__
    return {name: value for name, value in _under((), entries).items() if name in names}


def tables(entries: Entries, name: str) -> Mapping[str, Entries]:
    """Return the entries below each table in the section `name`, by the name of the table."""
    found: dict[str, dict[Key, Any]] = {}
    for (section, *steps), value in entries.items():
        if section == name:
            found.setdefault(steps[0], {})[tuple(steps[1:])] = value
    return found


def _under(section: Key, entries: Entries) -> dict[str, Any]:
    depth = len(section)
    return {
        key[-1]: value
        for key, value in entries.items()
        if len(key) == depth + 1 and key[:depth] == section
    }


def _columns(entries: Entries) -> dict[str, ColumnSettings]:
    fields: dict[str, dict[str, Any]] = {}
    for (section, *steps), value in entries.items():
        if section != "columns":
            continue
        glob, name, *metric = steps
        column = fields.setdefault(glob, {})
        if metric:
            column.setdefault("thresholds", {})[metric[0]] = value
        else:
            column[name] = value
    return {glob: ColumnSettings(**column) for glob, column in fields.items()}


def flatten(settings: Settings) -> dict[Key, Any]:
    """Return the entries in force, unset ones (None) of the general settings included.

    Thresholds of pairs are in force beside those of columns.

    An override of a glob that the file has too replaces the file's entry.
    """
    entries: dict[Key, Any] = {
        (name,): value for name, value in structs.asdict(settings).items() if name not in _SECTIONS
    }
    thresholds = {**JOINT_THRESHOLDS, **settings.thresholds}
    entries.update({("thresholds", name): each for name, each in thresholds.items()})
    entries.update({("read", name): each for name, each in structs.asdict(settings.read).items()})
    for glob, column in (*settings.columns.items(), *settings.column_overrides):
        entries.update(_column_entries(glob, column))
    return entries


def _column_entries(glob: str, column: ColumnSettings) -> Iterator[tuple[Key, Any]]:
    for name, value in structs.asdict(column).items():
        if name == "thresholds":
            yield from ((("columns", glob, name, metric), each) for metric, each in value.items())
        elif value is not None:
            yield ("columns", glob, name), value


def shown_run(store: StoreSettings, running: RunSettings) -> dict[Key, Any]:
    """Return the entries in force of how checks are run, without what may be secret in them."""
    both = {**structs.asdict(store), **structs.asdict(running)}
    return {(name,): without_secrets(name, value) for name, value in both.items()}


def without_secrets(name: str, value: Any) -> Any:
    """Return the value of a setting as it may be printed."""
    if name == "notify":
        return tuple(map(masked, value))
    if isinstance(value, tuple):
        return tuple(safe(each) if isinstance(each, str) else each for each in value)
    if isinstance(value, dict):
        return {key: without_secrets(key, each) for key, each in value.items()}
    return safe(value) if isinstance(value, str) else value
