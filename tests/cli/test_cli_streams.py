"""What goes where: the report to stdout, everything else to stderr, in one form."""

from __future__ import annotations

import io
import json
import sys

import pytest
from cli_runs import CONTROL, Drift, Ended, write_csv

from driftcli import __version__
from driftcli.cli import program, progress
from driftcli.metrics import METRICS

pytestmark = pytest.mark.slow


def test_nothing_drifted_is_0_and_something_drifted_is_1(
    drift: Drift, base: str, moved: str
) -> None:
    same, other = drift("compare", base, base), drift("compare", base, moved)
    assert (same.code, same.err, other.code, other.err) == (0, "", 1, "")
    assert same.out.splitlines()[0] == "base.csv (200 rows) → base.csv (200 rows)"
    assert same.out.splitlines()[-1] == (
        "✓ no drift: 3 columns compared · 3 unchanged (--all shows them)"
    )
    assert other.out.splitlines()[-1] == (
        "✗ drift: 1 of 3 columns drifted (amount) · 2 unchanged (--all shows them)"
    )


def test_the_json_report_is_strict_json_with_the_exit_code(
    drift: Drift, base: str, moved: str
) -> None:
    ended = drift("compare", base, moved, "-f", "json")

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    report = json.loads(ended.out, parse_constant=refuse)
    assert (report["verdict"], report["exit_code"]) == ("drift", ended.code) == ("drift", 1)


def test_the_version_goes_to_stdout(drift: Drift) -> None:
    assert drift("--version") == Ended(0, f"drift {__version__}\n", "")


def test_no_arguments_are_a_usage_error_that_shows_the_help_on_stderr(drift: Drift) -> None:
    ended = drift()
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == drift("--help").out


def test_help_is_an_answer(drift: Drift) -> None:
    ended = drift("-h")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Usage: drift [OPTIONS] COMMAND [ARGS]...\n")
    for command in ("compare", "init", "config", "metrics", "schema"):
        assert f"\n  {command} " in ended.out


def test_the_list_of_commands_makes_none_of_them(
    drift: Drift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_made", lambda name: pytest.fail(f"{name} was made"))
    ended = drift("--help")
    assert (ended.code, ended.err) == (0, "")
    assert "\n  compare    Judge how far" in ended.out


def test_the_help_of_compare_ends_with_examples_one_a_line(drift: Drift) -> None:
    lines = drift("compare", "--help").out.splitlines()
    assert lines[-9:] == [
        "  Examples:",
        "    drift compare base.parquet new.parquet",
        "    drift compare 'lake/day=2025-01-*' lake/day=2025-02-01 --exclude '*_id'",
        "    zcat new.csv.gz | drift compare base.csv - --threshold price.wasserstein=0.3",
        "    drift compare base.csv new.csv --output json:report.json --fail-on warn",
        "    drift compare base.parquet new.parquet --by country,device",
        "",
        "  Exit codes: 0 no drift · 1 drift ·",
        "  2 could not tell (nothing judged, bad input or usage)",
    ]


def test_metrics_lists_every_metric(drift: Drift) -> None:
    ended = drift("metrics")
    head, *rows = ended.out.splitlines()
    assert (ended.code, ended.err) == (0, "")
    assert head.split() == ["metric", "range", "unit", "drifts", "from", "meaning"]
    assert [row.split()[0] for row in rows] == list(METRICS)


def test_schema_is_one_json_document(drift: Drift) -> None:
    ended = drift("schema")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["title"] == "drift report"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("compare", "a"), "Missing argument 'CURRENT'"),
        (("compare", "a", "b", "--sample", "0"), "0 is less than 1"),
        (("compare", "a", "b", "--seed", "-1"), "-1 is less than 0"),
        (("compare", "a", "b", "--threads", "0"), "0 is less than 1"),
        (("compare", "a", "b", "--colunms", "x"), "--columns"),
        (("compare", "a", "b", "c"), "argument"),
        (("compare", "a", "b", "--sample", "many"), "--sample"),
        (("config", "unexpected"), "unexpected"),
        (("nothing",), "No such command 'nothing'"),
        (("\x1b[31m",), "No such command '\\x1b[31m'"),
        (("compare", "a", "b", "--\x1b[31m\u202e"), "--\\x1b[31m\\u202e"),
    ],
)
def test_a_usage_error_is_one_line_that_names_the_help(
    drift: Drift, arguments: tuple[str, ...], told: str
) -> None:
    ended = drift(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("drift: ")
    assert told in ended.err
    command = arguments[0] if arguments[0] in ("compare", "config") else ""
    assert ended.err.endswith(f"; see {' '.join(['drift', *command.split()])} --help\n")
    assert ended.err.count("\n") == 1
    assert CONTROL.search(ended.err) is None


def _fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise error

    monkeypatch.setattr("driftcli.pipeline.comparing.run", fail)


HINT = " Run again with --debug for the traceback, and please report it.\n"


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ValueError("boom"), 70, "drift: internal error: ValueError: boom." + HINT),
        (ValueError("a\nb"), 70, "drift: internal error: ValueError: a." + HINT),
        (KeyError("\x1b[2J"), 70, "drift: internal error: KeyError: '\\x1b[2J'." + HINT),
        (ValueError("\x9b\u202e"), 70, "drift: internal error: ValueError: \\x9b\\u202e." + HINT),
        (EOFError(), 70, "drift: internal error: EOFError." + HINT),
        (BrokenPipeError(32, "gone"), 2, None),
        (AssertionError(), 70, "drift: internal error: AssertionError." + HINT),
        (RecursionError("deep"), 70, "drift: internal error: RecursionError: deep." + HINT),
        (MemoryError(), 70, "drift: out of memory; --threads 1 needs less.\n"),
        (KeyboardInterrupt(), 130, "drift: interrupted\n"),
    ],
)
def test_a_crash_is_70_with_one_line_and_a_hint(
    drift: Drift,
    base: str,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    line: str | None,
) -> None:
    _fail_with(monkeypatch, error)
    ended = drift("compare", base, base)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err == line or line is None
    assert ended.err.count("\n") == 1


