"""`action.yml` and `.pre-commit-hooks.yaml`: their scripts run, and what they name exists."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from github_files import outputs
from transcripts import ROOT, blocks, shell

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
INSTALL, COMPARE = (step for step in STEPS if "run" in step)
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
EXAMPLES = ROOT / "examples"
_EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")

#: A `python3` whose `-m venv DIR` makes a `pip` that only notes what it is to install.
PYTHON = """#!/usr/bin/env bash
mkdir -p "$3/bin"
printf '#!/usr/bin/env bash\\nprintf "%%s\\\\n" "$@" > "$0.asked"\\n' > "$3/bin/pip"
chmod +x "$3/bin/pip"
"""


class Ended(NamedTuple):
    """How a step ended: its exit code, its log, and the files of the runner."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


class Runner:
    """As much of GitHub's runner as a step of `action.yml` needs, in a folder of its own."""

    def __init__(self, folder: Path, **inputs: str) -> None:
        given = {name.replace("_", "-"): text for name, text in inputs.items()}
        declared = {name: each.get("default") for name, each in ACTION["inputs"].items()}
        assert given.keys() <= declared.keys()
        self.folder = folder
        self.context = {f"inputs.{name}": text for name, text in (declared | given).items()}
        self.context["github.action_path"] = str(ROOT)
        self.context["steps.python.outputs.python-path"] = str(folder / "python3")

    def run(self, step: dict[str, Any]) -> Ended:
        """Run a step as `shell: bash` does."""
        files = {name: self.folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        environment = {
            **os.environ,
            **{name: str(file) for name, file in files.items()},
            **{name: self.filled(text) for name, text in step["env"].items()},
            "RUNNER_TEMP": str(self.folder),
            "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}",
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=EXAMPLES / "car-loans",
            env=environment,
            capture_output=True,
            check=False,
            timeout=120,
        )
        told = (files[name].read_text("utf-8") for name in files)
        return Ended(
            done.returncode, (done.stdout + done.stderr).decode(), outputs(next(told)), next(told)
        )

    def filled(self, text: str) -> str:
        """Return a text with its expressions replaced."""
        return _EXPRESSION.sub(lambda found: self.context[found[1]] or "", text)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a folder in which the action's environment has the `drift` of these tests."""
    (tmp_path / "drift" / "bin").mkdir(parents=True)
    (tmp_path / "drift" / "bin" / "drift").symlink_to(Path(sys.executable).parent / "drift")
    return tmp_path


LOANS = {"baseline": "baseline.csv.gz", "current": "current.csv.gz"}


def test_the_action_compares_and_tells(installed: Path) -> None:
    ended = Runner(installed, **LOANS).run(COMPARE)
    assert ended.code == 1
    assert ended.log.startswith("::error title=drift::7 of 11 columns drifted (car_value, ")
    assert ended.summary.startswith("## ❌ Drift\n")
    assert ended.outputs["verdict"] == "drift"
    drifted = json.loads(ended.outputs["drifted"])
    assert (drifted[0], drifted[-1], len(drifted)) == ("car_value", "repaid", 8)
    report = json.loads(Path(ended.outputs["report"]).read_text("utf-8"))
    assert (report["schema"], report["verdict"]) == ("drift.report/1", "drift")


@pytest.mark.slow
def test_two_uses_in_a_job_have_a_report_each(installed: Path) -> None:
    runner = Runner(installed, **LOANS, fail_on="never")
    ended = [runner.run(COMPARE) for _ in range(2)]
    assert [each.code for each in ended] == [0, 0]
    assert len({each.outputs["report"] for each in ended}) == 2


@pytest.mark.slow
def test_the_inputs_of_the_action_reach_the_comparison(installed: Path, tmp_path: Path) -> None:
    config = tmp_path / "odd name; exit 9.toml"
    config.write_text('ignore = ["[!d]*"]\n')
    assert Runner(installed, **LOANS, fail_on="never").run(COMPARE).code == 0
    told = Runner(installed, **LOANS, config=str(config)).run(COMPARE).outputs
    assert json.loads(told["drifted"]) == ["driver_tenure"]
    wrong = Runner(installed, **LOANS, fail_on="sometimes").run(COMPARE)
    assert (wrong.code, set(wrong.outputs)) == (2, {"folder"})
    assert "--fail-on" in wrong.log


def test_what_looks_like_an_option_is_data(installed: Path) -> None:
    ended = Runner(installed, baseline="--help", current="x").run(COMPARE)
    assert ended.code == 2
    assert "drift: --help: no such file or directory" in ended.log


def test_the_action_installs_itself(tmp_path: Path) -> None:
    (tmp_path / "python3").write_text(PYTHON)
    (tmp_path / "python3").chmod(0o755)
    ended = Runner(tmp_path, **LOANS).run(INSTALL)
    assert (ended.code, ended.log) == (0, "")
    asked = (tmp_path / "drift" / "bin" / "pip.asked").read_text().splitlines()
    assert asked == ["install", "--quiet", str(ROOT)]


def test_thresholds_columns_and_outputs_reach_the_comparison(
    installed: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    ended = Runner(
        installed,
        **LOANS,
        columns="car_*,loan_length",
        exclude="*_length",
        thresholds="js_distance=0.9\nwasserstein=2\ncar_value.kl=off\n",
        outputs=f"csv:{tmp_path / 'scores.csv'}\nmarkdown:{page}",
    ).run(COMPARE)
    assert ended.code == 0, ended.log
    assert ended.outputs["drifted"] == "[]"
    assert page.read_text("utf-8").startswith("## ")
    assert "car_value" in (tmp_path / "scores.csv").read_text("utf-8")
    folder = Path(ended.outputs["report"]).parent
    assert {each.name for each in folder.iterdir()} == {"report.json", "report.html"}


def test_an_output_names_its_format(installed: Path) -> None:
    ended = Runner(installed, **LOANS, outputs="scores.csv").run(COMPARE)
    assert ended.code == 2
    assert ended.log == "::error::outputs: scores.csv: name its format, as in markdown:drift.md\n"


def test_the_report_is_kept_as_an_artifact() -> None:
    *_, upload = STEPS
    assert upload["uses"].startswith("actions/upload-artifact@")
    assert upload["if"].startswith("always()")
    assert upload["with"]["path"] == "${{ steps.compare.outputs.folder }}"


def test_python_and_what_is_downloaded_are_stated() -> None:
    python, cache = STEPS[:2]
    assert python["with"]["python-version"] == "${{ inputs.python-version }}"
    assert ACTION["inputs"]["python-version"]["default"] == "3.12"
    assert cache["with"]["path"] == "${{ runner.temp }}/drift-packages"
    assert "PIP_CACHE_DIR=$RUNNER_TEMP/drift-packages" in INSTALL["run"]


def test_inputs_are_never_code() -> None:
    assert not any("${{" in step["run"] for step in (INSTALL, COMPARE))
    assert {step["shell"] for step in (INSTALL, COMPARE)} == {"bash"}


def test_the_outputs_are_those_that_the_step_writes(installed: Path) -> None:
    told = Runner(installed, **LOANS).run(COMPARE).outputs
    for name, output in ACTION["outputs"].items():
        assert output["value"] == f"${{{{ steps.{COMPARE['id']}.outputs.{name} }}}}"
        assert told[name]


def test_the_hook_runs_a_command_that_exists() -> None:
    program, *arguments = shlex.split(HOOK["entry"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert program in project["scripts"]
    assert shell(f"{HOOK['entry']} --help", ROOT)[0] == 0
    assert arguments == ["compare"]


def test_the_hook_gets_its_arguments_from_the_user_and_no_names_of_files() -> None:
    assert HOOK["language"] == "python"
    assert HOOK["pass_filenames"] is False
    code, told = shell(HOOK["entry"], ROOT)
    assert (code, told) == (2, "drift: Missing argument 'BASELINE'; see drift compare --help\n")
    arguments = "random-split/baseline.parquet random-split/current.parquet"
    assert shell(f"{HOOK['entry']} {arguments}", EXAMPLES)[0] == 0


def test_the_page_uses_them_as_they_are() -> None:
    page = ROOT / "docs" / "outputs.md"
    _gitlab, action, hook = (yaml.safe_load(text) for text in blocks(page, "yaml"))
    use, then = action
    assert use["with"].keys() == {
        name for name, each in ACTION["inputs"].items() if each.get("required")
    }
    shown = {text.split(".")[-1].removesuffix(" }}") for text in then["env"].values()}
    assert shown == ACTION["outputs"].keys()
    assert hook[0]["hooks"][0]["id"] == HOOK["id"]
    named = re.search(r"Its inputs are (.+?)\. The", page.read_text("utf-8"), re.DOTALL)
    assert named
    assert set(re.findall(r"`([\w-]+)`", named[1])) == ACTION["inputs"].keys()


def test_both_files_are_part_of_a_source_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert {"action.yml", ".pre-commit-hooks.yaml"} <= set(included)
