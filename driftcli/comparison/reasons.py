"""What moved, in words: the facts behind a column's scores, largest first."""

from collections.abc import Iterator, Sequence

import numpy as np

from driftcli.comparison.figures import change, change_of_range, number, percent
from driftcli.comparison.histograms import position
from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.spellings import UNICODE, Rewritten, rewritten
from driftcli.comparison.stats import as_value, top_categories
from driftcli.comparison.units import unit_factor
from driftcli.metrics import METRICS, Basis, bins
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile, kind_name
from driftcli.profile.numeric import Numbers
from driftcli.report.columns import ColumnStats, Score
from driftcli.text import duration

_NAMED = 3
_NAME_LENGTH = 60
#: What is said of these is said elsewhere.
NOT_OF_VALUES = (Basis.MISSING, Basis.NONFINITE, Basis.REPEATS, Basis.FORM)
#: Changes smaller than this share of rows are not worth words.
_WORTH = 0.005


def reasons(
    p: ColumnStats,
    q: ColumnStats,
    side: ColumnProfile,
    pair: NumericPair | CategoricalPair | None,
    scores: tuple[Score, ...],
) -> tuple[str, ...]:
    """Return one short phrase for each thing that made a score reach its threshold."""
    reached = {score.metric for score in scores if score.status != "ok"}
    said = []
    if "missing" in reached:
        said.append(f"missing {percent(p.missing or 0.0)} → {percent(q.missing or 0.0)}")
    if "nonfinite" in reached:
        said.append(_nonfinite(p, q))
    if any(METRICS[name].basis not in NOT_OF_VALUES for name in reached):
        if isinstance(pair, CategoricalPair):
            said += [*_estimated(scores), *_category_changes(pair)]
        elif pair is not None and isinstance(side.values, Numbers):
            said += _number_changes(p, q, side, pair)
    return tuple(said)


def could_be_chance(scores: Sequence[Score], *, in_blocks: bool = False) -> str:
    """Say which score chance could explain, and how many rows would tell.

    Where rows move together, they must be `in_blocks` of their own: more rows of the same days
    tell nothing.
    """
    doubtful = [score for score in scores if score.status == "inconclusive"]
    doubt = max(doubtful, key=lambda each: each.rows_needed or 0)
    return _could_be_chance(doubt, in_blocks=in_blocks)


def _could_be_chance(score: Score, *, in_blocks: bool) -> str:
    said = f"{score.metric} {number(score.number)} could be chance"
    if score.p_value is not None and score.p_adjusted is not None:
        said += f" (p = {number(score.p_adjusted)} over all tests)"
    return said + _rows_that_tell(score, in_blocks=in_blocks)


def _rows_that_tell(score: Score, *, in_blocks: bool) -> str:
    if not score.rows_needed:
        return ""
    where = ", in more blocks," if in_blocks else ""
    return f": about {score.rows_needed:,} rows a side{where} would tell"


def within_noise(scores: Sequence[Score], *, in_blocks: bool = False) -> str:
    """Say which score reached its threshold as chance would, and how many rows would tell."""
    score = max(scores, key=lambda each: each.rows_needed or 0)
    if score.noise is None or score.noise < score.number:
        return _could_be_chance(score, in_blocks=in_blocks)
    few = "in so few blocks of rows" if in_blocks else "in so few rows"
    said = f"{score.metric} {number(score.number)} is within noise ({number(score.noise)} {few})"
    return said + _rows_that_tell(score, in_blocks=in_blocks)


def real_but_small(scores: Sequence[Score]) -> str:
    """Say which scores are beyond chance and below their thresholds."""
    named = [f"{each.metric} {number(each.number)}" for each in scores if each.significant]
    return f"real but small: {', '.join(named)}"


