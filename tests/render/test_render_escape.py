"""Arbitrary text from data is harmless and visible in every format."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from render_reports import column, dataset, report
from rich.cells import cell_len

from driftcli.render import Look, render
from driftcli.render.escape import markdown_code, markdown_text, shortened, to_ascii
from driftcli.render.terminal.text import fitted, wrapped
from driftcli.report.comparison import Finding, Report
from driftcli.text import named, quoted, visible, without_surrogates

HARMFUL = (
    "\x1b\x07\x00\x7f\x9b\n\r\t\u202e\u2066\u200f\u200b\u2028\ud800\U000e0001\u0301|`*_<>[]&@#\\$="
)
ANY = st.text(st.characters(codec=None) | st.sampled_from(HARMFUL), max_size=60)

#: The first example imports the renderer, which takes what it takes.
unhurried = settings(deadline=None)


def with_text(text: str) -> Report:
    return report(
        (
            column(text, "drift", (0.5, 0.2, 0.15), reasons=(f"new: {text!s} 12 %", text)),
            column("b" + text, "warn", notes=(text,)),
        ),
        (Finding(kind="new_column", column=text, status="warn", message=f"{text} is new"),),
        baseline=dataset(text, 1),
        current=dataset("b" + text, 2, sampled_rows=1),
    )


@unhurried
@given(ANY, st.integers(20, 160), st.booleans(), st.booleans())
def test_any_text_leaves_the_table_whole(text: str, width: int, all_: bool, ascii_: bool) -> None:
    plain = render(with_text(text), look=Look(width=width, show_all=all_, ascii_only=ascii_))
    lines = plain.split("\n")
    assert all(line.isprintable() for line in lines)
    assert max(map(cell_len, lines)) <= width
    assert plain.encode("ascii" if ascii_ else "utf-8")


COMMANDS = st.text(st.sampled_from(":# []ab\n"), max_size=40) | st.sampled_from(
    ["::error::x", " ::set-output name=a::b", "##[group]a", "a ::warning file=b,line=1::c d"]
)


@unhurried
@given(COMMANDS, st.integers(20, 60))
def test_no_text_is_a_command_in_the_log_of_a_job(text: str, width: int) -> None:
    for line in render(with_text(text), look=Look(width=width, show_all=True)).split("\n"):
        assert not re.match(r"\s*::[a-z][\w-]*.*::", line, re.IGNORECASE)
        assert "##[" not in line


def test_names_with_colons_stay_as_they_are() -> None:
    assert visible("std::vector") == "std::vector"
    assert visible("::error::x") == r"\x3a:error::x"
    assert visible("##[group]") == r"#\x23[group]"


@unhurried
@given(ANY)
def test_any_text_leaves_as_many_lines_in_markdown(text: str) -> None:
    shown = render(with_text(text), "markdown", Look(show_all=True))
    lines = shown.split("\n")
    assert all(line.isprintable() for line in lines)
    pipes = {line.count("|") for line in lines if line.startswith("| ")}
    assert len(pipes) == 1
    assert len(lines) == len(
        render(with_text("plain"), "markdown", Look(show_all=True)).split("\n")
    )


@unhurried
@given(ANY)
def test_any_text_comes_back_from_csv(text: str) -> None:
    shown = render(with_text(text), "csv")
    rows = list(csv.reader(io.StringIO(shown, newline=""), strict=True))
    assert {len(row) for row in rows} == {19}
    assert rows[1][0].removeprefix("'") == visible(text).removeprefix("'")
    assert shown.replace("\r\n", "").isprintable()


@unhurried
@given(ANY)
def test_any_text_comes_back_from_json(text: str) -> None:
    shown = render(with_text(text), "json")
    assert json.loads(shown)["columns"][0]["name"] == without_surrogates(text)
    assert shown.replace("\n", "").isprintable()


@given(ANY)
def test_visible_text_is_stable_and_printable(text: str) -> None:
    assert visible(text).isprintable()
    assert visible(visible(text)) == visible(text)


@given(st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126)))
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert visible(text) == text == to_ascii(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Straße 漢字 ñ", "Straße 漢字 ñ"),
        ("a\u00a0b", "a\\xa0b"),
        ("👩\u200d👧", "👩\\u200d👧"),
        ("\u3164", "\\u3164"),
        ("\U000e0041", "\\U000e0041"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "\\u0301\\u0301"),
        ("\u0301" * 5, "\u0301" * 4 + "\\u0301"),
        ("\udce9", "\\udce9"),
    ],
)
def test_what_cannot_be_seen_is_spelt_out(text: str, expected: str) -> None:
    assert visible(text) == expected


#: Each code point that Python prints and nobody sees.
UNSEEN = (
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u180b\u180c\u180d\u180e\u180f"
    "\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f"
    + "".join(map(chr, range(0xE0100, 0xE01EF + 1)))
)


@pytest.mark.parametrize("character", UNSEEN, ids=lambda character: f"U+{ord(character):04X}")
def test_what_python_prints_and_nobody_sees_is_spelt_out(character: str) -> None:
    assert visible(f"a{character}b") == f"a{character.encode('unicode_escape').decode()}b"


def test_ascii_uses_look_alikes_for_our_own_signs() -> None:
    assert to_ascii("✗ 1.2 % → ∞ ▲ é…") == "x 1.2 % -> inf * \\xe9..."


@given(ANY, st.integers(20, 60))
def test_a_fitted_text_fits(text: str, width: int) -> None:
    shown = visible(text)
    assert cell_len(fitted(shown, width)) <= width
    assert fitted(shown, 1000) == shown


def test_the_middle_of_a_long_name_gives_way() -> None:
    assert fitted("arrival_delay_in_minutes", 12) == "arriva…nutes"
    assert fitted("漢" * 20, 11) == "漢漢…漢漢"
    assert shortened("abcdefgh", 5) == "ab…gh"


@given(ANY, st.integers(20, 60), st.integers(1, 4))
def test_wrapped_lines_fit_and_are_not_too_many(text: str, width: int, most: int) -> None:
    lines = wrapped(visible(text), width, most)
    assert len(lines) <= most
    assert all(cell_len(line) <= width for line in lines)


def test_nothing_but_the_rest_is_lost_in_wrapping() -> None:
    assert wrapped("one two three four", 9, 4) == ["one two", "three", "four"]
    assert wrapped("one two three four", 9, 2) == ["one two", "three…"]
    assert wrapped("share of 12 % → 5 %", 12, 4) == ["share of", "12 % → 5 %"]


@given(ANY)
def test_markdown_text_has_no_live_markup(text: str) -> None:
    shown = markdown_text(visible(text))
    assert not re.search(r"[<>|`$]|@(?!&#8203;)|(?<!&)#(?!&#8203;)|://", shown)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_\[\]~]", shown)


@settings(max_examples=50)
@given(ANY)
def test_markdown_code_ends_where_it_should(text: str) -> None:
    shown = markdown_code(visible(text))
    assert re.fullmatch(r"`[^`|]+`|<code>[^<>|`]*</code>", shown)


def test_messages_have_the_rule_of_the_outputs() -> None:
    assert quoted("::error title=x::\u3164\u202e") == r"'\x3a:error title=x::\u3164\u202e'"
    assert named("lake/\u2800.csv") == r"lake/\u2800.csv"
