"""`--where`: the rows that commands take, what reports and profiles say of it, what is refused."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftcli
from driftcli.errors import DriftError


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A baseline and current data of two countries, of which NO moved."""
    monkeypatch.chdir(tmp_path)
    for name, shift in (("base", 0), ("new", 500)):
        table = pa.table(
            {
                "country": ["NO", "SE"] * 500,
                "v": [i + (shift if i % 2 == 0 else 0) for i in range(1000)],
                "x": [i * 37 % 101 / 10 + (shift if i % 2 == 0 else 0) for i in range(1000)],
                "day": [f"2025-01-{1 + i % 28:02}" for i in range(1000)],
            }
        )
        pq.write_table(table, f"{name}.parquet")
    return tmp_path


def report_of(drift, *arguments):
    done = drift("compare", "base.parquet", "new.parquet", *arguments, "--format", "json")
    return json.loads(done.out)


def test_rows_of_both_sides_are_chosen(drift, data):
    quiet = report_of(drift, "--where", "country = 'SE'")
    assert (quiet["verdict"], quiet["baseline"]["rows"], quiet["current"]["rows"]) == (
        "ok",
        500,
        500,
    )
    assert quiet["settings"]["where"] == "country = 'SE'"
    assert quiet["baseline"]["where"] == quiet["current"]["where"] == "country = 'SE'"
    assert report_of(drift, "--where", "country = 'NO'")["verdict"] == "drift"


def test_conditions_of_one_side_come_beside_those_of_both(drift, data):
    report = report_of(
        drift,
        *("--where", "country = 'SE'", "--where-baseline", "v < 500"),
        *("--where-current", "v >= 500 and v < 700"),
    )
    assert (report["baseline"]["rows"], report["current"]["rows"]) == (250, 100)
    assert report["baseline"]["where"] == "(country = 'SE') AND (v < 500)"


def test_the_table_says_which_rows_were_taken(drift, data):
    both = drift("compare", "base.parquet", "new.parquet", "--where", "country = 'SE'")
    assert "only rows where country = 'SE'" in both.out
    one = drift("compare", "base.parquet", "new.parquet", "--where-current", "country = 'SE'")
    assert "new.parquet: only rows where country = 'SE'" in one.out


def test_a_profile_says_which_rows_it_is_of(drift, data):
    assert (
        drift("profile", "base.parquet", "-o", "se.profile", "--where", "country = 'SE'").code == 0
    )
    assert drift("profile", "base.parquet", "-o", "all.profile").code == 0
    alike = drift("compare", "se.profile", "new.parquet", "--where", "country='SE'")
    assert alike.code == 0
    assert "only rows where country = 'SE'" in alike.out
    for where, told in (
        (
            "country = 'NO'",
            "se.profile: a profile of rows where \"country = 'SE'\", and --where asks for",
        ),
        (
            "v > 5",
            "profile the data again with it, or filter the other side alone: --where-current",
        ),
    ):
        other = drift("compare", "se.profile", "new.parquet", "--where", where)
        assert other.code == 2
        assert told in other.err
    whole = drift("compare", "all.profile", "new.parquet", "--where", "country = 'SE'")
    assert (
        'all.profile: a profile of all rows, and --where asks for rows where "country' in whole.err
    )
    side = drift("compare", "se.profile", "new.parquet", "--where-current", "country = 'SE'")
    assert side.code == 0


def test_profiles_of_other_rows_are_not_merged(drift, data):
    for name, where in (("a", "v > 5"), ("b", "v>5"), ("c", "v > 6")):
        drift("profile", "base.parquet", "-o", f"{name}.profile", "--where", where)
    assert drift("merge", "a.profile", "b.profile", "-o", "ab.profile").code == 0
    assert driftcli.Profile.load("ab.profile").rows == 2 * 994
    other = drift("merge", "a.profile", "c.profile", "-o", "ac.profile")
    assert other.code == 2
    assert (
        "c.profile: a profile of rows where 'v > 6', but a.profile of rows where 'v > 5'; take"
        " profiles of one filter" in other.err
    )


