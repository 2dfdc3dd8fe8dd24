"""Which columns and rows of datasets are compared, and what is read of each column."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from functools import cached_property

import pyarrow as pa
from msgspec import Struct, field
from msgspec.structs import replace

from driftcli.config import Configuration, ForcedKind, Settings, check_columns, resolve
from driftcli.errors import UsageError, no_column
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Profiled
from driftcli.profile.kinds import Kind

#: The kinds that settings force on columns, and None for columns that are not to be read.
Kinds = Mapping[str, Kind | None]


class Selection(Struct, frozen=True):
    """Which columns of the datasets are compared.

    Attributes
    ----------
    column : str or None
        The name of the only one.
    columns, exclude : sequence of str
        Globs; no `columns` is all.
    rename : mapping of str to str
        Names of the current data to names of the baseline.
    by : sequence of str
        The columns that tell segments apart.
    time : str or None
        The column that tells periods apart. It is not compared.
    today : date or None
        Times after it are to come; the day by the clock where it is None.
    """

    column: str | None = None
    columns: Sequence[str] = ()
    exclude: Sequence[str] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    by: Sequence[str] = ()
    time: str | None = None
    today: date | None = None

    def takes(self, name: str) -> bool:
        """Return whether a column of this name is compared."""
        if self.column is not None:
            return name == self.column
        wanted = not self.columns or _matches(name, self.columns)
        return wanted and name != self.time and not _matches(name, self.exclude)


class Choice(Struct, frozen=True, dict=True):
    """Which columns are read, and as what: decided by name, as keys of JSON Lines come up late.

    Attributes
    ----------
    left_out : collection of str
        Columns that were left out of a saved profile: they are not compared.
    held : mapping of str to Kind
        The kinds that columns of a saved baseline were forced to have.
    """

    settings: Settings
    selection: Selection
    left_out: Collection[str] = ()
    held: Kinds = field(default_factory=dict)

    def forced(self, names: Iterable[str]) -> Kinds:
        """Return the kinds that settings force, and None for columns that are not to be read."""
        names = tuple(names)
        if names not in self._known:
            self._known[names] = self._forced(names)
        return self._known[names]

    @cached_property
    def _known(self) -> dict[tuple[str, ...], Kinds]:
        """What is forced of some names: thousands of profiles have the same."""
        return {}

    def _forced(self, names: Iterable[str]) -> Kinds:
        rules = resolve(self.settings, names)
        return {
            name: None if rule.ignore or not self._takes(name) else _read_kind(rule.kind)
            for name, rule in rules.items()
            if rule.kind or rule.ignore or not self._takes(name)
        }

    def beside_held(self, names: Iterable[str]) -> Kinds:
        """Return `forced`, and the kinds of a saved baseline where settings force none."""
        return {**self.held, **self.forced(names)}

    def of(self, made: Profiled) -> Profiled:
        """Return what was read without the columns of the whole that are not to be."""
        return replace(made, whole=chosen(made.whole, self.forced(made.whole.types)))

    def _takes(self, name: str) -> bool:
        return name not in self.left_out and self.selection.takes(name)


def _read_kind(kind: ForcedKind | None) -> Kind | None:
    """Return the kind as which a column is profiled: text, too, is counted by its values."""
    return "categorical" if kind == "text" else kind


def check_one(
    names: Sequence[str],
    left_out: Iterable[str],
    configuration: Configuration,
    selection: Selection,
) -> None:
    """Check that all columns that were named are in a dataset with these.

    Settings may also name columns that were `left_out` when a profile was made.

    Raises
    ------
    ConfigError, UsageError
        When one is not.
    """
    check_columns(configuration, [*names, *left_out])
    _check_globs(selection, names)


def check_both(
    p_names: Sequence[str],
    q_names: Sequence[str],
    left_out: Iterable[str],
    configuration: Configuration,
    selection: Selection,
) -> None:
    """Check that all columns that were named exist, and that there is one to compare.

    Settings may also name columns that were `left_out` when a profile was made.

    Raises
    ------
    ConfigError, UsageError
        When that is not so.
    """
    names = list(dict.fromkeys([*p_names, *q_names]))
    check_columns(configuration, [*names, *left_out])
    _check_globs(selection, names)
    _check_column(selection.column, p_names, q_names)
    for name in selection.by:
        _check_by(configuration.place(("by",)), name, p_names, q_names)
    kinds = Choice(configuration.settings, selection).forced(names)
    if all(kinds.get(name, "numeric") is None for name in names):
        raise UsageError("nothing to compare: every column is ignored or excluded")


def chosen(profile: DatasetProfile, kinds: Kinds) -> DatasetProfile:
    """Leave out the columns that are not to be read."""
    if None not in kinds.values():
        return profile
    kept = [name for name in profile.types if kinds.get(name, "") is not None]
    dropped = [name for name in profile.types if kinds.get(name, "") is None]
    fields = [field for field in profile.schema or () if field.name in kept]
    return replace(
        profile,
        left_out=(*profile.left_out, *dropped),
        schema=pa.schema(fields),
        types={name: profile.types[name] for name in kept},
        written={name: each for name, each in profile.written.items() if name in kept},
        columns={name: profile.columns[name] for name in kept if name in profile.columns},
        kept=profile.kept and profile.kept.of(kept),
        rows_kept=profile.rows_kept and profile.rows_kept.of(kept),
        pairs=profile.pairs and profile.pairs.of(kept),
    )


def _matches(name: str, globs: Iterable[str]) -> bool:
    return any(name == glob or fnmatchcase(name, glob) for glob in globs)


def _check_globs(selection: Selection, names: Sequence[str]) -> None:
    for option, globs in (("--columns", selection.columns), ("--exclude", selection.exclude)):
        for glob in globs:
            if not any(_matches(name, (glob,)) for name in names):
                raise UsageError(f"{option}: {no_column(glob, names)}")


def _check_by(where: str, name: str, p_names: Sequence[str], q_names: Sequence[str]) -> None:
    for side, names in (("baseline", p_names), ("current data", q_names)):
        if name not in names:
            raise UsageError(f"{where}: {no_column(name, names, f'in the {side}')}")


def _check_column(name: str | None, p_names: Sequence[str], q_names: Sequence[str]) -> None:
    if name is None or (name in p_names and name in q_names):
        return
    for side, names in (("baseline", p_names), ("current data", q_names)):
        if name in names:
            raise UsageError(
                f"column {name!r} is in the {side} only; --rename OLD=NEW matches names"
            )
    both = [each for each in p_names if each in q_names]
    raise UsageError(no_column(name or "", both))
