"""What a task may meet, and what is told of it: the same as if it were met here."""

from __future__ import annotations

import re
from typing import Any

import pytest

from driftcli.engine import Engine
from driftcli.errors import exit_code_and_message

#: By what a task runs: the exit code, and how the message begins.
MET = {
    "from driftcli.errors import InputError as E; raise E('a.csv: is torn')": (2, "a.csv: is torn"),
    "raise OSError(28, 'No space left on device', 'a.csv')": (2, "a.csv: cannot be read or writ"),
    "raise TimeoutError('late')": (70, "internal error: TimeoutError: late"),
    "{}['x']": (70, "internal error: KeyError: 'x'. Run again with --debug"),
    "raise type('Odd', (Exception,), {})('a b')": (70, "internal error: RuntimeError: Odd: a b"),
    "raise MemoryError": (2, r"the worker on \S+ is out of memory: give workers more, or fewer"),
}


def check_it_is_told(ran: str, engine: Engine) -> None:
    work: Any = exec
    with pytest.raises(Exception) as caught:  # noqa: PT011
        engine.map_merge(work, work, [(None, ran)], lambda _: None)
    code, text = exit_code_and_message(caught.value)
    wanted, message = MET[ran]
    assert code == wanted
    assert re.match(message, text), text
    assert code == 2 or "Traceback" in "".join(caught.value.__notes__)
