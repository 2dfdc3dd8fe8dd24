"""`drift profile`, `drift merge` and `drift show`, and profiles in the place of data."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_runs import Drift, process, write_csv

from driftcli.cli import options
from driftcli.profile import saved
from driftcli.report.schemas import json_schema

pytestmark = pytest.mark.slow


def report(drift: Drift, *arguments: str) -> dict[str, Any]:
    ended = drift("compare", *arguments, "--format", "json")
    assert ended.code in (0, 1), ended.err
    return json.loads(ended.out)


def said(drift: Drift, *arguments: str) -> list[Any]:
    """Return the columns and the findings of a comparison."""
    made = report(drift, *arguments)
    return [made["columns"], made["findings"], made["verdict"]]


@pytest.fixture
def base_profile(drift: Drift, base: str) -> str:
    ended = drift("profile", base, "-o", "base.profile")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == (
        "drift: wrote base.profile: 3 columns of 200 rows; `drift show base.profile` prints it\n"
    )
    return "base.profile"


def test_the_command_that_is_told_can_be_typed(drift: Drift, base: str) -> None:
    ended = drift("profile", base, "-o", "my base.profile")
    assert ended.err.endswith("`drift show 'my base.profile'` prints it\n")


@pytest.fixture
def refused(drift: Drift) -> Callable[..., str]:
    """Return a function that runs a command that fails, and returns its one line."""

    def run(*arguments: str) -> str:
        ended = drift(*arguments)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.count("\n") == 1
        assert not list(Path().glob(".drift-*"))
        return ended.err.removeprefix("drift: ").rstrip("\n")

    return run


def test_a_profile_compares_like_its_data(
    drift: Drift, base: str, moved: str, base_profile: str
) -> None:
    drift("profile", moved, "-o", "moved.profile")
    expected = said(drift, base, moved)
    assert said(drift, base_profile, moved) == expected
    assert said(drift, base, "moved.profile") == expected
    assert said(drift, base_profile, "moved.profile") == expected
    made = report(drift, base_profile, moved)
    assert made["baseline"] == {
        "source": "base.profile",
        "format": "profile",
        "rows": 200,
        "columns": 3,
        "sampled_rows": None,
        "where": None,
    }


def test_the_name_does_not_matter_and_standard_input_will_do(
    drift: Drift, base: str, moved: str, base_profile: str
) -> None:
    expected = said(drift, base, moved)
    for name in ("base.parquet", "base"):
        Path(name).write_bytes(Path(base_profile).read_bytes())
        assert said(drift, name, moved) == expected
    piped = process("compare", "-", moved, "-f", "json", stdin=Path(base_profile).read_bytes())
    assert json.loads(piped.out)["columns"] == expected[0]
    renamed = f"file://{Path.cwd()}/base.parquet"
    assert said(drift, renamed, moved) == expected


def test_text_is_read_with_the_types_of_a_saved_baseline(drift: Drift) -> None:
    base = write_csv("a.csv", {"code": ["x1"] * 50 + ["7"] * 50, "n": range(100)})
    new = write_csv("b.csv", {"code": ["7"] * 100, "n": [*range(99), "n.a."]})
    drift("profile", base, "-o", "a.profile")
    assert said(drift, "a.profile", new) == said(drift, base, new)
    columns, findings, _ = said(drift, "a.profile", new)
    assert {each["name"]: each["kind"] for each in columns}["code"] == "categorical"
    assert [each["kind"] for each in findings] == ["invalid_values"]


def test_a_kind_that_was_forced_holds_for_what_is_compared(drift: Drift) -> None:
    table = pa.table({"zip": [i % 7 for i in range(200)], "x": range(200)})
    pq.write_table(table, "a.parquet")
    Path("forced.toml").write_text("categorical = ['zip']\n")
    drift("profile", "a.parquet", "-o", "a.profile", "--config", "forced.toml")
    expected = said(drift, "a.parquet", "a.parquet", "--config", "forced.toml")
    assert said(drift, "a.profile", "a.parquet", "--config", "forced.toml") == expected
    assert said(drift, "a.profile", "a.parquet") == expected


def test_columns_are_selected_ignored_and_renamed(
    drift: Drift, base: str, moved: str, base_profile: str
) -> None:
    columns, *_ = said(drift, base_profile, moved, "--columns", "amount,city")
    assert {each["name"] for each in columns} == {"amount", "city"}
    columns, *_ = said(drift, base_profile, moved, "--exclude", "amount")
    assert {each["name"] for each in columns} == {"city", "level"}
    Path("drift.toml").write_text("ignore = ['city']\n")
    columns, *_ = said(drift, base_profile, base_profile)
    assert {each["name"] for each in columns} == {"amount", "level"}
    Path("drift.toml").unlink()
    Path("other.csv").write_text(Path(moved).read_text().replace("amount", "sum"))
    drift("profile", "other.csv", "-o", "other.profile")
    assert said(drift, base, "other.profile", "--rename", "sum=amount") == said(drift, base, moved)
    drift("profile", base, "-o", "two.profile", "-c", "amount,town", "--rename", "city=town")
    made = json.loads(drift("show", "two.profile", "-f", "json").out)
    assert [each["name"] for each in made["columns"]] == ["amount", "town"]


def test_columns_left_out_of_a_profile_are_left_out_of_comparisons(
    drift: Drift, base: str, moved: str
) -> None:
    Path("drift.toml").write_text("ignore = ['city']\n")
    drift("profile", base, "-o", "base.profile", "-x", "level")
    drift("profile", base, "-o", "full.profile")
    for sides in (("base.profile", moved), (moved, "base.profile"), ("base.profile",) * 2):
        columns, findings, _ = said(drift, *sides)
        assert [each["name"] for each in columns] == ["amount"]
        assert not findings
    assert drift("show", "base.profile").code == 0  # the ignored column is known
    Path("drift.toml").unlink()
    columns, findings, _ = said(drift, "full.profile", moved)
    assert {each["name"] for each in columns} == {"amount", "level"}
    assert not findings
    shutil.copy("base.profile", "again.profile")
    drift("merge", "base.profile", "again.profile", "-o", "twice.profile")
    assert said(drift, "twice.profile", moved)[1] == []


def test_other_commands_take_profiles(drift: Drift, base: str, moved: str) -> None:
    for name in (base, moved):
        drift("profile", name, "-o", f"{name[:-4]}.profile")
    explained = drift("explain", "base.profile", "moved.profile", "amount")
    assert explained.code == 0
    assert (
        explained.out.splitlines()[1:]
        == drift("explain", base, moved, "amount").out.splitlines()[1:]
    )
    started = drift("init", "base.profile", "-o", "-").out
    assert "amount" in started
    assert started.splitlines()[1:] == drift("init", base, "-o", "-").out.splitlines()[1:]
    past = ["base.profile", base, "base.profile", base]
    learnt = [
        json.loads(drift("calibrate", *names, "--dry-run", "-f", "json").out)["thresholds"]
        for names in (past, [base] * 4)
    ]
    assert learnt[0] == learnt[1] != []


def test_profiles_are_merged(drift: Drift, base: str, moved: str, base_profile: str) -> None:
    drift("profile", moved, "-o", "moved.profile")
    ended = drift("merge", base_profile, "moved.profile", "-o", "both.profile")
    assert (ended.code, ended.out) == (0, "")
    told = "drift: wrote both.profile: 3 columns of 400 rows, in 2 blocks by part; "
    assert ended.err.startswith(told)
    header, *rows = Path(base).read_text().splitlines()
    more = Path(moved).read_text().splitlines()[1:]
    Path("both.csv").write_text("\n".join([header, *rows, *more]) + "\n")
    assert said(drift, "both.profile", moved) == said(drift, "both.csv", moved)
    assert drift("merge", base, moved, "-o", "fresh.profile").code == 0
    assert said(drift, "fresh.profile", moved) == said(drift, "both.csv", moved)
    made = json.loads(drift("show", "both.profile", "-f", "json").out)
    assert made["profile_of"] == "base.profile, moved.profile"


def test_a_profile_can_be_brought_up_to_date_in_place(
    drift: Drift, base: str, base_profile: str
) -> None:
    for rows in (400, 600):
        assert drift("merge", base_profile, base, "-o", base_profile).code == 0
        assert report(drift, base_profile, base)["baseline"]["rows"] == rows
    assert drift("profile", base_profile, "-o", base_profile, "--points", "64").code == 0


def test_a_redacted_profile_compares_like_its_data(
    drift: Drift, base: str, moved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFT_SALT", "pepper")
    drift("profile", base, "-o", "base.profile", "--redact")
    columns, *_ = said(drift, "base.profile", moved)
    expected, *_ = said(drift, base, moved)
    assert [each["scores"] for each in columns] == [each["scores"] for each in expected]
    shown = drift("show", "base.profile")
    assert "base.profile (200 rows, 3 columns, redacted)" in shown.out
    monkeypatch.delenv("DRIFT_SALT")
    ended = drift("compare", "base.profile", moved)
    assert ended.code == 2
    assert ended.err.startswith("drift: base.profile: its categories were hashed with a salt; set")


def test_what_a_profile_holds_is_shown(drift: Drift, base: str, base_profile: str) -> None:
    ended = drift("show", base_profile)
    assert (ended.code, ended.err) == (0, "")
    header, _, heading, *rows = ended.out.splitlines()
    assert header == "base.profile (200 rows, 3 columns, a profile of base.csv)"
    assert heading.split()[:3] == ["column", "kind", "type"]
    assert [row.split()[0] for row in rows] == ["amount", "city", "level"]
    assert drift("show", base).out.splitlines()[1:] == ended.out.splitlines()[1:]


def test_the_json_fits_its_schema(drift: Drift, base_profile: str) -> None:
    schema = json.loads(drift("schema", "--of", "profile").out)
    assert schema == json.loads(json.dumps(json_schema("profile")))
    made = json.loads(drift("show", base_profile, "--format", "json").out)
    jsonschema.validate(made, schema)
    assert made["schema"] == "drift.profile/1"
    assert (made["data"]["rows"], made["profile_of"]) == (200, "base.csv")
    amount = made["columns"][0]
    assert (amount["name"], amount["stats"]["max"], amount["constant"]) == ("amount", 9, False)
    assert sum(amount["shape"]["shares"]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["compare", "bad.profile", "base.csv"], "bad.profile: not a profile; make it again with"),
        (["compare", "cut.profile", "base.csv"], "cut.profile: a truncated profile or Parquet"),
        (["compare", "gone.profile", "base.csv"], "gone.profile: no such file or directory"),
        (["compare", "changed.profile", "base.csv"], "changed.profile: its checksum does not fit"),
        (["compare", "plain.profile", "base.csv"], "plain.profile: a Parquet file, but not a pro"),
        (["compare", "*se.parquet", "base.csv"], "base.parquet and 1 more: several profiles; `dr"),
        (["compare", "copies", "base.csv"], "copies/a.parquet and 1 more: several profiles; `dri"),
        (["compare", "*.profile", "base.csv"], "bad.profile and 4 more: several profiles; `drift"),
        (
            ["compare", "base.parquet", "base.csv", "--sample", "9"],
            "base.parquet: a profile has no rows to draw a sample of; leave --sample out",
        ),
        (
            ["compare", "base.csv", "base.parquet", "--rename", "amonut=x"],
            "base.parquet: no column 'amonut' to rename; did you mean 'amount'?",
        ),
        (
            ["compare", "base.csv", "base.parquet", "--rename", "city=level"],
            "base.parquet: two columns would be named 'level'; rename one to another name",
        ),
        (
            ["compare", "base.parquet", "base.csv", "--config", "forced.toml"],
            "base.parquet: column 'level' was profiled as numeric, and its kind is set to be cate",
        ),
        (["show", "base.csv", "-f", "jsn"], "--format 'jsn': did you mean 'json'?"),
        (["show", "base.csv", "-c", "amonut"], "--columns: no column 'amonut'; did you"),
        (["schema", "--of", "reprot"], "--of 'reprot': did you mean 'report'?"),
        (["profile", "base.csv"], "Missing option '--output' / '-o'; see drift profile --help"),
        (["profile", "base.csv", "-o", "base.csv"], "--output base.csv: this is the data; name a"),
        (["merge", "base.csv", "-o", "base.csv"], "--output base.csv: this is the data; name ano"),
        (
            ["profile", "base.csv", "-o", "x.profile", "--points", "63"],
            "Invalid value for '--points': 63 is less than 64; see drift profile --help",
        ),
        (["profile", "base.csv", "-o", "no/x.profile"], "--output no/x.profile: there is no dire"),
        (
            ["merge", "base.parquet", "other.csv", "-o", "x.profile"],
            "other.csv: no column 'level', which base.parquet has; merge the same columns",
        ),
        (
            ["calibrate", "base.parquet", "--splits", "4", "--dry-run"],
            "base.parquet: a profile has no rows to tell apart by chance; give data",
        ),
        (
            ["compare", "kept.parquet", "base.csv", "--by", "level"],
            "kept.parquet: a profile keeps 5 of its rows, and not all to tell apart by --by; give",
        ),
        (
            ["profile", "base.csv", "-o", "x.profile", "--keep-rows", "1e4"],
            "Invalid value for '--keep-rows': '1e4' is not a whole number; see drift profile --hel",
        ),
        (
            ["calibrate", *["base.csv"] * 3, "hidden.parquet", "--dry-run"],
            "hidden.parquet: not redacted as base.csv is, so that their categories cannot be",
        ),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str],
    sentence: str,
    refused: Callable[..., str],
    drift: Drift,
    base: str,
) -> None:
    drift("profile", base, "-o", "base.parquet")
    drift("profile", base, "-o", "hidden.parquet", "--redact")
    drift("profile", base, "-o", "kept.parquet", "--keep-rows", "5")
    data = Path("base.parquet").read_bytes()
    Path("case.parquet").write_bytes(data)
    Path("bad.profile").write_text("amount\n1\n")
    Path("cut.profile").write_bytes(data[:-9])
    Path("changed.profile").write_bytes(data.replace(b'"rows": 200', b'"rows": 300'))
    pq.write_table(pa.table({"x": [1]}), "plain.profile")
    Path("good.profile").write_bytes(data)
    Path("copies").mkdir()
    for name in "ab":
        Path(f"copies/{name}.parquet").write_bytes(data)
    Path("forced.toml").write_text("categorical = ['level']\n")
    Path("other.csv").write_text("amount,city\n1,a\n")
    assert refused(*arguments).startswith(sentence)
    assert not Path("x.profile").exists()


def test_what_is_the_data_of_nobody_is_still_read(drift: Drift, base: str) -> None:
    """A directory of data in which a profile lies, too."""
    Path("day").mkdir()
    Path("day/a.csv").write_bytes(Path(base).read_bytes())
    drift("profile", base, "-o", "day/base.profile")
    assert drift("compare", "day/base.profile", "day").code == 0


def test_the_least_number_of_points_is_known_twice() -> None:
    assert options.FEWEST_POINTS == saved.FEWEST_POINTS


@pytest.mark.parametrize(
    "arguments",
    [
        ("profile", "base.csv", "-o", "x.profile"),
        ("show", "x.profile"),
        ("compare", "x.profile", "base.csv"),
    ],
)
def test_profiles_need_neither_pandas_nor_scipy(
    drift: Drift, base: str, arguments: tuple[str, ...]
) -> None:
    drift("profile", base, "-o", "x.profile")
    code = (
        "import sys\nfrom driftcli.cli.process import run_process\n"
        "assert run_process(sys.argv[1:]) == 0\n"
        "print('loaded', {'pandas', 'scipy', 'polars'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "loaded set()"
