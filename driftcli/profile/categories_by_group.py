"""Category counts of groups of rows, counted together: what groups have in common is told once."""

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcli.arrays import filled, from_numpy
from driftcli.profile import shape as shapes
from driftcli.profile.categories import Categories, Counts, capped
from driftcli.profile.names import Vocabulary, Words
from driftcli.profile.point_blocks import lengths, run_starts

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
    if len(names) == len(values.dictionary):
        of_rows = filled(values.indices, width - 1)
    else:
        of_words = np.append(filled(words.indices, width - 1), width - 1)
        of_rows = of_words[filled(values.indices, of_words.size - 1)]
    cells, rows = _cells(of_rows, width, groups, count)
    firsts = np.arange(count + 1) * width
    ends = np.searchsorted(cells, firsts)
    places = (cells - np.repeat(firsts[:-1], np.diff(ends))).astype(np.int32)
    named = places < width - 1
    missing = np.zeros(count, np.int64)
    missing[np.searchsorted(ends, np.flatnonzero(~named), side="right") - 1] = rows[~named]
    places, rows = places[named], rows[named]
    taken = names.take(from_numpy(places))
    # Where there are more names than all groups look at, it is more work to look at all of them.
    vocabulary = Vocabulary(names) if len(names) <= count * shapes.MOST_LOOKED else None
    ends -= np.append(0, np.cumsum(missing > 0))
    made = [
        _distinct(taken[first:end], rows[first:end], vocabulary, places[first:end])
        for first, end in pairwise(ends.tolist())
    ]
    return [capped(side) for side in made], missing


def _cells(words: NDArray[Any], width: int, groups: Counts, count: int) -> tuple[Counts, Counts]:
    """Return which cells of a table of groups × `width` words have rows, in order, and how many.

    Parameters
    ----------
    words, groups : shape (rows,)
        The word and the group of each row.
    """
    size = count * width
    few = size <= max(_MOST_CELLS, words.size)
    # Half as wide, numbers are sorted in half of the time.
    narrow = not few and size <= np.iinfo(np.int32).max
    cells: NDArray[Any] = groups.astype(np.int32 if narrow else np.int64)
    np.multiply(cells, width, out=cells)
    np.add(cells, words, out=cells, casting="unsafe")
    if few:
        rows = np.bincount(cells, minlength=size)
        held = np.flatnonzero(rows)
        return held, rows[held]
    cells.sort()
    starts = run_starts(cells)
    return cells[starts], lengths(starts, cells.size)


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
