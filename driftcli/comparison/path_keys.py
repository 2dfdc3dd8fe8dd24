"""Columns that the folders of a path make (`day=2026-11-10`): where they differ by construction."""

import re

import numpy as np

from driftcli.config import ResolvedColumn
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile

#: Keys that tell when: by their name, or the last part of it.
_TIMES = re.compile(
    r"(.*[_-])?(year|month|week|day|date|hour|minute|quarter|yyyy|mm|dd|hh|dt|ds|ts|time)",
    re.IGNORECASE,
)
REASON = "key of the path, which differs by construction: not compared"


def is_path_key(name: str, baseline: DatasetProfile, current: DatasetProfile) -> bool:
    """Return whether a column is made of folder names on either side."""
    return name in baseline.path_keys or name in current.path_keys


def by_construction(
    name: str, baseline: DatasetProfile, current: DatasetProfile, rules: ResolvedColumn
) -> bool:
    """Return whether a key says no more than which folders were chosen.

    So it does where the path names it, where it tells when, and where the sides have no value
    of it in common. Settings of its own have it judged all the same.
    """
    if rules.gate or rules.asked or not is_path_key(name, baseline, current):
        return False
    named = baseline.path_keys.get(name, False) or current.path_keys.get(name, False)
    p, q = baseline.columns.get(name), current.columns.get(name)
    if named or _TIMES.fullmatch(name) or p is None or q is None:
        return True
    return p.kind != q.kind or not _share_values(p, q)


def _share_values(p: ColumnProfile, q: ColumnProfile) -> bool:
    if isinstance(p.values, Categories) and isinstance(q.values, Categories):
        return not set(p.values.names.to_pylist()).isdisjoint(q.values.names.to_pylist())
    if isinstance(p.values, Categories) or isinstance(q.values, Categories):
        return False
    return bool(np.intersect1d(p.values.points.values, q.values.points.values).size)
