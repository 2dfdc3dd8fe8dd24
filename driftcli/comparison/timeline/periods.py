"""The periods of a dataset, as they were read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from driftcli.metrics.blocks import enough
from driftcli.profile.blocks import Blocks
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Group

#: Points of one period's column, at most. W₁ is then known to some 0.002 standard deviations, a
#: fiftieth of its default threshold. With very many periods and columns the engine holds fewer.
POINTS = 1_024
#: Points of what is put together from several periods: a window, a baseline.
JOINED_POINTS = 2_048


class Periods(Struct, frozen=True):
    """The periods of a dataset by their numbers, which follow one another without a gap.

    Attributes
    ----------
    dataset : DatasetProfile
        Where they come from; of its columns, the profiles of the period with the most rows.
    by_number : mapping of int to Group
        Those that have rows.
    untimed : int
        Rows whose time is missing.
    inside : sequence of int
        The periods that have rows in the span of the baseline.
    baseline : Group or None
        The rows in that span.
    blocks : callable or None
        Gives the blocks of the rows from one period to another, where rows of a block move
        together within periods.
    baseline_blocks : Blocks or None
        Those of the baseline that all periods are compared with.
    """

    dataset: DatasetProfile
    by_number: Mapping[int, Group]
    untimed: int = 0
    inside: Sequence[int] = ()
    baseline: Group | None = None
    blocks: Callable[[int, int], Blocks] | None = None
    baseline_blocks: Blocks | None = None

    @property
    def first(self) -> int:
        """The number of the first period."""
        return min(self.by_number)

    @property
    def last(self) -> int:
        """The number of the last period."""
        return max(self.by_number)

    def rows(self, number: int) -> int:
        """Return how many rows a period has."""
        return self.by_number[number].rows if number in self.by_number else 0


def blocks_tell(most: int) -> bool:
    """Return whether two windows of so many blocks each tell how blocks differ."""
    return enough(most, most)
