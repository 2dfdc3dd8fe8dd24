"""`--format github`: besides the log, the summary and the outputs of a step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import Drift, write_csv
from github_files import outputs

from driftcli.cli import github


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the two files that a runner gives to a step."""
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


def told(step: Path) -> dict[str, str]:
    return outputs((step / "GITHUB_OUTPUT").read_bytes().decode())


def test_without_a_step_it_is_only_printed(drift: Drift, base: str, moved: str) -> None:
    ended = drift("compare", base, moved, "--format", "github")
    assert (ended.code, ended.err) == (1, "")
    lines = ended.out.splitlines()
    assert lines[0].startswith("::error title=drift::1 of 3 columns drifted (amount)")
    assert lines[1].startswith("::error title=drift%3A amount::mean 4.5 → 9.5; ")
    assert {path.name for path in Path().iterdir()} == {base, moved}


def test_a_step_gets_a_summary_and_outputs(drift: Drift, base: str, moved: str, step: Path) -> None:
    ended = drift("compare", base, moved, "-f", "github", "-o", "csv:a.csv", "-o", "json:b.json")
    assert ended.code == 1
    summary = (step / "GITHUB_STEP_SUMMARY").read_text("utf-8")
    assert summary == drift("compare", base, moved, "--format", "markdown").out
    assert told(step) == {
        "verdict": "drift",
        "drifted": '["amount"]',
        "exit_code": "1",
        "report": str(Path("b.json").absolute()),
    }


def test_what_others_wrote_stays(drift: Drift, base: str, step: Path) -> None:
    (step / "GITHUB_OUTPUT").write_text("mine=1\n")
    (step / "GITHUB_STEP_SUMMARY").write_text("# Mine\n")
    assert drift("compare", base, base, "--format", "github").code == 0
    assert told(step) == {
        "mine": "1",
        "verdict": "ok",
        "drifted": "[]",
        "exit_code": "0",
        "report": "",
    }
    assert (step / "GITHUB_STEP_SUMMARY").read_text("utf-8").startswith("# Mine\n## ✅ No drift")


@pytest.mark.parametrize(
    "options", [[], ["-o", "github:log.txt"], ["-f", "github", "-o", "log.txt"]]
)
def test_only_a_log_that_is_printed_speaks_for_the_step(
    drift: Drift, base: str, step: Path, options: list[str]
) -> None:
    assert drift("compare", base, base, *options).code == 0
    assert not (step / "GITHUB_OUTPUT").exists()
    assert not (step / "GITHUB_STEP_SUMMARY").exists()


def test_names_of_columns_come_back_and_are_no_outputs(drift: Drift, step: Path) -> None:
    name = 'a"\nverdict=ok\nverdict<<x\nok\nx\n\u202e é\udce9'.encode(
        errors="backslashreplace"
    ).decode()
    sides = (
        write_csv(path, {"b": [1, 2] * 50, "'" + name + "'": [shift] * 100})
        for path, shift in (("one.csv", 1), ("two.csv", 9))
    )
    ended = drift("compare", *sides, "--quote", "'", "--format", "github")
    assert (ended.code, ended.err) == (1, "")
    assert told(step).keys() == {"verdict", "drifted", "exit_code", "report"}
    assert told(step)["verdict"] == "drift"
    assert json.loads(told(step)["drifted"]) == [name]
    assert told(step)["drifted"].isascii()


def test_a_lost_column_has_drifted(drift: Drift, base: str, step: Path) -> None:
    write_csv("less.csv", {"amount": [i % 10 for i in range(200)], "city": list("abc" * 66 + "ab")})
    assert drift("compare", base, "less.csv", "--format", "github").code == 1
    assert json.loads(told(step)["drifted"]) == ["level"]


def test_an_end_that_a_value_holds_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = iter(["aa", "bb", "cc"])
    monkeypatch.setattr(github.secrets, "token_hex", lambda _: next(ends))
    assert github._output("report", "/aa\nbb") == "report<<cc\n/aa\nbb\ncc\n"


def test_a_summary_that_github_would_not_show_is_the_short_one(
    drift: Drift, base: str, step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drift("compare", base, base, "-f", "github", "--all").code == 0
    whole = (step / "GITHUB_STEP_SUMMARY").read_text("utf-8")
    assert whole == drift("compare", base, base, "-f", "markdown", "--all").out
    (step / "GITHUB_STEP_SUMMARY").unlink()
    monkeypatch.setattr(github, "_LONGEST", len(whole.encode()) - 1)
    assert drift("compare", base, base, "-f", "github", "--all").code == 0
    short = (step / "GITHUB_STEP_SUMMARY").read_text("utf-8")
    assert short == drift("compare", base, base, "-f", "markdown").out != whole


def test_a_file_that_cannot_be_written_is_named(
    drift: Drift, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", "no/where")
    ended = drift("compare", base, base, "--format", "github")
    message = "drift: no/where: cannot be written: no such file or directory\n"
    assert (ended.code, ended.err) == (2, message)
