"""Timelines in Python."""

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
    from driftcli.config import FailOn
    from driftcli.report.timeline import Timeline


@public
def timeline(  # noqa: PLR0913 - one keyword for each thing a timeline can be told
    data: Any,
    *,
    time: str,
    every: str = "1d",
    window: str | None = None,
    against: str | None = None,
    baseline: Any = None,
    timezone: str | None = None,
    last: int | None = None,
    config: str | Path | None = None,
    thresholds: Mapping[str, float | str] | None = None,
    no_gate: str | Sequence[str] = (),
    metrics: Sequence[str] | None = None,
    fail_on: FailOn | None = None,
    strict: bool | None = None,
    alpha: float | None = None,
    block: str | None = None,
    columns: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    where: str | None = None,
    read: Mapping[str, object] | None = None,
    threads: int | None = None,
    engine: Any = None,
) -> Timeline:
    """Compare the periods of a dataset through time and return the timeline.

    Parameters
    ----------
    data
        What `compare` takes but no profile.
    time
        The time column; rows may come in any order.
    every
        The length of a period: a number and "h", "d", "w" (from Monday) or "mo".
    window
        Compare rolling windows of this length, one ending with each period.
    against
        What each period is compared with: "first" (the default), "previous", "season:7d" (the one
        7 days before), or "baseline".
    baseline
        Compare with this: a span of the same data ("2025-01-01..2025-03-31"), another dataset or
        a profile.
    timezone
        The zone by whose clock instants are cut; UTC when None.
    last
        Judge only so many periods, the newest.
    block
        Which rows move together within a period, as for `compare`; "none" takes all of them as
        independent.
    config, thresholds, no_gate, metrics, fail_on, strict, alpha, columns, exclude, rename
        As for `compare`.
    where, read
        As for `compare`.
    threads, engine
        As for `compare`.

    Raises
    ------
    DriftError
        When data cannot be read or a setting cannot be used; the text is one line.
    """
    from driftcli.comparison.timeline.plan import TimeColumn, plan
    from driftcli.pipeline.elsewhere import engine_for
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.timeline import run

    check_at_least(1, last=last, threads=threads)
    given = baseline is not None
    asked = plan(TimeColumn(time, timezone), every, window, against, last, baseline=given)
    configuration = configured(
        config,
        thresholds,
        read,
        no_gate=globs_of(no_gate),
        metrics=metrics,
        fail_on=fail_on,
        strict=strict,
        alpha=alpha,
        where=where,
        block=block,
        engine=name_of(engine),
    )
    held, base = unwrapped(data), unwrapped(baseline)
    with engine_for(configuration, (held, base), threads, engine) as used:
        return run(
            held,
            configuration,
            selected(columns, exclude, rename),
            asked,
            Reading(threads=threads, engine=used),
            baseline=base,
        )
