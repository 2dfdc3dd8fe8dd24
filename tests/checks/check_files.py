"""A drift.toml with checks, the orders that it makes, and data to give it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from driftcli.checks.planned import Order, orders
from driftcli.config import Configuration, load
from driftcli.metrics import METRICS

#: A Sunday morning.
NOW = datetime(2025, 3, 2, 6, 30, tzinfo=UTC)
CHECK = 'baseline = "base.csv"\ncurrent = "{date}.csv"\n'


def loaded(folder: Path, text: str) -> Configuration:
    (folder / "drift.toml").write_text(text, encoding="utf-8")
    return load(metrics=METRICS, cwd=folder)


def ordered(
    folder: Path, text: str, names: Sequence[str] = (), when: str | None = None
) -> list[Order]:
    return orders(loaded(folder, text), names, NOW, when)


def order(folder: Path, settings: str = "", check: str = "orders") -> Order:
    """Return the order of one check with some settings of its own."""
    (made,) = ordered(folder, f"[checks.{check}]\n{CHECK}{settings}\n")
    return made
