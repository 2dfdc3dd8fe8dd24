"""A drift.toml with checks, the checks that it plans, and data to give it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from driftcli.checks.planned import PlannedCheck, planned_checks
from driftcli.config import Configuration, load
from driftcli.metrics import METRICS

#: A Sunday morning.
NOW = datetime(2025, 3, 2, 6, 30, tzinfo=UTC)
CHECK = 'baseline = "base.csv"\ncurrent = "{date}.csv"\n'


def loaded(folder: Path, text: str) -> Configuration:
    (folder / "drift.toml").write_text(text, encoding="utf-8")
    return load(metrics=METRICS, cwd=folder)


def planned_of(
    folder: Path, text: str, names: Sequence[str] = (), when: str | None = None
) -> list[PlannedCheck]:
    return planned_checks(loaded(folder, text), names, NOW, when)


def planned(folder: Path, settings: str = "", check: str = "orders") -> PlannedCheck:
    """Return one planned check with some settings of its own."""
    (made,) = planned_of(folder, f"[checks.{check}]\n{CHECK}{settings}\n")
    return made
