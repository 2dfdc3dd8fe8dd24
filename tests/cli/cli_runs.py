"""`drift` as a process of its own, in a shell and on a terminal, and files to give it."""

from __future__ import annotations

import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from fcntl import ioctl
from pathlib import Path
from typing import NamedTuple

#: What a terminal obeys: control characters, and the marks that reorder text.
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
COMMAND = (sys.executable, "-m", "driftcli")


class Ended(NamedTuple):
    """How a run of `drift` ended."""

    code: int
    out: str
    err: str


Drift = Callable[..., Ended]


def process(
    *arguments: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
) -> Ended:
    """Run `drift` as a process of its own."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, **(env or {})},
        check=False,
        timeout=60,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def shell(script: str) -> Ended:
    """Run a script of bash in which `drift` is our command."""
    prelude = f'drift() {{ {" ".join(COMMAND)} "$@"; }}\n'
    done = subprocess.run(
        ["bash", "-c", prelude + script], capture_output=True, check=False, timeout=60
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def on_terminal(
    arguments: Sequence[str],
    *,
    columns: int = 100,
    env: Mapping[str, str] | None = None,
    program: Sequence[str] = COMMAND,
) -> Ended:
    """Run `drift` with both streams on one terminal; what it shows comes back as `out`."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    child = subprocess.Popen(
        [*program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, **(env or {})},
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # the end, on Linux
        pass
    os.close(ours)
    return Ended(child.wait(60), shown.decode().replace("\r\n", "\n"), "")


def write_csv(path: str, columns: Mapping[str, Sequence[object]]) -> str:
    """Write columns as a CSV file and return its path."""
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(map(str, row)) for row in (columns, *rows)]
    Path(path).write_text("\n".join(lines) + "\n")
    return path
