"""Profiles of single datasets, of several past ones, and of several as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from driftcli.comparison.figures import percent
from driftcli.comparison.roles import kind_of, role_of
from driftcli.config import Configuration, Settings, StarterColumn, starter
from driftcli.engine import GroupBy
from driftcli.errors import UsageError
from driftcli.pipeline.blocks import drawn_for
from driftcli.pipeline.filters import check_alike, check_filter
from driftcli.pipeline.gathering import gathered, opened_in_order
from driftcli.pipeline.inputs import Input, Reading, open_input
from driftcli.pipeline.kept import keep_blocks
from driftcli.pipeline.kept_pairs import keep_pairs
from driftcli.pipeline.merging import merge_all
from driftcli.pipeline.saved import Saved
from driftcli.pipeline.selection import Choice, Selection, check_one
from driftcli.profile.dataset import DatasetProfile, as_block
from driftcli.profile.groups import Profiled


def profiled(
    data: Any, configuration: Configuration, selection: Selection, reading: Reading
) -> DatasetProfile:
    """Return the profile of one dataset, with the columns that are selected.

    Raises
    ------
    DriftError
        When data cannot be read or a setting names what does not exist.
    """
    reading = reading.counting(configuration.settings)
    return profiled_by(data, configuration, selection, reading).whole


def _types(opened: Input, name: str) -> Saved:
    if isinstance(opened, Saved):
        return opened
    raise UsageError(f"--types {name}: this is data; name a saved profile of it")


def kept(
    data: Any,
    configuration: Configuration,
    selection: Selection,
    reading: Reading,
    types: str | None = None,
) -> tuple[DatasetProfile, str]:
    """Return the profile of one dataset to be saved, with the blocks of its rows and its pairs.

    And why it has none, if that is news. Text is read as the data of the saved profile `types`
    was, if one is named, and pairs are counted in its cells.

    Raises
    ------
    DriftError
        When data cannot be read or a setting names what does not exist.
    """
    reading = replace(
        reading.counting(configuration.settings), drawn_for=partial(drawn_for, configuration)
    )
    like = None if types is None else _types(open_input(types, configuration), types)
    made = profiled_by(data, configuration, selection, replace(reading, drawn=True), like=like)
    whole, lacking = keep_blocks(made, configuration)
    return keep_pairs(made, whole, like.saved if like else None), lacking


def profiled_by(
    data: Any,
    configuration: Configuration,
    selection: Selection,
    reading: Reading,
    groups: GroupBy | None = None,
    like: Saved | None = None,
) -> Profiled:
    """Return the profiles of one dataset and of groups of its rows.

    Columns are read as those of a profile that they are to be `like`.

    Raises
    ------
    DriftError
        When data cannot be read, it is a profile, or a setting names what does not exist.
    """
    settings = configuration.settings
    opened = open_input(data, configuration, rename=selection.rename, engine=reading.engine)
    check_filter(opened, configuration)
    check_one(opened.names, opened.left_out, configuration, selection)
    if reading.progress:
        reading.progress.expect(opened.size)
    choice = Choice(settings, selection, held=like.held if like else {})
    saved = like.saved if like else None
    return choice.of(opened.profile(choice, reading, saved, groups))


def past(
    datasets: Sequence[Any], configuration: Configuration, selection: Selection, reading: Reading
) -> Iterator[DatasetProfile]:
    """Yield the profiles of several datasets of the same columns, each when it is asked for.

    They have the blocks of their rows where rows are drawn. Text is read as that of the first.

    Raises
    ------
    DriftError
        When data cannot be read or a setting names what does not exist.
    """
    settings = configuration.settings
    choice = Choice(settings, selection)
    first: DatasetProfile | None = None
    for opened in opened_in_order(datasets, configuration, reading):
        check_filter(opened, configuration)
        if first is None:
            check_one(opened.names, opened.left_out, configuration, selection)
        found = choice.of(opened.profile(choice, reading, first))
        made, _ = keep_blocks(found, configuration)
        if reading.drawn and (first is None or first.pairs):
            made = keep_pairs(found, made, first)
        first = first or made
        check_alike(first, made)
        if made.redacted != first.redacted:
            raise UsageError(
                f"{made.source}: not redacted as {first.source} is, so that their categories cannot"
                " be compared"
            )
        yield made


def merged(
    datasets: Sequence[Any], configuration: Configuration, selection: Selection, reading: Reading
) -> DatasetProfile:
    """Return the profile of the rows of several datasets of the same columns, in their order.

    Each of which no blocks of its rows are known is a block.
    Folders, patterns and URIs stand for the saved profiles in them.

    Raises
    ------
    DriftError
        When data cannot be read or the datasets do not go together.
    """
    reading = replace(reading, drawn=True, drawn_for=partial(drawn_for, configuration))
    some = gathered(datasets)
    parts = past(some, configuration, selection, reading)
    return merge_all(map(as_block, parts) if len(some) > 1 else parts)


def starter_for(data: Any, configuration: Configuration) -> str:
    """Return the text of a starter drift.toml for a dataset.

    Raises
    ------
    InputError
        When the data cannot be read.
    """
    choice = Choice(Settings(), Selection())
    profile = open_input(data, configuration).profile(choice, Reading()).whole
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
