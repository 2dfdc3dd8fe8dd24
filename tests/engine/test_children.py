"""Child processes: what threads return, from processes that leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import traceback
from collections.abc import Callable
from pathlib import Path

import chores
import numpy as np
import pyarrow as pa
import pytest
from waiting import wait_until

from driftcli.engine import children
from driftcli.engine.children import Children
from driftcli.errors import InputError

posix = pytest.mark.skipif(os.name != "posix", reason="signals")


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return (
        not Path(f"/proc/{pid}/stat").exists()
        or "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    )


def test_results_are_in_the_order_of_the_items(both: Children) -> None:
    found = list(children.in_order(str, range(100), 2))
    assert found == [str(at) for at in range(100)]


def test_this_process_works_beside_its_children(both: Children) -> None:
    found = set(children.in_order(chores.slowly_where, range(50), 2))
    assert found == {os.getpid(), *both.pids}


@pytest.mark.parametrize("size", [0, 3, 100_000])
def test_arrays_arrive_as_they_were(pool: Children, size: int) -> None:
    array = np.arange(size, dtype=float)
    twice, writable = pool.work(chores.doubled, array)
    assert np.array_equal(twice, array * 2)
    assert twice.dtype == array.dtype
    assert twice.flags.writeable
    assert writable


def test_arrow_arrives_as_it_was(pool: Children) -> None:
    table = pa.table({"x": [1.5, None] * 40_000, "s": pa.array(["a", "b"] * 40_000).cast("string")})
    table = table.append_column("d", table["s"].dictionary_encode()).slice(7)
    assert pool.work(chores.arrow, table).equals(chores.arrow(table))


@pytest.mark.parametrize(("ahead", "taken"), [(0, 3), (1, 4), (None, 5)])
def test_as_many_items_are_taken_ahead_as_is_said(
    both: Children, ahead: int | None, taken: int
) -> None:
    items: list[int] = []
    results = children.in_order(str, (items.append(at) or at for at in range(9)), 2, ahead)
    assert next(results) == "0"
    assert len(items) == taken
    assert list(results) == [str(at) for at in range(1, 9)]


def test_the_first_error_in_the_order_of_the_items_is_raised(both: Children) -> None:
    results = children.in_order(chores.refused, range(10), 2)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(InputError, match=r"^item 2: cannot be$"):
        next(results)
    assert {both.work(chores.where, None) for _ in range(2)} == {os.getpid(), *both.pids}


def test_a_crash_is_told_with_the_lines_of_the_child(pool: Children) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        pool.work(chores.broken, 0)
    assert "in broken\n    return 1 / item" in "".join(traceback.format_exception(caught.value))


def test_a_child_out_of_memory_says_what_this_process_would(pool: Children) -> None:
    with pytest.raises(MemoryError) as caught:
        pool.work(chores.too_much, 0)
    assert str(caught.value) == ""


def test_what_cannot_be_sent_is_an_error_and_no_silence(pool: Children) -> None:
    with pytest.raises((AttributeError, TypeError), match="pickle"):
        pool.work(lambda _: None, 0)
    assert pool.work(str, 5) == "5"


def test_what_cannot_be_read_there_is_an_error_and_no_silence(
    pool: Children, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "only_here.py").write_text("def work(item):\n    return item\n")
    monkeypatch.syspath_prepend(tmp_path)
    import only_here  # type: ignore[import-not-found]

    assert pool.work(str, 5) == "5"
    with pytest.raises(ModuleNotFoundError, match="only_here"):
        pool.work(only_here.work, 0)
    with pytest.raises(ModuleNotFoundError, match="only_here"):
        pool.work(only_here.work, 0)
    assert pool.work(str, 5) == "5"


def test_after_an_error_the_work_is_the_one_that_is_asked_for(pool: Children) -> None:
    for other in (chores.broken, chores.refused, str):
        assert pool.work(str, 5) == "5"
        with pytest.raises(ZeroDivisionError):
            pool.work(chores.broken, 0)
        assert pool.work(other, 1) == other(1)


@posix
@pytest.mark.parametrize("end", [chores.killed, chores.ended])
def test_the_work_of_a_child_that_dies_is_done_here(
    pool: Children, end: Callable[[int], str]
) -> None:
    assert pool.work(end, os.getpid()) == "done"
    wait_until(lambda: not is_there(pool.pids[0]))
    assert set(children.in_order(chores.where, range(20), 2)) == {os.getpid()}


@posix
def test_of_many_items_none_is_lost_as_a_child_dies(both: Children) -> None:
    assert list(children.in_order(chores.killed, [os.getpid()] * 20, 2)) == ["done"] * 20


def test_nothing_is_started_for_one_thread() -> None:
    with children.kept():
        assert list(children.in_order(chores.where, range(3), 1)) == [os.getpid()] * 3
        assert children._OURS.pids == []


def test_children_are_gone_when_nobody_keeps_them() -> None:
    own = Children()
    with own.kept():
        with own.kept():
            own.start(2, 0)
            found = own.pids
        assert len(found) == 2
        assert own.pids == found
        assert all(map(is_there, found))
    assert own.pids == []
    assert not any(map(is_there, found))


@pytest.mark.parametrize(
    ("room", "wanted"),
    [
        (None, [(1, 1), (2, 1), (7, 1), (7, 4)]),
        (64_000, [(1, 1), (2, 1), (7, 1), (7, 4)]),
        (2_000, [(1, 1), (2, 1), (2, 2), (2, 10)]),
        (1_024, [(1, 1), (1, 1), (1, 4), (1, 16)]),
        (1_023, []),
        (10, []),
    ],
)
def test_no_more_are_started_than_there_may_be(
    monkeypatch: pytest.MonkeyPatch, room: int | None, wanted: list[tuple[int, int]]
) -> None:
    started: list[tuple[int, int]] = []

    def start(self: Children, count: int, here: int) -> None:
        started.append((count, here))
        self._free.put(None)

    monkeypatch.setattr(Children, "start", start)
    monkeypatch.setattr(children, "memory", lambda: room << 20 if room else None)
    for threads in (2, 3, 8, 32):
        assert list(children.in_order(str, [1, 2], threads)) == ["1", "2"]
    assert started == wanted


@pytest.mark.parametrize("error", [BlockingIOError, PermissionError, FileNotFoundError])
def test_where_no_process_can_be_started_threads_do_the_work(
    monkeypatch: pytest.MonkeyPatch, error: type[OSError]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert list(children.in_order(chores.where, range(9), 3)) == [os.getpid()] * 9


@pytest.mark.parametrize("executable", [None, "", "/usr/bin/drift", "/opt/app/monitor.exe"])
def test_a_program_that_holds_python_is_not_started_again(
    monkeypatch: pytest.MonkeyPatch, executable: str | None
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    own = Children()
    with own.kept():
        own.start(1, 0)
        assert own.pids == []
        assert own.work(chores.where, None) == os.getpid()


def test_a_python_that_cannot_work_is_never_asked(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(children, "_BOOT", "print('no module'); {path}; {processors}")
    own = Children()
    with own.kept():
        own.start(1, 0)
        assert own.work(chores.where, None) == os.getpid()
    assert capfd.readouterr() == ("", "")


def run(
    code: str, *arguments: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments, "-c", code]
    return subprocess.run(command, capture_output=True, check=True, text=True, env=env)


#: A script of a user, without a guard of its main part.
SCRIPT = f"""
import os, sys, time
sys.path.append({str(Path(__file__).parent)!r})
import chores
from driftcli.engine import children
print("once")
with children.kept():
    children._OURS.start(1, 0)
    children._OURS.work(chores.where, None)
