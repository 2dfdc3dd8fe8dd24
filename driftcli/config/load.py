"""Every layer of settings, from defaults to flags, merged into one record with its origins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from msgspec import Struct, structs

from driftcli.config.decode import Layer, decode, in_file
from driftcli.config.entries import (
    Entries,
    assemble,
    flatten,
    record,
    shown_run,
    tables,
    without_secrets,
)
from driftcli.config.find import ConfigFile, find
from driftcli.config.flags import (
    THRESHOLD,
    flag,
    no_gate_layer,
    override_layer,
    threshold_layer,
)
from driftcli.config.ranges import Bounded, bounds, out_of_reach
from driftcli.config.running import WINDOW, Inputs, RunSettings, StoreSettings
from driftcli.config.settings import Settings
from driftcli.config.signs import sign
from driftcli.config.toml import Key, toml_key, toml_value
from driftcli.config.wording import shown_key
from driftcli.errors import ConfigError
from driftcli.text import quoted

DEFAULT = "default"

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_KIND_LISTS = ("categorical", "numeric", "timestamp", "text")


class Configuration(Struct, frozen=True, kw_only=True):
    """The settings in force, and where each came from.

    Attributes
    ----------
    origins
        By dotted key: "default", the file, or the flag.
    file, path
        What messages call the configuration file, and where it lies; None where there is none.
    running, history, connections
        How checks are run, where their results are kept, and where databases lie.
    checks
        Those of the file by their names. Each has the settings in force for it: those of its own
        table over those at the top.
    inputs, table
        Of a check, what it compares, and what messages call its table.
    sharing
        The number of checks that what stands at the top of the file is for.
    notes
        What of the file has no effect.
    """

    settings: Settings
    origins: dict[str, str]
    file: str | None = None
    path: Path | None = None
    running: RunSettings = RunSettings()
    history: str | None = None
    connections: dict[str, str] = {}
    checks: dict[str, Configuration] = {}
    inputs: Inputs | None = None
    table: str | None = None
    sharing: int = 0
    notes: tuple[str, ...] = ()

    def place(self, key: Key) -> str:
        """Return how a message calls the place where `key` was set."""
        origin = self.origins.get(toml_key(key), DEFAULT)
        if self.table and origin == self.table:
            return f"{origin}.{shown_key(key)}"
        return f"{origin}: {shown_key(key)}" if origin == self.file else origin


class SettingInForce(NamedTuple):
    """A setting in force: its dotted key, its value as TOML (None: not set) and its origin."""

    key: str
    value: str | None
    origin: str


def load(  # noqa: PLR0913 - each is one origin of settings
    *,
    metrics: Collection[str] | Mapping[str, Bounded],
    config: str | Path | None = None,
    environ: Mapping[str, str] = _NOTHING,
    cwd: Path | None = None,
    overrides: Mapping[str, object] = _NOTHING,
    thresholds: Iterable[str] = (),
    no_gate: Iterable[str] = (),
    named: Callable[[str], str] = flag,
    pairs: bool = False,
) -> Configuration:
    """Find and read the configuration, and apply the overrides.

    Parameters
    ----------
    metrics
        The names of the metrics that exist, or these by name: their thresholds are then checked
        to lie within their range.
    config
        The file to read; without it DRIFT_CONFIG of `environ` names one, and without that it is
        looked for upwards from `cwd` (an absolute path; None: not looked for).
    overrides
        Values by dotted key, as in the file ("fail_on", "read.delimiter", "columns"); those
        that are None are not given.
    thresholds
        `--threshold` texts; later ones win, and all of them win over `overrides`.
    no_gate
        Globs over the columns that are reported and not judged.
    named
        What messages and origins call the override of a dotted key: the flag, by default.
    pairs
        Whether pairs of columns are compared, so that `thresholds` may be of these.

    Raises
    ------
    ConfigError
        For anything missing, unknown or out of range, in one line that names the place.
    """
    file = find(None if config is None else Path(config), environ, cwd)
    from_file = decode(Layer(file.table, in_file(file.label)), metrics) if file else {}
    largest = bounds(metrics)
    from_flags = []
    layers = [
        *_override_layers(overrides, named),
        *((THRESHOLD, threshold_layer(text, metrics, pairs=pairs)) for text in thresholds),
        *((named("no_gate"), no_gate_layer(glob, named("no_gate"))) for glob in no_gate),
    ]
    for origin, layer in layers:
        entries = decode(layer, metrics)
        for key, complaint in out_of_reach(entries, largest):
            raise ConfigError(f"{layer.place(key)}: {complaint}")
        from_flags.append((origin, entries))
    configuration = _merged(file, from_file, from_flags, largest)
    for each in (configuration, *configuration.checks.values()):
        _check_together(each)
    return configuration


def _override_layers(
    overrides: Mapping[str, object], named: Callable[[str], str]
) -> Iterator[tuple[str, Layer]]:
    for key, value in overrides.items():
        if value is not None:
            yield named(key), override_layer(key, value, named(key))


def _merged(
    file: ConfigFile | None,
    from_file: Entries,
    from_flags: Sequence[tuple[str, Entries]],
    largest: Mapping[str, float],
) -> Configuration:
    top = {key: value for key, value in from_file.items() if key[0] != "checks"}
    label = file.label if file else ""
    layers = [(label, top)]
    found = tables(from_file, "checks")
    notes = _notes(label, top, largest)
    configuration = structs.replace(
        _of_layers(file, layers, from_flags), sharing=len(found), notes=notes
    )
    checks = {
        name: structs.replace(
            _of_layers(file, [*layers, (f"{label}: checks.{name}", entries)], from_flags),
            inputs=record(Inputs, entries),
            table=f"{label}: checks.{name}",
            sharing=len(found),
            notes=(*notes, *_notes(f"{label}: checks.{name}", entries, largest, dot=".")),
        )
        for name, entries in found.items()
    }
    return structs.replace(configuration, checks=checks)


def _notes(
    label: str, entries: Entries, largest: Mapping[str, float], dot: str = ": "
) -> tuple[str, ...]:
    """Say which thresholds of a file are out of reach: files have long switched metrics off so."""
    return tuple(
        f"{label}{dot}{shown_key(key)}: never reached: {complaint}"
        for key, complaint in out_of_reach(entries, largest)
    )


def _of_layers(
    file: ConfigFile | None,
    from_file: Sequence[tuple[str, Entries]],
    from_flags: Sequence[tuple[str, Entries]],
) -> Configuration:
    (_, first), *over = layers = [*from_file, *from_flags]
    settings = assemble(first, [entries for _, entries in over])
    given = {key: value for _, entries in layers for key, value in entries.items()}
    store, running = record(StoreSettings, given), record(RunSettings, given)
    origins = dict.fromkeys([*flatten(settings), *shown_run(store, running)], DEFAULT)
    for origin, entries in layers:
        origins.update(dict.fromkeys(entries, origin))
    return Configuration(
        settings=settings,
        origins={toml_key(key): origin for key, origin in origins.items()},
        file=file.label if file else None,
        path=file.path if file else None,
        running=running,
        history=store.history,
        connections=store.connections,
    )


def _check_together(configuration: Configuration) -> None:
    """Raise a ConfigError for settings that are each valid but contradict one another."""
    settings = configuration.settings
    if configuration.inputs and WINDOW.fullmatch(configuration.inputs.baseline):
        _check_window(configuration, configuration.inputs.baseline)
    seen: dict[str, str] = {}
    for kind in _KIND_LISTS:
        for glob in getattr(settings, kind):
            if seen.setdefault(glob, kind) != kind:
                where = configuration.place((kind,))
                raise ConfigError(f"{where}: {quoted(glob)} is also in {seen[glob]}")
    if sign(settings.read.delimiter or "") == settings.read.decimal:
        where = configuration.place(("read", "delimiter"))
        raise ConfigError(f"{where}: {quoted(settings.read.decimal)} is also the decimal sign")
    for glob, column in (*settings.columns.items(), *settings.column_overrides):
        if column.edges and (column.bins or column.binning):
            where = configuration.place(("columns", glob, "edges"))
            raise ConfigError(f"{where}: edges take the place of bins and binning; drop those")


def _check_window(configuration: Configuration, baseline: str) -> None:
    """Refuse segments of a baseline that keeps no rows."""
    where = configuration.place(("by",))
    # Flags are for what is compared now.
    if configuration.settings.by and where.startswith(configuration.file or DEFAULT):
        raise ConfigError(
            f"{where}: {quoted(baseline)} keeps profiles of past runs, which have no rows to make"
            f" segments of; name data as the baseline, or set by = [] in {configuration.table}"
        )


def configured(configuration: Configuration) -> dict[str, str]:
    """Return the settings of comparisons that a file gave: its place in messages by dotted key."""
    places = (configuration.file, configuration.table)
    given = {
        toml_key(key): configuration.origins.get(toml_key(key))
        for key in flatten(configuration.settings)
    }
    return {key: origin for key, origin in given.items() if origin and origin in places}


def describe(configuration: Configuration) -> list[SettingInForce]:
    """Return every setting in force, in the order of `Settings`, without secrets.

    Of the checks, those follow that their own tables hold.
    """
    store = StoreSettings(history=configuration.history, connections=configuration.connections)
    rows = [
        SettingInForce(
            toml_key(key),
            None if value is None else toml_value(value),
            configuration.origins.get(toml_key(key), DEFAULT),
        )
        for key, value in {
            **flatten(configuration.settings),
            **shown_run(store, configuration.running),
        }.items()
    ]
    for name, check in configuration.checks.items():
        rows += _rows_of(name, check)
    return rows


def _rows_of(check_name: str, check: Configuration) -> Iterator[SettingInForce]:
    in_force = {**flatten(check.settings), **shown_run(StoreSettings(), check.running)}
    if check.inputs:
        given: dict[Key, Any] = {
            (k,): without_secrets(k, each) for k, each in structs.asdict(check.inputs).items()
        }
        in_force = {**given, **in_force}
    for key, value in in_force.items():
        if check.origins.get(toml_key(key)) == check.table:
            yield SettingInForce(
                toml_key(("checks", check_name, *key)), toml_value(value), check.file or ""
            )
