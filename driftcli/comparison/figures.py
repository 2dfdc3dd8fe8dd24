"""How reasons write numbers: few digits, and more where a change would not be seen in them."""

from driftcli.report.documents import Value

_DIGITS = 4
#: So many digits tell any two doubles apart; whole numbers are written in full before.
_MOST_DIGITS = 17


def percent(share: float) -> str:
    """Return a share as a percentage with two significant digits, and 0 and 100 only when exact."""
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    points = share * 100
    if points < 0.01:
        return "< 0.01 %"
    if points > 99.9:
        return "> 99.9 %"
    decimals = 0 if points >= 10 else 1 if points >= 1 else 2
    if points >= 99:
        decimals = 1
    return f"{points:.{decimals}f} %"


def number(value: Value, digits: int = _DIGITS) -> str:
    """Return a statistic with so many significant digits; times without their fractions."""
    if isinstance(value, str):
        return value.split(".")[0].replace("T", " ").replace("+00:00", "")
    if isinstance(value, int) and (abs(value) < 10**4 or digits > _DIGITS):
        return f"{value:,}" if abs(value) >= 10**4 else str(value)
    if value is None:
        return "–"
    if 10**4 <= abs(value) < 10**9:
        decimals = max(0, digits - len(f"{abs(value):.0f}"))
        return f"{value:,.{decimals}f}"
    return f"{value:.{digits}g}".replace("inf", "∞")


def change(before: Value, after: Value) -> str:
    """Return two values with an arrow between, in as many digits as tell them apart.

    >>> change(29443.2, 48766.4)
    '29,443 → 48,766'
    >>> change(1000000.1, 1000000.2)
    '1,000,000.1 → 1,000,000.2'
    """
    digits = _telling(before, after)
    return f"{number(before, digits)} → {number(after, digits)}"


def change_of_range(low: Value, high: Value, then_low: Value, then_high: Value) -> str:
    """Return two ranges that lie apart, in as many digits as show that they do.

    >>> change_of_range(71.042, 126.81, 7039, 12737)
    '71.04 to 126.8 → 7039 to 12,737'
    """
    # The gap is between the nearer two of the ends.
    digits = max(_telling(high, then_low), _telling(low, then_high))
    return f"{_range(low, high, digits)} → {_range(then_low, then_high, digits)}"


def _range(low: Value, high: Value, digits: int) -> str:
    first, last = number(low, digits), number(high, digits)
    return first if first == last else f"{first} to {last}"


def _telling(before: Value, after: Value) -> int:
    """Return how many digits tell two values apart."""
    if before == after:
        return _DIGITS
    every = range(_DIGITS, _MOST_DIGITS)
    told = (each for each in every if number(before, each) != number(after, each))
    return next(told, _MOST_DIGITS)
