"""`--output`: which files are written, in which format, and that they are whole or untouched."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest
from cli_runs import Drift, Ended, write_csv


def test_a_file_takes_the_place_of_standard_output(drift: Drift, base: str) -> None:
    printed = drift("compare", base, base)
    ended = drift("compare", base, base, "--output", "report.txt")
    assert ended == Ended(0, "", "drift: wrote report.txt\n")
    assert Path("report.txt").read_text().startswith("base.csv (200 rows) → base.csv (200 rows)\n")
    assert printed.out


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("r.json", '{\n  "schema": "drift.report/1",'),
        ("r.JSON", '{\n  "schema": "drift.report/1",'),
        ("r.csv", "column,kind,column_status,metric,value,"),
        ("r.md", "**"),
        ("r.txt", "base.csv (200 rows)"),
    ],
)
def test_the_suffix_tells_the_format(drift: Drift, base: str, name: str, start: str) -> None:
    markdown = drift("compare", base, base, "--format", "markdown").out
    assert drift("compare", base, base, "-o", name) == Ended(0, "", f"drift: wrote {name}\n")
    text = Path(name).read_text(encoding="utf-8")
    assert text == markdown if name == "r.md" else text.startswith(start)


def test_a_format_that_is_given_counts_more_than_the_suffix(drift: Drift, base: str) -> None:
    drift("compare", base, base, "-o", "report.txt", "-f", "json")
    assert json.loads(Path("report.txt").read_text())["verdict"] == "ok"


def test_a_format_before_the_name_writes_beside_standard_output(
    drift: Drift, base: str, moved: str
) -> None:
    printed = drift("compare", base, moved)
    ended = drift("compare", base, moved, "-o", "json:a.txt", "--output", "csv:b", "-o", "table:c")
    told = "drift: wrote a.txt\ndrift: wrote b\ndrift: wrote c\n"
    assert ended == Ended(1, printed.out, told)
    assert json.loads(Path("a.txt").read_text())["exit_code"] == 1
    with Path("b").open(newline="") as file:
        assert {row["column"] for row in csv.DictReader(file)} == {"amount", "city", "level"}
    assert Path("c").read_text().startswith("base.csv (200 rows) → moved.csv (200 rows)\n")


KNOWN = ".json, .jsonl, .md, .csv, .txt, .xml, .sarif, .prom, .html"


@pytest.mark.parametrize(
    ("command", "name", "told"),
    [
        ("compare", "r.xyz", f"no format has the suffix '.xyz'; known: {KNOWN}"),
        ("compare", "r", f"has no suffix; known: {KNOWN}"),
        ("run", "r.html", "no format has the suffix '.html'; known: .json, .jsonl, .txt, .prom"),
        (
            "history",
            "r.xml",
            "no format has the suffix '.xml'; known: .json, .jsonl, .csv, .txt, .parquet",
        ),
    ],
)
def test_a_suffix_that_names_no_format_is_refused(
    drift: Drift, base: str, command: str, name: str, told: str
) -> None:
    data = [base, base] if command == "compare" else []
    assert drift(command, *data, "-o", name) == Ended(2, "", f"drift: {name}: {told}\n")
    assert not Path(name).exists()


def test_a_device_takes_a_table(drift: Drift, base: str) -> None:
    assert drift("compare", base, base, "-o", "/dev/null") == Ended(0, "", "")


def test_quiet_says_nothing_unless_something_is_wrong(drift: Drift, base: str, moved: str) -> None:
    assert drift("compare", base, base, "--quiet") == Ended(0, "", "")
    assert drift("compare", base, base, "-q", "-o", "json:r.json", "-o", "m.md") == Ended(0, "", "")
    assert drift("report", "r.json", "--quiet") == Ended(0, "", "")
    assert drift("compare", base, moved, "--quiet") == drift("compare", base, moved)
    assert drift("compare", base, moved, "-q", "-o", "json:r.json").err == ""
    assert "drift" in drift("report", "r.json", "-q").out


def test_brief_is_a_line_a_column(drift: Drift, base: str, moved: str) -> None:
    assert drift("compare", base, moved, "--brief").out.splitlines() == [
        (
            "✗ amount  mean 4.5 → 9.5; 50 % of values above the baseline's maximum 9; value 0:"
            " 10 % → 0 %"
        ),
        "",
        "✗ drift: 1 of 3 columns drifted (amount) · 2 unchanged",
    ]
    assert drift("compare", base, base, "--brief").out.splitlines() == [
        "✓ no drift: 3 columns compared · 3 unchanged"
    ]
    json_text = drift("compare", base, moved, "-f", "json").out
    assert drift("compare", base, moved, "-f", "json", "--brief").out == json_text


def test_a_wide_terminal_has_room_for_a_long_name(
    drift: Drift, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "repaid_loan_on_previous_car"
    before = write_csv("before.csv", {name: [i % 10 for i in range(200)]})
    after = write_csv("after.csv", {name: [i % 10 + 5 for i in range(200)]})
    monkeypatch.setenv("COLUMNS", "200")
    assert drift("compare", before, after, "--brief").out.startswith(f"✗ {name}  mean ")
    monkeypatch.setenv("COLUMNS", "80")
    assert "✗ repaid_loa…vious_car  mean " in drift("compare", before, after, "--brief").out


def test_colour_may_be_asked_for_and_refused(
    drift: Drift, base: str, moved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for command in (
        ("compare", base, moved),
        ("explain", base, moved, "amount"),
        ("show", base),
    ):
        plain = drift(*command, "--color", "never")
        assert plain == drift(*command)
        assert "\x1b[" not in plain.out
        assert "\x1b[" in drift(*command, "--color", "always").out
    told = "--color 'red': known: always, never"
    assert drift("compare", base, moved, "--color", "red") == Ended(2, "", f"drift: {told}\n")


def test_a_file_holds_no_colour_and_is_not_as_narrow_as_the_terminal(
    drift: Drift, base: str, moved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drift("compare", base, moved, "-o", "wide.txt")
    monkeypatch.setenv("COLUMNS", "40")
    drift("compare", base, moved, "-o", "narrow.txt")
    assert Path("narrow.txt").read_bytes() == Path("wide.txt").read_bytes()
    assert b"\x1b" not in Path("wide.txt").read_bytes()


def test_a_windows_drive_is_no_format(drift: Drift, base: str) -> None:
    assert drift("compare", base, base, "-o", "c:report.json").err == "drift: wrote c:report.json\n"
    assert json.loads(Path("c:report.json").read_text())["verdict"] == "ok"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "--output '': name a file; without one the report is printed"),
        ("json:", "--output 'json:': name a file, as in json:FILE"),
        ("-", "--output '-': name a file; without one the report is printed"),
        (".", "--output .: this is a directory; name a file in it"),
        ("json:/", "--output /: this is a directory; name a file in it"),
        ("no/where.json", "--output no/where.json: there is no directory 'no'; make it"),
        (
            "base.csv/x.json",
            "--output base.csv/x.json: there is no directory 'base.csv'; make it",
        ),
        ("\x1b[2J/x", "--output \\x1b[2J/x: there is no directory '\\x1b[2J'; make it"),
        ("n" * 300, f"{'n' * 300}: cannot be written: file name too long"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_before_any_work(
    drift: Drift, base: str, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    def never(*_given: object, **_named: object) -> None:
        raise AssertionError("the data was read")

    monkeypatch.setattr("driftcli.pipeline.comparing.run", never)
    assert drift("compare", base, base, "-o", name) == Ended(2, "", f"drift: {message}\n")


@pytest.mark.parametrize("command", ["profile", "init"])
def test_no_file_is_told_without_a_report_where_there_is_none(
    drift: Drift, base: str, command: str
) -> None:
    assert drift(command, base, "-o", "") == Ended(2, "", "drift: --output '': name a file\n")


@pytest.mark.parametrize(
    ("name", "meant"), [("md:o.md", "markdown"), ("JSON:o", "json"), ("htm:", "html")]
)
def test_an_unknown_format_is_told_and_nothing_written(
    drift: Drift, base: str, name: str, meant: str
) -> None:
    own = f"no format '{name.partition(':')[0]}' (a file of this name is './{name}')"
    message = f"drift: --output '{name}': {own}; did you mean '{meant}'?\n"
    assert drift("compare", base, base, "-o", name) == Ended(2, "", message)
    unknown = drift("compare", base, base, "-o", "xx:o.md").err
    assert unknown.startswith("drift: --output 'xx:o.md': no format 'xx' (a file of this name is")
    assert "; known: table, json, markdown, csv, " in unknown
    assert not [*Path().glob("*:*")]


def test_formats_are_of_the_document_that_is_written(drift: Drift, base: str) -> None:
    assert "no format 'junit'" in drift("timeline", base, "--time", "x", "-o", "junit:o.xml").err
    assert drift("profile", base, "-o", "json:o.profile") == Ended(
        2,
        "",
        "drift: --output 'json:o.profile': no format can be chosen here; a file of this name is"
        " './json:o.profile'\n",
    )


@pytest.mark.parametrize("name", ["./md:o.md", "2025-01-31T06:00.md", "o:1.md"])
def test_a_colon_may_be_in_a_name(drift: Drift, base: str, name: str) -> None:
    drift("compare", base, base, "-o", name)
    assert Path(name).read_text().startswith("#")


def test_a_directory_without_permission_is_refused(
    drift: Drift, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write anywhere, so the answer of the system is put in its mouth.
    monkeypatch.setattr("driftcli.cli.output.os.access", lambda *_: False)
    ended = drift("compare", base, base, "-o", "report.json")
    message = "--output report.json: no permission to write there; name another place"
    assert ended == Ended(2, "", f"drift: {message}\n")


def test_one_file_cannot_hold_two_reports(drift: Drift, base: str) -> None:
    ended = drift("compare", base, base, "-o", "json:r", "-o", "csv:./r")
    message = "drift: --output: the same file is named twice; each report needs its own\n"
    assert ended == Ended(2, "", message)


@pytest.mark.parametrize("name", ["base.csv", "json:./moved.csv", "link.csv"])
def test_the_data_is_never_overwritten_by_its_report(
    drift: Drift, base: str, moved: str, name: str
) -> None:
    Path("link.csv").symlink_to(moved)
    before = Path(base).read_bytes(), Path(moved).read_bytes()
    ended = drift("compare", base, moved, "-o", name)
    shown = name.removeprefix("json:").removeprefix("./")
    message = f"drift: --output {shown}: this is the data; name another file\n"
    assert ended == Ended(2, "", message)
    assert (Path(base).read_bytes(), Path(moved).read_bytes()) == before


def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    drift: Drift, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("report.json").write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("driftcli.writing.os.fsync", full)
    ended = drift("compare", base, base, "-o", "json:report.json")
    message = "drift: report.json: cannot be written: no space left on device\n"
    assert ended == Ended(2, "", message)
    assert Path("report.json").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"base.csv", "report.json"}


def test_an_interrupted_write_leaves_the_old_file_and_no_other(
    drift: Drift, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("report.json").write_text("old")

    def interrupted(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("driftcli.writing.os.fsync", interrupted)
    ended = drift("compare", base, base, "-o", "report.json")
    assert ended == Ended(130, "", "drift: interrupted\n")
    assert Path("report.json").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"base.csv", "report.json"}


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_gets_the_permissions_of_the_umask(
    drift: Drift, base: str, mask: int, mode: int
) -> None:
    before = os.umask(mask)
    try:
        drift("compare", base, base, "-o", "report.json")
    finally:
        os.umask(before)
    assert Path("report.json").stat().st_mode & 0o777 == mode


def test_a_file_that_is_replaced_keeps_its_permissions(drift: Drift, base: str) -> None:
    Path("report.json").write_text("old")
    Path("report.json").chmod(0o640)
    assert drift("compare", base, base, "-o", "report.json").code == 0
    assert Path("report.json").stat().st_mode & 0o777 == 0o640
    assert json.loads(Path("report.json").read_text())["verdict"] == "ok"


def test_a_link_stays_a_link_and_its_file_is_replaced(drift: Drift, base: str) -> None:
    Path("kept").mkdir()
    Path("report.json").symlink_to("kept/report.json")
    assert drift("compare", base, base, "-o", "report.json").code == 0
    assert Path("report.json").is_symlink()
    assert json.loads(Path("kept/report.json").read_text())["verdict"] == "ok"


def test_the_longest_name_a_directory_takes_will_do(drift: Drift, base: str) -> None:
    name = "r" * 250 + ".json"
    assert drift("compare", base, base, "-o", name) == Ended(0, "", f"drift: wrote {name}\n")
    assert json.loads(Path(name).read_text())["verdict"] == "ok"


def test_an_error_in_the_data_writes_no_file(drift: Drift, base: str, tmp_path: Path) -> None:
    assert drift("compare", base, "nowhere.csv", "-o", "report.json").code == 2
    assert {path.name for path in tmp_path.iterdir()} == {"base.csv"}