def _nonfinite(p: ColumnStats, q: ColumnStats) -> str:
    """Say how the share of NaN and infinite values moved: of each kind, where not all one way."""
    before, after = ([rows / side.rows for rows in _by_kind(side)] for side in (p, q))
    moved = [now - then for then, now in zip(before, after, strict=True)]
    if min(moved) >= 0 or max(moved) <= 0:
        return f"NaN or infinite {percent(sum(before))} → {percent(sum(after))}"
    kinds = zip(("NaN", "+∞", "−∞"), before, after, strict=True)
    return ", ".join(f"{kind} {percent(p)} → {percent(q)}" for kind, p, q in kinds if p != q)


def _by_kind(side: ColumnStats) -> tuple[int, ...]:
    return side.nan_count, side.positive_infinity_count, side.negative_infinity_count


def _estimated(scores: Sequence[Score]) -> Iterator[str]:
    """Say how much is new or lost where only a sample of the names tells it."""
    for score in scores:
        if score.status != "ok" and score.standard_error is not None:
            where = "names that the baseline lacks" if score.metric == "new" else "names that left"
            yield f"{score.metric}: about {percent(score.number)} of the rows, in {where}"


def _category_changes(pair: CategoricalPair) -> list[str]:
    """Name the categories that came, went, or changed their share most."""
    named = len(pair.names)
    p = (pair.p_counts / pair.p_counts.sum())[:named]
    q = (pair.q_counts / pair.q_counts.sum())[:named]
    change = np.abs(q - p)
    least = max(_WORTH, float(change.max(initial=0.0)) / 3)
    alike = list(rewritten(pair.names.to_pylist(), p, q))
    said = [_rewriting(each, p, q) for each in alike]
    named_already = [at for each in alike for at in (*each.new, *each.lost)]
    for word, there, absent in (("new", q, p), ("lost", p, q)):
        gone = np.where(absent == 0, there, 0.0)
        gone[named_already] = 0.0
        if shown := _largest(gone, least):
            names = ", ".join(f"{name_of(pair, at)} {percent(there[at])}" for at in shown)
            more = int(np.count_nonzero(gone)) - len(shown)
            said.append(f"{word}: {names}" + (f" and {more:,} more" if more else ""))
        elif float(gone.sum()) > _WORTH:
            rare = int(np.count_nonzero(gone))
            what = "1 category" if rare == 1 else f"{rare:,} categories"
            said.append(f"{word}: {what}, {percent(float(gone.sum()))} of the rows")
    moved = np.where((p > 0) & (q > 0), change, 0.0)
    said += [
        f"category {name_of(pair, at)} {percent(p[at])} → {percent(q[at])}"
        for at in _largest(moved, least)
    ]
    if said or pair.sample is not None:
        return said
    return [f"{percent(float(change.sum()) / 2)} of rows moved between many categories"]


def _rewriting(found: Rewritten, p: bins.Values, q: bins.Values) -> str:
    before, after = map(_quoted, found.example)
    # Both would look the same.
    shown = after if found.ways == (UNICODE,) else f"{before} → {after}"
    share = float(q[found.new].sum() if found.new else p[found.lost].sum())
    return f"the same but for {' and '.join(found.ways)}: {shown}, {percent(share)} of the rows"


def _largest(changes: bins.Values, least: float) -> list[int]:
    """Return where the few largest changes above `least` are."""
    order = np.argsort(-changes, kind="stable")[:_NAMED]
    return [int(at) for at in order if changes[at] > least]


def name_of(pair: CategoricalPair, at: int) -> str:
    """Return a category's name in quotes, and not too long."""
    return _quoted(pair.names[at].as_py())


def _quoted(name: str) -> str:
    return f"'{name if len(name) <= _NAME_LENGTH else name[:_NAME_LENGTH] + '…'}'"


