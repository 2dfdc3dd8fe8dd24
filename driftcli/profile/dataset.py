"""A dataset's profile: its columns' profiles over the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from driftcli.profile.column import ColumnProfile


@dataclass(frozen=True)
class DatasetProfile:
    """What a dataset is compared by.

    Attributes
    ----------
    rows : int
        Rows of the dataset.
    sampled_rows : int or None
        Rows the column profiles describe, when a sample was taken.
    columns : mapping of str to ColumnProfile
        In the dataset's order.
    types : mapping of str to str
        The type of every column, also of those that cannot be compared.
    """

    source: str
    format: str
    rows: int
    columns: Mapping[str, ColumnProfile]
    types: Mapping[str, str]
    sampled_rows: int | None = None
    notes: Sequence[str] = ()