def test_other_commands_take_it(drift, data):
    shown = drift("show", "base.parquet", "--where", "v < 10", "--format", "json")
    assert json.loads(shown.out)["data"]["rows"] == 10
    explained = drift("explain", "base.parquet", "new.parquet", "v", "--where", "country = 'SE'")
    assert explained.code == 0
    joint = drift("joint", "base.parquet", "new.parquet", "--where", "v < 400", "--format", "json")
    assert json.loads(joint.out)["settings"]["where"] == "v < 400"
    assert json.loads(joint.out)["baseline"]["rows"] == 400
    timeline = drift(
        *("timeline", "base.parquet", "--time", "day", "--where", "v < 500", "--format", "json"),
        *("--every", "1w", "--fail-on", "never"),
    )
    assert json.loads(timeline.out)["data"]["rows"] == 500
    segments = report_of(drift, "--by", "country", "--where", "v < 300 or v > 900")
    assert segments["baseline"]["rows"] == 399
    assert {each["label"] for each in segments["segments"]["segments"]} == {"NO", "SE"}
    sampled = report_of(drift, "--sample", "50", "--where", "v < 300")
    assert (sampled["baseline"]["rows"], sampled["baseline"]["sampled_rows"]) == (300, 50)


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "jsonl"])
def test_numbers_and_truths_of_text_files_choose_rows(drift, data, suffix):
    frame = pq.read_table("base.parquet").to_pandas().assign(paid=lambda rows: rows.v % 4 == 0)
    if suffix == "jsonl":
        frame.to_json("base.jsonl", orient="records", lines=True)
    else:
        frame.to_csv(f"base.{suffix}", index=False)
    name = f"base.{suffix}"
    for condition, rows in (("v < 6", 6), ("v in (1, 2)", 2), ("paid", 250), ("v < 8 and paid", 2)):
        done = drift("compare", name, name, "--where", condition, "--format", "json")
        assert json.loads(done.out)["current"]["rows"] == rows
        assert driftcli.Profile.of(name, where=condition).rows == rows
    done = drift("compare", name, name, "--where", "v = 'x'")
    assert done.err == (
        f"drift: {name}: --where: column 'v' is int64, and 'x' is no such value; numbers are"
        " written 12 or -0.5.\n"
    )


def test_calibration_takes_it(drift, data):
    done = drift(
        "calibrate", "base.parquet", "--splits", "8", "--where", "country = 'SE'", "--dry-run"
    )
    assert done.code == 0


def test_settings_of_a_file_are_named_by_their_place(drift, data):
    (data / "drift.toml").write_text("where = \"lower(country) = 'se'\"\n")
    done = drift("compare", "base.parquet", "new.parquet")
    assert done.code == 2
    assert "drift.toml: where `lower(country) = 'se'`: `LOWER(country)` is a function" in done.err
    (data / "drift.toml").write_text("where = \"contry = 'SE'\"\n")
    done = drift("compare", "base.parquet", "new.parquet")
    assert (
        "base.parquet: drift.toml: where: no column 'contry'; did you mean 'country'?" in done.err
    )
    (data / "drift.toml").write_text("where = \"country = 'SE'\"\n")
    assert drift("compare", "base.parquet", "new.parquet").code == 0


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("contry = 'SE'", "base.parquet: --where: no column 'contry'; did you mean 'country'?"),
        (
            "country = 5",
            "base.parquet: --where: column 'country' is string, and 5 is no such value",
        ),
        ("v = 1; drop table x", "--where `v = 1; drop table x`: `;` ends a statement"),
        ("v in (select 1)", "has a query within"),
    ],
)
def test_a_wrong_filter_is_one_line(drift, data, where, told):
    done = drift("compare", "base.parquet", "new.parquet", "--where", where)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert done.err.count("\n") == 1


def test_columns_go_by_the_names_of_the_baseline(drift, data):
    table = pq.read_table("new.parquet").rename_columns(["land", "v", "x", "day"])
    pq.write_table(table, "renamed.parquet")
    arguments = ["compare", "base.parquet", "renamed.parquet", "--rename", "land=country"]
    done = drift(*arguments, "--where", "country = 'SE'", "--format", "json")
    assert json.loads(done.out)["current"]["rows"] == 500


def test_a_renamed_key_of_folders_is_filtered_by_its_new_name(drift, data):
    for land in ("NO", "SE"):
        (data / "lake" / f"land={land}").mkdir(parents=True)
        pq.write_table(pa.table({"v": range(100)}), f"lake/land={land}/f.parquet")
    done = drift(
        *("compare", "base.parquet", "lake", "--rename", "land=country", "--columns", "v,country"),
        *("--where", "country = 'SE'", "--format", "json"),
    )
    assert json.loads(done.out)["current"]["rows"] == 100


def test_rows_without_any_are_told(drift, data):
    done = drift("compare", "base.parquet", "new.parquet", "--where-current", "v < -1")
    assert done.code == 1
    assert "new.parquet has no rows: none meets the condition v < -1" in done.out
    for way in (["--by", "country"], ["--by", "country", "--block", "none"]):
        segments = drift(
            "compare", "base.parquet", "new.parquet", "--where-current", "v < -1", *way
        )
        assert (segments.code, segments.err) == (1, "")
    timeline = drift("timeline", "base.parquet", "--time", "day", "--where", "v < -1")
    assert timeline.code == 2
    assert timeline.err == ("drift: base.parquet: no rows that meet v < -1 with a time in 'day'\n")
    calibrated = drift("calibrate", "base.parquet", "--where", "v < -1", "--dry-run")
    assert calibrated.code == 2
    assert "0 random splits; calibration needs at least 3: it takes more rows" in calibrated.err


