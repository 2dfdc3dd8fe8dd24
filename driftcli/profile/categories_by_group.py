"""Category counts of groups of rows, counted together: what groups have in common is told once."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcli.arrays import filled, from_numpy
from driftcli.profile import shape as shapes
from driftcli.profile.categories import Categories, Counts, capped
from driftcli.profile.names import Vocabulary, Words

#: Cells of a table of groups × names up to which it is cheaper than the groups one by one.
_MOST_CELLS = 1 << 20


def by_group(values: Any, groups: Counts, count: int) -> tuple[list[Categories], Counts]:
    """Return the counts of the values of each group of rows, and how many each lacks.

    Parameters
    ----------
    groups : shape (rows,)
        The group of each row, from 0 to `count` − 1.
    """
    if not pa.types.is_dictionary(values.type):
        values = pc.dictionary_encode(values)
    words = pc.dictionary_encode(values.dictionary.cast(pa.large_string()))
    names, width = words.dictionary, len(words.dictionary) + 1
    # Null is the last word: as an index, and as a word that an index is of.
    of_words = np.append(filled(words.indices, width - 1), width - 1)
    cells = groups * width + of_words[filled(values.indices, of_words.size - 1)]
    if count * width <= max(_MOST_CELLS, cells.size):
        rows = np.bincount(cells, minlength=count * width)
        cells = np.flatnonzero(rows)
        rows = rows[cells]
    else:
        cells, rows = np.unique(cells, return_counts=True)
    named = cells % width < width - 1
    missing = np.bincount(cells[~named] // width, rows[~named], count).astype(np.int64)
    cells, rows = cells[named], rows[named]
    places = (cells % width).astype(np.int32)
    taken = names.take(from_numpy(places))
    # Where there are more names than all groups look at, it is more work to look at all of them.
    vocabulary = Vocabulary(names) if len(names) <= count * shapes.MOST_LOOKED else None
    ends = np.searchsorted(cells, np.arange(1, count + 1) * width)
    sides = zip(np.append(0, ends)[:-1].tolist(), ends.tolist(), strict=True)
    made = [_distinct(taken[a:b], rows[a:b], vocabulary, places[a:b]) for a, b in sides]
    return [capped(side) for side in made], missing


def _distinct(
    names: Any, counts: Counts, vocabulary: Vocabulary | None, places: NDArray[np.int32]
) -> Categories:
    """Return the counts of names of which each occurs once, and has rows."""
    repeats = int(counts.sum()) - counts.size
    made = Categories(names, counts, distinct=counts.size, repeats=repeats)
    if vocabulary:
        # Beside the fields: it is no part of the profile, and goes nowhere with it.
        vars(made)["words"] = Words(vocabulary, places)
    return made


def settled(side: Categories) -> None:
    """Let go of what a side has in common with others while they are made."""
    vars(side).pop("words", None)
