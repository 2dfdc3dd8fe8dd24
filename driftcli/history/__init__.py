"""The history: every run appended to a store (SQLite or PostgreSQL), and what is asked of it.

SQLAlchemy is imported when a store is opened, and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcli.history.records import (
    CheckResult,
    CheckState,
    GatedScore,
    Notice,
    Pruned,
    RecordedWaiver,
    Streak,
)
from driftcli.report.history import Outcome

if TYPE_CHECKING:
    from driftcli.history.store import History

#: Seconds to wait for another process to finish writing, or for a server to answer.
PATIENCE = 30.0

__all__ = [
    "CheckResult",
    "CheckState",
    "GatedScore",
    "Notice",
    "Outcome",
    "Pruned",
    "RecordedWaiver",
    "Streak",
    "open_history",
]


def open_history(where: str, *, create: bool = True, patience: float = PATIENCE) -> History:
    """Open a store, and bring it up to date; one that does not exist is made.

    Parameters
    ----------
    where
        The path of an SQLite file, or an SQLAlchemy URL (`postgresql+psycopg://…`).
    create
        Whether to make an SQLite file that does not exist; else that is an error.
    patience
        Seconds to wait for a store that is locked.

    Raises
    ------
    HistoryError
        When it cannot be opened: no driver, no permission, no store, or a newer one.
    """
    from driftcli.history.opening import open_engine
    from driftcli.history.store import History

    return History(open_engine(where, create=create, patience=patience))
