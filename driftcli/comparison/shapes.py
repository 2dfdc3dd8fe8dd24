"""Identifiers and free text, compared by what they look like: repeats, forms and lengths."""

from collections.abc import Collection, Iterator
from math import nan

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import structs
from msgspec.structs import replace

from driftcli.arrays import from_numpy, to_numpy
from driftcli.comparison.figures import change, percent
from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.reasons import NOT_OF_VALUES
from driftcli.comparison.roles import Role
from driftcli.comparison.scores import Measured
from driftcli.comparison.stats import column_stats, top_categories
from driftcli.comparison.verdict import Gates
from driftcli.metrics import METRICS, bins
from driftcli.metrics.repeats import Recurring, repeats_share
from driftcli.profile import categories, numeric
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers
from driftcli.profile.shape import CODE, LARGE_CODE, Forms
from driftcli.report.columns import ColumnStats, Score

Counts = bins.Counts

#: What the summary of text says of its lengths.
_OF_LENGTHS = ("min", "max", "mean", "sd", "q25", "median", "q75", "rounding")
#: Texts have one length where so many do.
_FIXED = 0.99
_HALF = 0.5
_NAMED = 2
_NAME_LENGTH = 40
#: Forms whose share changed by less are not worth words.
_WORTH = 0.01
#: A value that so many rows share is named for what repeats.
_COMMON = 0.05


def scored_sides(
    p: ColumnProfile, q: ColumnProfile, role: Role
) -> tuple[ColumnProfile, ColumnProfile]:
    """Return the profiles whose values are scored: of text, its lengths in characters."""
    return (lengths_of(p), lengths_of(q)) if role == "text" else (p, q)


def lengths_of(side: ColumnProfile) -> ColumnProfile:
    """Return the lengths of a column's texts as a column of integers."""
    shape = categories.shape_of(_names(side))
    values = numeric.from_points(shape.lengths) if shape else Numbers()
    return replace(side, kind="numeric", type="int64", values=values, integers=True)


def stats_of(side: ColumnProfile, role: Role) -> ColumnStats:
    """Return the summary of one side of a column, that of the lengths included where it is text."""
    stats = column_stats(side)
    if role != "text":
        return stats
    lengths = structs.asdict(column_stats(lengths_of(side)))
    return structs.replace(stats, **{name: lengths[name] for name in _OF_LENGTHS})


def drawn_pair(
    p: ColumnProfile, q: ColumnProfile, pair: NumericPair | CategoricalPair | None, role: Role
) -> NumericPair | CategoricalPair | None:
    """Return what a column is drawn by: `pair`, or its forms where hardly a value recurs."""
    if role != "identifier" or not isinstance(p.values, Categories):
        return pair
    return pair_forms(p.values, _names(q))


def measure_shape(
    p: ColumnProfile, q: ColumnProfile, gates: Gates, wanted: Collection[str]
) -> tuple[Measured, ...]:
    """Return the scores of repeats and of forms, of those `wanted`, where they are judged."""
    found = []
    if gates.repeats and "repeats" in wanted:
        found.append(_repeats(p, q))
    if gates.form and "form" in wanted and isinstance(p.values, Categories):
        found.append(_form(p.values, _names(q)))
    return tuple(found)


def _repeats(p: ColumnProfile, q: ColumnProfile) -> Measured:
    """Score the rows that repeat another's value, among as many rows of both sides."""
    metric = METRICS["repeats"]
    sides = [_recurring(side) for side in (p, q)]
    rows = min(known.total for known, _ in sides)
    if not rows:
        return Measured(metric, nan, metric.unit, error_bound=None)
    exact = all(is_exact for _, is_exact in sides)
    shares = [repeats_share(known, rows) for known, _ in sides]
    repeating = [round(share * rows) for share in shares]
    binned = tuple(np.array([each, rows - each]) for each in repeating)
    value = float(metric.function(*shares))
    bound = 0.0 if exact else None
    return Measured(metric, value, metric.unit, bound, binned=(binned[0], binned[1]))


def _recurring(side: ColumnProfile) -> tuple[Recurring, bool]:
    """Return how many values have how many rows, and whether that is exact.

    Where only a number of rows is known to repeat others, all values are taken to be as common.
    """
    values = side.values
    held = values if isinstance(values, Categories) else values.points
    if held.exact or not held.total:
        return Recurring.of(held.counts), True
    return Recurring.even(held.total, max(1, held.total - held.repeats)), False


def _names(side: ColumnProfile) -> Categories:
    assert isinstance(side.values, Categories)
    return side.values


def _form(p: Categories, q: Categories) -> Measured:
    """Score the forms of texts, and their length where the baseline has one: the greater counts."""
    metric = METRICS["form"]
    pair = pair_forms(p, q)
    if pair is None:
        return Measured(metric, nan, metric.unit, error_bound=None)
    ways = [(pair.p_bins, pair.q_bins), *_fixed_length(p, q)]
    values = [float(metric.function(*map(bins.probabilities, each))) for each in ways]
    at = int(np.argmax(values))
    bound = 0.0 if pair.exact or at else None
    return Measured(metric, values[at], metric.unit, bound, binned=ways[at])


