"""Known changes to one column of the current side.

A change keeps the type of the column, and what is missing unless that is what changes. Sizes are
exact: so many rows change, not so many on average.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil, floor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from populations import Generator, is_categorical, is_numeric, numbers

Values = NDArray[np.float64]
#: Numbers of the baseline and of the current side → those of the changed current side.
Change = Callable[[Values, Values], Values]

TAIL_DISTINCT = 100
TAIL_SHARE = 0.01
NEW_SHARE = 0.01
BETWEEN_THE_MODES = 5.0


@dataclass(frozen=True)
class Drift:
    """A change that a monitor should find.

    Attributes
    ----------
    applies
        Whether a column can change so, told from its name and its values in the whole population.
    inject
        Baseline column, current column → the changed current column.
    """

    name: str
    applies: Callable[[str, pa.ChunkedArray], bool]
    inject: Callable[[Generator, pa.Array, pa.Array], pa.Array]


def _varies(_name: str, column: pa.ChunkedArray) -> bool:
    return is_numeric(column.type) and pc.stddev(column).as_py() > 0


def _has_tail(name: str, column: pa.ChunkedArray) -> bool:
    return _varies(name, column) and len(column.drop_null().unique()) > TAIL_DISTINCT


def _has_categories(_name: str, column: pa.ChunkedArray) -> bool:
    return is_categorical(column.type) and len(column.drop_null().unique()) > 1


def _can_give(share: float, name: str, column: pa.ChunkedArray) -> bool:
    """Return whether the most common category has about twice the share that leaves it."""
    if not _has_categories(name, column):
        return False
    counts = pc.value_counts(column.drop_null()).field("counts")
    return bool(pc.max(counts).as_py() >= 2 * share * len(column))


def _has_values(_name: str, column: pa.ChunkedArray) -> bool:
    """Return whether enough rows have a value; no rule but ours looks at times."""
    known = is_numeric(column.type) or is_categorical(column.type)
    return known and column.null_count < 0.9 * len(column)


def _numeric(change: Change, rng: Generator, baseline: pa.Array, current: pa.Array) -> pa.Array:
    """Return the changed column; whole numbers stay whole, and keep their mean on average."""
    before = numbers(baseline)
    changed = change(before, numbers(current))
    if np.array_equal(before, np.rint(before)):
        changed = np.floor(changed + rng.random(changed.size))
    values = pa.array(changed).cast(current.type)
    return pc.replace_with_mask(current, current.is_valid(), values)


def _shifted(deviations: float, before: Values, values: Values) -> Values:
    return values + deviations * float(before.std())


def _scaled(factor: float, _before: Values, values: Values) -> Values:
    mean = float(values.mean())
    return mean + factor * (values - mean)


def _beyond(before: Values, values: Values) -> Values:
    """Return the values shifted above all that there were."""
    highest = max(float(before.max()), float(values.max()))
    return values + (floor(highest - float(values.min())) + 1)


def _tail_moved(_before: Values, values: Values) -> Values:
    """Return the values, the largest one in a hundred three times as far from the median."""
    largest = np.argsort(values)[-ceil(TAIL_SHARE * values.size) :]
    moved, median = values.copy(), np.median(values)
    moved[largest] = median + 3 * (values[largest] - median)
    return moved


def _one_mode(rng: Generator, _baseline: pa.Array, current: pa.Array) -> pa.Array:
    """Return the column with the rows of the upper mode redrawn from those of the lower one."""
    values = numbers(current)
    upper = values > BETWEEN_THE_MODES
    return pa.array(np.where(upper, rng.choice(values[~upper], values.size), values))


def _shares_moved(share: float, rng: Generator, baseline: pa.Array, current: pa.Array) -> pa.Array:
    """Return the column with rows of the most common category given to the second."""
    counts = np.bincount(_codes(baseline.drop_null()), minlength=len(baseline.dictionary))
    second, first = np.argsort(counts, kind="stable")[-2:]
    codes = _codes(current)
    rows = np.flatnonzero(codes == first)
    moved = min(round(share * len(current)), rows.size)
    codes[rng.choice(rows, moved, replace=False)] = second
    return _relabelled(current, codes, current.dictionary)


def _with_new(rng: Generator, _baseline: pa.Array, current: pa.Array) -> pa.Array:
    """Return the column with one row in a hundred, rounded up, on a category of its own."""
    codes = _codes(current)
    rows = rng.choice(_filled(current), ceil(NEW_SHARE * len(current)), replace=False)
    codes[rows] = len(current.dictionary)
    labels = pa.concat_arrays([current.dictionary, pa.array(["(new)"])])
    return _relabelled(current, codes, labels)


def _renamed(_rng: Generator, _baseline: pa.Array, current: pa.Array) -> pa.Array:
    labels = pc.binary_join_element_wise("renamed", current.dictionary, " ")
    return _relabelled(current, _codes(current), labels)


def _codes(column: pa.DictionaryArray) -> NDArray[np.int32]:
    """Return the place of each row's category in the dictionary, −1 where it is missing."""
    return np.array(column.indices.fill_null(-1), dtype=np.int32)


def _relabelled(column: pa.Array, codes: NDArray[np.int32], labels: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, mask=np.asarray(column.is_null())), labels
    )


def _filled(column: pa.Array) -> NDArray[np.intp]:
    """Return the rows that have a value."""
    return np.flatnonzero(np.asarray(column.is_valid()))


def _more_missing(share: float, rng: Generator, _baseline: pa.Array, current: pa.Array) -> pa.Array:
    """Return the column with so large a share of all rows missing beyond those that are."""
    hidden = np.zeros(len(current), dtype=bool)
    hidden[rng.choice(_filled(current), round(share * len(current)), replace=False)] = True
    return current.take(pa.array(np.arange(len(current)), mask=hidden))


def _of_numbers(
    name: str, change: Change, applies: Callable[[str, pa.ChunkedArray], bool] = _varies
) -> Drift:
    return Drift(name, applies, partial(_numeric, change))


#: What the other rules find where there is nothing is what they find anywhere.
NOTHING = "nothing"

DRIFTS = {
    each.name: each
    for each in (
        Drift(NOTHING, _has_values, lambda _rng, _baseline, current: current),
        *(_of_numbers(f"mean + {d} sd", partial(_shifted, d)) for d in (0.05, 0.1, 0.25, 0.5)),
        *(_of_numbers(f"scale × {factor}", partial(_scaled, factor)) for factor in (1.1, 1.5)),
        _of_numbers("tail × 3", _tail_moved, _has_tail),
        Drift("lost mode", lambda name, _: name == "bimodal", _one_mode),
        _of_numbers("disjoint numbers", _beyond),
        *(
            Drift(
                f"{share * 100:.0f} points between categories",
                partial(_can_give, share),
                partial(_shares_moved, share),
            )
            for share in (0.02, 0.05, 0.1)
        ),
        Drift("new category, 1 %", _has_categories, _with_new),
        Drift("renamed categories", _has_categories, _renamed),
        *(
            Drift(f"missing + {share * 100:.0f} points", _has_values, partial(_more_missing, share))
            for share in (0.02, 0.05)
        ),
    )
}
