"""The Python API: a comparison in one call, and an assertion for test suites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftcli.errors import UsageError

if TYPE_CHECKING:
    from driftcli.config import Correction, FailOn, Like
    from driftcli.report import Report


def compare(  # noqa: PLR0913 - one keyword for each thing a comparison can be told
    baseline: Any,
    current: Any,
    *,
    config: str | Path | None = None,
    thresholds: Mapping[str, float | str] | None = None,
    metrics: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    categorical: Sequence[str] | None = None,
    fail_on: FailOn | None = None,
    strict: bool | None = None,
    alpha: float | None = None,
    correction: Correction | None = None,
    drifted_columns: float | None = None,
    like: Like | None = None,
    by: str | Sequence[str] = (),
    columns: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    sample: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    details: bool = False,
) -> Report:
    """Compare a current dataset with its baseline and return the report.

    Parameters
    ----------
    baseline, current
        A path (file, directory, glob or URI), a pandas frame, a pyarrow Table, RecordBatch or
        RecordBatchReader, or anything with the Arrow C stream interface (Polars, DuckDB); or a
        `Profile`, or the path of a saved one.
    config
        A drift.toml or pyproject.toml to read. None takes the defaults: nothing is looked for.
    thresholds
        The score from which on a metric drifts, by metric ("js_distance") or by column and
        metric ("price.wasserstein", "amount_*.kl"); "off" for a metric that does not gate.
    metrics
        The metrics to score; all of them when None.
    ignore, categorical
        Globs over column names: those to leave out, those to read as categories.
    fail_on
        What makes `exit_code` 1: "drift" (the default), "warn" (or worse), "change" (any beyond
        noise, however small) or "never".
    strict
        Whether an inconclusive column makes it 1, too, and a comparison that judged nothing.
    alpha, correction
        A score drifts only where its p-value, corrected for all tests of the run, is at most
        alpha (0.01): "bh" (Benjamini-Hochberg, the default), "holm" or "none".
    drifted_columns
        How many columns, or below 1 which share of them, make the dataset drift: 1 by default.
    like
        A tool whose numbers to give: "evidently", "nannyml", "tfdv" or "scipy".
    by
        Columns whose values make segments, each of which is compared as well: see
        `Report.segments`.
    columns, exclude
        Globs over column names: the only ones to compare, and ones not to.
    rename
        Old names of the current data's columns to those of the baseline.
    sample, seed
        Compare uniform samples of this many rows, drawn with this seed.
    threads
        Threads to use; as many as there are processors when None.
    details
        Have the report say what moved in each column: see `Column.details`.

    Raises
    ------
    DriftError
        When data cannot be read or a setting cannot be used; the text is one line.

    Examples
    --------
    >>> import pyarrow as pa
    >>> baseline, current = pa.table({"x": range(50)}), pa.table({"x": range(60, 110)})
    >>> report = compare(baseline, current)
    >>> report.verdict, report.exit_code, report.columns[0].reasons
    ('drift', 1, ("all values above the baseline's maximum: 0 to 49 → 60 to 109",))
    """
    from driftcli.config import load
    from driftcli.metrics import METRICS
    from driftcli.pipeline import Selection, run
    from driftcli.profiles import unwrapped
    from driftcli.segments import run_by

    _check_at_least(1, sample=sample, threads=threads)
    _check_at_least(0, seed=seed)

    loaded = load(
        metrics=METRICS,
        config=config,
        overrides={
            "metrics": metrics,
            "ignore": ignore,
            "categorical": categorical,
            "fail_on": fail_on,
            "strict": strict,
            "alpha": alpha,
            "correction": correction,
            "drifted_columns": drifted_columns,
            "like": like,
            "by": _globs(by) or None,
        },
        thresholds=[f"{target}={level}" for target, level in (thresholds or {}).items()],
        named=str,
    )
    selection = Selection(
        columns=_globs(columns),
        exclude=_globs(exclude),
        rename=dict(rename or {}),
        sample=sample,
        seed=seed,
    )
    way = run_by if loaded.settings.by else run
    p, q = unwrapped(baseline), unwrapped(current)
    return way(p, q, loaded, selection, threads=threads, details=details)


def _globs(globs: str | Sequence[str]) -> tuple[str, ...]:
    return (globs,) if isinstance(globs, str) else tuple(globs)


def _check_at_least(least: int, **numbers: int | None) -> None:
    for name, number in numbers.items():
        if number is not None and number < least:
            raise UsageError(f"{name}={number}: must be at least {least}")


def assert_no_drift(baseline: Any, current: Any, **options: Any) -> None:
    """Assert that the current dataset was judged and has not drifted; takes what `compare` takes.

    Raises
    ------
    AssertionError
        When it has, or when no column was judged; the message is the readable report.
    DriftError
        When data cannot be read or a setting cannot be used.
    """
    __tracebackhide__ = True
    report = compare(baseline, current, **options)
    if report.exit_code:
        from driftcli.render import render

        raise AssertionError("\n" + render(report))
