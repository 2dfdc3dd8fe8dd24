"""Points around eight places of a circle: what the generators are to make."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Points = NDArray[np.float32]

MODES, RADIUS, SPREAD = 8, 2.0, 0.05
EVEN = (1 / 8,) * MODES
#: Two opposite modes double and two gone: along either axis there are as many points as before.
COLLAPSED = (1 / 8, 1 / 4, 1 / 8, 0.0, 1 / 8, 1 / 4, 1 / 8, 0.0)

_ANGLES = np.arange(MODES) * 2 * np.pi / MODES
_PLACES = RADIUS * np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
#: A point is of a mode that is so near: five standard deviations.
_NEAR = 5 * SPREAD


def drawn(rng: np.random.Generator, rows: int, shares: tuple[float, ...] = EVEN) -> Points:
    """Return points with so large a share of each mode: shape (rows, 2)."""
    modes = rng.choice(MODES, rows, p=shares)
    return (_PLACES[modes] + rng.normal(0, SPREAD, (rows, 2))).astype(np.float32)


def table(points: Points) -> pa.Table:
    """Return points as a table of the columns `x` and `y`."""
    return pa.table({"x": points[:, 0], "y": points[:, 1]})


def of_modes(points: Points) -> tuple[float, int]:
    """Return the share of points that are of a mode, and how many modes have half theirs."""
    distances = np.linalg.norm(points[:, None] - _PLACES, axis=2)
    of_mode = distances.argmin(axis=1)[distances.min(axis=1) <= _NEAR]
    counts = np.bincount(of_mode, minlength=MODES)
    return of_mode.size / len(points), int((counts >= len(points) / MODES / 2).sum())
