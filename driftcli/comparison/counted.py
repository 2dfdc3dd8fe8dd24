"""Rows that are counted whatever their values: missing ones, and NaN and infinite ones."""

from collections.abc import Sequence

from msgspec import Struct

from driftcli.metrics import Basis
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers

_MISSING = ("missing",)
#: As the fields of `Numbers` are called.
_NONFINITE = ("nan", "positive_infinity", "negative_infinity")


class Counted(Struct, frozen=True):
    """Rows of some kinds, of the baseline and of the current data.

    Of NaN, +∞ and −∞ these are the kinds whose shares rose, or those whose shares fell, whichever
    moved more: all of them, where all went one way. Their share differs as much as any choice of
    kinds has it differ, which is the total variation over these kinds and all other rows.

    Attributes
    ----------
    kinds
        Which rows count.
    rows
        How many each side has of them.
    among
        How many shares could have been taken: theirs differs most.
    """

    kinds: tuple[str, ...]
    rows: tuple[int, int]
    among: int = 1

    def of_part(self, part: ColumnProfile, whole: ColumnProfile) -> float:
        """Return the rows of a part of one side, which has each kind as often as its side has.

        Of parts that were kept it is not known which NaN and infinite values they hold.
        """
        if self.kinds == _MISSING:
            return part.missing
        every = rows_of(whole, _NONFINITE)
        return rows_of(part, _NONFINITE) * rows_of(whole, self.kinds) / every if every else 0


def counted(basis: Basis, p: ColumnProfile, q: ColumnProfile) -> Counted | None:
    """Return the rows whose shares a score is of; None where it is of something else."""
    if basis is Basis.MISSING:
        return Counted(_MISSING, (p.missing, q.missing))
    if basis is not Basis.NONFINITE:
        return None
    rows = list(zip(_nonfinite(p), _nonfinite(q), strict=True))
    # In whole numbers, since what moved as much must not differ by rounding.
    moved = [after * p.rows - before * q.rows for before, after in rows]
    way = 1 if sum(moved) >= 0 else -1
    among = [at for at, each in enumerate(moved) if each * way >= 0]
    before, after = (sum(rows[at][side] for at in among) for side in (0, 1))
    held = sum(map(any, rows))
    kinds = tuple(_NONFINITE[at] for at in among)
    return Counted(kinds, (before, after), among=max(1, 2**held - 1))


def _nonfinite(side: ColumnProfile) -> tuple[int, int, int]:
    values = side.values
    if not isinstance(values, Numbers):
        return 0, 0, 0
    return values.nan, values.positive_infinity, values.negative_infinity


def rows_of(side: ColumnProfile, kinds: Sequence[str]) -> int:
    """Return how many rows of a column are of some kinds; no category is NaN or infinite."""
    if tuple(kinds) == _MISSING:
        return side.missing
    if not isinstance(side.values, Numbers):
        return 0
    return sum(getattr(side.values, kind) for kind in kinds)
