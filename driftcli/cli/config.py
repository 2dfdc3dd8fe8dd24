"""`drift config`."""

from driftcli.cli import options
from driftcli.cli.command import command
from driftcli.cli.settings import settings


@command
def show_config(config: options.Config = None) -> int:
    """Print the settings in force, and where each came from.

    What it prints is itself a valid drift.toml.
    """
    from driftcli.cli.output import emit
    from driftcli.config import describe
    from driftcli.text import visible

    rows = [
        (f"# {row.key} is not set" if row.value is None else f"{row.key} = {row.value}", row.origin)
        for row in describe(settings(config))
    ]
    width = min(60, max(len(text) for text, _ in rows))
    emit("".join(f"{visible(text):<{width}}  # {visible(origin)}\n" for text, origin in rows))
    return 0
