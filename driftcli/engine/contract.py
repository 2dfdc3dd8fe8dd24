"""What every engine offers: work mapped over units, and what came of it merged in one shape."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from driftcli.source import Seen

Unit = TypeVar("Unit")
Part = TypeVar("Part")


class Worked(NamedTuple, Generic[Part]):
    """What came of a unit, or of several that were joined: a part, of so much input.

    What values said of what was assumed of them is `seen`, by the place of the pass.
    """

    part: Part
    rows: float = 0.0
    size: int = 0
    seen: Mapping[int, Seen] = {}


#: Returns what one unit holds. It runs anywhere, and a DriftError of it is a value: see `tree`.
Work = Callable[[Unit], Worked[Part]]


class Join(Protocol[Part]):
    """Makes one part of some neighbours."""

    def __call__(self, parts: Sequence[Part], *, last: bool) -> Part:
        """Return the part of all rows of `parts`, in row order; `last` says that they are all."""


#: Is told of what came of a unit.
Told = Callable[[Worked[Any]], None]
#: Units in the order of their rows, each with the lane it belongs to: parts of one lane are joined.
Lanes = Iterable[tuple[Hashable, Unit]]


class Engine(Protocol):
    """Where work runs."""

    @property
    def elsewhere(self) -> bool:
        """Whether it runs in other processes, which know of data no more than its name."""

    def map_merge(
        self,
        work: Work[Unit, Part],
        join: Join[Part],
        lanes: Lanes[Unit],
        progress: Told,
    ) -> Mapping[Hashable, Worked[Part]]:
        """Return the part of each lane: `work` of its units, merged by `join` as in `tree`.

        Parameters
        ----------
        work, join
            What they hold, the units and the parts can be pickled.
        progress
            Is told in this thread of what came of each unit, in row order.

        Raises
        ------
        DriftError
            The first in row order of those that the work came upon.
        """


class Progress(Protocol):
    """Is told how the reading goes."""

    def expect(self, size: int | None) -> None:
        """Say how many bytes of input there are, None when that is not known."""

    def advance(self, rows: float, size: int) -> None:
        """Say that so many more rows and bytes of input were read."""
