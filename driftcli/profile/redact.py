"""Profiles that may leave the building: names hashed, and no value that only a few rows share.

What stays and what can still be learnt from it is said in docs/profiles.md.
"""

from hashlib import blake2b, sha256

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.arrays import from_numpy, from_texts, to_numpy
from driftcli.errors import UsageError
from driftcli.profile import categories, kept_redacted, points, sketch
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.kept import KeptBlocks
from driftcli.profile.numeric import Numbers
from driftcli.profile.points import Points
from driftcli.profile.shape import TextShape

#: A value is kept where at least so many rows share it; others are merged until so many do.
LEAST_ROWS = 10
#: Beyond an end so many times as many may lie by chance.
_BEYOND = 3
#: What stands for a text that is left out.
HIDDEN = "(redacted)"


def redact(profile: DatasetProfile, salt: str) -> DatasetProfile:
    """Return the profile without names of categories, exact extremes, examples and its source.

    Names that are hashed already stay as they are.
    """
    columns = {
        name: _redacted(each, None if profile.redacted is not None else salt)
        for name, each in profile.columns.items()
    }
    mark = mark_of(salt) if profile.redacted is None else profile.redacted
    _, format_ = profile.made_of or (profile.source, profile.format)
    return replace(
        profile,
        source=HIDDEN,
        format=format_,
        columns=columns,
        notes=(),
        made_of=None,
        redacted=mark,
        kept=_kept(profile, salt),
        rows_kept=None,
        pairs=None,
    )


def _kept(profile: DatasetProfile, salt: str) -> KeptBlocks | None:
    """Return the blocks of a profile, if some have rows enough."""
    hashed = _hashing(salt) if profile.redacted is None else None
    kept = profile.kept and kept_redacted.redacted(profile.kept, LEAST_ROWS, hashed)
    return kept if kept and kept.rows.size else None


def _hashing(salt: str) -> kept_redacted.Hashing:
    return lambda names: _hashed([name.encode() for name in names], salt)


def mark_of(salt: str) -> str:
    """Return what tells whether two salts are the same: 16 hexadecimal digits."""
    return _hashed([b"drift"], salt)[0]


def alike(p: DatasetProfile, q: DatasetProfile, salt: str) -> tuple[DatasetProfile, DatasetProfile]:
    """Return both sides with names and integers that can be compared.

    Where one side is redacted, those of its names that the other side has become readable again;
    the others stay hashes. The few integers beyond the ends that a redacted side shows are at
    those ends, as its own few were put there.

    Raises
    ------
    UsageError
        When the salt is not that of a redacted side.
    """
    kept = p, q
    p, q = _within_ends(p, kept[1]), _within_ends(q, kept[0])
    if p.redacted is not None and q.redacted is not None:
        if p.redacted != q.redacted:
            raise UsageError(
                f"{p.source} and {q.source} were redacted with different salts: their categories"
                " cannot be compared; redact both with one DRIFT_SALT"
            )
        return _in_lumps(p, q)
    if p.redacted is not None:
        return _with_names(p, q, _salt(p, salt))
    if q.redacted is not None:
        q, p = _with_names(q, p, _salt(q, salt))
    return p, q


def _within_ends(side: DatasetProfile, other: DatasetProfile) -> DatasetProfile:
    if other.redacted is None:
        return side
    columns = {
        name: _folded(column, other.columns[name]) if name in other.columns else column
        for name, column in side.columns.items()
    }
    return replace(side, columns=columns)


def _folded(column: ColumnProfile, other: ColumnProfile) -> ColumnProfile:
    """Return a column of integers whose few values beyond those of `other` are at its ends.

    As many as a redacted side may have had there, that is, and no farther than its span.
    """
    values, ends = column.values, other.values
    whole = column.integers and other.integers and not column.time_unit and not other.time_unit
    if isinstance(values, Categories) or isinstance(ends, Categories) or not whole:
        return column
    held, shown = values.points, ends.points
    if not held.values.size or not shown.values.size:
        return column
    first, last = shown.values[[0, -1]].astype(np.float64)
    at = held.values.astype(np.float64)
    folded = at.copy()
    for beyond, end in ((at < first, first), (at > last, last)):
        few = held.counts[beyond].sum() / held.total < _BEYOND * LEAST_ROWS / shown.total
        if few and (np.abs(at[beyond] - end) <= last - first).all():
            folded[beyond] = end
    if shown.values.size > 1:
        # What lies between an end and its neighbour was merged into the end.
        folded[(folded > first) & (folded < shown.values[1])] = first
        folded[(folded > shown.values[-2]) & (folded < last)] = last
    return column if (folded == at).all() else replace(column, values=_placed(values, folded))