"""


def test_a_script_needs_no_guard_and_streams_stay_clean(tmp_path: Path) -> None:
    script = SCRIPT + textwrap.indent("print(children._OURS.work(chores.chattering, 'x'))", "    ")
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, tmp_path / "script.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "once\nx\n"
    lines = done.stderr.splitlines()
    assert [line for line in lines if "warned" not in line and "warn(" not in line] == [
        "printed x",
        "put x",
    ]


def test_what_python_prints_as_it_starts_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('here I am')\n")
    code = SCRIPT + "    print(children._OURS.work(str, 5))"
    done = run(code, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert done.stdout == "here I am\nonce\n5\n"


def test_files_beside_the_user_are_no_modules_of_the_child(tmp_path: Path) -> None:
    for name in ("pickle", "gc", "struct", "queue"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not this one')\n")
    script = tmp_path / "elsewhere" / "script.py"
    script.parent.mkdir()
    script.write_text(SCRIPT + "    print(children._OURS.work(str, 5))")
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert (done.stdout, done.stderr) == ("once\n5\n", "")


@pytest.mark.parametrize("flags", [["-I"], ["-E", "-s"], ["-Xutf8"], ["-Werror", "-bb"]])
def test_the_options_of_python_do_not_matter(flags: list[str]) -> None:
    done = run(SCRIPT + "    print(children._OURS.work(str, 5))", *flags)
    assert (done.stdout, done.stderr) == ("once\n5\n", "")


def test_a_closed_stderr_does_not_matter() -> None:
    command = subprocess.list2cmdline([sys.executable])
    done = subprocess.run(
        ["/bin/sh", "-c", f'{command} -c "$CODE" 2>&-'],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "CODE": SCRIPT + "    print(children._OURS.work(str, 5))"},
    )
    assert done.stdout == "once\n5\n"


@posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_children_are_gone_with_their_parent(tmp_path: Path, number: int) -> None:
    path = tmp_path / "number"
    code = SCRIPT + f"    children._OURS.work(chores.never, {str(path)!r})"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL) as parent:
        wait_until(lambda: path.exists() and path.read_text().endswith("\n"))
        child = int(path.read_text())
        assert is_there(child)
        parent.send_signal(number)
    wait_until(lambda: not is_there(child))


@posix
def test_ctrl_c_is_for_the_parent_alone(tmp_path: Path) -> None:
    """A terminal sends it to all that run in it."""
    path = tmp_path / "number"
    code = SCRIPT + textwrap.indent(
        f"""
try:
    open({str(path)!r}, "w").write("ready\\n")
    while True:
        time.sleep(0.01)
except KeyboardInterrupt:
    print(children._OURS.work(chores.where, None) in children._OURS.pids)
""",
        "    ",
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        wait_until(lambda: path.exists() and path.read_text())
        os.killpg(parent.pid, signal.SIGINT)
        assert parent.communicate() == ("once\nTrue\n", "")
    assert parent.returncode == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_copy_of_this_process_has_no_children(tmp_path: Path) -> None:
    code = SCRIPT + textwrap.indent(
        """
number = os.fork()
if not number:
    assert children._OURS.pids == []
    children._OURS.start(0, 1)
    assert children._OURS.work(chores.where, None) == os.getpid()
    os._exit(0)
assert os.waitpid(number, 0)[1] == 0
print(children._OURS.work(chores.where, None) in children._OURS.pids)
""",
        "    ",
    )
    assert run(code, "-Wignore").stdout == "once\nTrue\n"


def test_what_a_call_started_ends_with_it() -> None:
    found = list(children.in_order(chores.slowly_where, range(30), 2))
    assert len(found) == 30
    assert children._OURS.pids == []
    results = children.in_order(chores.refused, range(10), 2)
    with pytest.raises(InputError):
        list(results)
    assert children._OURS.pids == []
