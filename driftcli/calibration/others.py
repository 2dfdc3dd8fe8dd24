"""Leave one out: each period's profile of all other periods, in k log k merges instead of k².

A tree of merged profiles goes down from the whole: the others of a half are what lies outside
both, and its sibling. Nothing that a period holds ever reaches the profile of its others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftcli.profile.column import ColumnProfile, merge

#: Points of the others' profile: W₁ is then known to some 0.001 standard deviations.
OTHERS_POINTS = 2_048


def each_with_others(
    profiles: Sequence[ColumnProfile], limit: int = OTHERS_POINTS
) -> Iterator[tuple[ColumnProfile, ColumnProfile]]:
    """Yield each profile, in order, with the merged profile of all the others.

    Exact when the profiles are and together have at most `limit` distinct values.

    Parameters
    ----------
    profiles
        At least two, of one kind.
    """
    yield from _down(profiles, None, limit)


def _down(
    profiles: Sequence[ColumnProfile], outside: ColumnProfile | None, limit: int
) -> Iterator[tuple[ColumnProfile, ColumnProfile]]:
    if len(profiles) == 1:
        assert outside is not None
        yield profiles[0], outside
        return
    middle = len(profiles) // 2
    halves = profiles[:middle], profiles[middle:]
    for own, sibling in (halves, halves[::-1]):
        yield from _down(own, merge([*filter(None, [outside]), *sibling], limit), limit)
