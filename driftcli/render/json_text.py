"""The report as JSON: the contract that `drift schema` describes, with nothing left out."""

from __future__ import annotations

from driftcli.render.look import Look
from driftcli.report.comparison import Document


def render(report: Document, look: Look) -> str:
    r"""Return a report, a timeline, or the summary of a dataset, as one RFC 8259 document.

    Characters that act on a terminal are `\u` escapes, which any parser undoes; with
    `look.ascii_only` so is all that is not ASCII. A lone surrogate, which JSON cannot carry, is
    replaced by its visible escape.
    """
    return harmless(report.to_json(), ascii_only=look.ascii_only)


def harmless(text: str, *, ascii_only: bool) -> str:
    """Return JSON with its unprintable characters escaped; line breaks are only layout here."""
    for character in set(text) - {"\n"}:
        if not character.isprintable() or (ascii_only and not character.isascii()):
            text = text.replace(character, _escape(character))
    return text


def _escape(character: str) -> str:
    """Return the escapes of a character's UTF-16 code units."""
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
