"""What a check asks of the current data besides its columns: enough rows, and new ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from driftcli.comparison.stats import as_value
from driftcli.config import Configuration, length
from driftcli.errors import ConfigError, no_column
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.numeric import Numbers
from driftcli.report.comparison import Finding, FindingKind

#: An age is told in the largest unit of which it has at least two.
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_DAYS = ("date32", "date64")
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def lacking(data: DatasetProfile, check: Configuration, moment: datetime) -> list[Finding]:
    """Return the findings that the current data has too few rows, or none that is new enough.

    Parameters
    ----------
    moment
        When the check runs, or what it runs for.

    Raises
    ------
    ConfigError
        When it cannot be told which column holds the time.
    """
    return [*_few(data, check), *_stale(data, check, moment)]


def _few(data: DatasetProfile, check: Configuration) -> Iterator[Finding]:
    least = check.running.min_rows
    if least is not None and data.rows < least:
        yield _finding("few_rows", f"{_rows(data.rows)}, and must have {least:,} at least")


def _rows(rows: int) -> str:
    return f"the current data has {rows:,} row{'' if rows == 1 else 's'}"


def _stale(data: DatasetProfile, check: Configuration, moment: datetime) -> Iterator[Finding]:
    most = check.running.max_age
    if most is None:
        return
    name = _time_column(data, check)
    column = data.columns[name]
    shown, newest = _newest(column, check.running.timezone)
    if newest is None:
        yield _finding("stale", f"no row has a time in `{name}`")
    elif moment - newest > length(most):
        age = _in_words(moment - newest)
        yield _finding("stale", f"newest row is {age} old: `{name}` {shown}, max_age {most}")


def _finding(kind: FindingKind, message: str) -> Finding:
    return Finding(kind=kind, column=None, status="drift", message=message)


def _time_column(data: DatasetProfile, check: Configuration) -> str:
    times = [name for name, column in data.columns.items() if column.kind == "timestamp"]
    named = check.running.time
    if named is None and len(times) == 1:
        return times[0]
    if named is None:
        has = f"several columns of times: {', '.join(times[:5])}" if times else "no column of times"
        where = check.place(("max_age",))
        raise ConfigError(f"{where}: the current data has {has}; time = 'COLUMN' names one")
    if named not in data.types:
        where = check.place(("time",))
        raise ConfigError(f"{where}: {no_column(named, times or data.types)}")
    if named not in times:
        where = check.place(("time",))
        raise ConfigError(
            f"{where}: {named!r} is read as {_kind(data, named)}; name a column of times"
        )
    return named


def _kind(data: DatasetProfile, name: str) -> str:
    return data.columns[name].kind if name in data.columns else data.types[name]


def _newest(column: ColumnProfile, zone: str) -> tuple[str, datetime | None]:
    """Return the latest time of a column, as text and as an instant; None where it has none.

    A time without a zone is one by the clock of `zone`. A date lasts until its day ends.
    """
    values = column.values
    if not isinstance(values, Numbers) or not values.points.values.size:
        return "", None
    text = str(as_value(column, values.high))
    try:
        newest = datetime.fromisoformat(text)
    except ValueError:  # after the year 9999, or before 1
        newest = _LAST if values.high > 0 else _FIRST
    is_date = column.type.startswith(_DAYS)
    try:
        newest = newest.replace(tzinfo=newest.tzinfo or ZoneInfo(zone)) + timedelta(days=is_date)
        return text[:10] if is_date else text, newest.astimezone(UTC)
    except OverflowError:
        return text, newest.replace(tzinfo=UTC)


def _in_words(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    unit, size = next((each for each in _UNITS if seconds >= 2 * each[1]), _UNITS[-1])
    number = seconds // size
    return f"{number:,} {unit}{'' if number == 1 else 's'}"
