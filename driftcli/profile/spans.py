"""Groups of values that lie side by side in one array: passes over all, sums of each by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Values = NDArray[Any]
Places = NDArray[np.intp]


class Spans(Struct, frozen=True):
    """Where each of some neighbouring groups of values lies, of which none is empty.

    Attributes
    ----------
    bounds : shape (groups + 1,)
        Where each begins; the end comes last.
    """

    bounds: Places

    @classmethod
    def of(cls, sizes: Sequence[int] | Places) -> Spans:
        """Return groups of these sizes."""
        bounds = np.zeros(len(sizes) + 1, np.intp)
        np.cumsum(sizes, out=bounds[1:])
        return cls(bounds)

    @property
    def starts(self) -> Places:
        """The place of the first value of each."""
        return self.bounds[:-1]

    @property
    def last(self) -> Places:
        """The place of the last value of each."""
        return self.bounds[1:] - 1

    @property
    def sizes(self) -> Places:
        """How many values each has."""
        return self.bounds[1:] - self.bounds[:-1]

    def each(self, values: Values) -> Iterator[Values]:
        """Yield the values of each."""
        for start, end in pairwise(self.bounds.tolist()):
            yield values[start:end]

    def sums(self, values: Values) -> NDArray[np.float64]:
        """Return the sum of each, rounded as that of a group by itself is."""
        return np.array([np.add.reduce(own) for own in self.each(values)])

    def counts(self, truths: NDArray[np.bool_]) -> Places:
        """Return how many are true in each."""
        return np.array([np.count_nonzero(own) for own in self.each(truths)])

    def spread(self, of_groups: Values) -> Values:
        """Return what belongs to a group for each of its values."""
        return of_groups if of_groups.size == 1 else np.repeat(of_groups, self.sizes)

    def among(self, places: Places) -> Spans:
        """Return where the groups lie among some places that are in order, some of each."""
        if self.bounds.size == 2:
            return Spans(np.array([0, places.size]))
        return Spans(np.searchsorted(places, self.bounds))

    def fresh(self, values: Values) -> NDArray[np.bool_]:
        """Return which values are the first in a group, or differ from the one before."""
        fresh = np.empty(values.size, bool)
        np.not_equal(values[1:], values[:-1], out=fresh[1:])
        fresh[self.starts] = True
        return fresh

    def in_order(self, values: Values) -> bool:
        """Return whether the values of each group do not decrease."""
        falls = values[1:] < values[:-1]
        falls[self.starts[1:] - 1] = False
        return not falls.any()
