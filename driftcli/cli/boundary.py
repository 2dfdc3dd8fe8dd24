"""The one place where errors become exit codes: 2 for the user's, 70 for ours, 130 for Ctrl-C."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec

import typer

from driftcli.errors import DriftError

CRASH = 70
INTERRUPTED = 130

Arguments = ParamSpec("Arguments")


def run_process(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code of the process."""
    # Parallelism is ours: a second pool of threads inside BLAS only costs start-up time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from driftcli.cli.app import app

    try:
        app(list(arguments), prog_name="drift")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else CRASH
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def guarded(command: Callable[Arguments, int]) -> Callable[Arguments, None]:
    """Wrap a command that returns an exit code: errors become one line on stderr and a code."""

    @wraps(command)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        debug = bool(kwargs.get("debug"))
        try:
            code = command(*args, **kwargs)
        except (DriftError, KeyboardInterrupt, MemoryError) as error:
            if debug:
                raise
            code = _told(error)
        except Exception as error:
            if debug:
                raise
            code = _crashed(error)
        raise typer.Exit(code)

    return run


def _told(error: BaseException) -> int:
    from driftcli.render.escape import visible

    if isinstance(error, DriftError):
        typer.echo(f"drift: {visible(str(error))}", err=True)
        return error.exit_code
    if isinstance(error, MemoryError):
        typer.echo("drift: out of memory; --threads 1 needs less.", err=True)
        return CRASH
    typer.echo("drift: interrupted", err=True)
    return INTERRUPTED


def _crashed(error: Exception) -> int:
    from driftcli.render.escape import visible

    what = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    hint = "Run again with --debug for the traceback, and please report it."
    typer.echo(f"drift: internal error: {visible(what)}. {hint}", err=True)
    return CRASH
