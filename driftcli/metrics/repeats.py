"""How many rows repeat another's value, among some of them: what tells keys from all else."""

import numpy as np

from driftcli.metrics.absences import log_absence
from driftcli.metrics.significance import Counts


def repeats_share(counts: Counts, rows: int) -> float:
    """Return the share of `rows` rows that repeat another's value, as is expected of a sample.

    More rows of the same source repeat more, so two sides are compared by as many of each. Of
    all rows it is their own share; of fewer, drawn without replacement, it follows from how many
    distinct values they are expected to have (Hurlbert 1971, doi:10.2307/1934145).

    Parameters
    ----------
    counts : shape (values,)
        Rows of each distinct value, above 0; more than `rows` in all, or as many.
    """
    total = int(counts.sum())
    if rows == total:
        return 1 - counts.size / rows
    sizes, many = np.unique(counts, return_counts=True)
    distinct = float(np.dot(many, -np.expm1(log_absence(sizes, rows, total))))
    return max(0.0, 1 - distinct / rows)
