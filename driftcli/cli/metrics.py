"""`drift metrics`."""

from math import inf

from driftcli.cli.command import command


@command
def show_metrics() -> int:
    """List the metrics, with ranges, units and default thresholds."""
    from driftcli.cli.output import emit, terminal_look
    from driftcli.config import DEFAULT_THRESHOLDS
    from driftcli.metrics import METRICS
    from driftcli.render.escape import to_ascii

    rows: list[tuple[str, ...]] = [("metric", "range", "unit", "drifts from", "meaning")]
    for metric in METRICS.values():
        upper = "∞)" if metric.upper_bound == inf else "1]"
        levels = DEFAULT_THRESHOLDS.get(metric.name)
        level = f"{levels.drift:g}" if levels and levels.drift is not None else "–"
        unit = "its own" if metric.unit == "column" else metric.unit or "–"
        rows.append((metric.name, f"[0, {upper}", unit, level, metric.meaning))
    if terminal_look().ascii_only:
        rows = [tuple(map(to_ascii, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    emit("\n".join(padded) + "\n")
    return 0
