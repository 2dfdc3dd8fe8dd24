"""Whether anything was judged, and if nothing was, why not and what to do."""

import shlex
from collections.abc import Iterable, Iterator, Sequence

from driftcli.comparison.settling import too_few_rows
from driftcli.comparison.verdict import standing
from driftcli.config import Settings, glob_of
from driftcli.metrics import METRICS, Basis
from driftcli.report.columns import Column, Kind, Status
from driftcli.report.comparison import Dataset, Finding

#: Metrics that say nothing of the values themselves.
_BESIDE = {
    metric.name for metric in METRICS.values() if metric.basis in (Basis.MISSING, Basis.NONFINITE)
}
_NAMED = 5
#: The last remedy.
ACCEPTING = 'nothing_judged = "ok" accepts that nothing is'


def is_judged(column: Column, settings: Settings) -> bool:
    """Return whether what the column holds was judged on both sides.

    Missing values alone are not enough, unless nothing else was asked for.
    """
    wanted = set(settings.metrics or METRICS)
    counted = wanted - _BESIDE or wanted
    return any(score.gated and score.metric in counted for score in column.scores)


def status_of_part(columns: Sequence[Column], settings: Settings) -> Status:
    """Return what the columns of a part of the rows come to: skipped where nothing was judged."""
    found = standing(columns, list(too_few_rows(columns, settings)), settings)
    if found == "ok" and not any(is_judged(column, settings) for column in columns):
        return "skipped"
    return found


def find(
    columns: Sequence[Column], found: Sequence[Finding], baseline: Dataset, settings: Settings
) -> Iterator[Finding]:
    """Yield the finding that no column was judged, if none was and there is no drift either.

    `found` is what else there is. What a waiver accepts is no drift, and judged all the same.
    """
    left = [each for each in columns if each.waiver is None]
    if standing(left, [each for each in found if each.waiver is None], settings) == "drift":
        return
    if not any(is_judged(column, settings) for column in columns):
        why = [(column.name, _why(column)) for column in columns]
        yield finding(why, _remedy(columns, baseline, settings), settings)


def finding(why: Iterable[tuple[str, str]], remedy: str, settings: Settings) -> Finding:
    """Return the finding that no column was judged; `why` are their names and the reasons."""
    names: dict[str, list[str]] = {}
    for name, reason in why:
        names.setdefault(reason, []).append(f"`{name}`")
    said = "; ".join(f"{_listed(some)} ({reason})" for reason, some in names.items())
    return Finding(
        kind="nothing_judged",
        column=None,
        status="ok" if settings.nothing_judged == "ok" else "warn",
        message=f"nothing was judged: {said}; {remedy}",
    )


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")


def _why(column: Column) -> str:
    told = (*column.notes, *column.reasons)
    return told[0] if told else "none of its scores has a threshold"


def _remedy(columns: Sequence[Column], baseline: Dataset, settings: Settings) -> str:
    with_values = [each for each in columns if _has_values(each)]
    # Times move on, and would drift each time.
    scored = min(with_values, key=lambda each: each.kind == "timestamp", default=None)
    said = remedy(scored.name, scored.kind, settings) if scored else ACCEPTING
    if baseline.format == "csv" and baseline.columns == 1:
        return f"--delimiter names what parts the fields, if it was not found; {said}"
    return said


def _has_values(column: Column) -> bool:
    return any(each.value is not None and each.metric not in _BESIDE for each in column.scores)


def remedy(name: str, kind: Kind, settings: Settings) -> str:
    """Return how to have a column judged although it is not by itself, or to accept it."""
    usual = "js_distance" if kind == "categorical" else "wasserstein"
    wanted = settings.metrics or (usual,)
    level = f"{glob_of(name)}.{usual if usual in wanted else wanted[0]}=0.1"
    return f"--threshold {shlex.quote(level)} judges `{name}` all the same; {ACCEPTING}"
