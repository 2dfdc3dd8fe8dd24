"""The Python API: a comparison in one call, and an assertion for test suites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driftcli.config import Loaded
    from driftcli.engine import Progress
    from driftcli.profile.dataset import DatasetProfile
    from driftcli.report import Report


def compare(  # noqa: PLR0913 - one keyword for each thing a comparison can be told
    baseline: Any,
    current: Any,
    *,
    config: str | Path | None = None,
    thresholds: Mapping[str, float] | None = None,
    metrics: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    sample: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    **settings: Any,
) -> Report:
    """Compare a current dataset with its baseline."""
