"""Reports on pairs of columns as people and programs see them, word for word."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import msgspec
import pytest
from render_joints import JOINTS

from driftcli.render import FORMATS, Look, render
from driftcli.render.terminal.text import cell_len
from driftcli.report.joint import Joint
from driftcli.report.schemas import json_schema

Check = Callable[[str, str], None]
SUFFIXES = {
    "json": "json",
    "markdown": "md",
    "csv": "csv",
    "jsonl": "jsonl",
    "junit": "xml",
    "github": "github",
    "sarif": "sarif",
    "prometheus": "prom",
}


@pytest.mark.parametrize("width", [120, 60, 30])
@pytest.mark.parametrize("name", JOINTS)
def test_the_table_at_each_width(name: str, width: int, check_golden: Check) -> None:
    check_golden(f"joint-{name}-{width}.txt", render(JOINTS[name], look=Look(width=width)))


def test_the_table_of_all_pairs_in_colour(check_golden: Check) -> None:
    look = Look(width=100, show_all=True, color=True)
    check_golden("joint-drift-all-color-100.ansi", render(JOINTS["drift"], look=look))


def test_the_table_in_ascii(check_golden: Check) -> None:
    text = render(JOINTS["drift"], look=Look(width=100, show_all=True, ascii_only=True))
    assert text.isascii()
    check_golden("joint-drift-all-ascii-100.txt", text)


@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize(
    "name", ["drift", "passed", "waived", "hostile", "together", "together-hostile"]
)
def test_the_documents(name: str, form: str, check_golden: Check) -> None:
    check_golden(f"joint-{name}.{SUFFIXES[form]}", render(JOINTS[name], form))


def test_every_format_is_checked() -> None:
    assert {"table", "html", *SUFFIXES} == set(FORMATS["joint"])


@pytest.mark.parametrize("name", JOINTS)
def test_the_junit_is_what_its_schema_says(name: str) -> None:
    root = ET.fromstring(render(JOINTS[name], "junit"))
    assert [each.tag for each in root] == ["testsuite"]
    pairs = [each.get("name") for each in root.iter("testcase")]
    assert len(pairs) == 1 + len(JOINTS[name].pairs)
    assert root.get("failures") == str(
        (JOINTS[name].exit_code == 1)
        + sum(each.status == "drift" and not each.waiver for each in JOINTS[name].pairs)
    )


@pytest.mark.parametrize("name", JOINTS)
def test_the_sarif_is_what_its_schema_says(name: str) -> None:
    schema = json.loads((Path(__file__).parent / "schemas/sarif-2.1.0-rtm.5.json").read_text())
    jsonschema.validate(json.loads(render(JOINTS[name], "sarif")), schema)


@pytest.mark.parametrize("name", JOINTS)
def test_the_json_is_what_the_schema_says_and_holds_all_of_it(name: str) -> None:
    text = render(JOINTS[name], "json")
    jsonschema.validate(json.loads(text), json.loads(json.dumps(json_schema("joint"))))
    if "hostile" not in name:  # half a surrogate pair has no UTF-8
        assert msgspec.json.decode(text, type=Joint) == JOINTS[name]


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("brief", [False, True])
@pytest.mark.parametrize("width", range(20, 130, 7))
@pytest.mark.parametrize("name", JOINTS)
def test_no_line_is_wider_than_asked(name: str, width: int, brief: bool, ascii_only: bool) -> None:
    look = Look(width=width, brief=brief, ascii_only=ascii_only)
    for line in render(JOINTS[name], look=look).splitlines():
        assert cell_len(line) <= width


def test_a_report_says_what_it_is_in_one_line() -> None:
    assert repr(JOINTS["drift"]) == "<Joint: drift: 1 of 4 pairs of 5 columns drifted · 1 warned>"
    assert str(JOINTS["passed"]) == render(JOINTS["passed"])


@pytest.mark.parametrize("width", [100, 60, 40])
@pytest.mark.parametrize("brief", [False, True])
def test_of_two_long_names_each_keeps_half_of_the_room(width: int, brief: bool) -> None:
    names = ("a_first_name_that_is_long_enough", "z_other_name_that_is_no_shorter_either")
    pair = msgspec.structs.replace(JOINTS["drift"].pairs[0], columns=names)
    shown = render(
        msgspec.structs.replace(JOINTS["drift"], pairs=(pair,)), look=Look(width=width, brief=brief)
    )
    (line,) = [each for each in shown.splitlines() if each.lstrip("✗ ").startswith("a_")]
    assert cell_len(line) <= width
    assert " × z_" in line
