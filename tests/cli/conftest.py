"""The command line in this process, in an empty directory."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import Drift, Ended, write_csv

from driftcli.cli.process import run_process


@pytest.fixture(autouse=True)
def _clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in an empty directory, with nothing of the caller's environment."""
    monkeypatch.chdir(tmp_path)
    ours = ("DRIFT_CONFIG", "DRIFT_HISTORY", "COLUMNS", "LINES", "NO_COLOR", "PYTHONIOENCODING")
    for name in (*ours, "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def drift(capsys: pytest.CaptureFixture[str]) -> Drift:
    """Return a function that runs the command line in this process."""

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        code = run_process(arguments)
        return Ended(code, *capsys.readouterr())

    return run


@pytest.fixture
def base() -> str:
    """200 rows: `amount` is 0 to 9, `city` is a, b or c, `level` is 1 to 5."""
    return write_csv("base.csv", _rows(shift=0))


@pytest.fixture
def moved() -> str:
    """The same with 5 added to each amount; nothing else differs."""
    return write_csv("moved.csv", _rows(shift=5))


def _rows(shift: int) -> dict[str, list[object]]:
    return {
        "amount": [i % 10 + shift for i in range(200)],
        "city": ["abc"[i % 3] for i in range(200)],
        "level": [i % 5 + 1 for i in range(200)],
    }
