"""What a column's values are to their rows: what describes them, names them, or is free text."""

import re
from typing import Literal

import numpy as np

from driftcli.config import ResolvedColumn
from driftcli.profile import categories
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers
from driftcli.profile.points import Points
from driftcli.profile.shape import is_wordy
from driftcli.report.columns import Kind

#: An `identifier` names rows. `unique` are numbers of which none repeats though chance would have
#: it, and which nothing else tells from amounts. `text` is written by people. `older` is what an
#: earlier version took for an identifier, of a profile that lacks what it takes to judge one.
Role = Literal["values", "unique", "identifier", "text", "older"]

#: Rows from which on a column can be recognised as an identifier.
MIN_IDENTIFIER_ROWS = 100
#: Sentences are told from categories by fewer.
_MIN_TEXT_ROWS = 20
#: Categories are an identifier when at most this share of the rows repeats another's value.
MAX_REPEATS = 0.1
#: Text repeats more often ("Great!"), and so do people's names.
_MAX_TEXT_REPEATS = 0.5
#: Integers never repeat by more than chance when, drawn by chance, so many pairs would agree.
_EXPECTED_PAIRS = 5
#: A counter leaves out no more than this share of its steps.
_MOST_GAPS = 0.5

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")
#: What the last word of a key's name is.
_NAMING = re.compile(
    r"ids?|keys?|uid|uuid|guid|pk|sk|no|nr|num|number|code|ref|reference|index|idx|seq|sequence"
    r"|serial|rowid|oid|identifier"
)
_GLUED = re.compile(
    r"(account|case|client|customer|device|event|invoice|item|line|message|order|payment|person"
    r"|product|record|request|row|session|ticket|trans|transaction|trip|user)(id|key|no|nr|num)"
)


def role_of(
    name: str,
    p: ColumnProfile,
    q: ColumnProfile | None = None,
    rules: ResolvedColumn | None = None,
    *,
    texts: bool = True,
) -> Role:
    """Return the role of a column whose baseline is `p`, and the current data `q` where known.

    Without `texts`, none is text.
    """
    if p.kind in ("list", "unsupported") or p.unread:
        return "values"
    kind = rules.kind if rules else None
    kind = kind if texts else "categorical"
    if p.older or (q and q.older):
        return "older" if _was_identifier(p) else "values"
    if isinstance(p.values, Categories):
        return _of_names(p.values, kind)
    return _of_integers(name, p, q) if p.integers and p.time_unit is None else "values"


def kind_of(role: Role, side: ColumnProfile) -> Kind:
    """Return what reports call the kind of a column of this role."""
    return "text" if role == "text" else side.kind


def _of_names(values: Categories, kind: str | None) -> Role:
    if kind == "text":
        return "text" if categories.shape_of(values) else "values"
    rows, repeats = values.total, values.repeats
    if kind is None and rows >= _MIN_TEXT_ROWS and repeats <= _MAX_TEXT_REPEATS * rows:
        shape = categories.shape_of(values)
        if shape and is_wordy(shape):
            return "text"
    is_key = rows >= MIN_IDENTIFIER_ROWS and repeats <= MAX_REPEATS * rows
    return "identifier" if is_key else "values"


def _of_integers(name: str, p: ColumnProfile, q: ColumnProfile | None) -> Role:
    if not _never_repeats(p.numbers):
        return "values"
    if _names_rows(name) or (_counts_up(p.numbers) and (q is None or _goes_on(p.numbers, q))):
        return "identifier"
    return "unique" if _chance_would_repeat(p.numbers) else "values"


def _never_repeats(values: Numbers) -> bool:
    return values.points.total >= MIN_IDENTIFIER_ROWS and not values.points.repeats


def _names_rows(name: str) -> bool:
    """Return whether a name is that of a key: `customer_id`, `orderNo`, `id`."""
    words = [word.lower() for word in _WORD.findall(name)]
    return bool(words) and any(each.fullmatch(words[-1]) for each in (_NAMING, _GLUED))


def _counts_up(values: Numbers) -> bool:
    """Return whether integers that do not repeat leave out few of their steps."""
    held = values.points
    return held.total >= _MOST_GAPS * (_range(values) // _step(held) + 1)


def _range(values: Numbers) -> int:
    return int(values.high) - int(values.low)


def _step(held: Points) -> int:
    """Return the greatest step that all values are multiples of, from the first on."""
    if not held.exact or held.values.size < 2:
        return 1
    return int(np.gcd.reduce(np.diff(held.values.astype(np.int64)))) or 1


def _goes_on(p: Numbers, q: ColumnProfile) -> bool:
    """Return whether a counter is one in the current data, too, and has not gone back."""
    values = q.values
    if not isinstance(values, Numbers) or not q.integers or values.points.repeats:
        return False
    return not values.points.total or (_counts_up(values) and int(values.low) >= int(p.low))


def _chance_would_repeat(values: Numbers) -> bool:
    """Return whether so many integers of such a range would repeat if they were drawn by chance.

    n values drawn from a range of r agree in about n²/2r pairs.
    """
    total = values.points.total
    return total * total / 2 >= _EXPECTED_PAIRS * (_range(values) + 1)


def _was_identifier(side: ColumnProfile) -> bool:
    """Return whether the version that knew no forms took a column for an identifier."""
    values = side.values
    if isinstance(values, Categories):
        rows = values.total
        return rows >= MIN_IDENTIFIER_ROWS and values.repeats <= MAX_REPEATS * rows
    if not side.integers or side.time_unit is not None:
        return False
    return _never_repeats(values) and _chance_would_repeat(values)
