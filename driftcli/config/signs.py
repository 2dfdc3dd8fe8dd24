r"""Signs of a text format as people write them: themselves, or an escape such as \t or \x01."""

import re

#: As a shell, TOML, Hive or a terminal's user writes what cannot be typed. Unquoted, a shell takes
#: the backslash of \x01 away.
ESCAPED = (
    r"(?:\\|0)?x[0-7][0-9a-fA-F]|\\?u00[0-7][0-9a-fA-F]|\\(?:t|\\|[01]?[0-7]{1,2})"
    r"|\^[A-Z\[\]^_]|tab"
)
_CODE = re.compile(r"(?:\\|0)?(?:x|u00)(?P<hex>..)|\\(?P<octal>[0-7]+)")


def sign(text: str) -> str:
    r"""Return the sign that `text` stands for; what is no escape stands for itself.

    Examples
    --------
    >>> sign("|"), sign(r"\t"), sign(r"\x01"), sign(r"\001"), sign("^A")
    ('|', '\t', '\x01', '\x01', '\x01')
    """
    if len(text) < 2 or not re.fullmatch(ESCAPED, text):
        return text
    if code := _CODE.fullmatch(text):
        return chr(int(code["hex"], 16) if code["hex"] else int(code["octal"], 8))
    if text.startswith("^"):
        return chr(ord(text[1]) - 64)
    return {r"\t": "\t", "tab": "\t", r"\\": "\\"}[text]
