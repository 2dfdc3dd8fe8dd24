"""`drift config`."""

import os
from pathlib import Path

from driftcli.cli import options
from driftcli.cli.command import command


@command
def show_config(config: options.Config = None) -> int:
    """Print the settings in force, and where each came from.

    What it prints is itself a valid drift.toml.
    """
    from driftcli.cli.output import emit
    from driftcli.config import describe, load
    from driftcli.metrics import METRICS
    from driftcli.text import visible

    configuration = load(metrics=METRICS, config=config, environ=os.environ, cwd=Path.cwd())
    rows = [
        (f"# {row.key} is not set" if row.value is None else f"{row.key} = {row.value}", row.origin)
        for row in describe(configuration)
    ]
    width = min(60, max(len(text) for text, _ in rows))
    emit("".join(f"{visible(text):<{width}}  # {visible(origin)}\n" for text, origin in rows))
    return 0
