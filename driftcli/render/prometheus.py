"""Reports and runs in the text format of Prometheus, for node_exporter's textfile collector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, get_args

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from driftcli.render import Look
from driftcli.render.words import is_waived
from driftcli.report.columns import Column, Score
from driftcli.report.comparison import Finding, Report, Verdict
from driftcli.report.joint import ColumnPair, Joint
from driftcli.report.run import OUTCOMES, CheckReport, Run
from driftcli.text import visible

#: Every metric: what it means, and its labels. All of a comparison begin with `check`.
METRICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "drift_info": ("The version of drift that compared.", ("check", "version")),
    "drift_verdict": ("1 for the verdict on the dataset, 0 for the others.", ("check", "verdict")),
    "drift_exit_code": ("The exit code of the comparison.", ("check",)),
    "drift_rows": ("Rows of each side.", ("check", "side")),
    "drift_columns": ("Columns of each status.", ("check", "status")),
    "drift_findings": ("Findings, such as lost columns.", ("check", "kind", "status")),
    "drift_column_status": ("1 for the status of a column.", ("check", "column", "status")),
    "drift_score": ("Score of a column.", ("check", "column", "metric")),
    "drift_threshold": ("Score from which on a column drifts.", ("check", "column", "metric")),
    "drift_noise": ("Score that chance alone reaches.", ("check", "column", "metric")),
    "drift_joint_verdict": ("1 for the verdict on pairs, 0 for the others.", ("check", "verdict")),
    "drift_joint_exit_code": ("The exit code of the comparison of pairs.", ("check",)),
    "drift_pairs": ("Pairs of columns of each status.", ("check", "status")),
    "drift_pair_status": ("1 for the status of a pair.", ("check", "first", "second", "status")),
    "drift_pair_score": ("Score of a pair.", ("check", "first", "second", "metric")),
    "drift_pair_threshold": (
        "Score from which on a pair drifts.",
        ("check", "first", "second", "metric"),
    ),
    "drift_joint_score": ("Score of all columns together.", ("check", "metric")),
    "drift_joint_threshold": (
        "Score from which on all columns together drift.",
        ("check", "metric"),
    ),
    "drift_outcome": ("1 for what came of a check, 0 for the rest.", ("check", "outcome")),
    "drift_finished_seconds": ("When a check ended, since 1970.", ("check",)),
    "drift_run_exit_code": ("The exit code of the run.", ("config",)),
    "drift_run_outcome": ("1 for the worst of its checks, 0 for the rest.", ("config", "outcome")),
    "drift_run_finished_seconds": ("When the run ended, since 1970.", ("config",)),
}


class Measurement(NamedTuple):
    """A value of one of `METRICS`, and its labels."""

    metric: str
    value: float
    labels: tuple[str, ...]


def render(report: Report, look: Look) -> str:
    """Return the scores and the verdict as gauges.

    All have a label `check`, so that one node_exporter can hold several comparisons: the name of
    the check, or that of the baseline. There is no time: node_exporter has that of the file.
    """
    check = report.baseline.source if look.check is None else look.check
    return _exposition(_of_report(report, check))


def _exposition(found: Iterable[Measurement]) -> str:
    """Return samples in the text format, those of a metric together."""
    registry = CollectorRegistry()
    registry.register(_Gauges(found))
    return generate_latest(registry).decode()


class _Gauges(Collector):
    """Metrics that are collected once: no state, and nothing of the process beside them."""

    def __init__(self, found: Iterable[Measurement]) -> None:
        self._series: dict[str, dict[tuple[str, ...], float]] = {name: {} for name in METRICS}
        for sample in found:
            # Of names that look alike, the first, which is the worst, counts.
            labels = tuple(map(visible, sample.labels))
            self._series[sample.metric].setdefault(labels, sample.value)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, series in self._series.items():
            if series:
                meaning, labels = METRICS[name]
                family = GaugeMetricFamily(name, meaning, labels=labels)
                for key, value in series.items():
                    family.add_metric(key, value)
                yield family


def _of_report(report: Report, check: str) -> Iterator[Measurement]:
    for metric, value, labels in _samples(report):
        yield Measurement(metric, value, (check, *labels))


def _states(metric: str, owner: str, state: str, known: Iterable[str]) -> Iterator[Measurement]:
    """Yield 1 for the state that holds, and 0 for the others."""
    for each in known:
        yield Measurement(metric, float(each == state), (owner, each))


def _samples(report: Report) -> Iterator[tuple[str, float, tuple[str, ...]]]:
    """Yield metrics, their values, and their labels behind `check`."""
    yield "drift_info", 1, (report.version,)
    for verdict in get_args(Verdict):
        yield "drift_verdict", float(verdict == report.verdict), (verdict,)
    yield "drift_exit_code", report.exit_code, ()
    yield "drift_rows", report.baseline.rows, ("baseline",)
    yield "drift_rows", report.current.rows, ("current",)
    yield from _counts(report)
    for column in report.columns:
        yield "drift_column_status", 1, (column.name, _standing(column))
        for score in column.scores:
            yield from _of_score(column, score)


def render_joint(joint: Joint, look: Look) -> str:
    """Return the scores of pairs and the verdict on them as gauges, as `render`."""
    check = joint.baseline.source if look.check is None else look.check
    return _exposition(_of_joint(joint, check))


def _of_joint(joint: Joint, check: str) -> Iterator[Measurement]:
    yield Measurement("drift_info", 1, (check, joint.version))
    yield from _states("drift_joint_verdict", check, joint.verdict, get_args(Verdict))
    yield Measurement("drift_joint_exit_code", joint.exit_code, (check,))
    for status in ("drift", "warn", "ok", "waived"):
        yield Measurement("drift_pairs", getattr(joint.summary, status), (check, status))
    for pair in joint.pairs:
        yield Measurement("drift_pair_status", 1, (check, *pair.columns, _standing(pair)))
        for score in pair.scores:
            labels = (check, *pair.columns, score.metric)
            yield Measurement("drift_pair_score", score.number, labels)
            if score.threshold is not None:
                yield Measurement("drift_pair_threshold", score.threshold, labels)
    for of_all in (each for judge in joint.judges for each in judge.scores):
        yield Measurement("drift_joint_score", of_all.number, (check, of_all.metric))
        if of_all.threshold is not None:
            yield Measurement("drift_joint_threshold", of_all.threshold, (check, of_all.metric))


def _standing(each: Column | Finding | ColumnPair) -> str:
    return "waived" if is_waived(each) else each.status


def _counts(report: Report) -> Iterator[tuple[str, float, tuple[str, ...]]]:
    summary = report.summary
    for status in ("drift", "warn", "inconclusive", "ok", "skipped", "waived"):
        yield "drift_columns", getattr(summary, status), (status,)
    counts = Counter((finding.kind, _standing(finding)) for finding in report.findings)
    for (kind, status), count in counts.items():
        yield "drift_findings", count, (kind, status)


def _of_score(column: Column, score: Score) -> Iterator[tuple[str, float, tuple[str, ...]]]:
    labels = (column.name, score.metric)
    if score.value is not None or score.infinite:
        yield "drift_score", score.number, labels
    if score.gated and score.threshold is not None:
        yield "drift_threshold", score.threshold, labels
    if score.noise is not None:
        yield "drift_noise", score.noise, labels


def render_run(run: Run, look: Look) -> str:  # noqa: ARG001  # every renderer takes a look
    """Return when and how a run ended, and the gauges of all its checks."""
    return _exposition(_of_run(run))


def _of_run(run: Run) -> Iterator[Measurement]:
    yield from _states("drift_run_outcome", run.config, run.outcome, OUTCOMES)
    yield Measurement("drift_run_exit_code", run.exit_code, (run.config,))
    yield Measurement("drift_run_finished_seconds", _seconds(run.finished), (run.config,))
    for check in run.checks:
        yield from _of_check(check)


def _of_check(check: CheckReport) -> Iterator[Measurement]:
    yield from _states("drift_outcome", check.check, check.outcome, OUTCOMES)
    yield Measurement("drift_finished_seconds", _seconds(check.finished), (check.check,))
    # The report's own exit code comes later, and so does not count: what a check ends with may be
    # worse than its verdict.
    yield Measurement("drift_exit_code", check.exit_code, (check.check,))
    if check.report:
        yield from _of_report(check.report, check.check)
    if check.joint:
        yield from _of_joint(check.joint, check.check)


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
