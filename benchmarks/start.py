"""What a command of this kind cannot do without: the floor that start-up is measured against."""

from typing import Annotated

import numpy as np  # noqa: F401
import pyarrow.parquet  # noqa: F401
import rich.console  # noqa: F401
import typer


def main(count: Annotated[int, typer.Option()] = 1) -> None:
    """Print a number."""
    typer.echo(count)


typer.run(main)
