"""What all names of an identifier begin with: other keys than before, of the same form."""

from collections.abc import Iterator
from itertools import takewhile

import pyarrow.compute as pc

from driftcli.comparison.roles import role_of
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.report.comparison import Finding


def find(baseline: DatasetProfile, current: DatasetProfile) -> Iterator[Finding]:
    """Yield a warning for each identifier all of whose names begin otherwise than before."""
    if baseline.redacted is not None or current.redacted is not None:
        return
    for name, p in baseline.columns.items():
        q = current.columns.get(name)
        if q is None or role_of(name, p, q) != "identifier":
            continue
        before, after = _prefix(p), _prefix(q)
        if before and after and not (before.startswith(after) or after.startswith(before)):
            message = f"`{name}`: all values began with {before!r}, and begin with {after!r} now"
            yield Finding(kind="other_prefix", column=name, status="warn", message=message)


def _prefix(side: ColumnProfile) -> str:
    """Return what all names begin with before their first digit; nothing where not all are known.

    That of the first and the last in their order is that of all.
    """
    values = side.values
    if not isinstance(values, Categories) or not values.exact or not len(values.names):
        return ""
    ends = pc.min_max(values.names)
    pairs = zip(ends["min"].as_py(), ends["max"].as_py(), strict=False)
    alike = takewhile(lambda pair: pair[0] == pair[1] and not pair[0].isdigit(), pairs)
    return "".join(first for first, _ in alike)
