"""The one place where errors become exit codes: 2 for the user's, 70 for ours, 130 for an end.

What is told to end, by Ctrl-C, systemd or a terminal that closes, tidies up before it does.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from driftcli.cli.boundary import USAGE, Failed
from driftcli.cli.processor import prepare
from driftcli.errors import exit_code_and_message

INTERRUPTED = 130

_LONGEST = 1_000
_ENDS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def run_process(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code of the process."""
    prepare()
    try:
        with _uncollected():
            from driftcli.cli.app import app

            with _ended_as_interrupted():
                code = app(list(arguments), prog_name="drift", standalone_mode=False)
    except Failed as failed:
        return _report(failed.error, arguments)
    except SystemExit as ended:
        # Typer's own: 0 after a completion, 1 (which is no verdict) when nobody reads the help.
        return USAGE if ended.code else 0
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # the boundary
        return _report(error, arguments)
    # Typer returns it for an interrupt that comes before the command runs.
    return _report(KeyboardInterrupt(), arguments) if code == INTERRUPTED else code or 0


@contextmanager
def _uncollected() -> Iterator[None]:
    """Search for no garbage among what is imported: a tenth of a short run goes to it.

    `engine.keep_freed_memory` begins with it.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if collected:
            gc.enable()


@contextmanager
def _ended_as_interrupted() -> Iterator[None]:
    """Let each request to end that nobody chose to ignore be one as Ctrl-C is."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    taken = [number for number in _ENDS if signal.getsignal(number) == signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        taken = []
    for number in taken:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _report(error: BaseException, arguments: Sequence[str]) -> int:
    """Tell the user of an error in one line on stderr, and return its exit code."""
    from driftcli.render.escape import shortened
    from driftcli.text import remember, scrubbed, visible

    for text in (*arguments, os.environ.get("DRIFT_HISTORY", "")):
        remember([text, text.partition("=")[2]])
    code, text = _exit_code_and_message(error)
    lines = [f"drift: {shortened(visible(scrubbed(text)), _LONGEST)}"]
    if "--debug" in arguments:
        import traceback

        trace = scrubbed("".join(traceback.format_exception(error)))
        lines[:0] = map(visible, trace.splitlines())
    if sys.stderr is not None:
        with suppress(OSError):  # nobody reads it
            print(*lines, sep="\n", file=sys.stderr, flush=True)  # noqa: T201
    return code


def _exit_code_and_message(error: BaseException) -> tuple[int, str]:
    """Return the exit code of an error and the sentence for it."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, "interrupted"
    if hasattr(error, "format_message"):  # a usage error of Typer, whichever click it brings
        return USAGE, _misused(error)
    return exit_code_and_message(error)


def _no_number(cause: BaseException | None) -> str | None:
    """Return what is wrong with a value of an option that takes a number, and with which."""
    # Typer's own sentence, where it is Pydantic's, does not show the value.
    errors = getattr(cause, "errors", None)
    found = errors()[0] if errors else {}
    wanted = {"int": "a whole number", "float": "a number"}.get(found.get("type", "")[:-8])
    return f"{found['input']!r} is not {wanted}" if wanted else None


def _misused(error: BaseException) -> str:
    """Return the sentence for a usage error, with the command whose help knows more."""
    if wrong := _no_number(error.__cause__):
        error.message = wrong  # type: ignore[attr-defined]  # as every usage error has
    text = error.format_message()  # type: ignore[attr-defined]  # asked for by the caller
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "drift"
    return f"{text.rstrip('.')}; see {command} --help"
