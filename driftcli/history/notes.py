"""What people and messengers leave in the store: waivers, and what was told about a check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from sqlalchemy import Connection, func, insert, select, update

from driftcli.history.recording import insert_into
from driftcli.history.records import Accepted, Notice
from driftcli.history.tables import notices, waivers
from driftcli.history.values import storable
from driftcli.report.comparison import Waiver


def accept(connection: Connection, check: str, pattern: str, waiver: Waiver) -> None:
    """Record a waiver, which takes the place of an earlier one of the same check and pattern."""
    row = {
        "check_name": check,
        "pattern": pattern,
        "until": date.fromisoformat(waiver.until),
        "why": waiver.why,
        "recorded_by": waiver.by,
        "recorded": datetime.now(UTC),
    }
    connection.execute(insert(waivers), row)


def revoke(connection: Connection, check: str, pattern: str) -> bool:
    """Revoke a waiver, and return whether there was one."""
    same = (waivers.c.check_name == storable(check)) & (waivers.c.pattern == storable(pattern))
    done = connection.execute(
        update(waivers).where(same, waivers.c.revoked.is_(None)).values(revoked=datetime.now(UTC))
    )
    return done.rowcount > 0


def accepted(connection: Connection, check: str | None = None) -> list[Accepted]:
    """Return the waivers that were not revoked, the newest of each check and pattern, by check."""
    latest = select(func.max(waivers.c.id)).group_by(waivers.c.check_name, waivers.c.pattern)
    asked = select(waivers).where(waivers.c.id.in_(latest), waivers.c.revoked.is_(None))
    if check is not None:
        asked = asked.where(waivers.c.check_name == storable(check))
    return [
        Accepted(
            row.check_name,
            row.pattern,
            Waiver(until=row.until.isoformat(), why=row.why, by=row.recorded_by),
            row.recorded,
        )
        for row in connection.execute(asked.order_by(waivers.c.check_name, waivers.c.id))
    ]


def notice(connection: Connection, check: str, target: str) -> Notice:
    """Return what a target was last told about a check."""
    own = (notices.c.check_name == storable(check)) & (notices.c.target == target)
    row = connection.execute(select(notices).where(own)).one_or_none()
    if row is None:
        return Notice(check, target)
    return Notice(check, target, row.state, row.told, row.attempts, row.error)


def notified(
    connection: Connection, check: str, target: str, state: str, error: str | None
) -> None:
    """Record that a target was told a state, or that telling it failed once more."""
    before = notice(connection, check, target)
    now: Mapping[str, object] = {
        "state": state if error is None else before.state,
        "told": datetime.now(UTC) if error is None else before.told_at,
        "attempts": 0 if error is None else before.attempts + 1,
        "error": error,
    }
    own = {"check_name": storable(check), "target": target}
    made = insert_into(connection, notices).values(**own, **now)
    connection.execute(made.on_conflict_do_update(index_elements=[*own], set_=now))
