"""The page of all commands, written from the program itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from driftcli.cli.app import app
from driftcli.cli.panels import grouped

_HEAD = """# Commands

What `--help` says, in one page. Every command takes `-h` and `--help`; `drift --version` prints the
version, and `drift --install-completion` sets up the shell's completion.

"""


def reference() -> str:
    """Return the page in Markdown."""
    root = typer.main.get_command(app)
    return _HEAD + "\n".join(
        "\n".join(_command(command, f"drift {name}"))
        for name, command in root.commands.items()
        if not command.hidden
    )


def _command(command: Any, path: str) -> Iterator[str]:
    yield f"## {path}\n"
    yield f"{_escaped(_paragraphs(command.help))}\n"
    for title, parameters in grouped(command.params):
        yield from _table(title, parameters)
    if command.epilog:
        yield f"```text\n{command.epilog.replace(chr(8), '').strip()}\n```\n"


def _table(title: str, parameters: list[Any]) -> Iterator[str]:
    yield f"| {title} | what it does |"
    yield "| --- | --- |"
    for each in parameters:
        needed = " Required." if each.required and each.param_type_name == "option" else ""
        yield f"| `{_cell(_name(each))}` | {_escaped(_cell(each.help))}{needed} |"
    yield ""


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    names = ", ".join(sorted(parameter.opts, key=len))
    return names if parameter.is_flag else f"{names} {parameter.metavar or 'TEXT'}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part)


def _escaped(text: str) -> str:
    """Return text of the help with what Markdown would take for markup as it is."""
    return re.sub(r"`[^`]*`|[*<\[]", lambda m: m[0] if len(m[0]) > 1 else f"\\{m[0]}", text)