def test_saved_profiles_are_of_the_rows_that_are_asked_for(drift, data):
    for name, where in (("all", []), ("se", ["--where", "country = 'SE'"])):
        assert drift("profile", "base.parquet", "-o", f"{name}.profile", *where).code == 0
    for command in (
        ["show", "all.profile"],
        ["profile", "all.profile", "-o", "made.profile"],
        ["merge", "all.profile", "-o", "made.profile"],
        ["merge", "base.parquet", "all.profile", "-o", "made.profile"],
        ["calibrate", "all.profile", "base.parquet", "new.parquet", "--dry-run"],
        ["explain", "all.profile", "base.parquet", "v"],
    ):
        done = drift(*command, "--where", "country = 'SE'")
        assert (done.code, done.out) == (2, ""), command
        assert (
            "all.profile: a profile of all rows, and --where asks for rows where "
            "\"country = 'SE'\"; profile the data again with it" in done.err
        ), command
        assert ("--where-current" in done.err) == (command[0] == "explain")
        told = drift(*command, "--where", "nonsense !!").err
        assert "--where `nonsense !!`: not a condition" in told, command
    assert not (data / "made.profile").exists()
    assert drift("show", "se.profile", "--where", "country='SE'").code == 0
    merged = drift(
        "merge", "se.profile", "base.parquet", "-o", "m.profile", "--where", "country='SE'"
    )
    assert merged.code == 0
    assert driftcli.Profile.load("m.profile").rows == 1000
    with pytest.raises(DriftError, match=r"all\.profile: a profile of all rows, and where asks"):
        driftcli.Profile.of("all.profile", where="v > 1")


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_a_condition_that_is_empty_is_refused(drift, data, text):
    told = "no condition; a filter takes comparisons"
    for option in ("--where", "--where-baseline", "--where-current"):
        done = drift("compare", "base.parquet", "new.parquet", option, text)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"drift: {option}: {told}")
    for command in (["show", "base.parquet"], ["profile", "base.parquet", "-o", "x.profile"]):
        assert f"--where: {told}" in drift(*command, "--where", text).err
    with pytest.raises(DriftError, match=f"where: {told}"):
        driftcli.compare("base.parquet", "new.parquet", where=text)
    (data / "drift.toml").write_text(f"where = {json.dumps(text)}\n")
    assert f"drift.toml: where: {told}" in drift("compare", "base.parquet", "new.parquet").err


def test_conditions_that_are_repeated_must_all_hold(drift, data):
    both = ("--where", "country = 'SE' or v = 0", "--where", "v < 100 -- few")
    report = report_of(drift, *both, "--where-current", "v > 10", "--where-current", "v < 20")
    assert (report["baseline"]["rows"], report["current"]["rows"]) == (51, 5)
    assert report["baseline"]["where"] == "(country = 'SE' OR v = 0) AND (v < 100)"
    shown = drift("show", "base.parquet", *both, "--format", "json")
    assert json.loads(shown.out)["data"]["rows"] == 51
    for command in (
        ["profile", "base.parquet", "-o", "x.profile"],
        ["merge", "base.parquet", "-o", "x.profile"],
        ["explain", "base.parquet", "new.parquet", "v"],
        ["timeline", "base.parquet", "--time", "day", "--fail-on", "never"],
        ["calibrate", "base.parquet", "--dry-run"],
    ):
        assert drift(*command, "--where", "v < 900", "--where", "v >= 0").code == 0, command
        wrong = drift(*command, "--where", "v < 9", "--where", "f(v) = 1) or (v = 2")
        assert wrong.code == 2
        assert "--where `f(v) = 1) or (v = 2`: not a condition" in wrong.err


def test_repeated_rows_are_counted_among_those_that_are_kept(drift, data):
    report = report_of(drift, "--where", "v < 100", "--threshold", "repeated=0.5")
    assert report["baseline"]["rows"] == 100


def test_python_takes_it(data):
    report = driftcli.compare("base.parquet", "new.parquet", where="country = 'SE'")
    assert report.verdict == "ok"
    frames = pq.read_table("base.parquet").to_pandas(), pq.read_table("new.parquet").to_pandas()
    assert driftcli.compare(*frames, where="country = 'SE'").verdict == "ok"
    assert driftcli.Profile.of(frames[0], where="v < 7").rows == 7
    with pytest.raises(DriftError, match="where: no column 'contry'"):
        driftcli.compare(*frames, where="contry = 'SE'")


def test_results_are_those_of_files_with_these_rows_alone(drift, data):
    for name in ("base", "new"):
        table = pq.read_table(f"{name}.parquet")
        kept = table.filter(pa.compute.field("v") >= 300)
        pq.write_table(kept, f"{name}-kept.parquet")
    chosen = driftcli.compare("base.parquet", "new.parquet", where="v >= 300").to_dict()
    alone = driftcli.compare("base-kept.parquet", "new-kept.parquet").to_dict()
    assert chosen["columns"] == alone["columns"]
