"""Booleans that one side writes otherwise: 1 and 0, Y and N, yes and no."""

from dataclasses import replace

from driftcli.profile import categories
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile

_WORDS = frozenset(("true", "True", "TRUE", "false", "False", "FALSE"))
_TRUE = frozenset(("true", "True", "TRUE", "1", "1.0", "Y", "y", "Yes", "yes", "YES", "T", "t"))
_FALSE = frozenset(("false", "False", "FALSE", "0", "0.0", "N", "n", "No", "no", "NO", "F", "f"))
#: Numbers that may stand for both.
_EITHER = (0, 1)


def with_truths(p: ColumnProfile, q: ColumnProfile) -> tuple[ColumnProfile, ColumnProfile]:
    """Return both sides as booleans where one is and the other means the same in other words."""
    if "null" in (p.type, q.type) or not {p.kind, q.kind} <= {"numeric", "categorical"}:
        return p, q
    if p.type == q.type and (p.type != "string" or _share_words(p, q)):
        return p, q
    if not (_is_boolean(p) or _is_boolean(q)):
        return p, q
    truths = _counts(p), _counts(q)
    if not truths[0] or not truths[1]:
        return p, q
    return _of_truths(p, truths[0]), _of_truths(q, truths[1])


def _share_words(p: ColumnProfile, q: ColumnProfile) -> bool:
    """Return whether two columns of texts have a value in common, as far as that is clear."""
    return not _named(p).keys().isdisjoint(_named(q))


def _is_boolean(side: ColumnProfile) -> bool:
    return side.type == "bool" or (side.type == "string" and _named(side).keys() <= _WORDS)


def _of_truths(side: ColumnProfile, counts: dict[str, int]) -> ColumnProfile:
    values = categories.from_counts(counts)
    return replace(side, kind="categorical", values=values, integers=False)


def _counts(side: ColumnProfile) -> dict[str, int] | None:
    """Return the rows of each boolean, or None where a value is none or there is no value."""
    named = _named(side)
    if not named or not named.keys() <= _TRUE | _FALSE:
        return None
    return {
        "false": sum(count for name, count in named.items() if name in _FALSE),
        "true": sum(count for name, count in named.items() if name in _TRUE),
    }


def _named(side: ColumnProfile) -> dict[str, int]:
    """Return the rows of each value, as text; of one that is no boolean's where it is unclear."""
    values = side.values
    if isinstance(values, Categories):
        clear = values.exact and values.distinct <= len(_TRUE | _FALSE)
        names, counts = (values.names.to_pylist(), values.counts) if clear else ([""], [0])
    else:
        points = values.points
        nonfinite = values.nan + values.positive_infinity + values.negative_infinity
        clear = not nonfinite and points.distinct <= len(_EITHER)
        names = [f"{value:g}" for value in points.values.tolist()] if clear else [""]
        counts = points.counts if clear else [0]
    return dict(zip(names, map(int, counts), strict=True))
