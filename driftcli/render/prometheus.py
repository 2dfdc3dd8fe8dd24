"""The report in the text format of Prometheus, for node_exporter's textfile collector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple, get_args

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from driftcli.render.digest import is_waived
from driftcli.render.escape import visible
from driftcli.render.look import Look
from driftcli.report import Column, Finding, Report, Score, Verdict

#: Every metric: what it means, and its labels behind `baseline`.
METRICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "drift_info": ("What was compared, by which version of drift.", ("current", "version")),
    "drift_verdict": ("1 for the verdict on the dataset, 0 for the others.", ("verdict",)),
    "drift_exit_code": ("The exit code of the comparison.", ()),
    "drift_rows": ("Rows of each side.", ("side",)),
    "drift_columns": ("Columns of each status.", ("status",)),
    "drift_findings": ("Findings, such as lost columns.", ("kind", "status")),
    "drift_column_status": ("1 for the status of a column.", ("column", "status")),
    "drift_score": ("Score of a column.", ("column", "metric")),
    "drift_threshold": ("Score from which on a column drifts.", ("column", "metric")),
    "drift_noise": ("Score that chance alone reaches.", ("column", "metric")),
}


class Sample(NamedTuple):
    """A value of one of `METRICS`, and what its labels behind `baseline` are."""

    metric: str
    value: float
    labels: tuple[str, ...] = ()


def render(report: Report, look: Look) -> str:  # noqa: ARG001  # every renderer takes a look
    """Return the scores and the verdict as gauges, whatever the look.

    All have a label `baseline`, so that one node_exporter can hold several comparisons. There is
    no time: node_exporter has that of the file.
    """
    registry = CollectorRegistry()
    registry.register(_Gauges(report))
    return generate_latest(registry).decode()


class _Gauges(Collector):
    """Metrics that are collected once: no state, and nothing of the process beside them."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[GaugeMetricFamily]:
        baseline = visible(self._report.baseline.source)
        samples = list(_samples(self._report))
        for name, (meaning, labels) in METRICS.items():
            family = GaugeMetricFamily(name, meaning, labels=("baseline", *labels))
            for key, value in _series(each for each in samples if each.metric == name).items():
                family.add_metric((baseline, *key), value)
            yield family


def _series(samples: Iterable[Sample]) -> dict[tuple[str, ...], float]:
    """Return values by labels. Of names that look alike, the first, which is the worst, is told."""
    values: dict[tuple[str, ...], float] = {}
    for sample in samples:
        values.setdefault(tuple(map(visible, sample.labels)), sample.value)
    return values


def _samples(report: Report) -> Iterator[Sample]:
    yield Sample("drift_info", 1, (report.current.source, report.version))
    for verdict in get_args(Verdict):
        yield Sample("drift_verdict", float(verdict == report.verdict), (verdict,))
    yield Sample("drift_exit_code", report.exit_code)
    yield Sample("drift_rows", report.baseline.rows, ("baseline",))
    yield Sample("drift_rows", report.current.rows, ("current",))
    yield from _counts(report)
    for column in report.columns:
        yield Sample("drift_column_status", 1, (column.name, _standing(column)))
        for score in column.scores:
            yield from _of_score(column, score)


def _standing(each: Column | Finding) -> str:
    return "waived" if is_waived(each) else each.status


def _counts(report: Report) -> Iterator[Sample]:
    summary = report.summary
    for status in ("drift", "warn", "inconclusive", "ok", "skipped", "waived"):
        yield Sample("drift_columns", getattr(summary, status), (status,))
    counts = Counter((finding.kind, _standing(finding)) for finding in report.findings)
    for (kind, status), count in counts.items():
        yield Sample("drift_findings", count, (kind, status))


def _of_score(column: Column, score: Score) -> Iterator[Sample]:
    labels = (column.name, score.metric)
    if score.value is not None or score.infinite:
        yield Sample("drift_score", score.number, labels)
    if score.gated and score.threshold is not None:
        yield Sample("drift_threshold", score.threshold, labels)
    if score.noise is not None:
        yield Sample("drift_noise", score.noise, labels)
