"""Values that Typer need not convert are those that it would make of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import typer
from hypothesis import example, given
from hypothesis import strategies as st

from driftcli.cli.app import app


def _parameters() -> Iterator[Any]:
    program: Any = typer.main.get_command(app)
    with typer.Context(program) as root:
        yield from (pytest.param(root, each, id=each.name) for each in program.get_params(root))
        for name in program.list_commands(root):
            command = program.get_command(root, name)
            context = typer.Context(command, info_name=name)
            for each in command.get_params(context):
                yield pytest.param(context, each, id=f"{name} {each.name}")


def _outcome(param: Any, process: Any, context: Any, value: Any) -> tuple[Any, ...]:
    """Return the type and value that a command gets, or the error."""
    try:
        made = process(context, value)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the same
        return type(error), str(error)
    if param.multiple or param.nargs == -1:
        made = list(made or ())
    return type(made), made


def _check(context: Any, param: Any, value: Any) -> None:
    by_typer = _outcome(param, type(param).process_value.__get__(param), context, value)
    assert _outcome(param, param.process_value, context, value) == by_typer


@pytest.mark.parametrize(("context", "param"), list(_parameters()))
def test_what_is_not_converted_is_what_typer_makes_of_it(context: Any, param: Any) -> None:
    flag = getattr(param, "is_flag", False)
    texts = ("", "-", "a,b", "7", "-7", "007", " 7", "7.0", "1_0", "٧", "9" * 30)
    values = (None, False) if flag else (param.default, None, *texts)
    for value in values:
        many = not flag and value is not None and (param.multiple or param.nargs == -1)
        _check(context, param, (value,) if many and isinstance(value, str) else value)


@cache
def _compare() -> Any:
    program: Any = typer.main.get_command(app)
    return typer.Context(program.get_command(typer.Context(program), "compare"))


@pytest.mark.parametrize("name", ["threads", "sample", "baseline", "columns"])
@given(text=st.text())
@example(text="0")
@example(text="-0")
def test_any_text_is_what_typer_makes_of_it(name: str, text: str) -> None:
    context = _compare()
    param = next(each for each in context.command.get_params(context) if each.name == name)
    _check(context, param, (text,) if param.multiple else text)
