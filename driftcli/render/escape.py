"""Visible text made harmless for a format: for what Markdown, sheets or messengers would obey."""

from __future__ import annotations

import re

from driftcli.text import escaped, visible

ELLIPSIS = "…"
#: A space where no line breaks; it is shown as an ordinary one. `visible` leaves none in data.
TIE = "\N{NO-BREAK SPACE}"

_LONGEST_NAME = 60
_ASCII_FORMS = str.maketrans(
    dict(zip("▁▂▃▄▅▆▇█", ".:-=+*#%", strict=True))
    | {"─": "-", "│": "|", "┴": "+", "₁": "1"}
    | {"✗": "x", "✓": "ok", "○": "o", "▲": "*", "△": "+", "·": "|"}
    | {"→": "->", "∞": "inf", "≥": ">=", "≤": "<=", "–": "-", "−": "-", "±": "+/-"}
    | {"…": "...", "×": "x", "‘": "'", "’": "'", "“": '"', "”": '"'}
)
_MARKDOWN_FORMS = str.maketrans(
    {character: "\\" + character for character in "\\*_[]~"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "`": "&#96;", "$": "&#36;"}
)
#: Where a code host would see a mention, an issue, or a link: `@me`, `#1`, `GH-1`, `www.`, `://`.
_REFERENCE = re.compile(r"@|(?<!&)#|\bGH(?=-\d)|\bwww(?=\.)|:(?=//)", re.IGNORECASE)
#: The same for messengers, some of which also take `<!all>` for a mention in plain text.
_PLAIN = re.compile(rf"{_REFERENCE.pattern}|<", re.IGNORECASE)


def to_ascii(text: str) -> str:
    """Return visible `text` in ASCII but for ties: our signs by look-alikes, the rest escaped."""
    if text.isascii():
        return text
    folded = text.translate(_ASCII_FORMS)
    return "".join(one if one.isascii() or one == TIE else escaped(one) for one in folded)


def shortened(text: str, most: int) -> str:
    """Return `text` in at most `most` characters: its middle gives way to an ellipsis."""
    if len(text) <= most:
        return text
    head = most // 2
    return text[:head] + ELLIPSIS + text[len(text) - (most - head - 1) :]


def name_text(name: str, most: int | None = None) -> str:
    """Return a name visible, in at most `most` characters, and in quotes where it is empty."""
    text = visible(name) if most is None else shortened(visible(name), most)
    return text or "''"


def short_name(name: str) -> str:
    """Return a name visible, and not too long for a line of prose."""
    return name_text(name, _LONGEST_NAME)


def sentence(text: str, longest_word: int = 48) -> str:
    """Return `text` visible, with overlong words shortened so that they leave room for the rest."""
    words = visible(text).split(" ")
    return " ".join(shortened(word, longest_word) for word in words)


def markdown_text(text: str) -> str:
    """Return visible `text` for running Markdown, with no markup, mention or link left in it.

    A zero-width space, as an entity, keeps a code host from seeing mentions and references:
    it looks for them in the rendered text, where backslashes and entities are gone.
    """
    return _REFERENCE.sub(r"\g<0>&#8203;", text.translate(_MARKDOWN_FORMS))


def markdown_code(text: str) -> str:
    """Return visible `text` as inline code, where a code host looks for no references."""
    if "`" not in text and "|" not in text and text.strip():
        return f"`{text}`"
    return f"<code>{text.translate(_MARKDOWN_FORMS)}</code>"


def plain(text: str) -> str:
    """Return `text` visible, for a messenger: a zero-width space keeps it from seeing mentions."""
    return _PLAIN.sub("\\g<0>\u200b", visible(text))


def spreadsheet_text(text: str) -> str:
    """Return visible `text` that no spreadsheet takes for a formula.

    References
    ----------
    OWASP, "CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection
    """
    # Some locales take the full-width forms for the ASCII ones.
    return "'" + text if text.startswith(tuple("=+-@\t\r＝＋－＠")) else text
