"""The README typed from top to bottom: one shell, one folder, what its first command installs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from transcripts import BLOCK, ROOT, WIDTH, check_text, commands

README = ROOT / "README.md"
#: Tells the output of one command from that of the next, with the exit code of the first.
MARK = "\N{SYMBOL FOR END OF TRANSMISSION}"
#: What the first command installs, and what the others read.
COPIED = ("pyproject.toml", "README.md", "LICENSE", "driftcli", "examples")

pytestmark = pytest.mark.slow


def typed(language: str, body: str) -> list[str]:
    """Return the commands of a block; a session of Python is one, and so are lines of shell."""
    if language == "console":
        return list(commands(body))
    if language == "pycon":
        return [f"cat > session.txt <<'END'\n{body}END\npython -m doctest session.txt"]
    # The command that runs the tests is run by whoever runs this one.
    return [f"set -eo pipefail\n{body}"] if language == "sh" and "pytest" not in body else []


def answers(lines: list[str], folder: Path) -> Iterator[tuple[int, str]]:
    """Yield the exit code and the output of commands typed into a shell of its own."""
    script = folder.parent / "typed.sh"
    mark = f"code=$?; set +eo pipefail; printf '{MARK}%s\\n' $code; (exit $code)"
    script.write_text("\n".join(f"{line}\n{mark}" for line in lines), "utf-8")
    output = subprocess.run(
        ["bash", str(script)],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    ).stdout.decode()
    parts = re.split(rf"{MARK}(\d+)\n", output)
    yield from ((int(code), text) for text, code in zip(parts[::2], parts[1::2], strict=False))
    if parts[-1]:  # `set -e` ended the shell
        yield 1, parts[-1]


def environment() -> dict[str, str]:
    """Return the environment of a shell in which nobody has activated that of these tests."""
    own = str(Path(sys.executable).parent) if sys.prefix != sys.base_prefix else ""
    path = [each for each in os.environ["PATH"].split(os.pathsep) if each != own]
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DRIFT_", "PYTHON", "VIRTUAL_ENV"))
    }
    return kept | {"PATH": os.pathsep.join(path), "COLUMNS": str(WIDTH), "PYTHONUTF8": "1"}


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """Return a copy of the repository, and remove it: what it installs is large."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, folder / name)
    yield folder
    shutil.rmtree(folder)


def test_the_readme_can_be_typed_from_top_to_bottom(checkout: Path) -> None:
    text = README.read_text("utf-8")
    found = [typed(each["language"], each["body"]) for each in BLOCK.finditer(text)]
    lines = [line for block in found for line in block]
    given = list(answers(lines, checkout))
    code, output = given[0]
    if code and "connection broken by" in output:
        pytest.skip("no package index answers")
    for line, (code, output) in zip(lines, given, strict=False):
        assert not code or not line.startswith("set -e"), f"{line}\n{output}"
    assert len(given) == len(lines)
    replies = iter(given)

    def shown(block: re.Match[str]) -> str:
        here = typed(block["language"], block["body"])
        printed = [f"$ {line}\n{next(replies)[1]}" for line in here]
        return f"```console\n{''.join(printed)}```" if block["language"] == "console" else block[0]

    check_text(README, BLOCK.sub(shown, text))