def _number_changes(
    p: ColumnStats, q: ColumnStats, side: ColumnProfile, pair: NumericPair
) -> list[str]:
    """Say how centre, spread and range moved, or failing that, which values became commoner."""
    apart = _disjoint(p, q, pair)
    if apart:
        return [apart]
    said = []
    if _moved(p, q, pair):
        said.append(f"mean {change(p.mean, q.mean)}")
    if p.sd and q.sd and not 0.8 < q.sd / p.sd < 1.25:
        said.append(f"sd {change(p.sd, q.sd)}")
    said += _beyond(p, pair)
    said += _spikes(side, pair)
    return said or _changed_range(side, pair)


def _disjoint(p: ColumnStats, q: ColumnStats, pair: NumericPair) -> str | None:
    own, other = np.flatnonzero(pair.p_counts), np.flatnonzero(pair.q_counts)
    ranges = change_of_range(p.min, p.max, q.min, q.max)
    if own[-1] < other[0]:
        return f"all values above the baseline's maximum: {ranges}"
    if other[-1] < own[0]:
        return f"all values below the baseline's minimum: {ranges}"
    return None


def _moved(p: ColumnStats, q: ColumnStats, pair: NumericPair) -> bool:
    """Whether the mean moved by an amount that matters beside the wider side's spread."""
    means = [
        float(np.dot(pair.values, counts / counts.sum()))
        for counts in (pair.p_counts, pair.q_counts)
    ]
    return abs(means[1] - means[0]) > 0.05 * max(p.sd or 0.0, q.sd or 0.0)


def _beyond(p: ColumnStats, pair: NumericPair) -> Iterator[str]:
    visited = np.flatnonzero(pair.p_counts)
    total = pair.q_counts.sum()
    above = float(pair.q_counts[visited[-1] + 1 :].sum() / total)
    below = float(pair.q_counts[: visited[0]].sum() / total)
    if above > _WORTH:
        yield f"{percent(above)} of values above the baseline's maximum {number(p.max)}"
    if below > _WORTH:
        yield f"{percent(below)} of values below the baseline's minimum {number(p.min)}"


def _spikes(side: ColumnProfile, pair: NumericPair) -> Iterator[str]:
    """Name single values that hold several points more, or fewer, of the rows."""
    p, q = pair.p_counts / pair.p_counts.sum(), pair.q_counts / pair.q_counts.sum()
    change = np.abs(q - p)
    if change.size > 1:
        at = int(change.argmax())
        if change[at] > 0.03:
            where = number(position(side, pair, float(pair.values[at])))
            yield f"value {where}: {percent(float(p[at]))} → {percent(float(q[at]))}"


def _changed_range(side: ColumnProfile, pair: NumericPair) -> list[str]:
    """Name the bin whose share changed most."""
    p, q = pair.p_bins / pair.p_bins.sum(), pair.q_bins / pair.q_bins.sum()
    worst = int(np.abs(q - p).argmax())
    within = pair.values[pair.labels == worst]
    if not within.size:
        return []
    low, high = (number(position(side, pair, float(each))) for each in within[[0, -1]])
    where = f"value {low}" if low == high else f"values from {low} to {high}"
    return [f"{where}: {percent(float(p[worst]))} → {percent(float(q[worst]))}"]


def notes(
    p: ColumnProfile,
    q: ColumnProfile,
    p_stats: ColumnStats,
    q_stats: ColumnStats,
    ungated: str | None,
    pair: NumericPair | CategoricalPair | None,
) -> tuple[str, ...]:
    """Return short phrases: why a column is not gated, and what its times cover."""
    said = [ungated] if ungated else []
    if p.kind == "unsupported":
        return tuple(said)
    if p.kind == "list" and not p.unread:
        said.append("lists, scored by how many elements each has")
    if p.kind == "timestamp" and p_stats.min is not None and q_stats.min is not None:
        said.append(_coverage(p, q, p_stats, q_stats))
    if p.unread:
        return (*said, *_unread(p, q, p_stats, q_stats))
    if not p_stats.distinct and not q_stats.distinct:
        said.append("no values on either side")
    elif not p_stats.distinct or not q_stats.distinct:
        said.append(f"no values in the {'current data' if p_stats.distinct else 'baseline'}")
    if isinstance(pair, CategoricalPair) and not pair.exact and pair.sample is None:
        said.append(
            "new and lost names cannot be told: a saved profile has more names than it keeps, and"
            " was made before a sample of them was kept; make it again"
        )
    return tuple(said)


