"""Every format as people see it, word for word."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from render_reports import REPORTS

from driftcli.render import Look, render

Check = Callable[[str, str], None]

SUFFIXES = {
    "json": "json",
    "markdown": "md",
    "csv": "csv",
    "jsonl": "jsonl",
    "junit": "xml",
    "github": "github.txt",
    "sarif": "sarif",
    "prometheus": "prom",
}


DOCUMENTED = ("rich", "passed", "inconclusive", "unjudged", "empty", "hostile", "waived")


@pytest.mark.parametrize("width", [120, 80, 40])
@pytest.mark.parametrize("name", REPORTS)
def test_the_table_at_each_width(name: str, width: int, check_golden: Check) -> None:
    check_golden(f"{name}-{width}.txt", render(REPORTS[name], "table", Look(width=width)))


@pytest.mark.parametrize("width", [120, 80, 40])
def test_the_table_of_all_columns(width: int, check_golden: Check) -> None:
    look = Look(width=width, show_all=True)
    check_golden(f"rich-all-{width}.txt", render(REPORTS["rich"], "table", look))


def test_the_table_in_colour(check_golden: Check) -> None:
    look = Look(width=100, show_all=True, color=True)
    check_golden("rich-all-color-100.ansi", render(REPORTS["rich"], "table", look))


def test_the_table_in_ascii(check_golden: Check) -> None:
    look = Look(width=100, show_all=True, ascii_only=True)
    check_golden("rich-all-ascii-100.txt", render(REPORTS["rich"], "table", look))


@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_documents(name: str, form: str, check_golden: Check) -> None:
    check_golden(f"{name}.{SUFFIXES[form]}", render(REPORTS[name], form))


def test_markdown_of_all_columns(check_golden: Check) -> None:
    check_golden("rich-all.md", render(REPORTS["rich"], "markdown", Look(show_all=True)))
