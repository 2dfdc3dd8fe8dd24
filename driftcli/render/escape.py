"""Text from data made harmless: column names, categories, paths, and sentences that hold them.

Everything that a terminal, a Markdown renderer or a spreadsheet would obey rather than show
becomes a visible escape. Nothing else changes, so ordinary names stay as they are.
"""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
#: A space where no line breaks; it is shown as an ordinary one. `visible` leaves none in data.
TIE = "\N{NO-BREAK SPACE}"

#: Blank or zero-width although Python calls them printable: joiners, fillers, variation selectors.
_INVISIBLE = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
            *range(0x180B, 0x1810),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ),
    )
)
#: Accents that may be stacked on one letter; written languages need no more.
_MOST_MARKS = 4

_ASCII_FORMS = str.maketrans(
    dict(zip("▁▂▃▄▅▆▇█", ".:-=+*#%", strict=True))
    | {"─": "-", "┴": "+", "₁": "1"}
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
#: What the log of a CI job would obey: `::error title=x::` where a line begins, `##[group]`.
_COMMAND = re.compile(
    r":(?=:\s*[a-z][\w-]{0,40}\b.{0,300}?::)|(?<=#)#(?=\[)", re.DOTALL | re.IGNORECASE
)
#: The same for messengers, some of which also take `<!all>` for a mention in plain text.
_PLAIN = re.compile(rf"{_REFERENCE.pattern}|<", re.IGNORECASE)


def visible(text: str) -> str:
    r"""Return `text` as one line in which nothing is invisible or acts on a terminal.

    Control and format characters, line breaks, blanks other than a space, unassigned characters
    and lone surrogates become escapes, and so does what makes text a command in a CI job's log.

    Examples
    --------
    >>> visible("\x1b[31mred\n")
    '\\x1b[31mred\\n'
    """
    text = _COMMAND.sub(lambda found: f"\\x{ord(found[0]):x}", text)
    if text.isascii() and text.isprintable():
        return text
    shown = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        shown.append(
            escaped(character) if _is_hidden(character) or marks > _MOST_MARKS else character
        )
    return "".join(shown)


def _is_hidden(character: str) -> bool:
    return not character.isprintable() or character in _INVISIBLE


def escaped(text: str) -> str:
    r"""Return `text` with all that is not printable ASCII written as \x, \u or \U escapes."""
    return text.encode("unicode_escape").decode("ascii")


def to_ascii(text: str) -> str:
    """Return visible `text` in ASCII but for ties: our signs by look-alikes, the rest escaped."""
    if text.isascii():
        return text
    folded = text.translate(_ASCII_FORMS)
    return "".join(one if one.isascii() or one == TIE else escaped(one) for one in folded)


def without_surrogates(text: str) -> str:
    """Return `text` with lone surrogates written as escapes, so that UTF-8 can encode it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def shortened(text: str, most: int) -> str:
    """Return `text` in at most `most` characters: its middle gives way to an ellipsis."""
    if len(text) <= most:
        return text
    head = most // 2
    return text[:head] + ELLIPSIS + text[len(text) - (most - head - 1) :]


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
