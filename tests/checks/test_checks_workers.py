"""Checks side by side: one that hangs, dies or waits for its data keeps no other from its end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from check_files import CHECK, planned_of
from child_work import play
from waiting import wait_until

from driftcli.checks.planned import PlannedCheck
from driftcli.checks.workers import Done, finished


def checked(folder: Path, checks: dict[str, str]) -> list[PlannedCheck]:
    text = "".join(f"[checks.{name}]\n{CHECK}{own}\n" for name, own in checks.items())
    return planned_of(folder, text)


def done(folder: Path, checks: dict[str, str], at_once: int = 2) -> dict[str, Done]:
    made = finished(checked(folder, checks), str(folder), at_once, work=play)
    return {each.planned.check: each for each in made}


def began(folder: Path, name: str) -> list[Sequence[float]]:
    """Return when each try of a check began, and the number of its process."""
    file = folder / f"{name}.began"
    lines = file.read_text().splitlines() if file.exists() else []
    return [tuple(map(float, line.split())) for line in lines]


def is_alive(pid: float) -> bool:
    try:
        state = Path(f"/proc/{int(pid)}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_children_work_in_the_folder_and_answer(tmp_path: Path) -> None:
    (made,) = done(tmp_path, {"plain": ""}).values()
    assert made.answer.error == str(tmp_path)
    assert made.attempts == 1
    assert made.started < made.finished
    assert Path.cwd() != tmp_path


@pytest.mark.slow
def test_one_that_hangs_is_stopped_and_others_come_to_their_end(tmp_path: Path) -> None:
    made = done(tmp_path, {"sleeper": 'timeout = "1s"', "plain": ""}, at_once=1)
    stopped = made["sleeper"].answer
    assert stopped.error == "took longer than its timeout of 1s, and was stopped"
    assert (stopped.exit_code, stopped.missing) == (2, False)
    assert made["plain"].answer.error == str(tmp_path)
    assert not any(is_alive(child) for _, child in began(tmp_path, "sleeper"))


def test_one_that_dies_is_told_of(tmp_path: Path) -> None:
    made = done(tmp_path, {"killed": "", "exits": "", "plain": ""})
    assert made["killed"].answer.error == (
        "its process was ended by SIGKILL; was it short of memory?"
    )
    assert made["exits"].answer.error == "its process ended with code 3 and no answer"
    assert {made[name].answer.exit_code for name in ("killed", "exits")} == {70}
    assert made["plain"].answer.exit_code == 0


@pytest.mark.slow
def test_one_whose_data_is_late_is_tried_again_and_holds_up_nobody(tmp_path: Path) -> None:
    retry = 'retry = "1m"\nretry_every = "1s"'
    made = done(tmp_path, {"late": retry, "plain": ""}, at_once=1)
    assert list(made) == ["plain", "late"]
    assert made["late"].attempts == 3
    assert made["late"].answer.error == str(tmp_path)
    first, second, third = (at for at, _ in began(tmp_path, "late"))
    assert second - first >= 1
    assert third - second >= 1


def test_no_more_is_tried_than_there_is_time_for(tmp_path: Path) -> None:
    made = done(tmp_path, {"late": 'retry = "1s"\nretry_every = "2s"', "late2": ""})
    for each in made.values():
        assert (each.attempts, each.answer.error, each.answer.missing) == (1, "not there", True)


def test_so_many_run_side_by_side_and_no_more(tmp_path: Path) -> None:
    names = ["brief1", "brief2", "brief3"]
    made = done(tmp_path, dict.fromkeys(names, ""), at_once=2)
    spans = sorted((each.started, each.finished) for each in made.values())
    assert spans[1][0] < spans[0][1]  # the second begins before the first ends
    assert spans[2][0] >= min(end for _, end in spans[:2])


def test_what_runs_is_stopped_with_the_generator(tmp_path: Path) -> None:
    running = finished(checked(tmp_path, {"plain": "", "sleeper": ""}), str(tmp_path), 2, work=play)
    with closing(running):
        assert next(running).planned.check == "plain"
        wait_until(lambda: began(tmp_path, "sleeper"))
    assert not is_alive(began(tmp_path, "sleeper")[0][1])


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells the living by /proc")
def test_children_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys\n"
        f"sys.path[:0] = {[str(each) for each in Path(__file__).parents[:2]]!r}\n"
        "from pathlib import Path\n"
        "from test_checks_workers import checked, finished, play\n"
        "if __name__ == '__main__':\n"
        f"    folder = Path({str(tmp_path)!r})\n"
        "    list(finished(checked(folder, {'sleeper': ''}), str(folder), 1, work=play))\n"
    )
    parent = subprocess.Popen([sys.executable, str(script)])
    try:
        wait_until(lambda: began(tmp_path, "sleeper"))
        child = began(tmp_path, "sleeper")[0][1]
        assert is_alive(child)
    finally:
        parent.kill()
        parent.wait()
    wait_until(lambda: not is_alive(child))
    assert os.getpid() != child
