"""`drift metrics`."""

from math import inf

from driftcli.cli import options
from driftcli.cli.boundary import guarded


@guarded
def show_metrics(debug: options.Debug = False) -> int:
    """List the metrics: what each measures, its unit and range, and its default threshold."""
    del debug
    from driftcli.cli.output import emit
    from driftcli.config import DEFAULT_THRESHOLDS
    from driftcli.metrics import METRICS

    rows = [("metric", "range", "unit", "drifts from", "meaning")]
    for metric in METRICS.values():
        upper = "∞)" if metric.upper_bound == inf else "1]"
        levels = DEFAULT_THRESHOLDS.get(metric.name)
        level = f"{levels.drift:g}" if levels and levels.drift is not None else "–"
        unit = "its own" if metric.unit == "column" else metric.unit or "–"
        rows.append((metric.name, f"[0, {upper}", unit, level, metric.meaning))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        emit(line.rstrip() + "\n")
    return 0
