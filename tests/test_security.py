"""Each promise of SECURITY.md names tests that there are, and its figures are those of the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from driftcli.history import PATIENCE
from driftcli.source.piped import PATIENCE as PIPE_PATIENCE
from driftcli.source.piped import PIPE_BYTES
from driftcli.source.records import RECORD_BYTES

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
PROMISES = re.findall(r"^- .+(?:\n  .+)*", TEXT, re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@pytest.mark.parametrize("promise", PROMISES, ids=lambda text: text[2:40])
def test_each_promise_is_held_by_tests_that_there_are(promise: str) -> None:
    named = NAMED.findall(promise)
    assert named
    assert promise.count("`tests/") == len(named)
    for path, test in named:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert test in {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}


def test_each_part_promises_something() -> None:
    parts = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
    assert [part.splitlines()[0] for part in parts if "\n- " not in part] == [
        "What is not promised"
    ]


def test_the_figures_are_those_of_the_code() -> None:
    words = " ".join(TEXT.split())
    assert f"at most {RECORD_BYTES >> 20} MiB" in words
    assert f"at most {PIPE_BYTES >> 30} GiB" in words
    assert PIPE_PATIENCE == 5
    assert "after five seconds" in words
    assert f"waited for {PATIENCE:.0f} seconds at a time" in words
