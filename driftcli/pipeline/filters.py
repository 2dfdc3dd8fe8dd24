"""Whether profiles are of rows that were chosen alike."""

from __future__ import annotations

from driftcli.config import Configuration
from driftcli.errors import UsageError
from driftcli.pipeline.inputs import Input, Side, where_of
from driftcli.pipeline.saved import Saved
from driftcli.profile.dataset import DatasetProfile


def check_filter(opened: Input, configuration: Configuration, side: Side | None = None) -> None:
    """Refuse a saved profile whose rows were not chosen as the settings ask it, of its side.

    Where they ask nothing, it is as it was made.

    Raises
    ------
    UsageError
        When that is so.
    """
    where = where_of(configuration, side)
    if not isinstance(opened, Saved) or where is None:
        return
    if not same_filter(opened.saved.where, where.text):
        raise UsageError(
            f"{opened.saved.source}: a profile of {_rows(opened.saved.where)}, and "
            f"{where.clauses[0].place} asks for {_rows(where.text)}; profile the data again with "
            f"it{_or_other(side)}"
        )


def _or_other(side: Side | None) -> str:
    if side is None:
        return ""
    other = "current" if side == "baseline" else "baseline"
    return f", or filter the other side alone: --where-{other}"


def check_alike(first: DatasetProfile, other: DatasetProfile) -> None:
    """Refuse to take profiles together whose rows were not chosen alike.

    Raises
    ------
    UsageError
        When that is so.
    """
    if not same_filter(first.where, other.where):
        raise UsageError(
            f"{other.source}: a profile of {_rows(other.where)}, but {first.source} of "
            f"{_rows(first.where)}; take profiles of one filter"
        )


def same_filter(one: str | None, other: str | None) -> bool:
    """Return whether two conditions are the same, however they are written."""
    if one is None or other is None or one == other:
        return one == other
    from driftcli.source.where import parsed

    conditions = [parsed([("", text)]) for text in (one, other)]
    first, second = ([clause.condition for clause in each.clauses] for each in conditions)
    return first == second


def _rows(where: str | None) -> str:
    return f"rows where {where!r}" if where else "all rows"
