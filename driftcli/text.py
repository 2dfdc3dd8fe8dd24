"""Text from data or from a library made harmless, for messages and all outputs.

Everything that a terminal would obey rather than show becomes a visible escape. Nothing else
changes, so ordinary names stay as they are.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, AnyStr, cast
from urllib.parse import unquote


def late(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a pattern that is compiled when it is first used: most are not in any one run."""
    return cast("re.Pattern[AnyStr]", _Late(pattern, flags))


class _Late:
    def __init__(self, *how: Any) -> None:
        self._how = how

    def __getattr__(self, name: str) -> Any:
        """Return what the pattern has, and have it at hand from now on."""
        found = getattr(re.compile(*self._how), name)
        setattr(self, name, found)
        return found


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

#: What the log of a CI job would obey: `::error title=x::` where a line begins, `##[group]`.
_COMMAND = late(r":(?=:\s*[a-z][\w-]{0,40}\b.{0,300}?::)|(?<=#)#(?=\[)", re.DOTALL | re.IGNORECASE)

#: Longer names are cut in messages: a file can hold names of any length.
LONGEST = 80


def visible(text: object) -> str:
    r"""Return `text` as one line in which nothing is invisible or acts on a terminal.

    Control and format characters, line breaks, blanks other than a space, unassigned characters
    and lone surrogates become escapes, and so does what makes text a command in a CI job's log.

    Examples
    --------
    >>> visible("\x1b[31mred\n")
    '\\x1b[31mred\\n'
    """
    line = str(text)
    if "::" in line or "##[" in line:
        line = _COMMAND.sub(lambda found: f"\\x{ord(found[0]):x}", line)
    if line.isascii() and line.isprintable():
        return line
    shown = []
    marks = 0
    for character in line:
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


_UNITS = ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"))


def duration(seconds: float, sign: str = "") -> str:
    """Return a length of time in the largest unit of which there are two.

    Parameters
    ----------
    sign
        "+" to have the sign of what is later, too.

    Examples
    --------
    >>> duration(7200.0), duration(90.0, "+"), duration(86400.0 * 1234)
    ('2 hours', '+90 s', '1,234 days')
    """
    size, unit = next((each for each in _UNITS if abs(seconds) >= 2 * each[0]), (1.0, "s"))
    digits = ",.0f" if abs(seconds) >= 1000 * size else ".3g"
    return f"{seconds / size:{sign}{digits}} {unit}"