def _unread(
    p: ColumnProfile, q: ColumnProfile, p_stats: ColumnStats, q_stats: ColumnStats
) -> Iterator[str]:
    """Say what is known of values that were not read, and what is not known besides."""
    if p.kind == "numeric" and p_stats.min is not None and q_stats.min is not None:
        ranges = (f"{number(side.min)} – {number(side.max)}" for side in (p_stats, q_stats))
        yield "range " + ", then ".join(dict.fromkeys(ranges))
    lacking = [
        name for name, side in (("baseline", p), ("current data", q)) if not side.missing_known
    ]
    if lacking:
        yield f"what is missing is not known of the {' and the '.join(lacking)}"


def _coverage(
    p: ColumnProfile, q: ColumnProfile, p_stats: ColumnStats, q_stats: ColumnStats
) -> str:
    """Say how the two ranges of time lie: apart, touching or overlapping."""
    seconds = [_seconds(side) for side in (p, q)]
    ranges = ", then ".join(
        f"{number(side.min)} – {number(side.max)}" for side in (p_stats, q_stats)
    )
    (p_low, p_high), (q_low, q_high) = seconds
    if q_low > p_high:
        return f"{ranges}: begins {duration(q_low - p_high)} after the baseline ends"
    if q_high < p_low:
        return f"{ranges}: ends {duration(p_low - q_high)} before the baseline begins"
    overlap = min(p_high, q_high) - max(p_low, q_low)
    share = overlap / (q_high - q_low) if q_high > q_low else 1.0
    return f"{ranges}: {share:.0%} of its span overlaps the baseline's".replace("%", " %")


def _seconds(side: ColumnProfile) -> tuple[float, float]:
    values = side.values
    assert isinstance(values, Numbers)
    return values.low / side.per_second, values.high / side.per_second


_EXAMPLES = 2
_EXAMPLE_LENGTH = 30


def type_change(p: ColumnProfile, q: ColumnProfile) -> str:
    """Say how a column's type changed so that its values cannot be compared, with examples."""
    before, after = (f"{kind_name(side)}{_examples(side)}" for side in (p, q))
    hint = ""
    if any(side.kind == "unsupported" and side.text for side in (p, q)):
        hint = "; list it under `categorical` to have binary read as the text that it is"
    return f"type {p.type} → {q.type}: {before} became {after}{hint}"


def _examples(side: ColumnProfile) -> str:
    if side.kind == "list":
        shown = []
    elif isinstance(side.values, Categories):
        names = [each.value for each in top_categories(side.values, _EXAMPLES)]
        shown = [repr(_shortened(name)) for name in names]
    elif side.values.points.values.size:
        ends = dict.fromkeys((side.values.low, side.values.high))
        shown = [number(as_value(side, each)) for each in ends]
    else:
        shown = []
    return f" ({', '.join(shown)})" if shown else ""


def _shortened(text: str) -> str:
    return text if len(text) <= _EXAMPLE_LENGTH else text[:_EXAMPLE_LENGTH] + "…"


def suspicions(p: ColumnProfile, q: ColumnProfile) -> Iterator[str]:
    """Yield what a column that changed makes suspect: that it is constant, or in another unit."""
    if _distinct(q) == 1 and _distinct(p) > 1:
        yield f"constant{_examples(q)}, which it was not"
    factor = unit_factor(p, q)
    if factor is not None:
        yield f"all quantiles × {factor:.4g}: has the unit changed?"


def _distinct(side: ColumnProfile) -> int:
    values = side.values
    return values.distinct if isinstance(values, Categories) else values.points.distinct
