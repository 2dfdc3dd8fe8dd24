"""Categories that came and went and are the same but for how they are written."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

UNICODE = "Unicode normalisation"
#: How writings may differ, in the words of a report, and what takes the difference off.
_WAYS: dict[str, Callable[[str], str]] = {
    UNICODE: lambda name: unicodedata.normalize("NFC", name),
    "blanks around": str.strip,
    "upper and lower case": str.casefold,
}
#: Of more names than this, nobody reads which are alike.
_MOST = 20_000


class Rewritten(NamedTuple):
    """Names of one side only that the other side has in another writing."""

    ways: tuple[str, ...]
    new: list[int]
    lost: list[int]
    example: tuple[str, str]


def rewritten(
    names: Sequence[str], p: NDArray[np.float64], q: NDArray[np.float64]
) -> Iterator[Rewritten]:
    """Yield, for each way in which writings differ, the names that it alone tells apart.

    Parameters
    ----------
    p, q : shape (names,)
        The shares of the baseline and of the current data.
    """
    if len(names) > _MOST:
        return
    before, after = (np.flatnonzero(side).tolist() for side in (p, q))
    came, went = set(after) - set(before), set(before) - set(after)
    for size in range(1, len(_WAYS) + 1):
        for ways in combinations(_WAYS, size):
            new, lost = _matched(names, came, before, ways), _matched(names, went, after, ways)
            came, went = came - set(new), went - set(lost)
            if new or lost:
                yield Rewritten(ways, list(new), list(lost), _example(names, new, lost))


def _matched(
    names: Sequence[str], own: set[int], other: Sequence[int], ways: Sequence[str]
) -> dict[int, int]:
    """Return for names of one side the name of the other side that they are alike to."""
    if not own:
        return {}
    known = {_plain(names[at], ways): at for at in other}
    alike = {at: known.get(_plain(names[at], ways)) for at in sorted(own)}
    return {at: found for at, found in alike.items() if found is not None}


def _plain(name: str, ways: Sequence[str]) -> str:
    for way in ways:
        name = _WAYS[way](name)
    return name


def _example(names: Sequence[str], new: dict[int, int], lost: dict[int, int]) -> tuple[str, str]:
    """Return how the baseline writes a name, and how the current data does."""
    before, after = next(((old, at) for at, old in new.items()), None) or next(iter(lost.items()))
    return names[before], names[after]
