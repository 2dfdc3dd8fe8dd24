"""Both sides of a column, and parts of them, as of one kind."""

from __future__ import annotations

from msgspec.structs import replace

from driftcli.comparison.blocks import Alike
from driftcli.comparison.precision import with_truths
from driftcli.comparison.roles import Role
from driftcli.comparison.shapes import scored_sides
from driftcli.profile.column import ColumnProfile, as_categories


def of_one_kind(p: ColumnProfile, q: ColumnProfile) -> tuple[ColumnProfile, ColumnProfile]:
    """Give both sides of a column one kind where they differ in how it is stored alone.

    A column without any type (all of it missing) takes the kind of the other side, and numbers
    become categories where the other side stores the same type as a dictionary. Booleans that one
    side writes as numbers or in other words are booleans on both.
    """
    if p.type == "null" and q.type != "null":
        return emptied(p, q), q
    if q.type == "null" and p.type != "null":
        return p, emptied(q, p)
    if p.type == q.type and {p.kind, q.kind} == {"numeric", "categorical"}:
        return as_categories(p), as_categories(q)
    return with_truths(p, q)


def emptied(side: ColumnProfile, like: ColumnProfile) -> ColumnProfile:
    """Return a column without a value as one of another's kind."""
    return replace(
        like,
        type=side.type,
        rows=side.rows,
        missing=side.missing,
        values=type(like.values)(),
        invalid=None,
    )


def scored_as(whole: ColumnProfile, role: Role) -> Alike:
    """Return what gives a part of a column's rows the kind that all of them have."""

    def scored_as(part: ColumnProfile) -> ColumnProfile:
        if (part.kind, part.type) != (whole.kind, whole.type):
            part = of_one_kind(part, whole)[0]
        return scored_sides(part, part, role)[0]

    return scored_as
