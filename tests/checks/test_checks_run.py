"""A run of checks, with what its children answer given here: what is kept, and what goes out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from check_files import CHECK, planned_of

from driftcli.checks import run as running
from driftcli.checks.planned import Answer, PlannedCheck, Task
from driftcli.checks.workers import Done
from driftcli.errors import HistoryError, LostStoreError
from driftcli.history import CheckResult, open_history
from driftcli.history.store import History

AT = datetime(2025, 3, 2, tzinfo=UTC)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Answer]:
    """The answers that checks give, by their names; they come in the reverse order."""
    given: dict[str, Answer] = {}

    def finished(
        checks: Sequence[PlannedCheck],
        folder: str,
        at_once: int,
        task_of: Callable[[PlannedCheck], Task],
    ) -> Generator[Done, None, None]:
        for planned in reversed(checks):
            task_of(planned)
            yield Done(planned, given[planned.check], 1, AT, AT)

    monkeypatch.setattr(running, "finished", finished)
    return given


def ran(
    folder: Path,
    names: Sequence[str],
    history: History | None,
    where: str | None = None,
    when: str | None = None,
) -> running.Run:
    text = "".join(f"[checks.{name}]\n{CHECK}" for name in names)
    return running.run(
        planned_of(folder, text, when=when),
        folder,
        history,
        where=where,
        command="drift run",
        warn=print,
        trace=print,
    )


@pytest.mark.parametrize(
    ("codes", "worst"),
    [((0, 0), 0), ((0, 1), 1), ((1, 2), 2), ((2, 70), 70), ((70, 1), 70), ((2, 1), 2), ((1, 0), 1)],
)
def test_the_worst_code_counts_in_the_order_70_2_1_0(
    tmp_path: Path, answers: dict[str, Answer], codes: tuple[int, int], worst: int
) -> None:
    answers.update(a=Answer(error="x", exit_code=codes[0]), b=Answer(error="y", exit_code=codes[1]))
    made = ran(tmp_path, ["a", "b"], None)
    assert made.exit_code == worst
    assert [each.check for each in made.checks] == ["a", "b"]  # as in the file


def test_problems_make_the_code_2_and_keep_what_is_worse(
    tmp_path: Path, answers: dict[str, Answer]
) -> None:
    answers.update(a=Answer(problems=("p",)), b=Answer(error="y", exit_code=70, problems=("q",)))
    assert [each.exit_code for each in ran(tmp_path, ["a", "b"], None).checks] == [2, 70]


def test_no_password_is_in_the_document(tmp_path: Path, answers: dict[str, Answer]) -> None:
    answers["a"] = Answer(error="x", exit_code=2)
    made = ran(tmp_path, ["a"], None, "postgresql+psycopg://drift:s3cret@db/history")
    assert made.history == "postgresql+psycopg://drift:…@db/history"
    assert "s3cret" not in made.to_json()


def test_a_store_that_fails_is_a_problem_and_the_verdict_stays(
    tmp_path: Path, answers: dict[str, Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.update(a=Answer(error="x", exit_code=2), b=Answer(error="crashed", exit_code=70))

    def fail(self: History, run: int, result: CheckResult) -> None:
        raise HistoryError("history.db: the disk is full")

    with open_history(str(tmp_path / "history.db")) as history:
        monkeypatch.setattr(History, "record", fail)
        made = ran(tmp_path, ["a", "b"], history)
    assert [each.problems for each in made.checks] == [("history.db: the disk is full",)] * 2
    assert [each.exit_code for each in made.checks] == [2, 70]
    assert [each.error for each in made.checks] == ["x", "crashed"]


def test_each_result_is_recorded_before_the_next_is_waited_for(
    tmp_path: Path, answers: dict[str, Answer]
) -> None:
    answers["b"] = Answer(error="x", exit_code=2)  # the first to come; `a` raises a KeyError
    with open_history(str(tmp_path / "history.db")) as history:
        with pytest.raises(KeyError):
            ran(tmp_path, ["a", "b"], history)
        assert history.last("b") is not None
        assert history.last("a") is None


def test_a_past_day_is_not_told_since_when_the_newest_is_so(
    tmp_path: Path, answers: dict[str, Answer]
) -> None:
    answers["a"] = Answer(error="x", exit_code=2)
    with open_history(str(tmp_path / "history.db")) as history:
        (newest,) = ran(tmp_path, ["a"], history, when="2025-03-02").checks
        (past,) = ran(tmp_path, ["a"], history, when="2025-03-01").checks
    assert (newest.day, newest.since, newest.runs) == ("2025-03-02", "2025-03-02", 1)
    assert (past.day, past.since, past.runs) == ("2025-03-01", None, None)


def test_traces_go_to_who_asks_for_them(
    tmp_path: Path, answers: dict[str, Answer], capsys: pytest.CaptureFixture[str]
) -> None:
    answers["a"] = Answer(error="x", exit_code=70, trace="Traceback …")
    ran(tmp_path, ["a"], None)
    assert capsys.readouterr().out == "Traceback …\n"


def lost(*_: object, **__: object) -> None:
    raise LostStoreError("history.db: gone")


@pytest.mark.parametrize("name", ["begin_run", "waivers", "failing_since", "record", "end_run"])
def test_a_store_that_goes_away_takes_no_verdict_with_it(
    tmp_path: Path, answers: dict[str, Answer], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    answers.update(a=Answer(error="x", exit_code=2), b=Answer(error="crashed", exit_code=70))
    with open_history(str(tmp_path / "history.db")) as history:
        monkeypatch.setattr(History, name, lost)
        made = ran(tmp_path, ["a", "b"], history)
    assert [each.error for each in made.checks] == ["x", "crashed"]
    assert [each.problems for each in made.checks] == [("history.db: gone",)] * 2
    assert made.exit_code == 70


def test_a_store_that_is_back_is_written_to_again(
    tmp_path: Path, answers: dict[str, Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.update(a=Answer(error="x", exit_code=2), b=Answer(error="y", exit_code=2))
    states = iter([lost, lost, History.begin_run])

    def begin(history: History, command: str) -> int:
        return next(states)(history, command)

    with open_history(str(tmp_path / "history.db")) as history:
        monkeypatch.setattr(History, "begin_run", begin)
        made = ran(tmp_path, ["a", "b"], history)
        assert history.checks() == ["a"]  # `b` comes first
    assert [each.problems for each in made.checks] == [(), ("history.db: gone",)]


def test_a_store_that_was_never_there_is_a_problem_of_each_check(
    tmp_path: Path, answers: dict[str, Answer]
) -> None:
    answers.update(a=Answer(error="x", exit_code=2), b=Answer(error="y", exit_code=2))
    text = "".join(f"[checks.{name}]\n{CHECK}" for name in "ab")
    checks = planned_of(tmp_path, text)
    made = running.run(
        checks,
        tmp_path,
        None,
        where="x",
        lost="no room",
        command="",
        warn=print,
        trace=print,
    )
    assert [each.problems for each in made.checks] == [("no room",)] * 2


def test_a_message_that_fails_is_a_problem_and_changes_no_exit_code(
    tmp_path: Path, answers: dict[str, Answer]
) -> None:
    answers["a"] = Answer(error="x", exit_code=70)
    text = f'[checks.a]\n{CHECK}notify = ["${{NO_SUCH}}"]\n'
    warned: list[str] = []
    made = running.run(
        planned_of(tmp_path, text),
        tmp_path,
        None,
        where=None,
        command="",
        warn=warned.append,
        trace=print,
    )
    told = "a: ${NO_SUCH} was not told: the environment variable NO_SUCH is not set"
    assert made.checks[0].problems == (told,)
    assert warned == [told]
    assert made.exit_code == 70
