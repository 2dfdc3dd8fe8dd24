"""What a reader should know of a column that is no reason to fail."""

from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.reasons import number
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers
from driftcli.report.comparison import ColumnStats


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
    if p.kind == "list":
        said.append("lists, scored by how many elements each has")
    if p.kind == "timestamp" and p_stats.min is not None and q_stats.min is not None:
        said.append(_coverage(p, q, p_stats, q_stats))
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


_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def _seconds(side: ColumnProfile) -> tuple[float, float]:
    per_second = _PER_SECOND[side.time_unit or "s"]
    values = side.values
    assert isinstance(values, Numbers)
    return values.low / per_second, values.high / per_second


def duration(seconds: float) -> str:
    """Return a length of time in the largest unit of which there are two."""
    for size, unit in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            many = abs(seconds) >= 1000 * size
            return f"{seconds / size:{',.0f' if many else '.3g'}} {unit}"
    return f"{seconds:.3g} s"
