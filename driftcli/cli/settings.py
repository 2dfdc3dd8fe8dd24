"""Options that go together: a record each, which a command takes as one parameter."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftcli.cli import options, parsing

if TYPE_CHECKING:
    from driftcli.config import Configuration


@dataclass(frozen=True)
class Text:
    """How text files are read."""

    delimiter: options.Delimiter = None
    quote: options.Quote = None
    escape: options.Escape = None
    comment: options.Comment = None
    skip: options.Skip = None
    decimal: options.Decimal = None
    encoding: options.Encoding = None
    null: options.Null = None
    written: options.Written = None

    def overrides(self) -> dict[str, Any]:
        """Return what these say of settings; None says nothing."""
        return {
            "read.delimiter": self.delimiter,
            "read.quote": self.quote,
            "read.escape": self.escape,
            "read.comment": self.comment,
            "read.skip": self.skip,
            "read.decimal": self.decimal,
            "read.encoding": self.encoding,
            "read.null": self.null or None,
            "read.written": parsing.written(self.written),
        }


@dataclass(frozen=True)
class Filtering:
    """Which rows of each side are taken."""

    where: options.RowsWhere = None
    where_baseline: options.BaselineWhere = None
    where_current: options.CurrentWhere = None

    def overrides(self) -> dict[str, Any]:
        """Return what these say of settings; None says nothing."""
        return {
            "where": parsing.condition(self.where),
            "where_baseline": parsing.condition(self.where_baseline, "--where-baseline"),
            "where_current": parsing.condition(self.where_current, "--where-current"),
        }


@dataclass(frozen=True)
class Judging:
    """What is scored, and what makes it drift."""

    threshold: options.Threshold = None
    no_gate: options.NoGate = None
    metric: options.Metrics = None
    fail_on: options.FailOnLevel = None
    strict: options.Strict = False
    alpha: options.Alpha = None
    correction: options.CorrectionName = None
    drifted_columns: options.DriftedColumns = None

    def overrides(self) -> dict[str, Any]:
        """Return what these say of settings, but for the thresholds; None says nothing."""
        return {
            "metrics": self.metric or None,
            "fail_on": self.fail_on,
            "strict": self.strict or None,
            "alpha": self.alpha,
            "correction": self.correction,
            "drifted_columns": parsing.number(self.drifted_columns),
        }


@dataclass(frozen=True)
class Showing:
    """How a report is shown on standard output, and when."""

    brief: options.Brief = False
    quiet: options.Quiet = False
    color: options.Color = None


def settings(
    config: Path | None,
    text: Text = Text(),
    judging: Judging = Judging(),
    *,
    pairs: bool = False,
    **overrides: object,
) -> Configuration:
    """Return the settings in force: the configuration, and what the options say over it.

    Parameters
    ----------
    pairs
        Whether pairs of columns are compared.

    Raises
    ------
    ConfigError, UsageError
        When either is wrong.
    """
    from driftcli.config import load
    from driftcli.metrics import METRICS

    return load(
        metrics=METRICS,
        config=config,
        environ=os.environ,
        cwd=Path.cwd(),
        overrides={**judging.overrides(), **text.overrides(), **overrides},
        thresholds=judging.threshold or [],
        no_gate=parsing.listed(judging.no_gate),
        pairs=pairs,
    )
