"""The schedules in examples/ have the syntax of what they are for, and commands that exist."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from transcripts import ROOT
from typer.main import get_command

from driftcli.cli.app import app

pytestmark = pytest.mark.slow

SCHEDULES = ROOT / "examples" / "schedules"
DRIFT = "/srv/venv/bin/drift"


def run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=cwd)


def test_cron_takes_the_crontab(tmp_path: Path) -> None:
    crontab = shutil.which("crontab")
    if crontab is None:
        pytest.skip("there is no crontab here to check it with")
    # Debian's before version 3.0pl1-178 calls it -n.
    ways = [run(crontab, way, str(SCHEDULES / "crontab")) for way in ("-T", "-n")]
    assert 0 in [each.returncode for each in ways], ways
    wrong = tmp_path / "crontab"
    wrong.write_text((SCHEDULES / "crontab").read_text().replace("30 5 *", "30 25 *"))
    assert 0 not in [run(crontab, way, str(wrong)).returncode for way in ("-T", "-n")]


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units in a folder, with a program that exists here."""
    for name in ("drift.service", "drift.timer"):
        text = (SCHEDULES / name).read_text()
        (tmp_path / name).write_text(text.replace(DRIFT, sys.executable))
    return tmp_path


def test_systemd_takes_the_units(units: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here to check them with")
    for name in ("drift.service", "drift.timer"):
        done = run("systemd-analyze", "verify", "--man=no", f"./{name}", cwd=units)
        if "Failed to initialize manager" in done.stderr:
            pytest.skip(f"systemd-analyze cannot run here: {done.stderr.strip()}")
        # Of other units of the machine it may have something to say, too.
        assert [line for line in done.stderr.splitlines() if "drift." in line] == []
        assert done.returncode == 0, done.stderr
    wrong = units / "drift.timer"
    wrong.write_text(wrong.read_text().replace("05:30", "25:30"))
    done = run("systemd-analyze", "verify", "--man=no", "./drift.timer", cwd=units)
    assert "drift.timer" in done.stderr


def test_systemd_knows_when() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here to check it with")
    (when,) = re.findall(
        r"^OnCalendar=(.*)$", (SCHEDULES / "drift.timer").read_text(), re.MULTILINE
    )
    done = run("systemd-analyze", "calendar", when)
    assert done.returncode == 0, done.stderr
    assert f"Normalized form: {when}" in done.stdout


def cronjob() -> dict[str, Any]:
    (document,) = yaml.safe_load_all((SCHEDULES / "kubernetes-cronjob.yaml").read_text())
    assert isinstance(document, dict)
    return document


def test_the_cronjob_is_one() -> None:
    job = cronjob()
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
    assert (job["spec"]["schedule"], job["spec"]["concurrencyPolicy"]) == ("30 5 * * *", "Forbid")
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    mounted = [each["name"] for each in pod["containers"][0]["volumeMounts"]]
    assert mounted == [each["name"] for each in pod["volumes"]]


@pytest.mark.parametrize("name", ["airflow_dag.py", "dagster_job.py"])
def test_the_python_compiles(name: str) -> None:
    compile((SCHEDULES / name).read_text(), name, "exec")


def _texts(name: str) -> Iterator[str]:
    """Yield the literal texts of a module, those side by side as one, and lists as lines."""
    for node in ast.walk(ast.parse((SCHEDULES / name).read_text())):
        if isinstance(node, ast.List) and all(isinstance(each, ast.Constant) for each in node.elts):
            yield " ".join(str(each.value) for each in node.elts)  # type: ignore[attr-defined]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield every command of drift in the files, with the file's name."""
    for name in ("crontab", "drift.service"):
        for line in (SCHEDULES / name).read_text().splitlines():
            if DRIFT in line and not line.startswith("#"):
                yield name, shlex.split(line.partition(DRIFT)[2])
    container = cronjob()["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    yield "kubernetes-cronjob.yaml", [*container["command"][1:], *container["args"]]
    for name in ("airflow_dag.py", "dagster_job.py"):
        for text in _texts(name):
            if text.startswith(DRIFT):
                yield name, re.sub(r"\{+.*\}+", "X", text.removeprefix(DRIFT)).split()


COMMANDS = list(commands())


def test_every_file_has_a_command() -> None:
    files = {path.name for path in SCHEDULES.iterdir()} - {"drift.timer", "README.md"}
    assert {name for name, _ in COMMANDS} == files


@pytest.mark.parametrize(
    ("name", "words"), COMMANDS, ids=[f"{name} {' '.join(words[:2])}" for name, words in COMMANDS]
)
def test_the_commands_exist_with_their_options(name: str, words: list[str]) -> None:
    command: Any = get_command(app)
    while hasattr(command, "commands") and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known
