"""Feed a reader of `drift` spoiled files, and tell when one of them ends it wrongly.

What `drift` does with a file is right when it exits with 0 or 1, or with 2 and one line of reasons.
"""

from __future__ import annotations

import json
import os
import random
import re
import select
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from fuzz_readers import BAD, Reader

#: Far more than a command takes on the slowest machine: who takes longer hangs.
HANGS = 120
WORKER = Path(__file__).with_name("fuzz_worker.py")
#: What no line on stderr says of a file that cannot be read.
WRONG = re.compile(r"internal error|Traceback|Warning|out of memory|terminate called")


@dataclass(frozen=True)
class Input:
    """A spoiled file, a function of reader, seed and number, and the command that reads it."""

    reader: Reader
    seed: int
    number: int
    data: bytes
    command: str

    def named(self) -> str:
        return f"{self.reader.name}-{self.seed}-{self.number}{self.reader.suffix}"


@dataclass(frozen=True)
class Fault:
    """What `drift` did with an input, and should not have."""

    input: Input
    what: str

    @property
    def kind(self) -> str:
        """What faults of one cause have in common: what was said, but for names and numbers."""
        return re.sub(r"\d+|'.*?'|bad\.\w+", "", self.what)

    def __str__(self) -> str:
        command = f"drift {self.input.command}".replace(BAD, self.input.named())
        return f"{command}: {self.what}"


class Worker:
    """A process that runs commands in a folder; a new one takes the place of one that died."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def run(self, command: list[str]) -> tuple[int, str, int] | str:
        """Return exit code, stderr and bytes printed, or how the process ended."""
        process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        print(json.dumps(command), file=process.stdin, flush=True)
        if not select.select([process.stdout], [], [], HANGS)[0]:
            self.close()
            return f"no end within {HANGS} seconds"
        if answer := process.stdout.readline():
            code, said, printed = json.loads(answer)
            return code, said, printed
        self._process = None
        return f"the process ended with {process.wait()}"

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            [sys.executable, str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            text=True,
            env={**os.environ, "NO_COLOR": "1", "PYTHONWARNINGS": "always"},
        )
        return self._process


def fault(worker: Worker, folder: Path, given: Input) -> Fault | None:
    """Return what is wrong with what `drift` does with an input, if anything is."""
    path = folder / f"bad{given.reader.suffix}"
    path.write_bytes(given.data)
    ended = worker.run([path.name if word == BAD else word for word in shlex.split(given.command)])
    path.unlink(missing_ok=True)
    what = ended if isinstance(ended, str) else wrong(*ended)
    return Fault(given, what) if what else None


def wrong(code: int, said: str, printed: int) -> str | None:
    """Return what is wrong with how a command ended, if anything is."""
    lines = said.splitlines()
    if code not in (0, 1, 2):
        return f"exit {code}: {said}"
    if WRONG.search(said):
        return f"exit {code}, and on stderr: {said}"
    # Where nothing was judged there is a report.
    if code == 2 and not printed and sum(line.startswith("drift: ") for line in lines) != 1:
        return f"exit 2, and not in one line: {said}"
    return None


def inputs(reader: Reader, folder: Path, seed: int) -> Iterator[Input]:
    """Yield inputs without end, made of the valid files in the folder."""
    valid = [(folder / name).read_bytes() for name in reader.valid]
    for number in count():
        rng = random.Random(f"{reader.name} {seed} {number}")
        data = rng.choice(reader.makes)(rng, valid)
        yield Input(reader, seed, number, data, reader.commands[number % len(reader.commands)])
