"""Shell sessions shown in Markdown files: run again, and compared with what the file shows.

A ```console block holds commands behind `$ `, each followed by what it prints on a terminal
that is 100 cells wide. `DRIFT_UPDATE_GOLDEN=1 pytest` writes the answers anew; review the diff.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 100
BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language in a Markdown file, in their order."""
    return [
        each["body"]
        for each in BLOCK.finditer(path.read_text("utf-8"))
        if each["language"] == language
    ]


def check_sessions(path: Path, folder: Path) -> None:
    """Run the console sessions of a Markdown file in a folder, and compare their output."""
    text = path.read_text("utf-8")
    check_text(path, BLOCK.sub(lambda found: _replayed(found, folder), text))


def check_text(path: Path, expected: str) -> None:
    """Compare a Markdown file with what it should say, or write that."""
    if os.environ.get("DRIFT_UPDATE_GOLDEN"):
        path.write_text(expected, "utf-8")
    assert path.read_text("utf-8") == expected, f"{path.name}: see {__doc__}"


def check_table(path: Path, heading: str, rows: list[list[str]]) -> None:
    """Compare the first table of a section with `rows`, its header first."""
    lines = [f"| {' | '.join(row)} |\n" for row in (rows[0], ["---"] * len(rows[0]), *rows[1:])]
    pattern = rf"(^#+ {re.escape(heading)}\n(?:(?!^#|^\|).*\n)*)(?:^\|.*\n)+"
    text = path.read_text("utf-8")
    expected, found = re.subn(pattern, lambda m: m[1] + "".join(lines), text, flags=re.MULTILINE)
    assert found == 1, f"{path.name}: no table below {heading!r}"
    check_text(path, expected)


def shell(command: str, folder: Path, *, after: int = 0) -> tuple[int, str]:
    """Run a command as a terminal would, after one that ended with a code; return code and text."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DRIFT_")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": str(WIDTH),
        "PYTHONUTF8": "1",
    }
    ended = subprocess.run(
        ["bash", "-c", f"(exit {after})\n{command}"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return ended.returncode, ended.stdout.decode()


def _replayed(found: re.Match[str], folder: Path) -> str:
    if found["language"] != "console":
        return found[0]
    code, lines = 0, []
    for command in commands(found["body"]):
        code, output = shell(command, folder, after=code)
        lines.append(f"$ {command}\n{output}")
    return f"```console\n{''.join(lines)}```"


def commands(session: str) -> Iterator[str]:
    """Yield the commands of a session; one that ends with a backslash goes on."""
    lines = iter(session.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command += "\n" + next(lines)
            yield command
