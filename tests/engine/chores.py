"""Work that tests have done by child processes."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from driftcli.errors import InputError


def where(_: object) -> int:
    """Return the number of the process that runs this."""
    return os.getpid()


def slowly_where(_: object) -> int:
    time.sleep(0.01)
    return os.getpid()


def doubled(array: Any) -> tuple[Any, bool]:
    """Return twice an array, and whether what comes can be written to, as what is here can."""
    return array * 2, bool(array.flags.writeable)


def arrow(table: pa.Table) -> pa.Table:
    return table.append_column("more", pa.array(np.arange(table.num_rows)))


def refused(item: int) -> int:
    if item % 3 == 2:
        raise InputError(f"item {item}: cannot be")
    return item


def broken(item: int) -> float:
    return 1 / item


def too_much(_: object) -> None:
    raise MemoryError


def chattering(item: str) -> str:
    """Write to every stream that there is, as libraries do."""
    sys.stdout.write(f"printed {item}\n")
    sys.stdout.flush()
    ctypes.CDLL(None).puts(f"put {item}".encode())
    ctypes.CDLL(None).fflush(None)
    warnings.warn(f"warned of {item}", stacklevel=1)
    return item


def killed(here: int) -> str:
    """End this process, if it is not the one `here`, as the system does that has no memory left."""
    if os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def ended(here: int) -> str:
    if os.getpid() != here:
        sys.exit(3)
    return "done"


def never(path: str) -> None:
    """Say which process this is, and stay."""
    Path(path).write_text(f"{os.getpid()}\n")
    while True:
        time.sleep(0.05)
