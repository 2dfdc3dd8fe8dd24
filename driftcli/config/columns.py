"""What the settings mean for each column, and whether the columns they name exist."""

import re
from collections.abc import Collection, Iterable, Iterator
from fnmatch import translate
from itertools import chain
from typing import Generic, TypeVar

from msgspec import Struct, structs

from driftcli.config.entries import flatten
from driftcli.config.load import Configuration
from driftcli.config.settings import (
    Binning,
    Bins,
    ColumnSettings,
    ForcedKind,
    Levels,
    Scale,
    Settings,
    Smoothing,
)
from driftcli.config.toml import Key, toml_key
from driftcli.errors import ConfigError, no_column
from driftcli.text import quoted

T = TypeVar("T")

_LISTS = ("exclude", "categorical", "numeric", "timestamp", "text")
#: Columns that a note names at most.
_NAMED = 5
_GLOB = re.compile(r"[*?\[]")


class ResolvedColumn(Struct, frozen=True, kw_only=True):
    """What is in force for one column.

    Attributes
    ----------
    ignore
        Whether the column is left out.
    kind, gate
        None where nothing was set.
    bins, binning, edges
        Where there are `edges`, the others do not count.
    smoothing, scale
        As the settings have them.
    thresholds
        Of the gated metrics only.
    asked
        The metrics that a glob other than `*` gives thresholds to.
    """

    ignore: bool
    kind: ForcedKind | None
    gate: bool | None
    bins: Bins
    binning: Binning
    edges: tuple[float, ...] | None
    smoothing: Smoothing
    scale: Scale
    thresholds: dict[str, Levels]
    asked: frozenset[str] = frozenset()


class _Globs(Generic[T]):
    """Values by glob; a glob matches a name that it equals, or as `fnmatch.fnmatchcase` does."""

    def __init__(self, pairs: Iterable[tuple[str, T]]) -> None:
        self._values: list[T] = []
        self._exact: dict[str, list[int]] = {}
        self._globs: list[tuple[int, re.Pattern[str]]] = []
        for place, (glob, value) in enumerate(pairs):
            self._values.append(value)
            self._exact.setdefault(glob, []).append(place)
            if _GLOB.search(glob):
                self._globs.append((place, re.compile(translate(glob))))

    def matching(self, name: str) -> tuple[int, ...]:
        """Return the places of the globs that match `name`, in the order given."""
        exact = self._exact.get(name, ())
        if not self._globs:
            return tuple(exact)
        matched = [place for place, pattern in self._globs if pattern.match(name)]
        return tuple(sorted({*exact, *matched}))

    def values(self, places: Iterable[int]) -> list[T]:
        """Return the values at `places`."""
        return [self._values[place] for place in places]


def resolve(settings: Settings, names: Iterable[str]) -> dict[str, ResolvedColumn]:
    """Return what is in force for each of `names`.

    Where several globs of `columns` match a name, each value comes from the last that gives it,
    and a flag counts as last. `columns` says a kind over the lists of kinds; of those,
    `categorical` comes before `numeric` before `timestamp` before `text`.
    """
    ignored = _Globs((glob, True) for glob in settings.exclude)
    kinds = _Globs(_listed_kinds(settings))
    globs = chain(settings.columns.items(), settings.column_overrides)
    entries = _Globs((glob, (glob, entry)) for glob, entry in globs)
    # Columns that the same globs match share one record: a table has far fewer rules than columns.
    shared: dict[tuple[bool, tuple[int, ...], tuple[int, ...]], ResolvedColumn] = {}
    columns = {}
    for name in names:
        rules = (bool(ignored.matching(name)), kinds.matching(name), entries.matching(name))
        if rules not in shared:
            shared[rules] = _resolved(
                settings,
                ignore=rules[0],
                kinds=kinds.values(rules[1]),
                entries=entries.values(rules[2]),
            )
        columns[name] = shared[rules]
    return columns


def _listed_kinds(settings: Settings) -> Iterator[tuple[str, ForcedKind]]:
    yield from ((glob, "categorical") for glob in settings.categorical)
    yield from ((glob, "numeric") for glob in settings.numeric)
    yield from ((glob, "timestamp") for glob in settings.timestamp)
    yield from ((glob, "text") for glob in settings.text)


