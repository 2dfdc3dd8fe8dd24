"""How many rows repeat another's value, among some of them: what tells keys from all else."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from driftcli.metrics.absences import log_absence
from driftcli.metrics.significance import Counts


class Recurring(NamedTuple):
    """How many values have how many rows.

    Attributes
    ----------
    rows : shape (sizes,)
        Different numbers of rows of one value, above 0, in their order.
    values : shape (sizes,)
        How many values have so many.
    """

    rows: Counts
    values: Counts

    @classmethod
    def of(cls, counts: Counts) -> Recurring:
        """Return that of the rows of each distinct value."""
        ordered = np.sort(counts)
        starts = np.flatnonzero(np.append(ordered.size > 0, ordered[1:] != ordered[:-1]))
        return cls(ordered[starts], np.diff(starts, append=ordered.size))

    @classmethod
    def even(cls, rows: int, values: int) -> Recurring:
        """Return that of so many values which are as common as whole numbers allow."""
        least, more = divmod(rows, values)
        sizes, many = np.array([[least, values - more], [least + 1, more]]).T
        return cls(sizes[many > 0], many[many > 0])

    @property
    def total(self) -> int:
        """All rows."""
        return int(np.dot(self.rows, self.values))

    @property
    def distinct(self) -> int:
        """All values."""
        return int(self.values.sum())


def repeats_share(side: Recurring, rows: int) -> float:
    """Return the share of `rows` rows that repeat another's value, as is expected of a sample.

    More rows of the same source repeat more, so two sides are compared by as many of each. Of
    all rows, of which there are as many or more, it is their own share; of fewer, drawn without
    replacement, it follows from how many distinct values they are expected to have (Hurlbert 1971,
    doi:10.2307/1934145).
    """
    total = side.total
    if rows == total:
        return 1 - side.distinct / rows
    distinct = float(np.dot(side.values, -np.expm1(log_absence(side.rows, rows, total))))
    return max(0.0, 1 - distinct / rows)