def without_surrogates(text: str) -> str:
    """Return `text` with lone surrogates written as escapes, so that UTF-8 can encode it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def named(name: str) -> str:
    """Return how messages and reports call what the user named: without secrets, on one line."""
    return visible(safe(name))


def shortened(text: object) -> str:
    """Return `visible(text)`, of a long one the first 80 characters."""
    kept = str(text)
    return visible(kept[:LONGEST]) + ("…" if len(kept) > LONGEST else "")


def quoted(text: object) -> str:
    """Return `text` in single quotes, escaped and shortened, as messages show names and values.

    Examples
    --------
    >>> quoted("N/A")
    "'N/A'"
    """
    return f"'{shortened(text)}'"


def cause(error: BaseException) -> str:
    """Return what a library says in an error: its first line, escaped, without secrets."""
    if isinstance(error, OSError) and error.strerror:
        return visible(os.strerror(error.errno) if error.errno else error.strerror)
    lines = scrubbed(str(error)).strip().splitlines()
    return visible(lines[0].strip()[:300].rstrip(".: ")) if lines else type(error).__name__


HIDDEN = "…"
#: What a query says that is no secret.
_HARMLESS = frozenset(
    {
        *("host", "hostaddr", "port", "dbname", "user", "sslmode", "connect_timeout"),
        *("application_name", "target_session_attrs", "region", "scheme", "endpoint_override"),
        *("replication", "mode", "uri", "timeout", "retry_limit_seconds", "enable_tls"),
    }
)
#: Schemes of which the part before `@` may be shown: a user, a container, a cluster.
_NAMED = late(r"postgres|hdfs|viewfs|abfs|wasb|gs|gcs|sqlite", re.IGNORECASE)
_KNOWN = (
    r"postgres(?:ql)?|mysql|mariadb|mssql|oracle|snowflake|redshift|clickhouse|mongodb|redis|s3[an]?"
    r"|https?|ftps?|sftp|abfss?|wasbs?|adls?|az|azure|hdfs|viewfs|gs|gcs|sqlite|jdbc"
)
#: Where an address begins: any scheme with its slashes, and one that is known with a slip in them.
_START = (
    r"(?:(?:(?<![\w+.-])[A-Za-z][\w+.-]+|\$\{\w+\})\s*:\s*//+"
    rf"|\b(?:{_KNOWN})(?:\+\w+)?\s*(?::\s*/*|//+)"
    r"|(?<![:\w/])//(?=[^/]*@))"
)
_WHOLE = late(rf"\s*[\"'<(]*(?P<start>{_START})(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_WITHIN = late(rf"(?P<start>{_START})(?P<rest>[^\s'\"<>]*[^\s'\"<>:.,;)])", re.IGNORECASE)
#: The address of a database, whole, with a table, a file or a query in it, which are no secrets.
_DATABASE = late(
    r"((?:postgres(?:ql)?|snowflake|bigquery|grpc(?:\+tls)?)"
    r"://(?:[^@/#?\s]+@)?[^@:/#?\s]*(?::\d{1,5})?(?:[/?][^#@\s]*)?|sqlite:[^#@]*)"
    r"(#)(@.*\.sql|[\w.$\"-]+|\s*(?:(?:select|with|values|table)\b|--|/\*).*)",
    re.IGNORECASE | re.DOTALL,
)
#: A pair of keys of S3's as Amazon makes them, which have an end, whatever stands behind them.
_KEYS = late(r"[A-Z0-9]{16,128}:(?:[A-Za-z0-9/+=]|%2[BF]|%3D){40}@", re.IGNORECASE)
_COLON = late(r":|%3a", re.IGNORECASE)
_PAIR = late(r"(?P<mark>[?&;])(?P<key>[^=&;?#]*)=(?P<value>[^&;#]*)")
#: A `?` that is one of a file's name, in a glob.
_GLOB = late(
    r"[\w./*?\[\]-]*\.(?:parquet|pq|arrows?|feather|ipc|[ct]sv|txt|[jn]\w*son\w*|gz|zst|bz2)"
)
_VARIABLE = late(r"\$\{\w+\}")
#: Shorter secrets are left in the texts of libraries; those that are longer are taken out of words.
_SHORTEST, _UNMISTAKABLE = 6, 8

#: What was hidden in this process, longest first where it is looked for.
_hidden: set[str] = set()


def safe(name: str) -> str:
    """Return what the user named without what may be secret in it; a plain path as it is.

    Examples
    --------
    >>> safe("postgresql://ann:s3cret@db/x?sslmode=require&password=s3cret")
    'postgresql://ann:…@db/x?sslmode=require&password=…'
    >>> safe("s3://AKIA:s3cret@bucket/day=1/x.parquet?region=eu-west-1")
    's3://…@bucket/day=1/x.parquet?region=eu-west-1'
    >>> safe("lake/day=2025-03-01/part@1:2.parquet")
    'lake/day=2025-03-01/part@1:2.parquet'
    """
    if ":" not in name and "//" not in name:
        return name
    whole = _WHOLE.fullmatch(name)
    if whole:
        return name[: whole.start("rest")] + _shown(whole["start"], whole["rest"])
    return _WITHIN.sub(_address_shown, name)


def _address_shown(found: re.Match[str]) -> str:
    return found["start"] + _shown(found["start"], found["rest"])


def scrubbed(text: str) -> str:
    """Return the text of a library without the addresses in it and what was hidden of any."""
    for secret in sorted(_hidden, key=len, reverse=True):
        if len(secret) >= _UNMISTAKABLE:
            text = text.replace(secret, HIDDEN)
        else:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)
    return _WITHIN.sub(_address_shown, text)


def remember(names: Iterable[str]) -> None:
    """Remember what is secret in names, so that `scrubbed` knows it."""
    for name in names:
        safe(name)


def conceal(secrets: Iterable[str]) -> None:
    """Remember texts that are secret as they stand, so that `scrubbed` knows them."""
    for secret in secrets:
        _hide(secret)


def _shown(start: str, rest: str) -> str:
    if database := _DATABASE.fullmatch(start.lstrip() + rest):
        address, mark, what = database.groups()
        place = address[len(start.lstrip()) :]
        return _shown(start, place) + mark + _WITHIN.sub(_address_shown, what)
    place, user = _split(rest)
    if user is not None:
        user = _shown_user(start, user)
    return ("" if user is None else f"{user}@") + _shown_place(place)


def _split(rest: str) -> tuple[str, str | None]:
    """Return the place of an address, and what stands before its `@`.

    A password may hold every sign that ends one in a well-formed address.
    """
    if keys := _KEYS.match(rest):
        return rest[keys.end() :], keys[0][:-1]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority or (_COLON.search(authority) and "@" in rest):
        within = rest if _COLON.search(authority) else authority
        user = within.rpartition("@")[0]
        return rest[len(user) + 1 :], user
    return rest, None


def _shown_user(start: str, user: str) -> str:
    first = _COLON.search(user)
    named = _NAMED.match(start.lstrip())
    if first is None:
        return user if named or _VARIABLE.fullmatch(user) else _hide(user)
    _hide(user[first.end() :])
    if named and first.start():
        return f"{user[: first.start()]}:{HIDDEN}"
    _hide(user[: first.start()])
    return HIDDEN


def _shown_place(place: str) -> str:
    place, mark, fragment = place.partition("#")
    head, question, bare = place.partition("?")
    if question and "=" not in bare and not _GLOB.fullmatch(bare):
        place = f"{head}?{_hide(bare)}" if bare else place
    shown = _PAIR.sub(_shown_pair, place)
    return shown + (mark and mark + _hide(fragment))


def _shown_pair(found: re.Match[str]) -> str:
    key, value = found["key"], found["value"]
    harmless = unquote(key).strip().lower() in _HARMLESS and "@" not in unquote(value)
    return f"{found['mark']}{key}={value if harmless else _hide(value)}"


def _hide(secret: str) -> str:
    """Return what stands for a secret, and remember it as it is written and as it is meant."""
    for form in _forms(secret.removeprefix(HIDDEN)):
        if len(form) >= _SHORTEST:
            _hidden.add(form)
    return HIDDEN if secret else ""


def _forms(secret: str) -> Iterator[str]:
    for form in (secret, unquote(secret), unquote(secret.replace("+", " "))):
        yield form
        # Where a library sees the end of a password is its own affair.
        yield from re.split(r"[@/?#&:\s]", form)
