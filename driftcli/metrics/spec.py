"""What a metric is: a function of arrays, and what its number means."""

from collections.abc import Callable
from enum import Enum
from math import inf
from typing import Any

from msgspec import Struct


class Basis(Enum):
    """What a metric's function is given."""

    BINS = "bins"
    """`f(p, q)`: probabilities of shape (bins,) over the same bins."""
    SMOOTHED = "smoothed"
    """The same, with a pseudo-count added to every bin (see `bins.probabilities`)."""
    POINTS = "points"
    """`f(line)`: both sides' distributions over sorted values (see `transport.Line`). Over
    categories such a metric is taken under the 0/1 ground metric, on bins."""
    SUPPORT = "support"
    """`f(new, lost)`: the share of the current side on support that the baseline never visits,
    and of the baseline on support that the current side never visits."""
    MISSING = "missing"
    """`f(p, q)`: the share of each side's rows without a value."""
    NONFINITE = "nonfinite"
    """`f(p, q)`: the share of each side's rows that are NaN or infinite: of kinds that moved."""
    REPEATS = "repeats"
    """`f(p, q)`: the share of rows that repeat another's value, among as many of each side."""
    FORM = "form"
    """`f(p, q)`: probabilities of shape (forms,) of the forms of each side's texts."""


class Metric(Struct, frozen=True):
    """A score of two samples of one column, the baseline P and the current data Q.

    Attributes
    ----------
    name : str
        What thresholds, options and reports call it.
    function : callable
        Arrays (see `Basis`) to a number that is 0 for equal distributions.
    meaning : str
        One line for tables of metrics.
    unit : str or None
        "nats", "bits", "baseline sd", "share", "column" (the column's own), or None.
    upper_bound : float
        The largest value it can take.
    symmetric : bool
        Whether exchanging P and Q leaves it as it is.
    categorical : callable or None
        The function over categories where it differs; only for `Basis.POINTS`.
    numeric_only : bool
        Whether it is not defined over categories.
    squared : bool
        Whether it grows with the square of small changes, so that twice the rows have half its
        noise; that of others falls with the root of the rows.
    """

    name: str
    function: Callable[..., Any]
    basis: Basis
    meaning: str
    unit: str | None = None
    upper_bound: float = inf
    symmetric: bool = True
    categorical: Callable[..., Any] | None = None
    numeric_only: bool = False
    squared: bool = False

    @property
    def asks(self) -> str:
        """What it asks of a column: metrics of one question are one test.

        All distances between two distributions ask whether the values changed. What is missing,
        nonfinite, new or lost, repeats or form are questions of their own.
        """
        return "values" if self.basis in _OF_VALUES else self.name


_OF_VALUES = (Basis.BINS, Basis.SMOOTHED, Basis.POINTS)
