"""The help of a command: its arguments, and its options in groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

from typer.core import TyperCommand

#: As Click has it: a longer name has its text on the line below.
_WIDEST_NAME = 30


class Heading(StrEnum):
    """The groups of options, in the order in which help shows them."""

    PERIODS = "Periods"
    WAIVER = "Waiver"
    RUNNING = "Running"
    TOGETHER = "All columns together"
    INPUT = "Input"
    HISTORY = "History"
    THRESHOLDS = "Thresholds"
    OUTPUT = "Output"
    TEXT = "Text files"
    OTHER = "Other"


class Paneled(TyperCommand):
    """A command whose help has its options in groups, and arguments without types of Python."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what stands behind the command's name: `[OPTIONS] BASELINE CURRENT`."""
        arguments = (each for each in self.get_params(ctx) if each.param_type_name == "argument")
        names = (_name(each) if each.required else f"[{_name(each)}]" for each in arguments)
        return ["[OPTIONS]", *names]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, and then each group of options."""
        for title, members in grouped(self.get_params(ctx)):
            with formatter.section(title):
                formatter.write_dl(_records(members, ctx, _width(self.get_params(ctx), ctx)))


def grouped(parameters: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the arguments and the groups of options that people are shown, by their titles."""
    shown = [each for each in parameters if not each.hidden]
    arguments = [each for each in shown if each.param_type_name == "argument"]
    if arguments:
        yield "Arguments", arguments
    options = [each for each in shown if each.param_type_name == "option"]
    groups = {panel: [each for each in options if _panel(each) == panel] for panel in Heading}
    filled = {str(panel): members for panel, members in groups.items() if members}
    yield from filled.items() if len(filled) > 1 else [("Options", options)]


def _panel(option: Any) -> str:
    return option.rich_help_panel or Heading.OTHER


def _name(argument: Any) -> str:
    return str(argument.metavar)


def _records(members: Sequence[Any], ctx: Any, width: int) -> list[tuple[str, str]]:
    """Return names and texts; texts of all groups of options begin in one column."""
    records = [(each, *each.get_help_record(ctx)) for each in members]
    return [
        (_name(each), text) if each.param_type_name == "argument" else (name.ljust(width), text)
        for each, name, text in records
    ]


def _width(parameters: Sequence[Any], ctx: Any) -> int:
    options = (each for each in parameters if each.param_type_name == "option")
    records = (each.get_help_record(ctx) for each in options)
    return min(_WIDEST_NAME, max(len(record[0]) for record in records if record))
