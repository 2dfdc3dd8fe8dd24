"""Workflow commands, read as the runner of GitHub Actions reads them."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from render_reports import HOSTILE_REPORT, INCONCLUSIVE, MANY, PASSED, REPORTS, RICH, column, report
from test_render_escape import ANY, unhurried, with_text

from driftcli.render import Look, render
from driftcli.render.github import MOST, Annotation, _command
from driftcli.report.comparison import Finding


class Read(NamedTuple):
    """What the runner makes of a line."""

    command: str
    properties: dict[str, str]
    data: str


def unescaped(text: str, *also: tuple[str, str]) -> str:
    """Undo the escapes in the runner's order, the percent sign last."""
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), *also, ("%25", "%")):
        text = text.replace(escape, character)
    return text


def read(line: str) -> Read:
    """Read a command as `ActionCommand.TryParseV2` of the runner does."""
    assert line.startswith("::")
    info, found, data = line[2:].partition("::")
    assert found
    command, _, properties = info.partition(" ")
    pairs = (each.partition("=") for each in properties.strip().split(","))
    colon, comma = ("%3A", ":"), ("%2C", ",")
    return Read(
        command, {name: unescaped(text, colon, comma) for name, _, text in pairs}, unescaped(data)
    )


@pytest.mark.parametrize("name", REPORTS)
def test_every_line_is_an_annotation_with_a_title_and_a_text(name: str) -> None:
    for line in render(REPORTS[name], "github", Look(show_all=True)).splitlines():
        command, properties, data = read(line)
        assert command in ("error", "warning", "notice")
        assert properties.keys() == {"title"}
        assert properties["title"]
        assert data


def test_the_verdict_comes_first_and_then_what_is_not_ok() -> None:
    lines = [read(line) for line in render(RICH, "github").splitlines()]
    assert [(each.command, each.properties["title"]) for each in lines] == [
        ("error", "drift"),
        ("error", "lost column"),
        ("error", "invalid values"),
        ("error", "drift: dep_delay"),
        ("error", "drift: carrier"),
        ("error", "drift: arrival_delay_in_minutes_at_the_destination_airport"),
        ("warning", "new column"),
        ("warning", "warn: air_time"),
        ("notice", "inconclusive: tailnum"),
    ]
    assert lines[0].data.startswith("3 of 10 columns drifted (dep_delay, carrier, ")
    assert lines[3].data == (
        "mean 12.3 → 15.1; 8 % of values above the baseline's maximum; missing 1.2 % → 5.0 %;"
        " js_distance 0.312 ▲, wasserstein 0.452 ▲, kl 0.210 ▲, missing 0.0380 ▲"
    )


def test_a_pass_is_one_notice() -> None:
    assert render(PASSED, "github") == (
        "::notice title=no drift::5 columns compared · 3 unchanged · 2 not gated · 1 not compared\n"
    )


def test_what_fails_the_step_is_an_error_whatever_the_verdict() -> None:
    assert render(INCONCLUSIVE, "github").startswith("::notice title=inconclusive::")
    strict = structs.replace(INCONCLUSIVE, exit_code=1)
    assert render(strict, "github").startswith("::error title=inconclusive::")


def test_no_more_annotations_of_a_level_than_github_shows() -> None:
    lines = render(MANY, "github").splitlines()
    errors = [line for line in lines if line.startswith("::error ")]
    assert len(errors) == MOST
    assert errors[-1] == "::error title=and more::292 more"
    assert [line.split()[0] for line in lines[MOST:]] == ["::warning", "::notice"]
    assert len(render(MANY, "github", Look(show_all=True)).splitlines()) == 303


def test_a_finding_that_is_ok_is_no_annotation() -> None:
    remark = Finding(kind="type_change", column="a", status="ok", message="`a`: type int32 → int64")
    assert "int64" not in render(report((column("a"),), (remark,)), "github", Look(show_all=True))


def test_text_from_data_is_no_command() -> None:
    trap = "a::error::b,c=d%0A::set-output name=x::y"
    found = report((column(trap, "drift", reasons=(f"new: '{trap}'",)),))
    lines = [read(line) for line in render(found, "github").splitlines()]
    assert [each.command for each in lines] == ["error", "error"]
    shown = r"a\x3a:error\x3a:b,c=d%0A\x3a:set-output name=x::y"
    assert lines[1].properties == {"title": f"drift: {shown}"}
    assert lines[1].data == f"new: '{shown}'"
    assert len(render(HOSTILE_REPORT, "github").splitlines()) == 5


@given(ANY, ANY.filter(bool))
def test_any_text_comes_back_from_a_command(text: str, title: str) -> None:
    assert read(_command(Annotation("error", title, text))) == Read("error", {"title": title}, text)


@unhurried
@given(ANY | st.sampled_from(["%0A", "::", "a,b=c", "%253A"]))
def test_any_text_is_as_many_annotations_as_a_plain_one(text: str) -> None:
    lines = render(with_text(text), "github").split("\n")
    assert all(line.isprintable() for line in lines)
    assert [read(line).command for line in lines[:-1]] == ["error", "error", "warning", "warning"]
