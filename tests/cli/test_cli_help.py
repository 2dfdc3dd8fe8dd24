"""What `--help` says of each command: in groups, whole, and in words of people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import typer
from cli_runs import CONTROL
from typer.testing import CliRunner

from driftcli.cli.app import app
from driftcli.cli.panels import Heading, grouped
from driftcli.config import Settings

PROGRAM: Any = typer.main.get_command(app)


COMMANDS = dict(PROGRAM.commands)
each_command = pytest.mark.parametrize("path", COMMANDS)
#: What has no group of its own.
OTHERS = {"--config", "--engine", "--threads", "--timeout", "--help"}
#: How Python writes types and values, and what markup and checks of other tools leave.
OF_PYTHON = re.compile(
    r"\b(None|True|False|str|int|float|bool)\b|list\[|<\w|x>=|\[bold\]|object at "
)


@cache
def help_of(path: str) -> str:
    """Return what `--help` prints, on a terminal of 80 columns."""
    done = CliRunner().invoke(app, [*path.split(), "--help"], prog_name="drift")
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def sections(text: str) -> dict[str, str]:
    """Return the parts of a help text by their headings."""
    parts = re.split(r"^(\S.*):$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def options(path: str) -> Iterator[Any]:
    """Yield the options of a command that people are shown."""
    shown = (each for title, members in grouped(COMMANDS[path].params) for each in members)
    yield from (each for each in shown if each.param_type_name == "option")


@each_command
def test_options_stand_in_groups_in_one_order(path: str) -> None:
    found = list(sections(help_of(path)))
    arguments = [each for each in COMMANDS[path].params if each.param_type_name == "argument"]
    assert (found[0] == "Arguments") == bool(arguments)
    groups = found[bool(arguments) :]
    assert groups == ["Options"] or groups == [each for each in Heading if each in groups]
    assert groups[-1] in ("Options", "Other")


@each_command
def test_only_what_belongs_nowhere_is_in_the_last_group(path: str) -> None:
    last = list(sections(help_of(path)).values())[-1]
    named = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", last, flags=re.MULTILINE))
    assert "--help" in named
    assert named <= OTHERS


@each_command
def test_every_option_is_shown_once(path: str) -> None:
    text = help_of(path)
    for each in options(path):
        name = max(each.opts, key=len)
        assert len(re.findall(rf"^  (?:-\w, )?{name}\b(?!-)", text, flags=re.MULTILINE)) == 1


@pytest.mark.parametrize("path", ["", *COMMANDS])
def test_help_is_whole_and_holds_nothing_of_python(path: str) -> None:
    text = help_of(path)
    assert max(map(len, text.splitlines())) <= 80
    assert CONTROL.search(text) is None
    assert OF_PYTHON.search(text) is None
    assert not any(line.endswith("...") for line in text.splitlines()[1:])


def test_the_list_of_commands_has_the_whole_first_sentence_of_each() -> None:
    listed = sections(help_of(""))["Commands"].splitlines()
    for name, command in PROGRAM.commands.items():
        first = command.help.splitlines()[0]
        assert first.endswith(".")
        assert any(re.fullmatch(rf"  {name} +{re.escape(first)}", line) for line in listed), name


@each_command
def test_every_argument_and_option_is_told_in_sentences(path: str) -> None:
    for _, members in grouped(COMMANDS[path].params):
        for each in members:
            assert each.help, each.name
            assert each.help[-1] == "." or each.help.endswith("(warn:drift). May repeat."), (
                each.help
            )
            assert each.metavar or getattr(each, "is_flag", False), each.name


@each_command
def test_a_default_is_said(path: str) -> None:
    text = " ".join(help_of(path).split())
    for each in options(path):
        if each.required or each.is_flag or each.default in (None, [], ()):
            continue
        said = (
            f"[default: {each.default}]",
            f"{each.default} by default",
            f"{each.default} (the default)",
        )
        about = text[text.index(max(each.opts, key=len)) :]
        assert any(one in about for one in said), each.name


def test_a_default_of_the_settings_is_said_as_it_is() -> None:
    told = {each.name: each.help for each in options("compare")}
    known = Settings()
    assert f"{known.alpha} by default" in told["alpha"]
    assert f"{known.fail_on} by default" in told["fail_on"]
    assert f"{known.drifted_columns} by default" in told["drifted_columns"]
    assert f"{known.correction} by default" in told["correction"]
    assert f"{known.read.encoding} by default" in told["encoding"]
    assert f"'{known.read.decimal}' by default" in told["decimal"]
    assert f"'{known.read.quote}' by default" in told["quote"]


def test_usage_names_the_arguments_plainly() -> None:
    first = {path: help_of(path).splitlines()[0] for path in COMMANDS}
    assert first["compare"] == "Usage: drift compare [OPTIONS] BASELINE CURRENT"
    assert first["run"] == "Usage: drift run [OPTIONS] [NAME...]"
    assert first["merge"] == "Usage: drift merge [OPTIONS] [PROFILE...]"
    assert first["prune"] == "Usage: drift prune [OPTIONS]"
