"""What only a real process shows: signals, pipes, closed streams, terminals, start-up."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_runs import COMMAND, CONTROL, Ended, on_terminal, process, shell

pytestmark = pytest.mark.slow

#: Colour codes and the clearing of the progress line.
ANSI = re.compile("\x1b\\[[0-9;]*[mK]")


def test_the_exit_code_of_the_process_is_the_verdict(base: str, moved: str) -> None:
    same, other = process("compare", base, base), process("compare", base, moved)
    assert (same.code, same.err) == (0, "")
    assert (other.code, other.err) == (1, "")
    assert other.out.startswith("base.csv (200 rows) → moved.csv (200 rows)\n")


def test_an_error_of_the_process_is_one_line_and_code_2(base: str) -> None:
    assert process("compare", base, "nowhere.csv") == Ended(
        2, "", "drift: nowhere.csv: no such file or directory.\n"
    )


def test_a_missing_dependency_is_a_crash_and_no_verdict(base: str) -> None:
    Path("typer.py").write_text("raise ImportError('no typer here')\n")
    ended = process("compare", base, base, env={"PYTHONPATH": "."})
    assert ended == Ended(
        70,
        "",
        "drift: internal error: ImportError: no typer here. "
        "Run again with --debug for the traceback, and please report it.\n",
    )


def test_csv_on_standard_input_is_either_side(base: str, moved: str, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    env = {"TMPDIR": str(spool)}
    data = Path(moved).read_bytes()
    current = process("compare", base, "-", stdin=data, env=env)
    baseline = process("compare", "-", base, stdin=data)
    assert (current.code, current.err) == (baseline.code, baseline.err) == (1, "")
    assert "base.csv (200 rows) → - (200 rows)" in current.out
    assert "- (200 rows) → base.csv (200 rows)" in baseline.out
    assert list(spool.iterdir()) == []


def test_an_empty_standard_input_is_an_error(base: str) -> None:
    assert process("compare", base, "-") == Ended(2, "", "drift: -: the file is empty (0 bytes).\n")


def test_python_m_and_the_console_script_print_the_same_version() -> None:
    script = Path(sys.executable).with_name("drift")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == process("--version").out


def test_a_process_that_ends_searches_for_no_garbage() -> None:
    code = (
        "import atexit, gc\n"
        "atexit.register(lambda: print(len(gc.get_objects()) < gc.get_freeze_count()))\n"
        "from driftcli.__main__ import main\n"
        "main()"
    )
    argv = [sys.executable, "-c", code, "--version"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "True"


def test_ctrl_c_ends_with_130_one_line_and_no_file_left(base: str, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    child = subprocess.Popen(
        [*COMMAND, "compare", base, "-", "--output", "report.json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(spool)},
    )
    _wait_for(lambda: _has_open(child, str(spool)), child)
    time.sleep(0.3)  # by now it waits for its input
    assert _interrupted(child) == (130, b"", b"drift: interrupted\n")
    assert list(spool.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"base.csv", "spool"}


@pytest.mark.parametrize("through", ["-", "pipe"])
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_signal_leaves_what_came_through_a_pipe(
    base: str, tmp_path: Path, through: str, by: signal.Signals
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    os.mkfifo("pipe")
    child = subprocess.Popen(
        [*COMMAND, "compare", base, through],
        stdin=None if through == "pipe" else subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(spool)},
    )
    with child.stdin or Path("pipe").open("wb") as stream:
        stream.write(Path(base).read_bytes())
        stream.flush()
        _wait_for(lambda: _has_open(child, str(spool)), child)
        assert list(spool.iterdir()) == []
        child.send_signal(by)
        assert child.wait(120) != 0
    assert list(spool.iterdir()) == []


def _has_open(child: subprocess.Popen[bytes], folder: str) -> bool:
    return any(folder in _target(each) for each in Path(f"/proc/{child.pid}/fd").iterdir())


def test_a_disk_with_no_room_for_standard_input_is_named(base: str) -> None:
    ended = shell(f"ulimit -f 1; head -c 100000 /dev/zero | drift compare {base} -")
    assert ended == Ended(
        2, "", "drift: -: cannot be kept on disk: File too large. TMPDIR names another folder.\n"
    )


def test_a_folder_for_temporary_files_that_is_not_there_is_named(base: str, moved: str) -> None:
    code = "import tempfile, sys; tempfile.tempdir = '/nowhere'\n"
    code += "from driftcli.cli.process import run_process; sys.exit(run_process(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "compare", base, "-"],
        input=Path(moved).read_bytes(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        b"drift: -: cannot be kept on disk: No such file or directory."
        b" TMPDIR names another folder.\n"
    )


def test_ctrl_c_while_reading_a_large_file_ends_with_130(tmp_path: Path) -> None:
    row = b"123.5,some text,2024-05-06T07:08:09\n"
    Path("large.csv").write_bytes(b"a,b,c\n" + row * 1_000_000)
    child = subprocess.Popen(
        [*COMMAND, "compare", "large.csv", "large.csv", "--output", "report.json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    maps = Path(f"/proc/{child.pid}/fd")
    _wait_for(lambda: any("large.csv" in _target(each) for each in maps.iterdir()), child)
    assert _interrupted(child) == (130, b"", b"drift: interrupted\n")
    assert {path.name for path in tmp_path.iterdir()} == {"large.csv"}


def _interrupted(child: subprocess.Popen[bytes]) -> tuple[int, bytes, bytes]:
    """Send what Ctrl-C sends, and return (exit code, stdout, stderr)."""
    child.send_signal(signal.SIGINT)
    try:
        code = child.wait(20)
    finally:
        child.kill()
        out, err = child.communicate()
    return code, out, err


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _wait_for(happened: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    """Wait until the child has done something."""
    end = time.monotonic() + 20
    while not happened():
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < end, "it did not happen in 20 s"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("compare base.csv moved.csv", 1),
        ("compare base.csv moved.csv --format csv --fail-on never", 0),
        ("config", 0),
    ],
)
def test_a_closed_pipe_ends_quietly(base: str, moved: str, command: str, code: int) -> None:
    # The reader is gone before anything is written, so that the write surely fails.
    ended = shell(f"{{ sleep 0.1; drift {command}; echo $? >&3; }} 3>code | true; cat code")
    assert ended == Ended(0, f"{code}\n", "")


def test_a_reader_of_one_line_gets_it_and_no_complaint_follows(base: str) -> None:
    ended = shell("drift compare base.csv base.csv --all --format csv | head -1")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("column,kind,column_status,metric,value,")


def test_help_that_nobody_reads_is_no_verdict() -> None:
    ended = shell("{ sleep 0.1; drift --help; echo $? >&3; } 3>code | true; cat code")
    assert ended.err == ""
    assert ended.out in ("0\n", "2\n")


def test_a_closed_standard_output_leaves_the_verdict(base: str, moved: str) -> None:
    assert shell("drift compare base.csv moved.csv >&-") == Ended(1, "", "")


def test_a_closed_standard_error_leaves_the_exit_code(base: str) -> None:
    assert shell("drift compare base.csv nowhere.csv 2>&-") == Ended(2, "", "")


def test_a_full_disk_is_an_error_in_one_line(base: str) -> None:
    ended = shell("drift compare base.csv base.csv > /dev/full")
    message = "drift: standard output: cannot be written: no space left on device\n"
    assert ended == Ended(2, "", message)


def test_a_device_is_written_to_and_not_replaced(base: str) -> None:
    ended = process("compare", base, base, "--output", "json:/dev/stdout", "--output", "/dev/null")
    assert ended.code == 0
    assert json.loads(ended.out)["verdict"] == "ok"
    assert Path("/dev/null").is_char_device()


def test_the_table_is_ascii_where_the_locale_has_nothing_else(base: str, moved: str) -> None:
    ended = process("compare", base, moved, env={"PYTHONIOENCODING": "ascii"})
    assert ended.code == 1
    assert ended.out.isascii()
    assert "base.csv (200 rows) -> moved.csv (200 rows)" in ended.out


def test_colour_is_for_terminals_only(base: str, moved: str) -> None:
    piped, shown = process("compare", base, moved), on_terminal(["compare", base, moved])
    assert CONTROL.search(piped.out + piped.err) is None
    assert shown.code == piped.code == 1
    assert "\r" not in shown.out, "progress was shown for short work"
    assert "\x1b[1;31m" in shown.out
    assert "✗" in ANSI.sub("", shown.out)


def test_the_table_fits_the_terminal_whatever_its_width(base: str, moved: str) -> None:
    shown = ANSI.sub("", on_terminal(["compare", base, moved, "--all"], columns=40).out)
    assert max(map(len, shown.splitlines())) <= 40


#: Has no patience, so that a quick comparison shows what a slow one shows.
HASTY = """
import sys
from driftcli.cli import progress
from driftcli.cli.process import run_process
progress._PATIENCE = progress._EVERY = 0
sys.exit(run_process(sys.argv[1:]))
"""


def test_progress_is_drawn_on_a_terminal_within_its_width_and_cleared(base: str) -> None:
    hasty = (sys.executable, "-c", HASTY)
    shown = on_terminal(["compare", base, base], columns=30, program=hasty)
    assert shown.code == 0
    *lines, report = shown.out.split("\r\x1b[K")
    assert lines[0] == ""
    assert re.fullmatch(r" \d\d% · 200 rows · 0 MB of 0 M", lines[1])
    assert re.fullmatch(r"[ 1]\d\d% · 400 rows · 0 MB of 0 M", lines[2])
    assert lines[3:] == []
    assert ANSI.sub("", report).startswith("baseline  base.csv")


def test_no_progress_into_a_pipe(base: str) -> None:
    hasty = [sys.executable, "-c", HASTY, "compare", base, base]
    assert subprocess.run(hasty, capture_output=True, check=True).stderr == b""


def test_completion_prints_a_script() -> None:
    ended = shell("drift --show-completion bash")
    assert (ended.code, ended.err) == (0, "")
    assert "complete -o default -F _drift_completion drift" in ended.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("drift compare --format j", "json\njsonl\njunit"),
        ("drift compare --fail-on n", "never"),
        ("drift compare --metric js", "js_distance\njsd"),
        ("drift sch", "schema"),
    ],
)
def test_completion_knows_commands_and_values(words: str, expected: str) -> None:
    env = {
        "_DRIFT_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    ended = process(env=env)
    assert (ended.code, ended.out.strip()) == (0, expected)


def test_a_timeout_ends_a_pipe_that_delivers_nothing(base: str, tmp_path: Path) -> None:
    os.mkfifo("silent.csv")
    spool = tmp_path / "spool"
    spool.mkdir()
    ended = process("compare", base, "silent.csv", "--timeout", "1s", env={"TMPDIR": str(spool)})
    assert ended == Ended(2, "", "drift: took longer than --timeout 1s, and was stopped\n")
    assert list(spool.iterdir()) == []


def test_a_timeout_that_is_not_reached_changes_nothing(base: str) -> None:
    assert process("compare", base, base, "--timeout", "10m").code == 0
    wrong = process("compare", base, base, "--timeout", "soon")
    assert wrong.err.startswith("drift: --timeout 'soon': expected a time such as '30m'")