def _in_lumps(p: DatasetProfile, q: DatasetProfile) -> tuple[DatasetProfile, DatasetProfile]:
    """Return two redacted sides, without names where only one has names and the other buckets."""
    ours, others = dict(p.columns), dict(q.columns)
    for name in ours.keys() & others.keys():
        left, right = ours[name].values, others[name].values
        if not (isinstance(left, Categories) and isinstance(right, Categories)):
            continue
        if left.exact != right.exact:
            ours[name] = replace(ours[name], values=_lumped(left, from_texts([])))
            others[name] = replace(others[name], values=_lumped(right, from_texts([])))
    return replace(p, columns=ours), replace(q, columns=others)


def _salt(side: DatasetProfile, salt: str) -> str:
    for known in ("", salt):
        if mark_of(known) == side.redacted:
            return known
    reason = "DRIFT_SALT is another one" if salt else "set the environment variable DRIFT_SALT"
    raise UsageError(f"{side.source}: its categories were hashed with a salt; {reason}")


def _with_names(
    hidden: DatasetProfile, plain: DatasetProfile, salt: str
) -> tuple[DatasetProfile, DatasetProfile]:
    ours, others = dict(hidden.columns), dict(plain.columns)
    for name in ours.keys() & others.keys():
        left, right = ours[name].values, others[name].values
        if isinstance(left, Categories) and isinstance(right, Categories):
            left, right = _on_common_names(left, right, salt)
            ours[name] = replace(ours[name], values=left)
            others[name] = replace(others[name], values=right)
    named = {
        name: each.values.names
        for name, each in plain.columns.items()
        if isinstance(each.values, Categories)
    }
    kept = hidden.kept and kept_redacted.readable(hidden.kept, named, _hashing(salt))
    return replace(hidden, columns=ours, kept=kept), replace(plain, columns=others)


def _on_common_names(
    hidden: Categories, plain: Categories, salt: str
) -> tuple[Categories, Categories]:
    """Return both sides with those names readable that both have."""
    if not (hidden.exact and plain.exact):
        plain = _sampled_alike(plain, salt)
    if not hidden.exact:
        return hidden, plain  # it has no names but buckets, which are those of plain names
    at = pc.index_in(hidden.names, value_set=from_texts(_hashes(plain.names, salt)))
    readable = replace(hidden, names=pc.coalesce(plain.names.take(at), hidden.names))
    if plain.exact:
        return readable, plain
    # Which bucket a hashed name belongs to cannot be told: what not both have named is one lump.
    return _lumped(readable, plain.names), _lumped(plain, readable.names)


def _lumped(side: Categories, known: pa.Array) -> Categories:
    kept = to_numpy(pc.is_in(side.names, value_set=known))
    counts = side.counts[kept]
    buckets = np.zeros(categories.BUCKETS, np.int64)
    buckets[0] = side.total - counts.sum()
    shape = categories.shape_of(side)
    return replace(
        side,
        names=side.names.filter(from_numpy(kept)),
        counts=counts,
        buckets=buckets,
        shape=shape and replace(shape, whole=True),
    )


def _redacted(column: ColumnProfile, salt: str | None) -> ColumnProfile:
    values = column.values
    if isinstance(values, Numbers):
        column = whole_numbers(replace(column, values=_without_extremes(values)))
        values = column.values
    elif salt is not None:
        values = _without_names(values, salt)
    invalid = column.invalid
    if invalid is not None:
        invalid = replace(invalid, first_value=HIDDEN)
    return replace(column, values=values, invalid=invalid)


def _without_names(values: Categories, salt: str) -> Categories:
    shape = categories.shape_of(values)
    values = replace(values, shape=shape and _common_shape(shape))
    if not values.exact:
        # So many names are texts or identifiers; their buckets are enough to compare them.
        return _sampled_alike(categories.without_names(values), salt)
    return replace(_sampled_alike(values, salt), names=from_texts(_hashes(values.names, salt)))


