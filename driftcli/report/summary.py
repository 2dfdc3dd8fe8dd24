"""The summary of one dataset: frozen records that are the JSON contract of `drift show`."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import Struct

from driftcli.report.columns import ColumnStats, Kind
from driftcli.report.comparison import Dataset
from driftcli.report.documents import Count, Document, Share, Value


class ColumnShape(Struct, frozen=True, kw_only=True):
    """How the values of one column spread over a few cells, for drawing: shares of its values.

    `edges` bound the cells of a number or a time (the outer cells also hold what lies beyond);
    `labels` name the cells of a categorical column, the last of them "other" when `other`.
    """

    shares: tuple[Share, ...]
    labels: tuple[str, ...] = ()
    edges: tuple[Value, ...] = ()
    other: bool = False


class ColumnSummary(Struct, frozen=True, kw_only=True):
    """One column of a dataset.

    Attributes
    ----------
    name, kind
        What it is.
    identifier, constant
        Whether its values name rows rather than describe them, and whether they are all one.
    stats, shape
        Its statistics, and how its values spread.
    hours_of_day, weekdays
        How its times spread over 24 hours from midnight and 7 days from Monday, in UTC or in its
        naive local time.
    """

    name: str
    kind: Kind
    identifier: bool = False
    constant: bool = False
    stats: ColumnStats
    shape: ColumnShape | None = None
    hours_of_day: tuple[Share, ...] = ()
    weekdays: tuple[Share, ...] = ()


class ProfileSummary(Document, frozen=True, kw_only=True):
    """What `drift show` prints: the columns of one dataset.

    Attributes
    ----------
    schema, version
        What the document is, and the version of drift that made it.
    data
        Where the data came from.
    profile_of
        Of a saved profile, the data that it was made of.
    redacted
        Whether it holds hashes in the place of categories, and no exact extremes.
    blocks, block_count
        What a block of rows is that a saved profile keeps, such as "day of time_hour", and how many
        there are.
    kept_rows
        How many of the rows themselves it keeps.
    notes, read_as
        What was guessed of how text is read, and which columns are read as what they are written
        like.
    columns
        The columns, in the order of the dataset.
    """

    document: ClassVar[str] = "profile"

    schema: Literal["drift.profile/1"] = "drift.profile/1"
    version: str
    data: Dataset
    profile_of: str | None = None
    redacted: bool = False
    blocks: str | None = None
    block_count: Count = 0
    kept_rows: Count = 0
    notes: tuple[str, ...] = ()
    read_as: tuple[str, ...] = ()
    columns: tuple[ColumnSummary, ...]
