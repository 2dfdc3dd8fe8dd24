"""Times that cannot be right: all one moment, to come, from before all others, or moved by hours.

A time column moves on, so that its values are not gated; these are changes that no moving on makes.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np

from driftcli.comparison import sentinels
from driftcli.comparison.figures import percent
from driftcli.comparison.stats import as_value
from driftcli.config import Levels, Settings, resolve
from driftcli.metrics.divergence import js_distance
from driftcli.profile.clock import by_hour
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.report.columns import Status
from driftcli.report.comparison import Finding, FindingKind

_DAY = 86_400.0
_YEAR = 366 * _DAY
#: Less likely than this is no accident.
_BY_CHANCE = 1e-6
#: Fewer values may well be of one moment.
_FEWEST = 20
#: From this share on one moment holds the column, and below the other it does not.
_HELD, _SPREAD = 0.9, 0.5
#: A batch may be of one day: then as many rows share a value as did before, or a few times as many.
_BATCH = 10
#: A moment so many spans before all others is none of a batch that came late.
_FAR = 10
#: Days that tell the hours of a day, and how far apart these must be, as a Jensen-Shannon distance.
_WEEK, _APART = 7 * _DAY, 0.15
#: Moved, hours must be so many times closer than they are unmoved.
_CLOSER = 4


def find(
    baseline: DatasetProfile, current: DatasetProfile, settings: Settings, today: date | None
) -> Iterator[Finding]:
    """Yield what is wrong with the times of the current data, as of a day: now, if None."""
    times = [
        name
        for name, p in baseline.columns.items()
        if (q := current.columns.get(name)) and p.kind == q.kind == "timestamp"
    ]
    rules = resolve(settings, times)
    now = datetime.now(UTC).date() if today is None else today
    end = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
    for name in times:
        p, q = baseline.columns[name], current.columns[name]
        if rules[name].gate is False or not _size(p) or not _size(q):
            continue
        told = list(_of_column(name, p, q, end.timestamp()))
        missing = rules[name].thresholds.get("missing", Levels())
        # What came is told of by name: what is left is what was there before.
        yield from told or _of_sentinel(name, p, q, missing, settings.alpha)


def _of_column(name: str, p: ColumnProfile, q: ColumnProfile, end: float) -> Iterator[Finding]:
    held = _held(p, q)
    if held is not None:
        yield _finding("collapsed_times", name, "drift", f"`{name}`: {held}")
        return
    if _lost_its_hours(p, q):
        text = f"type {p.type} → {q.type}" if p.type != q.type else f"type {p.type}"
        text += ": the times of the day are gone, all are midnight"
        yield _finding("type_change", name, "warn", f"`{name}`: {text}")
    moved = _moved_hours(p, q)
    if moved:
        by = f"{abs(moved)} h {'later' if moved > 0 else 'earlier'}"
        text = f"its hours of the day come {by} than the baseline's and are alike but for that"
        text += ": is it another time zone?"
        yield _finding("moved_clock", name, "warn", f"`{name}`: {text}")
    early = _early(p, q)
    if early is not None:
        yield _finding("early_times", name, "warn", f"`{name}`: {early}")
    (p_low, p_high), (_, q_high) = _ends(p), _ends(q)
    # The baseline's own span is what a plan may look ahead: due dates lie beyond the day, too.
    limit = end + _DAY + min(p_high - p_low, _YEAR)
    if q_high > limit and p_high <= end + _DAY:
        text = f"holds times to come, up to {_moment(q, q.numbers.high)}; the baseline's last is"
        yield _finding(
            "future_times", name, "warn", f"`{name}`: {text} {_moment(p, p.numbers.high)}"
        )


def _of_sentinel(
    name: str, p: ColumnProfile, q: ColumnProfile, missing: Levels, alpha: float
) -> Iterator[Finding]:
    moved = sentinels.moved(p, q, missing, alpha)
    if moved:
        moment = _moment(q, round(moved.moment * q.per_second))
        text = f"{percent(moved.q)} of the times are {moment}; {percent(moved.p)} of the baseline's"
        yield _finding("sentinel_times", name, "warn", f"`{name}`: {text}")


def _finding(kind: FindingKind, name: str, status: Status, message: str) -> Finding:
    return Finding(kind=kind, column=name, status=status, message=message)


def _held(p: ColumnProfile, q: ColumnProfile) -> str | None:
    """Say which moment holds nearly all values of the current data, if one came to."""
    before, after = p.numbers.points, q.numbers.points
    most, at = int(after.counts.max()), int(after.counts.argmax())
    usual = int(before.counts.max()) if before.exact else before.total / before.distinct
    if after.total < _FEWEST or most < _HELD * after.total or usual > _SPREAD * before.total:
        return None
    moment = float(after.values[at]) / q.per_second
    low, high = _ends(p)
    far = max(_FAR * (high - low), _YEAR)
    if most <= _BATCH * usual and low - far <= moment <= high + far:
        return None
    share = "all" if most == after.total else f"{most:,} of {after.total:,}"
    return f"{share} times are {_moment(q, after.values[at].item())}; the baseline's are spread"


def _early(p: ColumnProfile, q: ColumnProfile) -> str | None:
    """Say that all times are before the baseline's first, or that some are far before it."""
    low, high = _ends(p)
    first, last = _ends(q)
    begin = _moment(p, p.numbers.low)
    if last < low:
        span = f"{_moment(q, q.numbers.low)} to {_moment(q, q.numbers.high)}"
        return f"all times are before the baseline's first, {begin}: {span}"
    limit = low - max(_FAR * (high - low), _YEAR)
    if first >= limit:
        return None
    points = q.numbers.points
    share = points.counts[points.values < limit * q.per_second].sum() / points.total
    far = f"far before the baseline's first, {begin}: the earliest is {_moment(q, q.numbers.low)}"
    return f"{percent(max(float(share), 1 / points.total))} of the times are {far}"


