"""The pages in docs/ say what the code says."""

from __future__ import annotations

import re
import shutil
from math import inf
from pathlib import Path
from typing import get_args

import pytest
from command_reference import reference
from effects import effects
from msgspec import Struct, structs
from setting_types import setting_rows
from transcripts import ROOT, blocks, check_sessions, check_table, check_text

from driftcli.config import DEFAULT_THRESHOLDS, describe, load
from driftcli.config.meaning import meanings
from driftcli.config.running import Inputs, RunSettings, StoreSettings
from driftcli.config.settings import ColumnSettings, ReadSettings, Settings
from driftcli.config.toml import toml_value
from driftcli.metrics import METRICS
from driftcli.render.words import SIGNS
from driftcli.report import columns, comparison, explanation, segments
from driftcli.report.comparison import FindingKind
from driftcli.report.run import CheckReport, Run
from driftcli.report.schemas import DOCUMENTS
from driftcli.source.files import COMPRESSIONS, FORMATS

DOCS = ROOT / "docs"
#: The example whose folder the sessions of a page run in, where it is not flights-season.
EXAMPLES = {
    "checks.md": "nightly",
    "history.md": "nightly",
    "input.md": "car-loans",
    "joint.md": "ring",
}
RECORDS = [
    each
    for module in (columns, comparison, explanation, segments)
    for each in vars(module).values()
    if isinstance(each, type)
    and issubclass(each, Struct)
    and each.__module__ == module.__name__
    # Documents without fields of their own are there for their methods.
    and each is not comparison.Explained
]


def section(page: str, heading: str) -> str:
    """Return the text below a heading, up to the next one."""
    text = (DOCS / page).read_text("utf-8")
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"{page}: no section {heading!r}"
    return found[1]


def cells(text: str) -> list[list[str]]:
    """Return the cells of the lines of a table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def rows(text: str) -> list[list[str]]:
    """Return the same without code marks."""
    return [[cell.strip("`") for cell in row] for row in cells(text)]


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_sessions_show_what_is_printed(page: Path, tmp_path: Path) -> None:
    example = EXAMPLES.get(page.name, "flights-season")
    folder = tmp_path / example  # a copy: some sessions write files
    shutil.copytree(ROOT / "examples" / example, folder)
    check_sessions(page, folder)


@pytest.mark.parametrize(
    ("heading", "record"),
    [
        ("General", Settings),
        ("Reading text files", ReadSettings),
        ("How checks are run", RunSettings),
        ("Where results are kept", StoreSettings),
    ],
)
def test_the_settings_are_those_of_the_code(heading: str, record: type[Struct]) -> None:
    """Keys, types, defaults and meanings are written from the code; the page may say more."""
    found = setting_rows(record, {"thresholds", "read", "columns", "column_overrides"})
    told = {row[0].strip("`"): row[-1] for row in cells(section("configuration.md", heading))}
    table = [
        [f"`{key}`", *kind, in_full(told.get(key, ""), meanings(record)[key].text)]
        for key, kind in found.items()
    ]
    check_table(DOCS / "configuration.md", heading, [["key", "type", "default", "meaning"], *table])


def in_full(told: str, meaning: str) -> str:
    """Return what a page says, with links and code marks, as long as it begins with the meaning."""
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", told).replace("`", "")
    return told if plain.startswith(meaning.replace("`", "")) else meaning


def test_the_checks_shown_are_those_of_the_example(tmp_path: Path) -> None:
    shown = load(metrics=METRICS, config=_written(tmp_path, blocks(DOCS / "checks.md", "toml")[0]))
    example = load(metrics=METRICS, config=ROOT / "examples" / "nightly" / "drift.toml")
    assert [(row.key, row.value) for row in describe(shown)] == [
        (row.key, row.value) for row in describe(example)
    ]


def test_the_settings_shown_of_checks_are_settings(tmp_path: Path) -> None:
    for text in blocks(DOCS / "checks.md", "toml"):
        load(metrics=METRICS, config=_written(tmp_path, text))


@pytest.mark.parametrize(("heading", "record"), [("The document", Run), ("A check", CheckReport)])
def test_every_field_of_a_run_is_listed(heading: str, record: type[Struct]) -> None:
    cells = [row[0] for row in rows(section("checks.md", heading))]
    assert [each.strip(" `") for cell in cells for each in cell.split(",")] == [
        each.name for each in structs.fields(record)
    ]


def _written(folder: Path, text: str) -> Path:
    path = folder / "drift.toml"
    path.write_text(text, "utf-8")
    return path


def test_every_input_of_a_check_is_listed() -> None:
    check_meanings("Checks", Inputs)


def test_every_setting_of_a_column_is_listed() -> None:
    check_meanings("Columns", ColumnSettings)


def check_meanings(heading: str, record: type[Struct]) -> None:
    """Check a table whose types are the page's own."""
    table = cells(section("configuration.md", heading))
    assert [row[0].strip("`") for row in table] == [each.name for each in structs.fields(record)]
    for key, *_, told in table:
        assert told == in_full(told, meanings(record)[key.strip("`")].text)


