"""Old results leave the store, and what belongs to them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, delete, func, not_, select

from driftcli.history.records import Pruned
from driftcli.history.tables import profiles, results, runs


def prune(connection: Connection, before: date, *, dry_run: bool) -> Pruned:
    """Remove the results of days before `before`; waivers and what was told stay.

    A run that is not over, or has other results, stays as well.
    """
    old = results.c.day < before
    gone = select(results.c.id).where(old)
    stays = select(results.c.run_id).where(not_(old))
    empty = runs.c.id.in_(select(results.c.run_id).where(old)) & runs.c.id.not_in(stays)

    def count(table: object, condition: object) -> int:
        asked = select(func.count()).select_from(table).where(condition)  # type: ignore[arg-type]
        return connection.scalar(asked) or 0

    found = Pruned(
        count(results, old), count(profiles, profiles.c.result_id.in_(gone)), count(runs, empty)
    )
    if not dry_run:
        # What belongs to a run goes with it, and what belongs to a result with that.
        connection.execute(delete(runs).where(empty))
        connection.execute(delete(results).where(old))
    return found