def _lost_its_hours(p: ColumnProfile, q: ColumnProfile) -> bool:
    """Return whether times became dates: not by chance, by how many were of midnight before."""
    before, after = p.numbers.hours_of_week, q.numbers.points
    day = int(_DAY) * q.per_second
    if not before.size or not after.exact or (after.values % day).any():
        return False
    midnight = float(by_hour(before)[0]) / float(before.sum())
    return midnight**after.total < _BY_CHANCE


def _moved_hours(p: ColumnProfile, q: ColumnProfile) -> int:
    """Return by how many hours a day of the current data is the baseline's one moved; 0 if by none.

    Summer time moves times that are kept in UTC by an hour, twice a year: that is none.
    """
    weekly = p.numbers.hours_of_week, q.numbers.hours_of_week
    spans = [high - low for low, high in (_ends(p), _ends(q))]
    if min(spans) < _WEEK or not all(each.any() for each in weekly):
        return 0
    before, after = (by_hour(each) / each.sum() for each in weekly)
    moved = np.stack([np.roll(before, hours) for hours in range(24)])
    apart = js_distance(moved, after)
    best = int(np.argmin(apart))
    hours = best if best <= 12 else best - 24
    told = apart[0] >= _APART and apart[best] * _CLOSER <= apart[0]
    return hours if told and abs(hours) > 1 else 0


def _size(side: ColumnProfile) -> int:
    return int(np.size(side.numbers.points.values))


def _ends(side: ColumnProfile) -> tuple[float, float]:
    """Return the first and the last time, in seconds since the epoch."""
    return side.numbers.low / side.per_second, side.numbers.high / side.per_second


def _moment(side: ColumnProfile, ticks: float) -> str:
    text = str(as_value(side, ticks)).replace("T", " ").replace("+00:00", "")
    return text.removesuffix(" 00:00:00")
