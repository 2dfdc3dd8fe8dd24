"""The Python API: what it takes, what each keyword does, and how it fails."""

import doctest
import inspect
import math
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftcli
from driftcli import (
    ConfigError,
    DriftError,
    InputError,
    UsageError,
    assert_no_drift,
    compare,
    explain,
    joint,
    timeline,
    wasserstein_distance,
)
from driftcli.api import compare as comparing
from driftcli.api import distance
from driftcli.config import Settings
from driftcli.config.meaning import meaning, meanings
from driftcli.render import render

ROWS = 500


def columns(shift=0.0):
    rng = np.random.default_rng(1)
    return {
        "price": rng.normal(shift, 1, ROWS),
        "count": rng.integers(0, 9, ROWS),
        "name": rng.choice(["a", "b", "c"], ROWS).tolist(),
    }


BASE, NEW = pa.table(columns()), pa.table(columns(shift=1))


def reader(table):
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=100))


class Stream:
    """Anything with the Arrow C stream interface."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


def relation(table):
    return duckdb.connect().from_arrow(table)


IN_MEMORY = {
    "pyarrow table": lambda table: table,
    "record batch": lambda table: table.combine_chunks().to_batches()[0],
    "reader": reader,
    "pandas": lambda table: table.to_pandas(),
    "polars": pl.from_arrow,
    "duckdb": relation,
    "stream": Stream,
}


def content(report):
    return [(each.name, each.status, each.scores, each.reasons) for each in report.columns]


@pytest.mark.parametrize("form", IN_MEMORY)
def test_data_in_memory_is_compared_whatever_its_form(form):
    made = IN_MEMORY[form]
    assert content(compare(made(BASE), made(NEW))) == content(compare(BASE, NEW))
    assert content(compare(BASE, made(NEW))) == content(compare(BASE, NEW))


@pytest.mark.parametrize("form", [str, lambda path: path], ids=["text", "Path"])
def test_paths_are_read(tmp_path, form):
    paths = [tmp_path / "base.parquet", tmp_path / "new.parquet"]
    for path, table in zip(paths, (BASE, NEW), strict=True):
        pq.write_table(table, path)
    report = compare(*map(form, paths))
    assert content(report) == content(compare(BASE, NEW))
    assert report.baseline.source == str(paths[0])
    assert report.baseline.format == "parquet"
    assert content(compare(paths[0], NEW)) == content(report)


def test_an_index_of_pandas_is_no_column():
    frame = pd.DataFrame({"x": [1.0, 2.0]}, index=["a", "b"])
    assert [column.name for column in compare(frame, frame).columns] == ["x"]


def test_nan_of_pandas_is_missing():
    frame = pd.DataFrame({"x": [1.0, math.nan]})
    stats = compare(frame, frame).columns[0].baseline
    assert (stats.missing_count, stats.nan_count) == (1, 0)


def named(report):
    return [column.name for column in report.columns]


def test_columns_and_exclude_choose_what_is_compared():
    assert named(compare(BASE, NEW, columns=["price", "c*"])) == ["price", "count"]
    assert named(compare(BASE, NEW, exclude=["pr*", "name"])) == ["count"]
    assert named(compare(BASE, NEW, columns=["*"], exclude=["[!p]*"])) == ["price"]


def test_ignore_leaves_columns_out():
    assert named(compare(BASE, NEW, ignore=["pr*"])) == ["count", "name"]


def test_columns_left_out_are_no_findings():
    both = BASE.append_column("gone", pa.array(range(ROWS)))
    assert compare(both, NEW, exclude=["gone"]).findings == ()
    assert [each.kind for each in compare(both, NEW).findings] == ["lost_column"]


def test_rename_brings_columns_together():
    renamed = NEW.rename_columns(["cost", "count", "name"])
    report = compare(BASE, renamed, rename={"cost": "price"})
    assert content(report) == content(compare(BASE, NEW))
    assert report.findings == ()


def test_categorical_forces_a_kind():
    report = compare(BASE, NEW, categorical=["cou*"])
    kinds = {column.name: column.kind for column in report.columns}
    assert kinds == {"price": "numeric", "count": "categorical", "name": "categorical"}


def test_metrics_thresholds_and_fail_on_are_in_force():
    report = compare(
        BASE, NEW, metrics=["ks"], thresholds={"price.ks": 0.2, "ks": "off"}, fail_on="never"
    )
    assert [score.metric for score in report.columns[0].scores] == ["ks"]
    assert (report.columns[0].name, report.verdict, report.exit_code) == ("price", "drift", 0)
    assert report.settings["fail_on"] == "never"


def test_a_configuration_file_is_read_when_named_and_only_then(tmp_path, monkeypatch):
    (tmp_path / "drift.toml").write_text('ignore = ["price"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIFT_CONFIG", "drift.toml")
    assert "price" in named(compare(BASE, NEW))
    assert "price" not in named(compare(BASE, NEW, config="drift.toml"))
    assert "price" not in named(compare(BASE, NEW, config=tmp_path / "drift.toml"))


def test_keywords_win_over_the_file(tmp_path):
    path = tmp_path / "drift.toml"
    path.write_text('fail_on = "never"\n[thresholds]\nks = 0.9\n')
    report = compare(BASE, NEW, config=path, fail_on="drift", thresholds={"ks": 0.1})
    assert report.exit_code == 1
    assert report.columns[0].score("ks").threshold == 0.1


def test_sample_and_seed_draw_rows():
    one, again, other = (compare(BASE, NEW, sample=50, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert content(one) != content(other)
    assert (one.baseline.sampled_rows, one.baseline.rows) == (50, ROWS)


def test_threads_do_not_change_the_report():
    assert compare(BASE, NEW, threads=1) == compare(BASE, NEW, threads=2) == compare(BASE, NEW)


@pytest.mark.parametrize("function", [compare, timeline, joint])
def test_every_keyword_is_documented(function):
    described = inspect.getdoc(function)
    for keyword in inspect.signature(function).parameters:
        assert f"\n{keyword}" in described or f", {keyword}" in described, keyword


def test_a_setting_is_told_as_with_the_setting_itself():
    described = " ".join(inspect.getdoc(compare).split())
    keys = {"written": "read.written", **{name: name for name in meanings(Settings)}}
    told = {name: keys[name] for name in inspect.signature(compare).parameters if name in keys}
    # These two add to what the file says, and are not the setting itself.
    for key in told.keys() - {"exclude", "rename"}:
        assert f" {key} {meaning(told[key]).text}" in described, key


def test_assert_no_drift_raises_the_readable_report():
    assert assert_no_drift(BASE, BASE) is None
    with pytest.raises(AssertionError) as caught:
        assert_no_drift(BASE, NEW)
    text = str(caught.value)
    assert text.splitlines()[:2] == ["drift: 1 of 3 columns drifted (price) · 2 unchanged", ""]
    assert "price" in text
    assert "mean" in text
    assert "\x1b" not in text


def test_assert_no_drift_takes_what_compare_takes():
    assert_no_drift(BASE, NEW, exclude=["price"])
    assert_no_drift(BASE, NEW, fail_on="never")
    with pytest.raises(AssertionError):
        assert_no_drift(BASE, NEW, columns=["price"], thresholds={"ks": 0})


def test_an_error_shows_no_frame_but_the_one_that_hides_them():
    with pytest.raises(InputError) as caught:
        compare("absent.parquet", BASE)
    assert [each.name for each in caught.traceback][1:] == ["called"]


def test_a_report_is_one_line_as_repr_and_a_table_as_text():
    report = compare(BASE, NEW)
    assert repr(report) == "<Report: drift: 1 of 3 columns drifted (price) · 2 unchanged>"
    assert str(report) == render(report)


def test_reports_and_timelines_are_saved_by_suffix(tmp_path):
    report = compare(BASE, NEW)
    for name, text in (
        ("r.html", report.to_html()),
        ("r.md", report.to_markdown()),
        ("r.txt", str(report)),
        ("r.json", render(report, "json")),
    ):
        report.save(tmp_path / name)
        assert (tmp_path / name).read_text("utf-8") == text
    assert report.to_html().startswith("<!doctype html>")
    assert report.to_markdown().startswith("## ")
    with pytest.raises(UsageError) as caught:
        report.save(tmp_path / "r.pdf")
    assert str(caught.value) == (
        f"{tmp_path / 'r.pdf'}: no format has the suffix '.pdf'; known: .json, .jsonl, .md, .csv,"
        " .txt, .xml, .sarif, .prom, .html"
    )
    with pytest.raises(UsageError, match=r"'.sarif'; known: .json, .md, .csv, .txt, .html$"):
        timeline(DATED, time="at").save("t.sarif")


@pytest.mark.slow
def test_explain_is_the_report_of_one_column_and_prints_as_the_command_does(tmp_path, capsys):
    for name, table in (("base", BASE), ("new", NEW)):
        pq.write_table(table, tmp_path / f"{name}.parquet")
    paths = [str(tmp_path / f"{name}.parquet") for name in ("base", "new")]
    explained = explain(*paths, "price")
    assert [each.name for each in explained.columns] == ["price"]
    assert explained.columns[0].details.transport.cost > 0.5
    assert subprocess.run(
        [sys.executable, "-m", "driftcli", "explain", *paths, "price"],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "100", "PYTHONUTF8": "1"},
    ).stdout == str(explained)
    with pytest.raises(UsageError, match="did you mean 'price'"):
        explain(BASE, NEW, "prize")


DAYS = [datetime(2025, 3, 1, tzinfo=UTC) + timedelta(hours=6 * i) for i in range(400)]
DATED = pa.table({"at": DAYS, "x": [float(i // 200) + i % 7 / 7 for i in range(400)]})


def test_a_timeline_dates_a_change():
    made = timeline(DATED, time="at", every="10d")
    assert made.verdict == "drift"
    (column,) = made.columns
    assert column.changes[0].first == "2025-04-22"
    assert made == timeline(DATED.to_pandas(), time="at", every="10d", threads=1)
    assert repr(made).startswith("<Timeline: drift: 1 of 1 column drifted (x) in ")
    assert str(made).startswith("data (400 rows)\n")
    assert made.to_dict()["schema"] == "drift.timeline/1"
    beside = timeline(DATED, time="at", every="10d", baseline=DATED.slice(0, 200))
    assert beside.against == "baseline"
    with pytest.raises(UsageError, match="last=0: must be at least 1"):
        timeline(DATED, time="at", last=0)
    with pytest.raises(ConfigError, match="did you mean 'kl'"):
        timeline(DATED, time="at", thresholds={"kll": 1})


def test_pairs_of_columns_are_compared():
    rng = np.random.default_rng(1)
    x, noise = rng.normal(size=(2, 2_000))
    base = pa.table({"x": x, "y": x + noise})
    new = base.set_column(1, "y", pa.array(rng.permutation(base["y"].to_numpy())))
    made = joint(base, new)
    assert (made.verdict, made.exit_code) == ("drift", 1)
    assert made.pairs[0].columns == ("x", "y")
    assert made == joint(base.to_pandas(), new.to_pandas(), threads=1)
    assert joint(base, new, fail_on="never").exit_code == 0
    off = {"pair_dependence": "off", "pair_correlation": 0.9}
    assert joint(base, new, thresholds=off).verdict == "ok"
    assert joint(base, new, sample=500).current.sampled_rows == 500
    assert made._repr_html_().startswith('<iframe title="drift: drift"')
    with pytest.raises(UsageError, match="thresholds 'kl': no threshold of pairs; known: pair_d"):
        joint(base, new, thresholds={"kl": 1})
    with pytest.raises(UsageError, match="sample=0: must be at least 1"):
        joint(base, new, sample=0)
    with pytest.raises(UsageError, match="a profile without rows"):
        joint(driftcli.Profile.of(base), driftcli.Profile.of(new))


MISTAKES = {
    "unknown column": ({"columns": ["prize"]}, UsageError, "did you mean 'price'"),
    "unknown exclude": ({"exclude": ["zzz*"]}, UsageError, r"no column 'zzz*'"),
    "unknown ignore": ({"ignore": ["prise"]}, ConfigError, "did you mean 'price'"),
    "unknown rename": ({"rename": {"cost": "price"}}, UsageError, "no column 'cost' to rename"),
    "clashing rename": ({"rename": {"count": "price"}}, InputError, "price"),
    "unknown metric": ({"metrics": ["kll"]}, ConfigError, "did you mean 'kl'"),
    "unknown threshold": ({"thresholds": {"kll": 1}}, ConfigError, "did you mean 'kl'"),
    "odd threshold": ({"thresholds": {"kl": "much"}}, ConfigError, "much"),
    "negative threshold": ({"thresholds": {"kl": -1}}, ConfigError, "-1"),
    "nan threshold": ({"thresholds": {"kl": math.nan}}, ConfigError, "nan"),
    "unknown level": ({"fail_on": "always"}, ConfigError, "always"),
    "no file": ({"config": "absent.toml"}, ConfigError, "absent.toml"),
    "no rows": ({"sample": 0}, UsageError, "sample=0: must be at least 1"),
    "fewer rows": ({"sample": -3}, UsageError, "sample=-3"),
    "no threads": ({"threads": 0}, UsageError, "threads=0"),
    "negative seed": ({"seed": -1, "sample": 5}, UsageError, "seed=-1: must be at least 0"),
    "no number": ({"sample": "x"}, UsageError, "sample='x': expected a whole number"),
    "half a row": ({"sample": 2.5}, UsageError, "sample=2.5: expected a whole number"),
    "one name": ({"columns": 3}, UsageError, "columns=3: expected a name or a list of names"),
    "odd names": ({"no_gate": ["a", 1]}, UsageError, "no_gate=['a', 1]: expected a name or a"),
    "bytes": ({"by": b"x"}, UsageError, "by=b'x': expected a name or a list of names"),
    "one metric": ({"metrics": "kl"}, UsageError, "metrics='kl': expected a list of names"),
    "no mapping": ({"rename": "x"}, UsageError, "rename='x': expected a mapping of names to te"),
    "no text": ({"written": {"a": 1}}, UsageError, "written={'a': 1}: expected a mapping of na"),
    "no keys": ({"read": {1: 2}}, UsageError, "read={1: 2}: expected a mapping of names to val"),
    "no levels": ({"thresholds": 0.1}, UsageError, "thresholds=0.1: expected a mapping of names"),
    "no path": ({"config": 3}, UsageError, "config=3: expected a path"),
    "hidden": ({"where": ["\x1b[2J"]}, UsageError, r"where=['\x1b[2J']: expected a text"),
    "nothing left": ({"exclude": ["*"]}, UsageError, "nothing to compare"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_what_to_do(mistake):
    options, kind, text = MISTAKES[mistake]
    with pytest.raises(kind) as caught:
        compare(BASE, NEW, **options)
    assert isinstance(caught.value, DriftError)
    assert caught.value.exit_code == 2
    assert text in str(caught.value)
    assert "--" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_mistakes_name_arguments_and_no_flags(tmp_path):
    (tmp_path / "a.csv").write_text("a;b\n1;2\n")
    told = {
        "columns: no column 'x--columns'; known: price": {"columns": ["x--columns"]},
        "exclude: no column 'zz'; known: price": {"exclude": ["zz"]},
        "thresholds 'kll=1': unknown metric 'kll'; did you": {"thresholds": {"kll": 1}},
        "thresholds: no column 'zz' in either": {"thresholds": {"zz.kl": 1}},
        "absent.toml: no such file (named by config)": {"config": "absent.toml"},
        "has no footers. Leave footers out.": {"footers": True},
    }
    for text, options in told.items():
        with pytest.raises(DriftError) as caught:
            compare(BASE, NEW, **options)
        assert text in str(caught.value)
    data = pa.table({"t": [1, 2]})
    with pytest.raises(DriftError, match=r"^time: no column 'zz'; known: t"):
        timeline(data, time="zz")
    with pytest.raises(DriftError, match=r"^every 'zz': expected a number and h, d"):
        timeline(data, time="t", every="zz")
    with pytest.raises(DriftError, match=r"^lipschitz gp: is of a critic; add critic, or"):
        joint(BASE, NEW, lipschitz="gp")
    with pytest.raises(DriftError, match=r"^columns: no column 'zz'"):
        driftcli.Profile.of(BASE, columns=["zz"])


def test_arguments_take_all_that_acts_as_their_kind(tmp_path):
    (tmp_path / "drift.toml").write_text("")
    made = compare(
        BASE,
        NEW,
        config=tmp_path / "drift.toml",
        columns=pd.Index(["price", "count"]),
        no_gate=(name for name in ["price"]),
        sample=np.int64(100),
        seed=np.uint8(3),
    )
    assert [column.name for column in made.columns] == ["price", "count"]
    assert made.current.sampled_rows == 100
    with pytest.raises(UsageError, match="time=3: expected a text"):
        timeline(BASE, time=3)
    with pytest.raises(UsageError, match="path=3: expected a path"):
        driftcli.Profile.of(BASE).save(3)
    with pytest.raises(TypeError, match="unexpected keyword argument 'smaple'"):
        compare(BASE, NEW, smaple=3)


@pytest.mark.parametrize("data", [42, None, [1, 2], {"x": [1]}, object()])
def test_what_is_no_dataset_is_refused(data):
    with pytest.raises(DriftError, match="is not a dataset"):
        compare(BASE, data)


def test_a_missing_file_is_an_input_error():
    with pytest.raises(InputError, match=r"absent\.parquet"):
        compare("absent.parquet", BASE)


def test_public_names_exist():
    assert dir(driftcli) == sorted(driftcli.__all__)
    for name in driftcli.__all__:
        assert getattr(driftcli, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = driftcli.nothing


@pytest.mark.parametrize("module", [comparing, distance])
def test_examples_in_docstrings_come_out(module):
    found = doctest.testmod(module, extraglobs={"compare": compare})
    assert found.attempted
    assert not found.failed


def test_a_distance_is_a_number_with_its_bound():
    found = wasserstein_distance([0, 1, 3], np.array([5, 6, 8], np.int8))
    assert (float(found), found.value, found.error_bound) == (5, 5, 0)


def test_the_public_compare_stays_a_function_after_its_first_call():
    import driftcli

    table = pa.table({"x": [1.0, 2.0, 3.0]})
    assert driftcli.compare(table, table).exit_code == 0
    assert driftcli.compare(table, table).exit_code == 0


def test_wasserstein_distances_of_higher_order_come_from_the_same_plan():
    import driftcli

    generator = np.random.default_rng(3)
    p, q = generator.normal(size=500), generator.normal(0.5, 2.0, size=500)
    coupled = np.abs(np.sort(p) - np.sort(q))
    for order in (1.0, 2.0, 3.5):
        expected = float(np.mean(coupled**order)) ** (1 / order)
        found = driftcli.wasserstein_distance(p, q, order=order)
        assert found.value == pytest.approx(expected, rel=1e-9)
        assert found.error_bound == 0.0
    many = generator.normal(size=40_000)
    assert math.isinf(driftcli.wasserstein_distance(many, many + 1, order=2).error_bound)
    with pytest.raises(ValueError, match="at least 1"):
        driftcli.wasserstein_distance(p, q, order=0.5)


def test_text_is_read_as_told(tmp_path):
    (tmp_path / "a.csv").write_text("Report\nx;y\n" + "# 1;2\n1,5;2\n" * 20)
    read = {"delimiter": ";", "skip": 1, "comment": "#", "decimal": ","}
    path = str(tmp_path / "a.csv")
    assert [each.name for each in driftcli.compare(path, path, read=read).columns] == ["x", "y"]
    assert driftcli.Profile.of(path, read=read).rows == 20
    explained = driftcli.explain(path, path, "x", read=read)
    assert explained.columns[0].baseline.mean == 1.5
    with pytest.raises(driftcli.DriftError, match=r"read\.skp: unknown key; did you mean 'skip'"):
        driftcli.compare(path, path, read={"skp": 1})
