"""What is of Spark, told without loading anything of it."""

from typing import Any

#: What begins the name of a table or of a query; a master's has slashes.
PREFIX = "spark:"


def is_table(name: str) -> bool:
    """Tell whether what the user named is a table of Spark or a query of it."""
    return name.startswith(PREFIX) and not name.startswith(f"{PREFIX}//")


def is_frame(data: Any) -> bool:
    """Tell whether data is a data frame of Spark, here or of Spark Connect."""
    return any(
        base.__name__ == "DataFrame" and base.__module__.startswith("pyspark.sql.")
        for base in type(data).__mro__
    )
