"""Numbers as their distances from one of them: integers that float64 cannot hold, and how far off.

No two int64 are too far apart: their distance is an unsigned integer.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Integers up to this size are exact in float64.
EXACT_INTEGER = 2**53


def offsets(values: NDArray[Any], origin: int) -> Floats:
    """Return values − origin as float64, rounded once; `origin` must be exact in `values`' type."""
    if values.dtype.kind == "f":
        return values - float(origin) if origin else values
    distance: Floats = _distances(values, origin).astype(np.float64)
    return np.where(values < origin, -distance, distance)


def offset_errors(values: NDArray[Any], rounded: Floats, origin: int) -> Floats:
    """Return by how much each of `offsets(values, origin)`, given `rounded`, is off."""
    if values.dtype.kind == "f" or np.abs(rounded).max(initial=0.0) <= EXACT_INTEGER:
        return np.zeros(values.size)
    return unsigned_errors(_distances(values, origin))


def unsigned_errors(values: NDArray[np.uint64]) -> Floats:
    """Return by how much each unsigned integer is off as float64."""
    floats = values.astype(np.float64)
    # 2^64 itself is 0 in unsigned integers, and so is then the difference right.
    nearest = np.where(floats < 2.0**64, floats, 0.0).astype(np.uint64)
    errors: Floats = np.minimum(nearest - values, values - nearest).astype(np.float64)
    return errors


def _distances(values: NDArray[Any], origin: int) -> NDArray[np.uint64]:
    """Return |values − origin| of int64 values; unsigned differences are right for any two."""
    raw, start = values.view(np.uint64), np.uint64(origin % 2**64)
    return np.where(values < origin, start - raw, raw - start)
