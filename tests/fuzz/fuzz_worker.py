"""A process that runs `drift` on one command line after the other: a crash costs only itself.

It is told a command line in JSON a line, and answers each with its exit code, what it said on
stderr, and the bytes that it printed.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from typing import IO

#: The address space that a command may take: a small file must not fill the machine.
MOST_BYTES = 4 * 2**30


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from driftcli.cli.process import run_process

    answers = os.fdopen(os.dup(1), "w")
    orders = os.fdopen(os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for line in orders:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            onto(out, 1)
            onto(err, 2)
            # Streams of their own: a command may close those that it is given.
            sys.stdout, sys.stderr = (open(at, "w", closefd=False) for at in (1, 2))  # noqa: SIM115
            code = run_process(json.loads(line))
            sys.stdout.flush()
            sys.stderr.flush()
            err.seek(0)
            answer = [code, err.read().decode(errors="replace"), out.seek(0, os.SEEK_END)]
        print(json.dumps(answer), file=answers, flush=True)


def onto(file: IO[bytes], descriptor: int) -> None:
    """Have what is written to a descriptor go to a file, also by libraries in C."""
    os.dup2(file.fileno(), descriptor)


if __name__ == "__main__":
    main()
