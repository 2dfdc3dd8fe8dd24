"""One dataset described: each column's statistics and shape, as records that outputs print."""

from __future__ import annotations

from driftcli.comparison import histograms, spellings
from driftcli.comparison.pair import paired
from driftcli.comparison.roles import Role, kind_of, role_of
from driftcli.comparison.shapes import drawn_pair, scored_sides, stats_of
from driftcli.comparison.stats import bare_stats, dataset_of
from driftcli.config import ResolvedColumn, Settings, resolve
from driftcli.profile import clock
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.numeric import Numbers
from driftcli.report.summary import ColumnShape, ColumnSummary, ProfileSummary
from driftcli.version import __version__


def summary(profile: DatasetProfile) -> ProfileSummary:
    """Return what a dataset holds."""
    rules = resolve(Settings(), profile.types)
    kept, rows = profile.kept, profile.rows_kept
    return ProfileSummary(
        version=__version__,
        data=dataset_of(profile),
        profile_of=profile.made_of[0] if profile.made_of else None,
        redacted=profile.redacted is not None,
        blocks=kept.called if kept else None,
        block_count=kept.rows.size if kept else 0,
        kept_rows=rows.keys.size if rows else 0,
        notes=tuple(profile.notes),
        read_as=tuple(spellings.notes(profile)),
        columns=tuple(
            _column(name, profile.columns[name], rules[name])
            if name in profile.columns
            else _unsupported(name, profile)
            for name in profile.types
        ),
    )


def _column(name: str, side: ColumnProfile, rules: ResolvedColumn) -> ColumnSummary:
    role = role_of(name, side)
    stats = stats_of(side, role)
    hours_of_day, weekdays = _clocks(side)
    return ColumnSummary(
        name=name,
        kind=kind_of(role, side),
        identifier=role in ("identifier", "older"),
        constant=stats.distinct == 1 and stats.distinct_exact,
        stats=stats,
        shape=_shape(side, role, rules),
        hours_of_day=hours_of_day,
        weekdays=weekdays,
    )


def _shape(side: ColumnProfile, role: Role, rules: ResolvedColumn) -> ColumnShape | None:
    """Return the distribution that a comparison of the column with itself would draw."""
    scored, same = scored_sides(side, side, role)
    pair = drawn_pair(side, side, paired(scored, same, rules), role)
    if pair is None:
        return None
    drawn = histograms.distribution(scored, pair)
    return ColumnShape(
        shares=drawn.baseline, labels=drawn.labels, edges=drawn.edges, other=drawn.other
    )


def _clocks(side: ColumnProfile) -> tuple[tuple[float, ...], tuple[float, ...]]:
    values = side.values
    if not isinstance(values, Numbers) or not values.hours_of_week.sum():
        return (), ()
    weekly = values.hours_of_week
    shares = [each(weekly) / weekly.sum() for each in (clock.by_hour, clock.by_weekday)]
    return tuple(shares[0].tolist()), tuple(shares[1].tolist())


def _unsupported(name: str, profile: DatasetProfile) -> ColumnSummary:
    stats = bare_stats(profile.types[name], profile.rows)
    return ColumnSummary(name=name, kind="unsupported", stats=stats)
