"""`drift joint`: the verdict on pairs as an exit code, the files it writes, and what it refuses."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from cli_runs import CONTROL, Drift, process

import driftcli
from driftcli.report.schemas import json_schema

EVEN = [1 / 8] * 8
#: Two opposite modes of eight are gone, and the two others between the axes count double.
COLLAPSED = [1 / 8, 1 / 4, 1 / 8, 0, 1 / 8, 1 / 4, 1 / 8, 0]


def ring(weights: list[float], seed: int, rows: int = 2_000) -> pa.Table:
    rng = np.random.default_rng(seed)
    angle = rng.choice(8, rows, p=weights) * np.pi / 4
    noise = rng.normal(0, 0.05, (2, rows))
    return pa.table({"x": 2 * np.cos(angle) + noise[0], "y": 2 * np.sin(angle) + noise[1]})


@pytest.fixture(autouse=True)
def _rings() -> None:
    pq.write_table(ring(EVEN, 1), "even.parquet")
    pq.write_table(ring(EVEN, 2), "again.parquet")
    pq.write_table(ring(COLLAPSED, 3), "collapsed.parquet")


def test_a_balanced_collapse_is_seen_by_no_column_and_by_the_pair(drift: Drift) -> None:
    assert drift("compare", "even.parquet", "collapsed.parquet").code == 0
    ended = drift("joint", "even.parquet", "collapsed.parquet")
    assert (ended.code, ended.err) == (1, "")
    assert "✗ x × y" in ended.out
    assert ended.out.endswith("✗ drift: 1 of 1 pair of 2 columns drifted\n")


def test_the_figures_are_those_of_the_change(drift: Drift) -> None:
    ended = drift("joint", "even.parquet", "collapsed.parquet", "-f", "json")
    (pair,) = json.loads(ended.out)["pairs"]
    assert pair["jsd"] == pytest.approx(0.155639, abs=0.01)
    assert pair["margins"] < 0.005
    assert pair["lost"] == pytest.approx(0.25, abs=0.03)
    assert pair["correlation"] == pytest.approx([0, 0.36], abs=0.03)
    assert [each["value"] for each in pair["scores"]] == pytest.approx([0.15, 0.36], abs=0.03)


def test_without_a_change_the_highest_scores_are_shown(drift: Drift) -> None:
    ended = drift("joint", "even.parquet", "again.parquet")
    assert (ended.code, ended.err) == (0, "")
    assert "highest scores" in ended.out
    assert ended.out.endswith("✓ no drift: 1 pair of 2 columns compared\n")
    assert drift("joint", "even.parquet", "again.parquet", "--quiet") == (0, "", "")


def test_brief_is_a_line_a_pair(drift: Drift) -> None:
    ended = drift("joint", "even.parquet", "collapsed.parquet", "--brief")
    first, blank, verdict = ended.out.splitlines()
    assert first.startswith("✗ x × y  rank correlation 0.0")
    assert "bits that neither shows alone; " in first
    assert (blank, verdict) == ("", "✗ drift: 1 of 1 pair of 2 columns drifted")


def test_the_json_is_what_the_schema_says(drift: Drift) -> None:
    printed = json.loads(drift("joint", "even.parquet", "collapsed.parquet", "-f", "json").out)
    schema = json.loads(drift("schema", "--of", "joint").out)
    assert schema == json.loads(json.dumps(json_schema("joint")))
    jsonschema.validate(printed, schema)
    assert (printed["schema"], printed["exit_code"]) == ("drift.joint/1", 1)
    assert (printed["alpha"], printed["summary"]["pairs"]) == (0.01, 1)


def test_files_are_written_in_their_formats(drift: Drift) -> None:
    outputs = ("-o", "json:j.json", "-o", "markdown:j.md", "-o", "csv:j.csv", "-o", "html:j.html")
    ended = drift("joint", "even.parquet", "collapsed.parquet", *outputs)
    assert ended.code == 1
    assert ended.err.splitlines() == [
        f"drift: wrote j.{each}" for each in ("json", "md", "csv", "html")
    ]
    assert "<title>Drift: even.parquet → collapsed.parquet</title>" in Path("j.html").read_text()
    assert "| ❌ | `x` × `y` |" in Path("j.md").read_text()
    records = list(csv.DictReader(io.StringIO(Path("j.csv").read_text())))
    assert [(each["first"], each["metric"]) for each in records] == [
        ("x", "pair_dependence"),
        ("x", "pair_correlation"),
    ]
    refused = drift("joint", "even.parquet", "again.parquet", "-f", "parquet")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("drift: --format 'parquet': ")


def test_a_step_of_github_actions_gets_annotations_a_summary_and_outputs(
    drift: Drift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    monkeypatch.setenv("GITHUB_OUTPUT", "output.txt")
    ended = drift("joint", "even.parquet", "collapsed.parquet", "-f", "github")
    verdict, pair = ended.out.splitlines()
    assert verdict == "::error title=pairs%3A drift::1 of 1 pair of 2 columns drifted"
    assert pair.startswith("::error title=drift%3A x × y::rank correlation 0.0")
    assert "| ❌ | `x` × `y` |" in Path("summary.md").read_text()
    assert '["x \\u00d7 y"]' in Path("output.txt").read_text()


def test_thresholds_and_what_fails_are_options_and_settings(drift: Drift) -> None:
    sides = ("joint", "even.parquet", "collapsed.parquet")
    high = ("-t", "pair_dependence=0.5", "-t", "pair_correlation=off")
    assert drift(*sides, *high).code == 0
    assert drift(*sides, "--fail-on", "never").code == 0
    assert drift(*sides, *high, "--fail-on", "change").code == 1
    warned = drift(*sides, "-t", "pair_dependence=0.1:0.5", "-t", "pair_correlation=off")
    assert (warned.code, warned.out.splitlines()[-1]) == (
        0,
        "! warning: 1 of 1 pair of 2 columns warned",
    )
    Path("drift.toml").write_text(
        'thresholds.pair_dependence = 0.5\nthresholds.pair_correlation = "off"\n'
    )
    assert drift(*sides).code == 0
    assert drift("compare", *sides[1:]).code == 0
    assert drift("config").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-t", "js_distance=0.2"), "--threshold 'js_distance=0.2': "),
        (
            ("-t", "x.kl=1"),
            "; those of single columns are for drift compare\n",
        ),
        (
            ("-t", "x.pair_dependence=1"),
            "'x.pair_dependence=1': no threshold of pairs; did you mean 'pair_dependence'?\n",
        ),
        (
            ("-t", "pair_dependence"),
            "--threshold 'pair_dependence': expected METRIC=LEVEL, with LE",
        ),
        (("-t", "pair_dependence=x"), "or off; for example pair_dependence=0.02\n"),
        (("-t", ""), "or off; for example pair_dependence=0.02\n"),
        (("-t", "pair_dependance=1"), "did you mean 'pair_dependence'?"),
        (("-t", "joint_jsd=0.2"), "is of an instrument that was not asked; add --discriminator"),
        (("-t", "joint_wasserstein=0.2"), "that was not asked; add --critic"),
        (("-t", "pair_correlation=3"), "pair_correlation is at most 2, found 3"),
        (("--columns", "z"), "--columns: no column 'z'; known: x, y"),
        (("--sample", "0"), "0 is less than 1"),
        (("-o", "csv:even.parquet"), "--output even.parquet: this is the data"),
    ],
)
def test_what_cannot_be_used_is_refused(
    drift: Drift, arguments: tuple[str, ...], message: str
) -> None:
    ended = drift("joint", "even.parquet", "again.parquet", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


def test_a_profile_merged_of_others_has_no_rows(drift: Drift) -> None:
    for name in ("even", "again"):
        drift("profile", f"{name}.parquet", "-o", f"{name}.profile")
    drift("merge", "even.profile", "again.profile", "-o", "even.profile")
    for sides in (("even.profile", "again.parquet"), ("again.parquet", "even.profile")):
        ended = drift("joint", *sides)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == (
            "drift: even.profile: a profile has no rows, nor tables of pairs, which drift joint"
            " needs; give data, or make it with drift profile --keep-rows N\n"
        )


def test_one_column_is_no_pair(drift: Drift) -> None:
    ended = drift("joint", "even.parquet", "again.parquet", "--columns", "x")
    assert (ended.code, ended.err) == (2, "")
    assert ended.out.splitlines()[-1] == "? not judged: 1 column can be paired, and it takes two"


def test_columns_that_are_in_no_pair_are_named(drift: Drift) -> None:
    for name in ("even", "again"):
        table = pq.read_table(f"{name}.parquet")
        table = table.append_column("id", pa.array(range(len(table))))
        pq.write_table(table.append_column("one", pa.array(["a"] * len(table))), f"{name}.parquet")
    ended = drift("joint", "even.parquet", "again.parquet")
    assert "in no pair: id (identifier: it names rows), one (one value on both sides)" in ended.out


def test_text_files_and_standard_input_are_read_as_by_compare(drift: Drift) -> None:
    for name in ("even", "collapsed"):
        pacsv.write_csv(pq.read_table(f"{name}.parquet"), f"{name}.csv")
    renamed = Path("collapsed.csv").read_text().replace('"x"', '"left"', 1)
    Path("collapsed.csv").write_text(renamed)
    ended = drift("joint", "even.csv", "collapsed.csv", "--rename", "left=x", "-f", "json")
    of_parquet = drift("joint", "even.parquet", "collapsed.parquet", "-f", "json")
    assert json.loads(ended.out)["pairs"] == json.loads(of_parquet.out)["pairs"]
    piped = process("joint", "even.csv", "-", stdin=renamed.replace("left", "x").encode())
    assert piped.code == 1
    assert drift("joint", "-", "-").code == 2


def test_a_sample_is_stated_and_seeded(drift: Drift) -> None:
    asked = ("joint", "even.parquet", "collapsed.parquet", "--sample", "1000")
    first = drift(*asked)
    assert "2,000 rows, sample of 1,000" in first.out
    assert first == drift(*asked, "--threads", "3")
    assert first.out != drift(*asked, "--seed", "1").out


def test_names_from_data_are_harmless(drift: Drift) -> None:
    hostile = ["\x1b[31mred\x07", "| [a](http://b) `c` <!-- \u202e"]
    for name in ("even", "collapsed"):
        pq.write_table(pq.read_table(f"{name}.parquet").rename_columns(hostile), f"{name}.parquet")
    for form in ("table", "markdown", "csv"):
        ended = drift("joint", "even.parquet", "collapsed.parquet", "-f", form)
        assert ended.code == 1
        assert not CONTROL.search(ended.out.replace("\r\n", "\n"))
    brief = drift("joint", "even.parquet", "collapsed.parquet", "--brief")
    assert not CONTROL.search(brief.out)


def test_a_witness_is_found_without_anything_to_install(drift: Drift) -> None:
    ended = drift("joint", "even.parquet", "collapsed.parquet", "--witness", "-f", "json")
    printed = json.loads(ended.out)
    jsonschema.validate(printed, json.loads(json.dumps(json_schema("joint"))))
    assert printed["witness"]["columns"] == ["x", "y"]
    assert 0.3 < printed["witness"]["distance"]["limit"] < printed["witness"]["distance"]["value"]
    assert (printed["discriminator"], printed["critic"]) == (None, None)
    shown = drift("joint", "even.parquet", "again.parquet", "--witness")
    assert shown.code == 0
    assert "  witness: distance ≥ " in shown.out


def test_few_rows_tell_nothing(drift: Drift) -> None:
    rng = np.random.default_rng(5)
    for name in ("few.parquet", "fewer.parquet"):
        table = {each: rng.normal(size=12) for each in "abcdef"}
        pq.write_table(pa.table(table), name)
    ended = drift("joint", "few.parquet", "fewer.parquet")
    assert ended.code == 0
    assert "? too few rows to see changes at the thresholds in " in ended.out
    assert ended.out.splitlines()[-1].startswith("? inconclusive: 15 pairs of 6 columns compared")
    assert drift("joint", "few.parquet", "fewer.parquet", "--strict").code == 1
    assert driftcli.joint("few.parquet", "fewer.parquet", strict=True).exit_code == 1


def test_a_discriminator_judges_when_it_is_asked(drift: Drift) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    off = ("-t", "pair_dependence=off", "-t", "pair_correlation=off")
    sides = ("joint", "even.parquet", "collapsed.parquet", *off)
    off_all = drift(*sides)
    assert off_all.code == 2
    assert "not judged: no pair of 2 columns has a threshold" in off_all.out
    ended = drift(*sides, "--discriminator")
    assert ended.code == 1
    assert "✗ discriminator: joint JSD ≥ 0.1" in ended.out
    assert "▲ drift at joint_jsd ≥ 0.01" in ended.out
    assert ended.out.splitlines()[-1] == (
        "✗ drift: 1 pair of 2 columns compared · all columns together drifted (discriminator)"
    )
    assert drift(*sides, "--discriminator", "-t", "joint_jsd=0.5").code == 0


def test_a_critic_judges_when_it_is_asked(drift: Drift, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    monkeypatch.setattr("driftcli.metrics.joint.critic.STEPS", 100)
    sides = (
        "joint",
        "even.parquet",
        "collapsed.parquet",
        "--critic",
        "-t",
        "joint_wasserstein=0.2",
    )
    ended = drift(*sides, "--lipschitz", "spectral", "-f", "json")
    critic = json.loads(ended.out)["critic"]
    assert (critic["lipschitz"], critic["scores"][0]["threshold"]) == ("spectral", 0.2)
    assert critic["certified"]["value"] <= 0.6


@pytest.mark.parametrize(
    ("option", "module", "package"),
    [("--discriminator", "sklearn", "scikit-learn"), ("--critic", "torch", "torch")],
)
def test_what_is_not_installed_is_told_in_one_line(
    drift: Drift, monkeypatch: pytest.MonkeyPatch, option: str, module: str, package: str
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "driftcli.pipeline.joint.find_spec", lambda name: None if name == module else found(name)
    )
    ended = drift("joint", "even.parquet", "again.parquet", option)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"drift: {option}: this needs {package}; ")
    assert ended.err.count("\n") == 1
    assert drift("joint", "even.parquet", "again.parquet", "--witness").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--lipschitz", "clip"), "--lipschitz clip: is of a critic; add --critic"),
        (("--critic", "--lipschitz", "clp"), "--lipschitz 'clp': did you mean 'clip'?"),
        (("--discriminator", "-t", "joint_jsd=2"), "joint_jsd is at most 1, found 2"),
    ],
)
def test_what_is_of_no_instrument_is_refused(
    drift: Drift, arguments: tuple[str, ...], message: str
) -> None:
    ended = drift("joint", "even.parquet", "again.parquet", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
