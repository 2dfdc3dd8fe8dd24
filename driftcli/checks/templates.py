"""Names of files with the date in them: `lake/day={date-1d}/`.

A field is `{NAME}`, `{NAME±OFFSET}`, `{NAME:FORM}` or `{NAME±OFFSET:FORM}`; `{{` and `}}` are the
braces themselves.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from driftcli.errors import ConfigError, nearest

#: What a time is written as where no form is given.
TIMES = {"date": "%Y-%m-%d", "hour": "%H"}
FIELDS = (*TIMES, "check")
#: Of the forms of strftime, those that read the same everywhere.
DIRECTIVES = "YmdHMSjGVu%"

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_FIELD = re.compile(r"(?P<name>[^:+-]*)(?P<offset>[+-][^:]*)?(?P<form>:.*)?")
_OFFSET = re.compile(r"([+-]\d{1,5})(h|d|w|mo)")
_DIRECTIVE = re.compile(r"%(.?)")


def filled(template: str, check: str, moment: datetime, place: str) -> str:
    """Return a template with its fields filled in.

    Parameters
    ----------
    check
        The name of the check.
    moment
        When it is run, or run for: aware of its zone, by whose clock times are written.
    place
        What messages call the place of the template.

    Raises
    ------
    ConfigError
        When a field is unknown or has another form.

    Examples
    --------
    >>> filled("day={date-1d}/{hour}.csv", "orders", datetime(2025, 3, 1, 5, tzinfo=UTC), "")
    'day=2025-02-28/05.csv'
    """

    def field(found: re.Match[str]) -> str:
        token, inside = found[0], found[1]
        if token in ("{{", "}}"):
            return token[0]
        if inside is None:
            raise ConfigError(f"{place}: a lone {token!r}; {token * 2!r} is the brace itself")
        try:
            return _value(inside, check, moment)
        except ValueError as error:
            raise ConfigError(f"{place}: {token!r}: {error}") from None

    return _TOKEN.sub(field, template)


def _value(inside: str, check: str, moment: datetime) -> str:
    """Return what a field stands for; a `ValueError` says what is wrong with it."""
    found = _FIELD.fullmatch(inside)
    name = found["name"] if found else inside
    if not found or name not in FIELDS:
        raise ValueError(f"unknown field; {nearest(name, FIELDS)}")
    if name == "check":
        if found["offset"] or found["form"]:
            raise ValueError("the name of the check takes no offset and no form")
        return check
    form = TIMES[name] if found["form"] is None else _checked(found["form"][1:])
    return _moved(moment, found["offset"]).strftime(form)


def _checked(form: str) -> str:
    unknown = [each for each in _DIRECTIVE.findall(form) if each not in DIRECTIVES or not each]
    if not form or unknown:
        known = " ".join(f"%{each}" for each in DIRECTIVES)
        wrong = f"no form %{unknown[0]}" if unknown else "no form"
        raise ValueError(f"{wrong}; there are {known}")
    return form


def _moved(moment: datetime, offset: str | None) -> datetime:
    if offset is None:
        return moment
    found = _OFFSET.fullmatch(offset)
    if not found:
        raise ValueError(f"the offset {offset!r} is no number with h, d, w or mo")
    try:
        return _STEPS[found[2]](moment, int(found[1]))
    except (OverflowError, ValueError):
        raise ValueError("beyond the calendar") from None


def _hours_later(moment: datetime, number: int) -> datetime:
    # Hours are of elapsed time: the night that the clock is put back has one more.
    return (moment.astimezone(UTC) + timedelta(hours=number)).astimezone(moment.tzinfo)


def _months_later(moment: datetime, number: int) -> datetime:
    """Return the same day of another month, or the last one where that has fewer days."""
    years, month = divmod(moment.month - 1 + number, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(
        year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1])
    )


_STEPS: dict[str, Callable[[datetime, int], datetime]] = {
    "h": _hours_later,
    "d": lambda moment, number: moment + timedelta(days=number),
    "w": lambda moment, number: moment + timedelta(weeks=number),
    "mo": _months_later,
}
