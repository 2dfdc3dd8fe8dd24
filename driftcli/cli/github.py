"""What GitHub Actions reads besides the log: the summary of a step, and its outputs."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from driftcli.render import Look, joint_words, render
from driftcli.render.words import drifted
from driftcli.report.comparison import Report
from driftcli.report.joint import Joint
from driftcli.text import without_surrogates
from driftcli.writing import unwritable

#: Bytes of a summary beyond which GitHub shows none.
_LONGEST = 1 << 20


def tell_github(report: Report | Joint, written: str, *, show_all: bool) -> None:
    """Append the summary and the outputs to the files that the environment names, if it does.

    Parameters
    ----------
    written
        Where the JSON report is; empty where it is nowhere.

    Raises
    ------
    UsageError
        When a file cannot be written.
    """
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        _append(path, _summary(report, show_all=show_all))
    if path := os.environ.get("GITHUB_OUTPUT"):
        outputs = _outputs(report, written).items()
        _append(path, "".join(_output(name, value) for name, value in outputs))


def _summary(report: Report | Joint, *, show_all: bool) -> str:
    text = render(report, "markdown", Look(show_all=show_all))
    return text if len(text.encode()) <= _LONGEST else render(report, "markdown")


def _outputs(report: Report | Joint, written: str) -> dict[str, str]:
    return {
        "verdict": report.verdict,
        "drifted": json.dumps([without_surrogates(name) for name in _drifted(report)]),
        "exit_code": str(report.exit_code),
        # The next step may work in another directory.
        "report": written,
    }


def _drifted(report: Report | Joint) -> list[str]:
    """Return the columns that drifted, or the pairs of them by both names."""
    if isinstance(report, Joint):
        return [" × ".join(pair.columns) for pair in joint_words.drifted(report)]
    return drifted(report)


def _output(name: str, value: str) -> str:
    """Return an output in the form that may have several lines, which no value can leave.

    References
    ----------
    GitHub, "Workflow commands for GitHub Actions", multiline strings.
    """
    end = secrets.token_hex(16)
    while end in value:
        end = secrets.token_hex(16)
    return f"{name}<<{end}\n{value}\n{end}\n"


def _append(path: str, text: str) -> None:
    try:
        with Path(path).open("ab") as file:
            file.write(text.encode(errors="backslashreplace"))
    except OSError as error:
        raise unwritable(path, error) from error