def test_the_default_thresholds_are_listed() -> None:
    levels = [[f"`{name}`", toml_value(each)] for name, each in DEFAULT_THRESHOLDS.items()]
    check_table(DOCS / "configuration.md", "Thresholds", [["metric", "default"], *levels])


def test_the_commands_are_those_of_the_program() -> None:
    check_text(DOCS / "commands.md", reference())


def test_the_scores_of_known_changes_are_as_listed() -> None:
    check_table(DOCS / "choosing.md", "What a score of 0.1 looks like", effects())


def test_the_table_of_metrics_is_the_programs() -> None:
    table = [["metric", "what it measures", "unit", "range", "drifts from"]]
    for metric in METRICS.values():
        levels = DEFAULT_THRESHOLDS.get(metric.name)
        unit = "the column's own" if metric.unit == "column" else metric.unit or "–"
        table.append(
            [
                f"`{metric.name}`",
                metric.meaning,
                unit,
                "[0, ∞)" if metric.upper_bound == inf else f"[0, {metric.upper_bound:g}]",
                "–" if levels is None else f"{levels.drift:g}",
            ]
        )
    check_table(DOCS / "choosing.md", "All metrics", table)


def test_every_schema_is_listed() -> None:
    table = rows(section("schemas.md", "JSON Schemas"))
    made = {name: [f"drift {each}" for each in kind.commands] for name, kind in DOCUMENTS.items()}
    assert {name: commands.replace("`", "").split(", ") for name, commands in table} == made


def test_every_kind_of_finding_is_listed() -> None:
    [listed] = [text for name, text in cells(section("report.md", "Finding")) if name == "`kind`"]
    without_links = re.sub(r"\[\w+\]\(.*?\)", "", listed)
    assert sorted(re.findall(r"`(\w+)`", without_links)) == sorted(get_args(FindingKind))


def test_every_metric_is_defined_once() -> None:
    text = (DOCS / "scores.md").read_text("utf-8")
    defined = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(defined) == sorted(METRICS)


#: Records that the pages describe where they are used.
INLINE = (columns.CategoryShare, comparison.Summary)


@pytest.mark.parametrize(
    "record",
    [each for each in RECORDS if each not in INLINE],
    ids=lambda record: record.__name__,
)
def test_every_field_of_the_report_is_listed(record: type[Struct]) -> None:
    listed = [row[0] for row in rows(section("report.md", record.__name__))]
    assert listed == [each.name for each in structs.fields(record)]


def test_every_status_is_listed_with_its_sign() -> None:
    listed = {row[0]: row[2] for row in rows(section("report.md", "Statuses"))}
    assert listed.keys() == SIGNS.keys()
    assert all(shown.startswith(SIGNS[status]) for status, shown in listed.items())


def test_every_suffix_is_listed() -> None:
    text = (DOCS / "input.md").read_text("utf-8")
    assert all(f"`{suffix}`" in text for suffix in (*FORMATS, *COMPRESSIONS))
