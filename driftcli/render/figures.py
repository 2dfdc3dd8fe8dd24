"""Numbers in words and digits, the same in every format and locale."""

from __future__ import annotations

from driftcli.report.comparison import Dataset, Score

#: What `decimals` is at most: a point and four digits.
MOST_DECIMALS = 5


def number(value: float) -> str:
    """Return a score to three significant digits and at most four decimals.

    Examples
    --------
    >>> [number(value) for value in (0, 0.00001, 0.0312, 0.31, 1.5, 12.34, 4321, 2.5e7)]
    ['0', '<0.0001', '0.0312', '0.310', '1.50', '12.3', '4,321', '2.5e+07']
    """
    if value == 0:
        return "0"
    if 0 < value < 1e-4:
        return "<0.0001"
    if abs(value) >= 1e6:
        return f"{value:.3g}"
    for limit, decimals in ((0.1, 4), (1, 3), (10, 2), (100, 1)):
        if abs(value) < limit:
            return f"{value:.{decimals}f}"
    return f"{value:,.0f}"


def score_text(score: Score | None) -> str:
    """Return a score's number: ∞ when infinite, – when not defined, ≥ before a lower bound."""
    if score is None or (score.value is None and not score.infinite):
        return "–"
    text = "∞" if score.infinite else number(score.number)
    return "≥" + text if score.lower_bound and not score.infinite else text


def multiple_text(value: float) -> str:
    """Return a multiple with two significant digits, or all digits of its whole part.

    Examples
    --------
    >>> [multiple_text(value) for value in (1.04, 3.16, 77.4, 12345, float("inf"))]
    ['×1.0', '×3.2', '×77', '×12,345', '×∞']
    """
    return f"×{value:.1f}" if value < 10 else f"×{value:,.0f}".replace("inf", "∞")


def noise_text(score: Score | None) -> str:
    """Return the level that a score reaches without drift; nothing where it is not known."""
    return "" if score is None or score.noise is None else number(score.noise)


def decimals(text: str) -> int:
    """Return how many characters follow the units digit of a number's text, its point included."""
    if "e" in text or "." not in text:
        return 0
    return len(text) - text.index(".")


def share(value: float) -> str:
    """Return a share in per cent.

    Examples
    --------
    >>> [share(value) for value in (0, 0.0001, 0.012, 0.5, 0.9999, 1)]
    ['0 %', '<0.1 %', '1.2 %', '50.0 %', '>99.9 %', '100 %']
    """
    if value in (0, 1):
        return f"{value * 100:.0f} %"
    if value < 0.0005:
        return "<0.1 %"
    if value >= 0.9995:
        return ">99.9 %"
    return f"{value * 100:.1f} %"


def change(before: float, after: float) -> str:
    """Return two shares as `1.2 % → 5.0 %`, or the one when both read alike."""
    first, second = share(before), share(after)
    return first if first == second else f"{first} → {second}"


def counted(count: int, noun: str) -> str:
    """Return `1 row`, `12,000 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def extent(dataset: Dataset) -> str:
    """Return a dataset's rows, and the sample's size when only a sample was scored."""
    rows = counted(dataset.rows, "row")
    return rows if dataset.sampled_rows is None else f"{rows}, sample of {dataset.sampled_rows:,}"
