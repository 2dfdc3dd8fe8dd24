"""Slow oracles in exact arithmetic: no float is rounded before the end."""

from collections import Counter
from fractions import Fraction
from math import inf

import numpy as np


def wasserstein(baseline, current) -> Fraction:
    """Return ∫ |F_P − F_Q| dx of two samples."""
    return weighted_wasserstein(Counter(_plain(baseline)), Counter(_plain(current)))


def weighted_wasserstein(baseline, current) -> Fraction:
    """Return the same of two mappings of values to weights."""
    p_total, q_total = sum(baseline.values()), sum(current.values())
    merged = sorted({*baseline, *current})
    # In whole numbers until the last division: floats are multiples of a power of two.
    step = max(value.as_integer_ratio()[1] for value in merged)
    whole = [_multiples(value, step) for value in merged]
    p = q = total = 0
    for at, value in enumerate(merged[:-1]):
        p += baseline.get(value, 0)
        q += current.get(value, 0)
        total += abs(p * q_total - q * p_total) * (whole[at + 1] - whole[at])
    return Fraction(total, p_total * q_total * step)


def as_float(number: Fraction) -> float:
    """Return the nearest float, infinite beyond the largest."""
    try:
        return float(number)
    except OverflowError:
        return inf


def _multiples(value, step: int) -> int:
    numerator, denominator = value.as_integer_ratio()
    return numerator * (step // denominator)


def points_of(profile) -> dict:
    """Return the points of a profile as a mapping of values to weights."""
    return dict(zip(profile.values.tolist(), profile.counts.tolist(), strict=True))


def _plain(values) -> list:
    return np.asarray(values).tolist() if not isinstance(values, list) else values
