"""The page: word for word, closed to all that is not its own, and small."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec import structs
from pages import ATTACKS, REPORTS, SETTINGS, Page, attacked, between, repeated
from render_joints import JOINTS
from render_reports import CHANGED, DRIFTED, FINDINGS, QUIET, column, report
from render_reports import REPORTS as BY_HAND
from render_timelines import TIMELINES
from test_render_segments import REPORTS as SEGMENTED

from driftcli.render import Look, render
from driftcli.report.columns import Change, Waiver
from driftcli.report.comparison import Report

Check = Callable[[str, str], None]

GOLDEN = Path(__file__).parents[1] / "golden"

PAGES = {
    **{name: render(each, "html") for name, each in REPORTS.items()},
    **{f"segments-{name}": render(each, "html") for name, each in SEGMENTED.items()},
    **{f"timeline-{name}": render(each, "html") for name, each in TIMELINES.items()},
    **{f"joint-{name}": render(each, "html") for name, each in JOINTS.items()},
    **{f"attack-{at}": render(attacked(text), "html") for at, text in enumerate(ATTACKS)},
}
TERMINAL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
#: Elements that load, run or send something.
ACTIVE = {"img", "iframe", "object", "embed", "form", "base", "video", "audio", "source", "frame"}


def without_assets(page: str) -> str:
    """Return a page without its style and script, which have tests of their own."""
    page = re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", page, flags=re.DOTALL)
    return re.sub(r"sha256-[\w+/=]+", "sha256-", page)


@pytest.mark.parametrize("name", ["small", "timeline-rich", "segments-some", "joint-drift"])
def test_the_page_word_for_word(name: str, check_golden: Check) -> None:
    check_golden(f"html-{name}.html", without_assets(PAGES[name]))


def test_the_same_report_gives_the_same_page() -> None:
    assert render(REPORTS["small"], "html") == PAGES["small"]


@pytest.mark.parametrize("name", ["rich", "passed", "inconclusive", "empty"])
def test_a_stored_report_gives_the_same_page(name: str) -> None:
    stored = msgspec.json.decode((GOLDEN / f"{name}.json").read_bytes(), type=Report)
    assert render(stored, "html") == render(BY_HAND[name], "html")


@pytest.mark.parametrize("name", PAGES)
def test_style_and_script_have_the_hashes_of_the_policy_and_nothing_else_may_run(name: str) -> None:
    page = PAGES[name]
    policies = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert len(policies) == 1
    rules = dict(rule.split(" ", 1) for rule in policies[0].replace("&#39;", "'").split("; "))
    assert rules["default-src"] == "'none'"
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (inside,) = between(page, tag)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert rules.keys() == {
        "default-src",
        "style-src",
        "script-src",
        "img-src",
        "base-uri",
        "form-action",
    }


@pytest.mark.parametrize("name", PAGES)
def test_no_element_or_attribute_of_the_page_loads_or_runs_anything(name: str) -> None:
    page = Page(PAGES[name])
    forms = page.named("form")
    assert all(each.keys() == {"class", "role", "data-controls", "hidden"} for each in forms)
    assert not {tag for tag, _ in page.elements} & (ACTIVE - {"form"})
    for _, attributes in page.elements:
        assert not any(key.startswith("on") or key in ("style", "src") for key in attributes)
        href = attributes.get("href") or "#"
        assert href.startswith("#") or href == "data:,"


@pytest.mark.parametrize("name", PAGES)
def test_hostile_text_is_visible_and_inert(name: str) -> None:
    text = PAGES[name]
    assert not TERMINAL.search(text)
    assert text.encode("utf-8")
    assert text.endswith("</html>\n")
    page = Page(text)
    assert len(page.named("script")) == len(page.named("style")) == 1


@pytest.mark.parametrize("text", ATTACKS)
def test_hostile_names_are_shown_as_they_are(text: str) -> None:
    from driftcli.text import visible

    shown = " ".join(visible(text).split())
    assert shown[:40] in Page(render(attacked(text), "html")).text


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_unique_and_links_lead_to_them(name: str) -> None:
    page = Page(PAGES[name])
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    leads = {each["href"] for each in page.named("a")}
    labels = {a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a}
    assert {lead.removeprefix("#") for lead in leads if lead} | labels <= set(ids)


@pytest.mark.parametrize("name", PAGES)
def test_pictures_say_in_words_what_they_show(name: str) -> None:
    for attributes in Page(PAGES[name]).named("svg"):
        assert attributes.get("aria-label") or attributes.get("class") != "chart"


def test_the_summary_says_what_a_manager_asks() -> None:
    text = Page(PAGES["small"]).text
    assert "2 of 5 columns have drifted" in text
    for phrase in ("Drifting since 2025-03-02", "600 rows", "1 lost column", "What changed"):
        assert phrase in text
    assert "Accepted until 2026-01-31" in text
    assert "new <price> list (ana)" in text


@pytest.mark.parametrize(
    ("columns", "findings", "lead"),
    [
        (QUIET, (), "None of 5 columns has moved by an amount that matters."),
        (CHANGED[:1], (), "Nothing drifted, and 1 column of 1 column warned."),
        (CHANGED[1:], (), "Of 1 column, 1 column could have changed by chance: more rows would"),
        (DRIFTED[:1], (), "1 of 1 column has drifted."),
        ((*DRIFTED, *CHANGED), (), "3 of 5 columns have drifted, and 1 more warned."),
        (QUIET[3:4], FINDINGS[:1], "1 column compared, none of which drifted: what is wrong is"),
    ],
)
def test_the_lead_tells_the_verdict(columns: tuple, findings: tuple, lead: str) -> None:
    assert lead in Page(render(report(columns, findings), "html")).text


def test_columns_beyond_a_hundred_are_listed_and_drawn_with_all() -> None:
    many = report(tuple(column(f"feature_{at:03}", "drift", (0.3,)) for at in range(120)))
    page = Page(render(many, "html"))
    assert "feature_119" in page.text
    assert "The first 100 of 120 columns, the worst first" in page.text
    assert len([each for each in page.named("details") if each.get("id")]) == 100
    assert len([each for each in page.named("tr") if each.get("id")]) == 100
    every = Page(render(many, "html", Look(show_all=True)))
    assert len([each for each in every.named("details") if each.get("id")]) == 120


def test_a_report_without_details_says_how_to_get_them() -> None:
    assert "made without --details" in Page(PAGES["rich"]).text
    assert "made without --details" not in Page(PAGES["small"]).text


def test_a_hundred_columns_take_less_than_a_megabyte_and_a_second() -> None:
    hundred = repeated(REPORTS["small"], 20)
    assert len(hundred.columns) == 100
    start = time.process_time()
    page = render(hundred, "html")
    assert time.process_time() - start < 1
    assert len(page.encode()) < 1_000_000


def test_names_may_break_where_their_words_part_and_nowhere_else() -> None:
    text = render(report((column("repaid_loan_on.prev/car <0.5>", "drift", (0.3,)),)), "html")
    assert "repaid_<wbr>loan_<wbr>on.<wbr>prev/<wbr>car &lt;0.5&gt;" in text
    assert "js_<wbr>distance" in text
    assert "repaid_loan_on.prev/car <0.5>" in Page(text).text


def test_columns_have_one_word_for_their_state_everywhere() -> None:
    real = structs.replace(
        QUIET[2],
        name="small",
        changes=(Change(metric="mean_shift", message="mean 1 → 2", p_value=0.0),),
    )
    waived = structs.replace(
        CHANGED[0], name="waived", waiver=Waiver(until="2026-01-31", why="known")
    )
    columns = (DRIFTED[0], *CHANGED, waived, real, QUIET[3])
    page = render(report(columns), "html")
    counted = re.findall(r'<li class="(\w+)"><b>1</b> ([\w ]+)</li>', page)
    chips = re.findall(r'data-status="(\w+)" aria-pressed="false"><b[^>]*>.</b> 1 ([\w ]+)<', page)
    badges = re.findall(r'<span class="status (\w+)"><b[^>]*>.</b> ([\w ]+)</span>', page)
    words = {
        "drift": "drifted",
        "warn": "warned",
        "inconclusive": "inconclusive",
        "waived": "accepted",
        "small": "below the thresholds",
        "ok": "unchanged",
    }
    assert dict(counted) == dict(chips) == dict(badges) == words
    assert len(badges) == 2 * len(columns)  # in the table, and on each panel


def test_what_is_real_but_small_is_named_with_what_changed() -> None:
    messages = ("mean 1 → 2", "value 'a' 1 % → 3 %")
    changes = tuple(Change(metric="share_ratio", message=each, p_value=0.0) for each in messages)
    text = Page(render(report((structs.replace(QUIET[3], changes=changes),)), "html")).text
    name = QUIET[3].name
    assert f"Real but small ✓ {name} {'; '.join(messages)}" in text
    assert "real but small: mean 1 → 2; real but small: value 'a' 1 % → 3 %" in text


def test_what_was_ignored_and_configured_is_said() -> None:
    found = structs.replace(REPORTS["passed"], ignored=("year", "a<b"), configured=SETTINGS)
    text = Page(render(found, "html")).text
    assert "2 columns ignored: year, a<b." in text
    assert "drift.toml sets ignore, thresholds.js_distance." in text
    many = structs.replace(found, ignored=tuple(f"c{at}" for at in range(25)))
    assert "25 columns ignored: c0, " in (text := Page(render(many, "html")).text)
    assert "c19 and 5 more." in text


def test_reasons_are_whole_sentences_and_the_rest_is_counted() -> None:
    reasons = tuple(f"category '{at}' {'few ' * 15}for" for at in range(12))
    found = report((structs.replace(column("a", "drift", (0.3,)), reasons=reasons),))
    text = Page(render(found, "html")).text
    assert f"{reasons[5]}; and 6 more" in text  # in the table
    assert f"{reasons[3]}; and 8 more" in text  # in the list of what changed
    assert reasons[11] in text  # in the panel


def test_moves_have_a_legend() -> None:
    assert "moved up moved down the darker, the more rows" in Page(PAGES["small"]).text
    assert "moved up" not in Page(PAGES["rich"]).text


@pytest.mark.parametrize("name", PAGES)
def test_a_panel_leads_back_to_its_row_of_the_table(name: str) -> None:
    page = Page(PAGES[name])
    panels = [each["id"] for each in page.named("details") if each.get("id")]
    rows = {each.get("id") for each in page.named("tr")}
    back = [each["href"] for each in page.named("a") if str(each["href"]).endswith("-row")]
    assert back == [f"#{each}-row" for each in panels]
    assert {f"{each}-row" for each in panels} <= rows


def test_unchanged_columns_are_folded_in_one_panel() -> None:
    text = render(report((*DRIFTED, *QUIET)), "html")
    before, after = text.split('<details class="panel rest"')
    shown = len(DRIFTED) + len([each for each in QUIET if each.status not in ("ok", "skipped")])
    assert len(re.findall(r'<details class="panel" id=', before)) == shown
    assert after.startswith(" data-rest>")
    assert len(re.findall(r'<details class="panel" id=', after)) == len(QUIET)


@pytest.mark.parametrize("name", ["passed", "unjudged"])
def test_where_all_is_quiet_the_first_rows_stay(name: str) -> None:
    found = BY_HAND[name]
    text = render(found, "html")
    assert text.count("<tr id=") == len(found.columns)
    assert text.count(" data-folded>") == max(0, len(found.columns) - 3)
    assert ("data-fold " in text) == (len(found.columns) > 3)
