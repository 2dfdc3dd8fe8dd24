"""What the texts of options say."""

from driftcli.errors import UsageError


def number(text: str | None) -> int | float | str | None:
    """Return a number as a file has it: whole ones as integers; what is none stays a text."""
    for convert in (int, float):
        try:
            return None if text is None else convert(text)
        except ValueError:
            continue
    return text


def duration(option: str, text: str | None) -> str | None:
    """Return a time such as 30m.

    Raises
    ------
    UsageError
        When it is none.
    """
    import msgspec

    from driftcli.config.settings import Duration
    from driftcli.config.wording import expectation

    try:
        return None if text is None else msgspec.convert(text, Duration)
    except msgspec.ValidationError:
        raise UsageError(f"{option} {text!r}: expected {expectation(Duration)}") from None


def renames(pairs: list[str] | None) -> dict[str, str]:
    """Return the pairs of --rename as old names to new ones.

    Raises
    ------
    UsageError
        When a pair is none.
    """
    found = {}
    for pair in pairs or []:
        old, equals, new = pair.partition("=")
        if not equals:
            raise UsageError(f"--rename {pair!r}: expected OLD=NEW, such as --rename amt=amount")
        found[old] = new
    return found


def written(pairs: list[str] | None) -> dict[str, str] | None:
    """Return the pairs of --written as columns to formats; None when there are none.

    Raises
    ------
    UsageError
        When a pair is none.
    """
    found = {}
    for pair in pairs or []:
        column, equals, text = pair.partition("=")
        if not (column and equals and text):
            raise UsageError(
                f"--written {pair!r}: expected COLUMN=FORMAT, such as --written at=%d/%m/%Y"
            )
        found[column] = text
    return found or None


def check_stdin(baseline: str, current: str) -> None:
    """Refuse to read both sides from the one standard input.

    Raises
    ------
    UsageError
        When both are '-'.
    """
    if baseline == current == "-":
        raise UsageError("only one side can be '-', there is one standard input")


def listed(globs: list[str] | None) -> list[str]:
    """Split lists at commas: column names rarely hold one, and '?' matches it where they do.

    An empty text by itself is the column whose name is empty.
    """
    return [part for glob in globs or [] for part in glob.split(",") if part or not glob]