def _fixed_length(p: Categories, q: Categories) -> Iterator[tuple[Counts, Counts]]:
    """Yield the texts of both sides that are too short, and the others, for texts of one length.

    Those of codes may not be longer either; numbers that count up are.
    """
    shapes = [shape for values in (p, q) if (shape := categories.shape_of(values))]
    held = shapes[0].lengths
    common = int(held.counts.argmax())
    if held.counts[common] < _FIXED * held.total:
        return
    length = held.values[common]
    coded = _share_of_codes(shapes[0].forms) > _HALF
    sides = []
    for lengths in (shape.lengths for shape in shapes):
        unlike = lengths.values != length if coded else lengths.values < length
        wrong = int(lengths.counts[unlike].sum())
        sides.append(np.array([wrong, lengths.total - wrong]))
    yield sides[0], sides[1]


def _share_of_codes(forms: Forms) -> float:
    coded = np.array([CODE in form or LARGE_CODE in form for form in forms.names.to_pylist()], bool)
    return float(forms.counts[coded].sum()) / forms.total


def pair_forms(p: Categories, q: Categories) -> CategoricalPair | None:
    """Bring the forms of two columns of texts onto common ground.

    Those that one side does not keep are counted with all others. Where only some of the rows
    were looked at, the counts are of as many. None where a side has no texts, or lost their forms.
    """
    sides = [shape.forms for values in (p, q) if (shape := categories.shape_of(values))]
    if len(sides) < 2 or not all(side.total for side in sides):
        return None
    encoded = pc.dictionary_encode(pa.concat_arrays([side.names for side in sides]))
    where = np.split(to_numpy(encoded.indices), [len(sides[0].names)])
    size = len(encoded.dictionary)
    known = np.ones(size, bool)
    for side, at in zip(sides, where, strict=True):
        if side.rest:
            known &= np.bincount(at, minlength=size) > 0
    p_counts, q_counts = (
        _looked(np.bincount(at, side.counts, size).astype(np.int64)[known], side)
        for side, at in zip(sides, where, strict=True)
    )
    exact = all(not side.rest and side.looked == side.total for side in sides)
    names = encoded.dictionary.filter(from_numpy(known))
    p_bins, q_bins, alone = bins.pool_rare(p_counts, q_counts)
    return CategoricalPair(names, p_counts, q_counts, p_bins, q_bins, alone, exact)


def _looked(counts: Counts, side: Forms) -> Counts:
    """Return the rows of each known form, and of all others, among those that were looked at."""
    every = np.append(counts, side.total - int(counts.sum()))
    share = side.looked / side.total
    return every if share == 1 else np.rint(every * share).astype(np.int64)


def shape_reasons(
    p: ColumnProfile, q: ColumnProfile, role: Role, scores: Collection[Score]
) -> tuple[str, ...]:
    """Say how repeats, forms and lengths changed, of those whose scores reached a threshold."""
    reached = {score.metric for score in scores if score.status != "ok"}
    said: list[str] = []
    if "repeats" in reached:
        said.append(_said_of_repeats(p, q))
    if "form" in reached:
        said += _said_of_forms(p, q)
    of_lengths = any(METRICS[name].basis not in NOT_OF_VALUES for name in reached)
    if (role == "text" and of_lengths) or (role == "identifier" and "form" in reached):
        said += _said_of_lengths(p, q)
    return tuple(said)


def _said_of_repeats(p: ColumnProfile, q: ColumnProfile) -> str:
    sides = [_recurring(side)[0] for side in (p, q)]
    shares = [percent(1 - known.distinct / known.total) for known in sides]
    said = f"rows that repeat another's value {shares[0]} → {shares[1]}"
    if isinstance(q.values, Categories):
        common = [each for each in top_categories(q.values, _NAMED) if each.share >= _COMMON]
        named = ", ".join(f"{_shown(each.value)} {percent(each.share)}" for each in common)
        return f"{said}: {named}" if named else said
    return said


def _shown(text: str) -> str:
    return f"'{text if len(text) <= _NAME_LENGTH else text[:_NAME_LENGTH] + '…'}'"


def _said_of_forms(p: ColumnProfile, q: ColumnProfile) -> Iterator[str]:
    """Name the forms whose share changed most."""
    pair = pair_forms(_names(p), _names(q))
    if pair is None:
        return
    before, after = (bins.probabilities(each) for each in (pair.p_counts, pair.q_counts))
    change = np.abs(after - before)
    for at in np.argsort(-change[: len(pair.names)], kind="stable")[:_NAMED].tolist():
        if change[at] >= _WORTH:
            shares = f"{percent(float(before[at]))} → {percent(float(after[at]))}"
            yield f"{form_in_words(pair.names[at].as_py())} {shares}"


def form_in_words(form: str) -> str:
    """Return a form as reports show it."""
    if form.startswith(" "):
        return f"words of the form '{form.strip()}'" if form.strip() else "blanks"
    return f"form {_shown(form)}" if form else "empty texts"


def _said_of_lengths(p: ColumnProfile, q: ColumnProfile) -> Iterator[str]:
    """Say how the median length changed, or the mean where that stayed."""
    p_stats, q_stats = (column_stats(lengths_of(side)) for side in (p, q))
    if p_stats.mean == q_stats.mean:
        return
    kept = p_stats.median == q_stats.median
    before, after = (side.mean if kept else side.median for side in (p_stats, q_stats))
    yield f"{'mean' if kept else 'median'} length {change(before, after)} characters"
    if p_stats.sd and q_stats.sd is not None and not 0.8 < q_stats.sd / p_stats.sd < 1.25:
        yield f"sd of lengths {change(p_stats.sd, q_stats.sd)}"
