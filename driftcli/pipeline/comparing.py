"""The whole comparison, from what the user named to the report: the data's one way through."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from msgspec import structs

from driftcli.comparison import compare_profiles
from driftcli.comparison.reasons import percent
from driftcli.comparison.roles import kind_of, role_of
from driftcli.config import Configuration, StarterColumn, configured, notes, starter
from driftcli.engine import Progress
from driftcli.errors import UsageError
from driftcli.pipeline.inputs import (
    Reading,
    Side,
    asks_for_repeats,
    is_path,
    kinds_of,
    left_out,
    names_of,
    open_side,
    profile_side,
    reading,
    size_of,
    typed,
)
from driftcli.pipeline.merging import joined
from driftcli.pipeline.selection import (
    Kinds,
    Selection,
    check_both,
    check_one,
    chosen,
    forced_kinds,
)
from driftcli.profile.dataset import DatasetProfile
from driftcli.report.comparison import Finding, Report
from driftcli.source import Source

__all__ = [
    "Ran",
    "Selection",
    "compared",
    "cuttable",
    "merged",
    "past",
    "profiled",
    "run",
    "run_keeping",
    "starter_for",
    "with_settings",
]


class Ran(NamedTuple):
    """A comparison that was made: its report, and the profile of the current data."""

    report: Report
    current: DatasetProfile


def run(  # noqa: PLR0913 - each is one thing that a run can be told
    baseline: Any,
    current: Any,
    loaded: Configuration,
    selection: Selection,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
    details: bool = False,
) -> Report:
    """Read both datasets, compare them and return the report, with `details` if asked.

    Either may be a saved profile, a file or a `DatasetProfile`: it is then not read again.

    Raises
    ------
    DriftError
        When data cannot be read or a setting cannot be used.
    """
    return run_keeping(
        baseline, current, loaded, selection, threads=threads, progress=progress, details=details
    ).report


def run_keeping(  # noqa: PLR0913 - as `run`
    baseline: Any,
    current: Any,
    loaded: Configuration,
    selection: Selection,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
    details: bool = False,
) -> Ran:
    """Return the report of `run`, and the profile of the current data that it was made of."""
    if loaded.settings.like:
        from driftcli.comparison.other_tools import check_like

        check_like(loaded)
    repeated = asks_for_repeats(loaded.settings)
    how = reading(selection, threads, progress, repeated=repeated)
    p, q = compared(baseline, current, loaded, selection, how)
    report = compare_profiles(p, q, loaded.settings, details=details, today=selection.today)
    return Ran(with_settings(report, loaded, p, q), q)


def with_settings(
    report: Report, loaded: Configuration, p: DatasetProfile, q: DatasetProfile
) -> Report:
    """Return the report with what a file set, and what of it has no effect on this data."""
    names = dict.fromkeys(name for side in (p, q) for name in (*side.types, *side.left_out))
    found = [
        Finding(kind="settings", column=None, status="ok", message=note)
        for note in notes(loaded, names)
    ]
    return structs.replace(
        report, configured=configured(loaded), findings=(*report.findings, *found)
    )


def compared(
    baseline: Any, current: Any, loaded: Configuration, selection: Selection, how: Reading
) -> tuple[DatasetProfile, DatasetProfile]:
    """Return the profiles of both datasets, of the columns that are selected.

    Raises
    ------
    DriftError
        When data cannot be read or a setting cannot be used.
    """
    read, settings = loaded.settings.read, loaded.settings
    p_side = open_side(baseline, read)
    # Files are opened before any work is done; the stream of an object only when its turn comes,
    # since it may hold what the other needs (a database connection runs one query at a time).
    q_side = (
        open_side(current, read, selection.rename, settings.rename) if is_path(current) else None
    )
    if q_side is not None:
        _check(p_side, q_side, loaded, selection)
    if how.progress:
        sizes = (size_of(p_side), size_of(q_side))
        how.progress.expect(None if None in sizes else sum(size or 0 for size in sizes))
    kinds = {**forced_kinds(names_of(p_side), settings, selection), **left_out(q_side)}
    p = profile_side(p_side, kinds, how)
    if q_side is None:
        q_side = open_side(current, read, selection.rename, settings.rename)
        _check(p_side, q_side, loaded, selection)
    void = left_out(p_side, q_side)
    kinds = {**forced_kinds([*p.types, *names_of(q_side)], settings, selection), **void}
    if not isinstance(q_side, DatasetProfile):
        kinds = {**kinds_of(p_side), **kinds}
    q = profile_side(q_side, kinds, how, p)
    # Keys of JSON Lines may have come up while reading: what is left out is decided again.
    kinds = {**forced_kinds([*p.types, *q.types], settings, selection), **void}
    return _alike(chosen(p, kinds), chosen(q, kinds))


def _check(p_side: Side, q_side: Side, loaded: Configuration, selection: Selection) -> None:
    void = left_out(p_side, q_side)
    check_both(names_of(p_side), names_of(q_side), void, loaded, selection)


def _alike(p: DatasetProfile, q: DatasetProfile) -> tuple[DatasetProfile, DatasetProfile]:
    """Bring a redacted profile and another side onto the same names of categories."""
    if p.redacted is None and q.redacted is None:
        return p, q
    from driftcli.profile.redact import alike

    # Blocks have the names that the data has.
    return alike(replace(p, blocks=None), replace(q, blocks=None), salt())


def salt() -> str:
    """Return what category names are hashed with: a secret, and so no option of a command."""
    return os.environ.get("DRIFT_SALT", "")


def profiled(
    data: Any,
    loaded: Configuration,
    selection: Selection,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> DatasetProfile:
    """Return the profile of one dataset, with the columns that are selected.

    Raises
    ------
    DriftError
        When data cannot be read or a setting names what does not exist.
    """
    side = open_side(data, loaded.settings.read, selection.rename, loaded.settings.rename)
    check_one(names_of(side), left_out(side), loaded, selection)
    if progress:
        progress.expect(size_of(side))
    kinds = forced_kinds(names_of(side), loaded.settings, selection)
    repeated = asks_for_repeats(loaded.settings)
    how = reading(selection, threads, progress, repeated=repeated)
    made = profile_side(side, kinds, how)
    return chosen(made, forced_kinds(made.types, loaded.settings, selection))


def past(
    datasets: Sequence[Any],
    loaded: Configuration,
    selection: Selection,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Iterator[DatasetProfile]:
    """Yield the profiles of several datasets of the same columns, each when it is asked for.

    Text is read with the types of the first.

    Raises
    ------
    DriftError
        When data cannot be read or a setting names what does not exist.
    """
    first: DatasetProfile | None = None
    for data in datasets:
        side = open_side(data, loaded.settings.read, None, loaded.settings.rename)
        if first is None:
            check_one(names_of(side), left_out(side), loaded, selection)
        kinds = forced_kinds(names_of(side), loaded.settings, selection)
        how = reading(selection, threads, progress)
        made = profile_side(side, kinds, how, first)
        made = chosen(made, forced_kinds(made.types, loaded.settings, selection))
        first = first or made
        if made.redacted != first.redacted:
            raise UsageError(
                f"{made.source}: not redacted as {first.source} is, so that their categories cannot"
                " be compared"
            )
        yield made


def merged(
    datasets: Sequence[Any],
    loaded: Configuration,
    selection: Selection,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> DatasetProfile:
    """Return the profile of the rows of several datasets of the same columns, in their order.

    Raises
    ------
    DriftError
        When data cannot be read or the datasets do not go together.
    """
    return joined(past(datasets, loaded, selection, threads=threads, progress=progress))


def cuttable(data: Any, loaded: Configuration, selection: Selection) -> tuple[Source, Kinds]:
    """Return a dataset whose rows are to be told apart, and the kinds that settings force.

    Raises
    ------
    DriftError
        When it is a profile, or data that cannot be opened, or a setting names what does not
        exist.
    """
    side = open_side(data, loaded.settings.read, selection.rename, loaded.settings.rename)
    if isinstance(side, DatasetProfile):
        raise UsageError(f"{side.source}: a profile has no rows to tell apart; name the data")
    check_one(names_of(side), left_out(side), loaded, selection)
    kinds = forced_kinds(names_of(side), loaded.settings, selection)
    return typed(side, kinds), kinds


def starter_for(data: Any, loaded: Configuration) -> str:
    """Return the text of a starter drift.toml for a dataset.

    Raises
    ------
    InputError
        When the data cannot be read.
    """
    profile = profile_side(open_side(data, loaded.settings.read), {}, Reading())
    return starter(profile.source, [_described(profile, name) for name in profile.types])


def _described(profile: DatasetProfile, name: str) -> StarterColumn:
    column = profile.columns.get(name)
    if column is None:
        return StarterColumn(name=name, kind="unsupported", type=profile.types[name])
    missing = column.missing / column.rows if column.rows else 0.0
    role = role_of(name, column)
    return StarterColumn(
        name=name,
        kind=kind_of(role, column),
        type=column.type,
        note=f"missing {percent(missing)}" if missing else "",
        identifier=role in ("identifier", "older"),
    )
