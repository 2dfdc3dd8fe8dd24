"""Options that go together: a record each, which a command takes as one parameter."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftcli.cli import options

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
            "read.written": options.written(self.written),
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
            "drifted_columns": options.number(self.drifted_columns),
        }


@dataclass(frozen=True)
class Showing:
    """How a report is shown on standard output, and when."""

    brief: options.Brief = False
    quiet: options.Quiet = False
    color: options.Color = None


def settings(
    config: Path | None, text: Text, judging: Judging | None = None, **overrides: object
) -> Configuration:
    """Return the settings in force: the configuration, and what the options say over it.

    Raises
    ------
    ConfigError, UsageError
        When either is wrong.
    """
    from driftcli.config import load
    from driftcli.metrics import METRICS

    judging = judging or Judging()
    return load(
        metrics=METRICS,
        config=config,
        environ=os.environ,
        cwd=Path.cwd(),
        overrides={**judging.overrides(), **text.overrides(), **overrides},
        thresholds=judging.threshold or [],
        no_gate=options.listed(judging.no_gate),
    )


def spread(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of its groups, each group made of them when it is called."""
    own = inspect.signature(command, eval_str=True).parameters.values()
    groups: dict[str, Any] = {
        each.name: each.annotation for each in own if is_dataclass(each.annotation)
    }
    options_of = {
        name: list(inspect.signature(group, eval_str=True).parameters.values())
        for name, group in groups.items()
    }
    if not groups:
        return command

    @wraps(command)
    def run(**given: Any) -> int:
        made = {
            name: group(**{each.name: given.pop(each.name) for each in options_of[name]})
            for name, group in groups.items()
        }
        return command(**given, **made)

    shown = [part for each in own for part in options_of.get(each.name, [each])]
    run.__signature__ = inspect.Signature(shown, return_annotation=int)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in shown}
    return run
