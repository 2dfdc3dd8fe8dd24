"""The files that a step of GitHub Actions writes, read as the runner reads them."""

from __future__ import annotations


def outputs(text: str) -> dict[str, str]:
    """Return the outputs of a step: lines `NAME=VALUE`, or `NAME<<END` up to a line `END`."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if "<<" in line and "=" not in line.partition("<<")[0]:
            name, _, end = line.partition("<<")
            found[name] = "\n".join(iter(lines.__next__, end))
        elif line:
            name, equals, value = line.partition("=")
            assert equals, f"the runner refuses {line!r}"
            found[name] = value
    return found
