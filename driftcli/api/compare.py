"""Comparisons and explanations in Python, and an assertion for test suites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftcli.api.options import (
    check_at_least,
    configured,
    globs_of,
    name_of,
    public,
    selected,
)
from driftcli.api.profile import unwrapped

if TYPE_CHECKING:
    from driftcli.config import Correction, FailOn, Like
    from driftcli.report.comparison import Explained, Report


@public
def compare(  # noqa: PLR0913 - one keyword for each thing a comparison can be told
    baseline: Any,
    current: Any,
    *,
    config: str | Path | None = None,
    thresholds: Mapping[str, float | str] | None = None,
    no_gate: str | Sequence[str] = (),
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
    block: str | None = None,
    written: Mapping[str, str] | None = None,
    where: str | None = None,
    where_baseline: str | None = None,
    where_current: str | None = None,
    columns: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    read: Mapping[str, object] | None = None,
    footers: bool = False,
    sample: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    engine: Any = None,
    details: bool = False,
) -> Report:
    """Compare a current dataset with its baseline and return the report.

    Parameters
    ----------
    baseline, current
        A path (file, directory, glob or URI), a pandas frame, a pyarrow Table, RecordBatch or
        RecordBatchReader, or anything with the Arrow C stream interface (Polars, DuckDB); a data
        frame of Spark, or "spark:catalog.schema.table"; or a `Profile`, or the path of a saved one.
    config
        A drift.toml or pyproject.toml to read. None takes the defaults: nothing is looked for.
    thresholds
        The score from which on a metric drifts, by metric ("js_distance") or by column and
        metric ("price.wasserstein", "amount_*.kl"): a number or "5%"; "off" for a metric that does
        not gate, and {"price.*": "off"} for all of a column.
    no_gate
        Globs over column names: those that are reported and cannot drift.
    metrics
        The metrics to score, all of them when not set; `drift metrics` lists them.
    categorical
        Columns to read as categories, whatever their type. Names or globs.
    fail_on
        What makes the exit code 1: drift, warn (or worse), change (beyond noise, however small),
        never. This and what follows is as in the configuration, or the default, when None.
    strict
        Fail when a column is inconclusive, too, or nothing was judged.
    alpha
        A score drifts only if chance explains it with a probability of at most this, corrected for
        all tests of the run.
    correction
        How p-values are corrected for many tests: bh (Benjamini-Hochberg), holm, none.
    drifted_columns
        How many columns (3), or which share of them (0.2), make the dataset drift; fewer are a
        warning.
    like
        Give the numbers of another tool: evidently, nannyml, tfdv or scipy.
    by
        Columns whose values make segments, each of which is compared as well; several make one of
        each combination. See `Report.segments`.
    block
        Which rows move together and count like one: a column of times and a length (time_hour:1d),
        a column of entities (customer_id), or none; where it is not set, days are found where one
        column says which.
    where
        Only rows of both sides that meet this condition: comparisons, and, or, not, in, between,
        like, is null.
    where_baseline
        Only rows of the baseline that meet this as well.
    where_current
        Only rows of the current data that meet this as well.
    written
        How values of columns are written, where that is not seen: formats of times (%d/%m/%Y), s,
        ms, us or ns since 1970, or a number as an example (1.234,50). By names or globs.
    columns, exclude
        Globs over column names: the only ones to compare, and ones to leave out.
    ignore
        As `exclude`, in the place of what the configuration leaves out.
    rename
        Old names of the current data's columns to those of the baseline.
    read
        How text files are read, by key of `[read]`: {"delimiter": ";", "skip": 2}.
    footers
        Read no rows: judge rows, columns, types and missing values by what Parquet footers, Delta
        logs and Iceberg manifests say.
    sample, seed
        Compare uniform samples of this many rows, drawn with this seed.
    threads
        Threads to use; as many as there are processors when None.
    engine
        Where to read: "threads" (the default), "dask://host:port", "spark" and the like, a
        `dask.distributed.Client` or a `SparkSession`.
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
    from driftcli.pipeline.comparing import run
    from driftcli.pipeline.elsewhere import engine_for
    from driftcli.pipeline.inputs import Reading

    check_at_least(1, sample=sample, threads=threads)
    check_at_least(0, seed=seed)
    overrides: dict[str, Any] = {"read.written": dict(written) if written else None}
    configuration = configured(
        config,
        thresholds,
        read,
        no_gate=globs_of(no_gate),
        metrics=metrics,
        ignore=ignore,
        categorical=categorical,
        fail_on=fail_on,
        strict=strict,
        alpha=alpha,
        correction=correction,
        drifted_columns=drifted_columns,
        like=like,
        by=globs_of(by) or None,
        block=block,
        where=where,
        where_baseline=where_baseline,
        where_current=where_current,
        engine=name_of(engine),
        **overrides,
    )
    selection = selected(columns, exclude, rename)
    p, q = unwrapped(baseline), unwrapped(current)
    with engine_for(configuration, (p, q), threads, engine) as used:
        reading = Reading(sample, seed, threads, engine=used, footers=footers)
        return run(p, q, configuration, selection, reading, details=details).report


@public
def explain(  # noqa: PLR0913 - one keyword for each thing an explanation can be told
    baseline: Any,
    current: Any,
    column: str,
    *,
    config: str | Path | None = None,
    rename: Mapping[str, str] | None = None,
    where: str | None = None,
    where_baseline: str | None = None,
    where_current: str | None = None,
    read: Mapping[str, object] | None = None,
    block: str | None = None,
    threads: int | None = None,
    engine: Any = None,
) -> Explained:
    """Return what moved in one column: its report with details, which prints as an explanation.

    Parameters
    ----------
    baseline, current, config, rename, where, where_baseline, where_current, read
        As for `compare`.
    block, threads, engine
        As for `compare`, too.
    column
        The name of the column.

    Raises
    ------
    DriftError
        When data cannot be read or there is no such column.

    Examples
    --------
    >>> import pyarrow as pa
    >>> explained = explain(pa.table({"x": range(50)}), pa.table({"x": range(60, 110)}), "x")
    >>> explained.columns[0].details.transport.cost
    60.0
    """
    from driftcli.pipeline.comparing import run
    from driftcli.pipeline.elsewhere import engine_for
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.selection import Selection
    from driftcli.report.comparison import Explained

    check_at_least(1, threads=threads)
    configuration = configured(
        config,
        None,
        read,
        block=block,
        where=where,
        where_baseline=where_baseline,
        where_current=where_current,
        engine=name_of(engine),
    )
    selection = Selection(column=column, rename=dict(rename or {}))
    p, q = unwrapped(baseline), unwrapped(current)
    with engine_for(configuration, (p, q), threads, engine) as used:
        reading = Reading(threads=threads, engine=used)
        return Explained.of(run(p, q, configuration, selection, reading, details=True).report)


def assert_no_drift(baseline: Any, current: Any, **options: Any) -> None:
    """Assert that the current dataset was judged and has not drifted; takes what `compare` takes.

    Raises
    ------
    AssertionError
        When it has, or when no column was judged; the first line of the message is the verdict,
        and the table follows.
    DriftError
        When data cannot be read or a setting cannot be used.
    """
    __tracebackhide__ = True
    report = compare(baseline, current, **options)
    if report.exit_code:
        from driftcli.render.words import summary_line

        raise AssertionError(f"{summary_line(report)}\n\n{report}")
