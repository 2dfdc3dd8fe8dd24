"""Wait for what another process does, however busy the machine is."""

import time
from collections.abc import Callable

#: Seconds after which what is waited for is taken to have failed: far beyond any load.
_HANGS = 300.0


def wait_until(holds: Callable[[], object]) -> None:
    """Return once `holds` does."""
    end = time.monotonic() + _HANGS
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
