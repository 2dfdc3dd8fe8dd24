"""One document of the templates, with the style, the script and a policy that admits no others."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from driftcli.text import visible

_TEMPLATES = PackageLoader("driftcli.render.html")
#: Where a browser would not break a name by itself, but may: `a_b`, `a.b`, `a/b`, never `0.5`.
_BREAKS = re.compile(r"_|(?<=[^\W\d])[./](?=[^\W\d])")
_PERCENT = re.compile(r"(?<=\d) (?=%)")


def document(template: str, fields: dict[str, Any]) -> str:
    """Return a template filled with fields, as a document that loads nothing.

    Text that is no markup is made visible and escaped wherever a template shows it.
    """
    style, script = source("page.css"), source("page.js")
    shown = (
        environment()
        .get_template(template)
        .render(
            **fields,
            style=Markup(style),  # noqa: S704 - ours
            script=Markup(script),  # noqa: S704 - ours
            policy=policy(style, script),
        )
    )
    return shown.rstrip("\n") + "\n"


@cache
def environment() -> Environment:
    """Return the templates, which show visible text only."""
    made = Environment(
        loader=_TEMPLATES,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["breakable"] = breakable
    return made


def breakable(text: str) -> Markup:
    """Return text, or markup without attributes, that may break behind what parts its words.

    A space between a number and its per cent sign is no place to break.
    """
    shown = text if isinstance(text, Markup) else escape(visible(text))
    tied = _PERCENT.sub("&nbsp;", str(shown))
    return Markup(_BREAKS.sub(r"\g<0><wbr>", tied))  # noqa: S704 - escaped


def _visible(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def source(name: str) -> str:
    """Return the text of a file beside the templates."""
    return _TEMPLATES.get_source(environment(), name)[0]


def policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy of a page with this style and script, and nothing else.

    References
    ----------
    W3C, "Content Security Policy Level 3", https://www.w3.org/TR/CSP3/
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