def _resolved(
    settings: Settings,
    *,
    ignore: bool,
    kinds: list[ForcedKind],
    entries: list[tuple[str, ColumnSettings]],
) -> ResolvedColumn:
    merged = _merged([entry for _, entry in entries])
    levels = {**settings.thresholds, **merged.thresholds}
    asked = frozenset(name for glob, entry in entries if glob != "*" for name in entry.thresholds)
    return ResolvedColumn(
        asked=asked,
        ignore=ignore,
        kind=merged.kind or (kinds[0] if kinds else None),
        gate=merged.gate,
        bins=settings.bins if merged.bins is None else merged.bins,
        binning=settings.binning if merged.binning is None else merged.binning,
        edges=merged.edges,
        smoothing=settings.smoothing if merged.smoothing is None else merged.smoothing,
        scale=settings.scale if merged.scale is None else merged.scale,
        thresholds={metric: each for metric, each in levels.items() if each != Levels()},
    )


def _merged(entries: list[ColumnSettings]) -> ColumnSettings:
    """Return one entry in which the last value given of each field counts."""
    merged = ColumnSettings()
    for entry in entries:
        given = {name: each for name, each in structs.asdict(entry).items() if each is not None}
        thresholds = {**merged.thresholds, **entry.thresholds}
        merged = structs.replace(merged, **{**given, "thresholds": thresholds})
    return merged


def check_columns(configuration: Configuration, names: Collection[str]) -> None:
    """Check that every column named without a glob exists, but for those that checks share.

    Parameters
    ----------
    names
        The columns of both datasets.

    Raises
    ------
    ConfigError
        Names the place, the column and the nearest one that exists.
    """
    for key, glob in _absent(configuration, names):
        if not _is_shared(configuration, key):
            lacking = no_column(glob, names, "in either dataset")
            raise ConfigError(f"{_entry(configuration, key, glob)}: {lacking}")


def notes(configuration: Configuration, names: Collection[str]) -> tuple[str, ...]:
    """Return what of the file has no effect on datasets with these columns.

    The columns that an entry for several checks names need not be in the data of each.
    """
    lacking: dict[str, list[str]] = {}
    for key, glob in _absent(configuration, names):
        if _is_shared(configuration, key):
            place = key[0] if key[0] == "columns" else toml_key(key)
            listed = lacking.setdefault(place, [])
            if glob not in listed:
                listed.append(glob)
    return (
        *configuration.notes,
        *(
            f"{configuration.file}: {key}: in neither dataset of this comparison: {_listed(globs)}"
            for key, globs in lacking.items()
        ),
    )


def _listed(globs: list[str]) -> str:
    shown = ", ".join(map(quoted, globs[:_NAMED]))
    return shown + (f" and {len(globs) - _NAMED} more" if len(globs) > _NAMED else "")


def _absent(configuration: Configuration, names: Collection[str]) -> Iterator[tuple[Key, str]]:
    known = frozenset(names)
    for key, glob in _named_columns(configuration):
        if glob not in known and not _GLOB.search(glob):
            yield key, glob


def _entry(configuration: Configuration, key: Key, glob: str) -> str:
    """Return the place of an entry; that of a new name has the old one, which may be empty."""
    place = configuration.place(key)
    if key != ("rename",):
        return place
    renamed = configuration.settings.rename.items()
    return f"{place}.{toml_key(next((old,) for old, new in renamed if new == glob))}"


def _is_shared(configuration: Configuration, key: Key) -> bool:
    """Return whether an entry stands at the top of a file, for more than this comparison.

    What is calibrated stands there for any data, though the file has one check only.
    """
    at_the_top = configuration.origins.get(toml_key(key)) == configuration.file
    return at_the_top and configuration.sharing >= (1 if key[0] == "columns" else 2)


def _named_columns(configuration: Configuration) -> Iterator[tuple[Key, str]]:
    settings = configuration.settings
    for name in _LISTS:
        yield from (((name,), glob) for glob in getattr(settings, name))
    yield from ((("read", "written"), glob) for glob in settings.read.written)
    yield from ((("rename",), new) for new in settings.rename.values())
    yield from ((key, key[1]) for key in flatten(settings) if key[0] == "columns")
