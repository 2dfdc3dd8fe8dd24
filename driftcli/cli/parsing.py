"""What the texts of options say."""

import re
from datetime import UTC, date, datetime, timedelta

from driftcli.errors import UsageError

_LENGTH = re.compile(r"([1-9]\d{0,4})([dw])\Z")


def number(text: str | None) -> int | float | str | None:
    """Return a number as a file has it: whole ones as integers; what is none stays a text."""
    for convert in (int, float):
        try:
            return None if text is None else convert(text)
        except ValueError:
            continue
    return text


def duration(option: str, text: str | None) -> str | None:
    """Return a time such as 30m.

    Raises
    ------
    UsageError
        When it is none.
    """
    import msgspec

    from driftcli.config.running import Duration
    from driftcli.config.wording import expectation

    try:
        return None if text is None else msgspec.convert(text, Duration)
    except msgspec.ValidationError:
        raise UsageError(f"{option} {text!r}: expected {expectation(Duration)}") from None


def renames(pairs: list[str] | None) -> dict[str, str]:
    """Return the pairs of --rename as old names to new ones.

    Raises
    ------
    UsageError
        When a pair is none.
    """
    found = {}
    for pair in pairs or []:
        old, equals, new = pair.partition("=")
        if not equals:
            raise UsageError(f"--rename {pair!r}: expected OLD=NEW, such as --rename amt=amount")
        found[old] = new
    return found


def written(pairs: list[str] | None) -> dict[str, str] | None:
    """Return the pairs of --written as columns to formats; None when there are none.

    Raises
    ------
    UsageError
        When a pair is none.
    """
    found = {}
    for pair in pairs or []:
        column, equals, text = pair.partition("=")
        if not (column and equals and text):
            raise UsageError(
                f"--written {pair!r}: expected COLUMN=FORMAT, such as --written at=%d/%m/%Y"
            )
        found[column] = text
    return found or None


def condition(texts: list[str] | None, option: str = "--where") -> str | None:
    """Return the conditions of an option as one that holds where all do; None without any.

    Raises
    ------
    UsageError
        When one of several is none.
    """
    if not texts or len(texts) == 1:
        return texts[0] if texts else None
    from driftcli.source.where import parsed

    return parsed([(option, text) for text in texts]).text


def check_stdin(baseline: str, current: str) -> None:
    """Refuse to read both sides from the one standard input.

    Raises
    ------
    UsageError
        When both are '-'.
    """
    if baseline == current == "-":
        raise UsageError("only one side can be '-', there is one standard input")


def listed(globs: list[str] | None) -> list[str]:
    """Split lists at commas: column names rarely hold one, and '?' matches it where they do.

    A list of nothing else is the column whose name is empty, and not all columns.
    """
    return [part for glob in globs or [] for part in list(filter(None, glob.split(","))) or [""]]


def today() -> date:
    """Return the day it is, in UTC as the days of checks are."""
    return datetime.now(UTC).date()


def day(text: str, option: str) -> date:
    """Return the day that an option names.

    Raises
    ------
    UsageError
        When it names none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r}: expected a day, such as 2026-01-31") from None


def age(text: str, option: str) -> timedelta:
    """Return the days that an option names: `30d`, or `4w`.

    Raises
    ------
    UsageError
        When it names none.
    """
    found = _LENGTH.match(text)
    if not found:
        raise UsageError(f"{option} {text!r}: expected a number of days or weeks: 400d or 52w")
    return timedelta(days=int(found[1]) * (7 if found[2] == "w" else 1))


def since(text: str, option: str = "--since") -> date:
    """Return the day that an option names, or that lies as long ago as it says.

    Raises
    ------
    UsageError
        When it says neither.
    """
    if _LENGTH.match(text):
        return today() - age(text, option)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} {text!r}: expected a day such as 2025-03-01, or how long ago: 30d or 4w"
        ) from None
