"""Drawn rows as tables of numbers, as what looks at all columns together takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.comparison.joint.numbers import (
    MISSING,
    BothNumbers,
    is_named,
    labels_of,
    numbers_of,
)
from driftcli.metrics.joint.dealing import BothLabels, Rows
from driftcli.profile.kinds import Kind

Values = NDArray[np.float64]

#: Categories of a column that are told apart at most, the rest of them being one.
MOST_CATEGORIES = 100


class ColumnValues(NamedTuple):
    """The values of a column in the rows of both sides: Arrow arrays of as many rows."""

    p: Any
    q: Any
    kind: Kind


class Features(NamedTuple):
    """Rows as numbers, and what these are of.

    Attributes
    ----------
    names
        Those of the columns.
    categorical : shape (columns,)
        Which columns hold labels of categories.
    """

    names: tuple[str, ...]
    rows: Rows
    categorical: NDArray[np.bool_]


def all_features(columns: Mapping[str, ColumnValues], blocks: BothLabels | None) -> Features:
    """Return all columns: numbers as ranks among both sides, which have no infinite values."""
    named = np.array([is_named(*each) for each in columns.values()], np.bool_)
    found = [
        _labels(each) if name else _ranks(numbers_of(*each))
        for each, name in zip(columns.values(), named.tolist(), strict=True)
    ]
    return Features(tuple(columns), _rows(found, blocks), named)


def _labels(column: ColumnValues) -> BothNumbers:
    p, q = (
        np.where(side == MISSING, np.nan, side)
        for side in labels_of(column.p, column.q, MOST_CATEGORIES)
    )
    return p, q


def _ranks(numbers: BothNumbers) -> BothNumbers:
    """Return the place of each number among the distinct ones of both sides."""
    both = np.concatenate(numbers)
    ranks = np.unique(both, return_inverse=True)[1].astype(np.float64)
    ranks[np.isnan(both)] = np.nan
    return ranks[: numbers[0].size], ranks[numbers[0].size :]


def standardised(columns: Mapping[str, ColumnValues], blocks: BothLabels | None) -> Features:
    """Return the numeric columns in standard deviations of the baseline, from its mean on.

    What is missing or infinite stands at that mean. Columns of which the baseline has one value
    are left out: they have no unit.
    """
    found = {}
    for name, each in columns.items():
        if each.kind == "numeric" and (scaled := _scaled(numbers_of(*each))) is not None:
            found[name] = scaled
    rows = _rows(list(found.values()), blocks)
    return Features(tuple(found), rows, np.zeros(len(found), np.bool_))


def _scaled(numbers: BothNumbers) -> BothNumbers | None:
    p, q = (side.astype(np.float64) for side in numbers)
    known = p[np.isfinite(p)]
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = (float(known.mean()), float(known.std())) if known.size else (0.0, 0.0)
        if not 0 < deviation < np.inf:
            return None
        first, second = (
            np.where(np.isfinite(side), (side - mean) / deviation, 0.0) for side in (p, q)
        )
    return first, second


def _rows(columns: list[BothNumbers], blocks: BothLabels | None) -> Rows:
    p, q = (np.array([each[side] for each in columns], np.float64).T for side in (0, 1))
    return Rows(p, q, blocks)
