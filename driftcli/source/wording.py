"""How messages show text that comes from data or from a library: on one line, harmless."""

import os

from driftcli.addresses import safe, scrubbed

#: Longer names are cut in messages: a file can hold names of any length.
LONGEST = 80


def plain(text: object) -> str:
    r"""Return `text` on one line, with everything unprintable escaped.

    Examples
    --------
    >>> plain("a\nb")
    'a\\nb'
    """
    kept = str(text)
    if kept.isprintable():
        return kept
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in kept)


def named(name: str) -> str:
    """Return how messages and reports call what the user named: without secrets, on one line."""
    return plain(safe(name))


def quoted(text: object) -> str:
    """Return `text` in single quotes, escaped and shortened, as messages show names and values.

    Examples
    --------
    >>> quoted("N/A")
    "'N/A'"
    """
    kept = str(text)
    shown = plain(kept[:LONGEST])
    return f"'{shown}…'" if len(kept) > LONGEST else f"'{shown}'"


def cause(error: BaseException) -> str:
    """Return what a library says in an error: its first line, escaped, without secrets."""
    if isinstance(error, OSError) and error.strerror:
        return plain(os.strerror(error.errno) if error.errno else error.strerror)
    lines = scrubbed(str(error)).strip().splitlines()
    return plain(lines[0].strip()[:300].rstrip(". ")) if lines else type(error).__name__