def _sampled_alike(values: Categories, salt: str) -> Categories:
    """Return the counts with a sample of names whose hashes are as the salt has them."""
    sampled = categories.sketch_of(values)
    return replace(values, sketch=sampled and sketch.keyed(sampled, _key(salt)))


def _common_shape(shape: TextShape) -> TextShape:
    """Return the shape of a whole column without forms and lengths that only a few rows have."""
    forms = shape.forms
    kept = forms.counts >= LEAST_ROWS
    names, counts = forms.names.filter(from_numpy(kept)), forms.counts[kept]
    rest = forms.total - int(counts.sum())
    forms = replace(forms, names=names, counts=counts, rest=rest)
    return TextShape(_common_points(shape.lengths), forms, whole=True)


def _hashes(names: pa.Array, salt: str) -> list[str]:
    return _hashed(names.cast(pa.large_binary()).to_pylist(), salt)


def _hashed(names: list[bytes], salt: str) -> list[str]:
    """Return a 64-bit hash of each name in hexadecimal digits: keyed BLAKE2b (RFC 7693)."""
    key = _key(salt)
    return [blake2b(name, digest_size=8, key=key).hexdigest() for name in names]


def _key(salt: str) -> bytes:
    return sha256(salt.encode()).digest() if salt else b""


def _without_extremes(values: Numbers) -> Numbers:
    """Return numbers in points of at least `LEAST_ROWS` rows; fewer values are left out."""
    if values.points.total < LEAST_ROWS:
        return Numbers(
            nan=values.nan,
            positive_infinity=values.positive_infinity,
            negative_infinity=values.negative_infinity,
        )
    held = values.points
    starts = _starts(held.counts, LEAST_ROWS)
    merged = points.blocks(held, starts)
    return _with_points(values, _at_common_values(merged, held, starts))


def _at_common_values(merged: Points, held: Points, starts: NDArray[np.intp]) -> Points:
    """Return merged points, each at the value of its block that `LEAST_ROWS` rows share.

    Such a value tells of nobody, and a mean beside it would be a value that the data do not have:
    0 to 9 would begin at 0.84. Blocks without one stay at their mean.
    """
    largest = np.maximum.reduceat(held.counts, starts)
    of_block = np.repeat(np.arange(starts.size), np.diff(np.append(starts, held.counts.size)))
    is_largest = held.counts == largest[of_block]
    first = np.flatnonzero(is_largest)[np.unique(of_block[is_largest], return_index=True)[1]]
    return _moved(merged, np.where(largest >= LEAST_ROWS, held.values[first], merged.values))


def whole_numbers(column: ColumnProfile) -> ColumnProfile:
    """Return a redacted column of integers with points at integers: others are means of a few."""
    values = column.values
    if isinstance(values, Categories) or not column.integers or column.time_unit:
        return column
    held = values.points
    if not held.values.size or held.values.dtype.kind != "f":
        return column
    return replace(column, values=_with_points(values, _moved(held, np.rint(held.values))))


def _moved(held: Points, values: NDArray[np.float64]) -> Points:
    """Return points at other values in the same order, those that now agree as one."""
    # Halves, since two values may lie farther apart than the largest float.
    halves = np.abs(values / 2 - held.values / 2)
    rounding = held.rounding + 2 * float(np.dot(halves, held.counts / held.total))
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    counts = np.add.reduceat(held.counts, starts)
    return replace(held, values=values[starts], counts=counts, rounding=rounding)


def _placed(values: Numbers, at: NDArray[np.float64]) -> Numbers:
    return _with_points(values, _moved(values.points, at))


def _with_points(values: Numbers, held: Points) -> Numbers:
    return replace(values, points=held, low=held.values[0].item(), high=held.values[-1].item())


def _common_points(held: Points) -> Points:
    """Return points of at least `LEAST_ROWS` rows, or a single one."""
    return points.blocks(held, _starts(held.counts, LEAST_ROWS)) if held.values.size else held


def _starts(counts: NDArray[np.int64], least: int) -> NDArray[np.intp]:
    """Return where blocks of at least `least` rows begin, each as short as that allows."""
    before = np.cumsum(counts) - counts
    total = int(before[-1] + counts[-1])
    following = np.searchsorted(before, before + least).tolist()
    # Each step depends on the last one; there are at most as many as points in a file.
    starts = [0]
    while (at := following[starts[-1]]) < counts.size and total - before[at] >= least:
        starts.append(at)
    return np.array(starts)