def test_an_error_of_any_length_is_told_in_a_thousand_characters(
    drift: Drift, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fail_with(monkeypatch, ValueError("x" * 100_000))
    assert len(drift("compare", base, base).err) < 1_100


@pytest.mark.parametrize(
    ("error", "code", "last"),
    [
        (
            ValueError("bo\x1b[31mom"),
            70,
            "drift: internal error: ValueError: bo\\x1b[31mom." + HINT,
        ),
        (KeyboardInterrupt(), 130, "drift: interrupted\n"),
    ],
)
def test_debug_shows_the_traceback_and_keeps_the_exit_code(
    drift: Drift,
    base: str,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    last: str,
) -> None:
    _fail_with(monkeypatch, error)
    ended = drift("compare", base, base, "--debug")
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith("Traceback (most recent call last):\n")
    assert ended.err.splitlines(keepends=True)[-1] == last
    assert CONTROL.search(ended.err) is None


def test_debug_shows_where_an_error_of_the_user_comes_from(drift: Drift, base: str) -> None:
    ended = drift("compare", base, "nowhere.csv", "--debug")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Traceback (most recent call last):\n")
    assert ended.err.endswith("\ndrift: nowhere.csv: no such file or directory.\n")


class Encoded(io.TextIOWrapper):
    """A standard output with the encoding of an old locale."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="ascii", newline="\r\n")

    def written(self) -> bytes:
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue()


@pytest.mark.parametrize("form", ["json", "csv", "markdown"])
def test_machine_formats_are_utf_8_whatever_the_locale_says(
    drift: Drift, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    wide = write_csv("wide.csv", {"größe→": [1, 2], "x": ["ß", "∞"]})
    plain = drift("compare", wide, wide, "--all", "-f", form).out
    monkeypatch.setattr(sys, "stdout", stdout := Encoded())
    drift("compare", wide, wide, "--all", "-f", form)
    assert stdout.written() == plain.encode()
    assert "größe→" in plain


class Terminal(io.TextIOWrapper):
    """A standard output that is a terminal."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variable", "value", "colour"),
    [
        ("NO_COLOR", "1", False),
        ("NO_COLOR", "", True),
        ("TERM", "dumb", False),
        ("TERM", "xterm", True),
    ],
)
def test_a_terminal_gets_colour_unless_it_is_turned_off(  # noqa: PLR0917  # fixtures and cases
    drift: Drift,
    base: str,
    moved: str,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    colour: bool,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    assert drift("compare", base, moved).code == 1
    assert isinstance(terminal.buffer, io.BytesIO)
    assert (b"\x1b[1;31m" in terminal.buffer.getvalue()) == colour


def test_the_list_of_metrics_is_ascii_where_the_locale_has_nothing_else(
    drift: Drift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", stdout := Encoded())
    assert drift("metrics").code == 0
    assert stdout.written().isascii()
    assert b"[0, inf)  nats" in stdout.written()


def test_csv_has_the_line_ends_of_its_standard(drift: Drift, base: str) -> None:
    lines = drift("compare", base, base, "-f", "csv").out.split("\r\n")
    assert lines[-1] == ""
    assert not any("\n" in line for line in lines)


def test_a_standard_output_without_bytes_gets_text(
    drift: Drift, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", stdout := io.StringIO())
    assert drift("compare", base, base).code == 0
    assert stdout.getvalue().startswith("base.csv (200 rows) → base.csv")


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_no_line_is_wider_than_columns_says(
    drift: Drift, base: str, moved: str, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ended = drift("compare", base, moved, "--all")
    assert max(map(len, ended.out.splitlines())) <= columns


@pytest.mark.parametrize("columns", ["", "0", "-1", "wide", "²", "9" * 12])
def test_any_value_of_columns_will_do(
    drift: Drift, base: str, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    ended = drift("compare", base, base)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith("\n✓ no drift: 3 columns compared · 3 unchanged (--all shows them)\n")


def test_300_columns_are_summed_up_unless_all_are_asked_for(drift: Drift) -> None:
    wide = write_csv("wide.csv", {f"c{i}": range(10) for i in range(300)})
    short, long = drift("compare", wide, wide), drift("compare", wide, wide, "--all")
    assert short.out.endswith("300 columns compared · 300 unchanged (--all shows them)\n")
    assert len(short.out.splitlines()) < 12
    assert sum(line.startswith("✓ c") for line in long.out.splitlines()) == 300


class Clock:
    """A time that passes when told, and a stderr that is a terminal."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, columns: int = 80) -> None:
        self.now = 100.0
        self.terminal = io.StringIO()
        self.terminal.isatty = lambda: True  # type: ignore[method-assign]
        monkeypatch.setattr("driftcli.cli.progress.time.monotonic", lambda: self.now)
        monkeypatch.setattr("driftcli.cli.progress._columns", lambda: columns)
        monkeypatch.setattr(sys, "stderr", self.terminal)

    def drawn(self) -> list[str]:
        return self.terminal.getvalue().split("\r\x1b[K")[1:]


def test_progress_waits_a_second_and_then_draws_ten_times_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    with progress.progress_line() as line:
        assert line is not None
        line.expect(100_000_000)
        for now in (100.5, 100.89, 101.2, 101.25, 102):
            clock.now = now
            line.advance(1_000_000, 10_000_000)
    assert clock.drawn() == [
        " 30% · 3,000,000 rows · 30 MB of 100 MB · 3 s left · 2,500,000 rows/s",
        " 50% · 5,000,000 rows · 50 MB of 100 MB · 2 s left · 2,500,000 rows/s",
        "",
    ]


def test_progress_without_a_known_size_has_no_share(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    with progress.progress_line() as line:
        assert line is not None
        line.expect(None)
        clock.now += 2
        line.advance(1_000, 2_000_000)
    assert clock.drawn() == ["1,000 rows · 2 MB · 500 rows/s", ""]


def test_progress_never_says_more_than_all(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    with progress.progress_line() as line:
        assert line is not None
        line.expect(1_000_000)
        clock.now += 2
        line.advance(10, 3_000_000)
    assert clock.drawn()[0] == "100% · 10 rows · 3 MB of 1 MB · 0 s left · 5 rows/s"


@pytest.mark.parametrize("columns", [1, 10, 30])
def test_progress_is_never_wider_than_the_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    clock = Clock(monkeypatch, columns)
    with progress.progress_line() as line:
        assert line is not None
        clock.now += 2
        line.advance(1_000_000, 5_000_000)
    assert len(clock.drawn()[0]) < columns


def test_short_work_shows_and_clears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    with progress.progress_line() as line:
        assert line is not None
        line.advance(10, 10)
    assert clock.terminal.getvalue() == ""


def test_progress_is_cleared_when_the_work_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)

    def work() -> None:
        with progress.progress_line() as line:
            assert line is not None
            clock.now += 2
            line.advance(10, 10)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert clock.drawn()[-1] == ""


def test_a_pipe_and_a_dumb_terminal_get_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    with progress.progress_line() as line:
        assert line is None
    Clock(monkeypatch)
    monkeypatch.setenv("TERM", "dumb")
    with progress.progress_line() as line:
        assert line is None
