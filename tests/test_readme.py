"""The README keeps its promises, and so do the settings, options and links of all pages."""

from __future__ import annotations

import os
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from transcripts import ROOT, blocks, shell

from driftcli.config import check_columns, load
from driftcli.metrics import METRICS

pytestmark = pytest.mark.slow

README = ROOT / "README.md"
RECIPES = ROOT / "docs" / "recipes.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("examples/*/README.md"))]
SETUP = [block for block in blocks(README, "sh") if "pip install" in block]
#: The columns that the example of a configuration speaks of.
NAMES = ("id", "user_id", "y_pred", "car_value", "tailnum", "repaid")


def options_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


@cache
def known_options() -> set[str]:
    """Return the options of commands, benchmarks and examples; `--debug` is in no help."""
    commands = re.findall(
        r"^  (\w+) ", shell("drift --help", ROOT)[1].partition("Commands:")[2], re.MULTILINE
    )
    helps = "".join(shell(f"drift {command} --help", ROOT)[1] for command in ("", *commands))
    benchmarks = (
        ROOT / "benchmarks" / each for each in ("run.py", "peers/run.py", "verdicts/days.py")
    )
    scripts = (each.read_text() for each in (*benchmarks, *ROOT.glob("examples/*/*.py")))
    return options_in("".join([helps, *scripts])) | {"--debug"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder in which the README's commands find the examples and may write."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return tmp_path


def test_ci_runs_both_setup_commands() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert len(SETUP) == 2
    for command in SETUP:
        assert command.strip() in script


def test_the_steps_of_the_workflow_run(folder: Path) -> None:
    (folder / "data").symlink_to(ROOT / "examples" / "flights-season")
    (yaml,) = blocks(RECIPES, "yaml")
    compare, summary = re.findall(r"run: (.+)", yaml)
    assert shell(compare, folder)[0] == 1
    code, output = shell(f"GITHUB_STEP_SUMMARY=summary.md\n{summary}", folder)
    assert code == 0, output
    assert "arr_delay" in (folder / "summary.md").read_text("utf-8")


CRON = pytest.mark.parametrize(
    ("example", "mailed"), [("random-split", False), ("flights-season", True)]
)


@CRON
def test_cron_mails_a_report_only_of_drift(example: str, mailed: bool, folder: Path) -> None:
    data = ROOT / "examples" / example
    own = data / "drift.toml"
    (folder / "drift.toml").write_text(
        (own.read_text("utf-8") if own.exists() else "")
        + f'\n[checks.flights]\nbaseline = "{data}/baseline.parquet"\n'
        f'current = "{data}/current.parquet"\n',
        "utf-8",
    )
    crontab, _ = blocks(RECIPES, "crontab")
    command = crontab.split(maxsplit=5)[5].replace("/srv/venv/bin/", "")
    output = shell(command.replace("/srv", str(folder)), folder)[1]
    assert bool(output) == mailed
    assert ("arr_delay" in output) == mailed


@CRON
def test_cron_does_without_a_configuration(example: str, mailed: bool, folder: Path) -> None:
    data = ROOT / "examples" / example
    (folder / "today.parquet").symlink_to(data / "current.parquet")
    if (data / "drift.toml").exists():
        (folder / "drift.toml").symlink_to(data / "drift.toml")
    shell(f"drift profile {data}/baseline.parquet --output base.profile", folder)
    _, crontab = blocks(RECIPES, "crontab")
    output = shell(crontab.split(maxsplit=5)[5].replace("/srv/data", str(folder)), folder)[1]
    assert bool(output) == mailed
    assert ("arr_delay" in output) == mailed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_configuration_snippets_load(page: Path, tmp_path: Path) -> None:
    for snippet in blocks(page, "toml"):
        path = tmp_path / ("pyproject.toml" if "[tool.drift]" in snippet else "drift.toml")
        path.write_text(snippet, "utf-8")
        load(metrics=METRICS, config=path)


def test_the_configuration_speaks_of_columns_that_could_exist(tmp_path: Path) -> None:
    snippet = blocks(ROOT / "docs" / "configuration.md", "toml")[0]
    path = tmp_path / "drift.toml"
    path.write_text(snippet, "utf-8")
    check_columns(load(metrics=METRICS, config=path), NAMES)


def test_the_test_suite_of_the_recipes_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("polars")
    pytest.importorskip("duckdb")
    monkeypatch.chdir(ROOT)
    (module,) = (block for block in blocks(RECIPES, "python") if "polars" in block)
    names: dict[str, object] = {}
    exec(compile(module, "recipes", "exec"), names)
    tests = [each for name, each in names.items() if name.startswith("test_") and callable(each)]
    assert len(tests) == 2
    for test in tests:
        test()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_options_that_are_named_exist(page: Path) -> None:
    text = re.sub(
        r"^.*(pip install|dask worker|dbt build).*$",
        "",
        page.read_text("utf-8"),
        flags=re.MULTILINE,
    )
    assert options_in(text) <= known_options()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_the_exit_codes_are_those_of_the_help() -> None:
    shown = re.findall(r"^\| (\d+) \|", README.read_text("utf-8"), re.MULTILINE)
    told = shell("drift --help", ROOT)[1]
    assert shown == re.findall(r"\b(\d+)\b", told.partition("Exit codes")[2])


def test_python_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["requires-python"].removeprefix(">=")
    assert f"Python {wanted} or later" in README.read_text("utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_it_is_short_enough_to_be_read() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= 250
