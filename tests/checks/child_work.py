"""What children of the tests do in the place of a comparison: a test's task names it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from waiting import wait_until

from driftcli.checks.planned import Answer, Task


def play(task: Task) -> Answer:
    """Do what the name of the check says; leave a file that says that it began.

    A brief one ends as soon as another runs, or ran, beside it.
    """
    name = task.planned.check
    with Path(f"{name}.began").open("a") as file:
        file.write(f"{time.monotonic()} {os.getpid()}\n")
    if name.startswith("sleep"):
        time.sleep(60)
    if name.startswith("brief"):
        wait_until(lambda: len(list(Path().glob("brief*.began"))) >= 2)
    if name == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "exits":
        os._exit(3)
    if name.startswith("late") and len(Path(f"{name}.began").read_text().splitlines()) < 3:
        return Answer(exit_code=2, error="not there", missing=True)
    return Answer(error=str(Path.cwd()), exit_code=0)
