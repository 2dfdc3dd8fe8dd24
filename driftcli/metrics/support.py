"""Scores of what one side has and the other has not: rows without a value, new and lost support."""


def share_difference(p: float, q: float) -> float:
    """Return |p − q| of two shares of rows, from 0 to 1."""
    return abs(p - q)


def new_support(new: float, lost: float) -> float:
    """Return the share of the current side on support that the baseline never visits."""
    del lost
    return new


def lost_support(new: float, lost: float) -> float:
    """Return the share of the baseline on support that the current side never visits."""
    del new
    return lost
