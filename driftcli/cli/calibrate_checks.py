"""What the options of `drift calibrate` may be, alone and together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcli.errors import UsageError, nearest

if TYPE_CHECKING:
    from driftcli.calibration import Rule

FORMATS = ("table", "json")


def checked_format(format_: str | None, *, dry_run: bool) -> str | None:
    """Return the format to print in, None for none."""
    if format_ is not None and format_ not in FORMATS:
        raise UsageError(f"--format {format_!r}: {nearest(format_, FORMATS)}")
    return format_ or ("table" if dry_run else None)


def check_source(
    baseline: list[str] | None,
    check: str | None,
    output: str | None,
    *,
    with_drifted: bool,
) -> None:
    """Refuse a past that is named twice or not at all, and options of the other kind."""
    if check is None:
        if not baseline:
            raise UsageError("name the past: a dataset, files, or a check with --from-history")
        if with_drifted:
            raise UsageError("--with-drifted is about runs; name their check with --from-history")
        return
    if baseline:
        raise UsageError("--from-history takes the place of BASELINE; give one")
    if output is not None:
        raise UsageError("--from-history writes to the configuration that has the check; no -o")


def check_ways(
    baseline: list[str], time: str | None, every: str | None, splits: int | None
) -> None:
    """Refuse ways to cut the past that do not go together; recorded runs are not cut."""
    if not baseline and any(each is not None for each in (time, every, splits)):
        raise UsageError("--time, --every and --splits cut data; recorded runs are as they are")
    if time is not None and splits is not None:
        raise UsageError("--time and --splits are two ways to cut a dataset; give one")
    if every is not None and time is None:
        raise UsageError("--every cuts by a time column; name it with --time")
    if len(baseline) > 1 and (time is not None or splits is not None):
        way = "--splits" if time is None else "--time"
        raise UsageError(f"{way} cuts one dataset; name several files by a glob or a directory")


def check_numbers(rule: Rule, **least: int | None) -> None:
    """Refuse numbers out of range."""
    for name, value in least.items():
        lowest = {"splits": 3, "seed": 0}.get(name, 1)
        if value is not None and value < lowest:
            raise UsageError(f"--{name.replace('_', '-')} {value}: must be at least {lowest}")
    for name, share in (("warn", rule.warn_quantile), ("drift", rule.drift_quantile)):
        if not 0 < share < 1:
            raise UsageError(f"--{name}-quantile {share:g}: must lie between 0 and 1")
    if rule.warn_quantile > rule.drift_quantile:
        raise UsageError("--warn-quantile must not lie above --drift-quantile")
    if not 0 <= rule.floor < float("inf"):
        raise UsageError(f"--floor {rule.floor:g}: must be a number of at least 0")
