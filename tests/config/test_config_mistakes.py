"""Every mistake is one line that names the file, the key, what was found and what is known."""

from pathlib import Path
from typing import Any

import pytest

from driftcli.config import load
from driftcli.config.settings import GENERAL_THRESHOLDS
from driftcli.errors import ConfigError
from driftcli.metrics import METRICS as ALL

METRICS = ("kl", "js_distance", "wasserstein", "missing", "psi")
AN_ALPHA = "expected a number above 0 and at most 1"
SO_MANY = "expected a whole number of at least 1 or a number above 0 and below 1"
A_LEVEL = "a number of at least 0, { warn, drift } or 'off'"


def message_of(**arguments: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        load(metrics=METRICS, **arguments)
    text = str(caught.value)
    assert text.isprintable()
    return text


def in_drift_toml(directory: Path, text: str) -> str:
    (directory / "drift.toml").write_text(text, encoding="utf-8")
    return message_of(cwd=directory)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fail_onn = 'warn'", "fail_onn: unknown key; did you mean 'fail_on'?"),
        ("column_overrides = []", "column_overrides: unknown key; did you mean 'columns'?"),
        ("[read]\ndelimeter = ';'", "read.delimeter: unknown key; did you mean 'delimiter'?"),
        (
            '[columns."price_*"]\nkinds = "numeric"',
            "columns.\"price_*\".kinds: unknown key; did you mean 'kind'?",
        ),
        (
            "thresholds.js_distanc = 0.2",
            "thresholds.js_distanc: unknown metric; did you mean 'js_distance'?",
        ),
        (
            "thresholds.price = 0.2",
            (
                "thresholds.price: unknown metric; known: kl, js_distance, wasserstein, missing,"
                " psi, repeated, pair_dependence, pair_correlation, joint_jsd, joint_wasserstein"
            ),
        ),
        (
            "columns.a.thresholds.mising = 1",
            "columns.a.thresholds.mising: unknown metric; did you mean 'missing'?",
        ),
        ("metrics = ['kll']", "metrics: unknown metric 'kll'; did you mean 'kl'?"),
        ("metrics = []", "metrics: expected at least one metric, found an empty list"),
        (
            "thresholds.kl.drif = 0.1",
            "thresholds.kl.drif: unknown key; did you mean 'drift'?",
        ),
        (
            '"a\\u001b[31m\\n" = 1',
            (
                '"a\\u001b[31m\\n": unknown key; known: fail_on, strict, alpha, correction, '
                "drifted_columns, metrics, thresholds, exclude, rename, categorical, numeric,"
                " timestamp, …"
            ),
        ),
    ],
)
def test_an_unknown_name_is_named_with_the_nearest_known(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert in_drift_toml(tmp_path, text) == f"drift.toml: {expected}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "thresholds.js_distance = 'abc'",
            f"thresholds.js_distance: expected {A_LEVEL}, found text 'abc'",
        ),
        ("thresholds.kl = false", f"thresholds.kl: expected {A_LEVEL}, found false"),
        ("thresholds.kl = nan", f"thresholds.kl: expected {A_LEVEL}, found nan"),
        ("thresholds.kl = inf", f"thresholds.kl: expected {A_LEVEL}, found inf"),
        ("thresholds.kl = -0.1", f"thresholds.kl: expected {A_LEVEL}, found -0.1"),
        ("thresholds.kl = {}", f"thresholds.kl: expected {A_LEVEL}, found an empty table"),
        (
            "thresholds.kl = { warn = true }",
            "thresholds.kl.warn: expected a number of at least 0, found true",
        ),
        ("thresholds.kl = { warn = 2, drift = 1 }", "thresholds.kl: warn 2.0 is above drift 1.0"),
        ("thresholds = 3", "thresholds: expected a table, found 3"),
        ("columns.a = 'x'", "columns.a: expected a table, found text 'x'"),
        (
            "fail_on = 'drfit'",
            "fail_on: expected 'change', 'drift', 'never' or 'warn', found text 'drfit'",
        ),
        ("strict = 1", "strict: expected true or false, found 1"),
        ("alpha = 0", f"alpha: {AN_ALPHA}, found 0"),
        ("alpha = 1.01", f"alpha: {AN_ALPHA}, found 1.01"),
        ("alpha = nan", f"alpha: {AN_ALPHA}, found nan"),
        ("alpha = true", f"alpha: {AN_ALPHA}, found true"),
        ("alpha = '0.1'", f"alpha: {AN_ALPHA}, found text '0.1'"),
        (
            "correction = 'fdr'",
            "correction: expected 'bh', 'holm' or 'none', found text 'fdr'",
        ),
        ("drifted_columns = 0", f"drifted_columns: {SO_MANY}, found 0"),
        ("drifted_columns = 1.0", f"drifted_columns: {SO_MANY}, found 1.0"),
        ("drifted_columns = -0.5", f"drifted_columns: {SO_MANY}, found -0.5"),
        ("drifted_columns = nan", f"drifted_columns: {SO_MANY}, found nan"),
        ("drifted_columns = true", f"drifted_columns: {SO_MANY}, found true"),
        ("bins = 1", "bins: expected a whole number from 2 to 1000, found 1"),
        ("bins = 20.5", "bins: expected a whole number from 2 to 1000, found 20.5"),
        ("bins = true", "bins: expected a whole number from 2 to 1000, found true"),
        ("smoothing = -1", "smoothing: expected a number of at least 0, found -1"),
        ("scale = 0", "scale: expected 'iqr' or 'sd' or a number above 0, found 0"),
        ("exclude = 'id'", "exclude: expected a list of texts, found text 'id'"),
        (
            "ignore = ['a']\nexclude = ['b']",
            "ignore: another name of 'exclude', which is given too; drop one",
        ),
        ("rename = ['a']", "rename: expected a table of texts, found the list ['a']"),
        ("rename = { a = 'b', c = 3 }", "rename.c: expected a text, found 3"),
        ("read.written = { day = 3 }", "read.written.day: expected a text, found 3"),
        (
            "thresholds.missing = 'five %'",
            f"thresholds.missing: expected {A_LEVEL}, found text 'five %'",
        ),
        ("thresholds.missing = '-5%'", f"thresholds.missing: expected {A_LEVEL}, found text '-5%'"),
        ("ignore = 'id'", "ignore: expected a list of texts, found text 'id'"),
        ("ignore = ['a', 3]", "ignore: expected a list of texts, found the list ['a', 3]"),
        ("columns.a.gate = 1", "columns.a.gate: expected true or false, found 1"),
        (
            "columns.a.edges = [1]",
            "columns.a.edges: expected at least two numbers, found the list [1.0]",
        ),
        (
            "columns.a.edges = [1, 1]",
            "columns.a.edges: expected increasing numbers, found the list [1.0, 1.0]",
        ),
        (
            "columns.a.edges = [0, inf]",
            "columns.a.edges: expected a list of numbers, found the list [0, inf]",
        ),
        (
            "columns.a.kind = 2020-01-01",
            (
                "columns.a.kind: expected 'categorical', 'numeric', 'text' or 'timestamp', "
                "found a date"
            ),
        ),
        (
            "read.delimiter = '::'",
            "read.delimiter: expected a single ASCII character or its escape, found text '::'",
        ),
        ("read.encoding = 'utf-9'", "read.encoding: unknown encoding 'utf-9'"),
        ("read.encoding = 'hex'", "read.encoding: unknown encoding 'hex'"),
        ("read.encoding = 7", "read.encoding: expected a text, found 7"),
        (
            f"bins = '{'x' * 10_000}'",
            f"bins: expected a whole number from 2 to 1000, found text '{'x' * 80}…'",
        ),
        (
            f"bins = 0x{'f' * 5_000}",
            "bins: expected a whole number from 2 to 1000, found too long to show",
        ),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert in_drift_toml(tmp_path, text) == f"drift.toml: {expected}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "numeric = ['a']\ncategorical = ['a']",
            "numeric: 'a' is also in categorical",
        ),
        ("read.delimiter = '.'", "read.delimiter: '.' is also the decimal sign"),
        (
            "[columns.a]\nedges = [0, 1]\nbins = 5",
            "columns.a.edges: edges take the place of bins and binning; drop those",
        ),
    ],
)
def test_settings_that_contradict_one_another(tmp_path: Path, text: str, expected: str) -> None:
    assert in_drift_toml(tmp_path, text) == f"drift.toml: {expected}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bins = ", "Invalid value (at end of document)"),
        ("bins = 3\nbins 4", "Expected '=' after a key in a key/value pair (at line 2, column 6)"),
        ("bins = " + "[" * 5_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_not_toml(tmp_path: Path, text: str, expected: str) -> None:
    assert in_drift_toml(tmp_path, text) == f"drift.toml: not valid TOML: {expected}"


def test_a_number_of_thousands_of_digits_is_one_line(tmp_path: Path) -> None:
    text = in_drift_toml(tmp_path, "bins = " + "1" * 5_000)
    assert text.startswith("drift.toml: not valid TOML: Exceeds the limit")


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "drift.toml").write_bytes(b"# \xe9t\xe9\n")
    assert message_of(cwd=tmp_path) == "drift.toml: not UTF-8 text (byte 3)"


def test_a_name_of_a_file_that_is_empty(tmp_path: Path) -> None:
    expected = "--config: names no file; name a drift.toml or a pyproject.toml"
    assert message_of(cwd=tmp_path, config="") == expected


def test_a_named_file_that_does_not_exist(tmp_path: Path) -> None:
    assert message_of(cwd=tmp_path, config="no.toml") == "no.toml: no such file (named by --config)"
    assert (
        message_of(cwd=tmp_path, environ={"DRIFT_CONFIG": "no\n.toml"})
        == "no\\n.toml: no such file (named by DRIFT_CONFIG)"
    )


def test_a_named_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert message_of(cwd=tmp_path, config="folder") == "folder: cannot be read: is a directory"


def test_a_named_pyproject_without_the_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    assert (
        message_of(cwd=tmp_path, config="pyproject.toml")
        == "pyproject.toml: has no [tool.drift] table (named by --config)"
    )


def test_mistakes_in_pyproject_name_its_table(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool.drift]\nbins = 1\n")
    assert (
        message_of(cwd=tmp_path)
        == "pyproject.toml [tool.drift]: bins: expected a whole number from 2 to 1000, found 1"
    )
    path.write_text("[tool]\ndrift = 1\n")
    assert message_of(cwd=tmp_path) == "pyproject.toml: tool.drift: expected a table, found 1"


def test_a_file_in_a_parent_is_named_in_full(tmp_path: Path) -> None:
    (tmp_path / "drift.toml").write_text("bins = 1")
    (tmp_path / "a").mkdir()
    assert message_of(cwd=tmp_path / "a").startswith(f"{tmp_path / 'drift.toml'}: bins: expected")


GRAMMAR = (
    "expected METRIC=LEVEL or COLUMN.METRIC=LEVEL, with LEVEL a number, 5%, WARN:DRIFT or off; "
    "for example price.wasserstein=0.3"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kl", f"'kl': {GRAMMAR}"),
        ("=1", f"'=1': {GRAMMAR}"),
        ("kl=much", f"'kl=much': {GRAMMAR}"),
        ("kl=1:2:3", f"'kl=1:2:3': {GRAMMAR}"),
        ("kl=\x1b[2J", f"'kl=\\x1b[2J': {GRAMMAR}"),
        ("kll=1", "'kll=1': unknown metric 'kll'; did you mean 'kl'?"),
        ("a.b.kll=1", "'a.b.kll=1': unknown metric 'kll'; did you mean 'kl'?"),
        ("kl=nan", f"'kl=nan': expected {A_LEVEL}, found nan"),
        ("a.kl=-1", f"'a.kl=-1': expected {A_LEVEL}, found -1.0"),
        ("kl=2:1", "'kl=2:1': warn 2.0 is above drift 1.0"),
        ("kl=5%%", f"'kl=5%%': {GRAMMAR}"),
        ("kl=%", f"'kl=%': {GRAMMAR}"),
        ("a.*=0.1", "'a.*=0.1': all metrics at once can only be off; name one of them"),
        (
            "*=off",
            "'*=off': unknown metric '*'; known: " + ", ".join((*METRICS, *GENERAL_THRESHOLDS)),
        ),
    ],
)
def test_a_threshold_flag_that_cannot_be_used(text: str, expected: str) -> None:
    assert message_of(thresholds=[text]) == f"--threshold {expected}"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (
            {"fail_on": "always"},
            "--fail-on: expected 'change', 'drift', 'never' or 'warn', found text 'always'",
        ),
        ({"metrics": ["kll"]}, "--metric: unknown metric 'kll'; did you mean 'kl'?"),
        (
            {"read.delimiter": "ab"},
            "--delimiter: expected a single ASCII character or its escape, found text 'ab'",
        ),
        ({"binz": 3}, "--binz: unknown key; did you mean 'bins'?"),
        (
            {"columns": {"a": {"bins": 1}}},
            "--columns: columns.a.bins: expected a whole number from 2 to 1000, found 1",
        ),
        ({"categorical": ["a"], "numeric": ["a"]}, "--numeric: 'a' is also in categorical"),
    ],
)
def test_an_override_is_named_as_its_flag(overrides: dict[str, object], expected: str) -> None:
    assert message_of(overrides=overrides) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("missing=5", 'missing is at most 1, found 5; = "off" switches it off, and "5%" is 0.05'),
        ("a.ks = 0.1:2", 'ks is at most 1, found 2; = "off" switches it off, and "2%" is 0.02'),
        ("repeated=150", 'repeated is at most 1, found 150; = "off" switches it off'),
        (
            "pair_dependence=2",
            'pair_dependence is at most 1, found 2; = "off" switches it off, and "2%" is 0.02',
        ),
    ],
)
def test_a_threshold_beyond_the_range_of_its_metric(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(metrics=ALL, thresholds=[text], pairs=True)
    assert str(caught.value) == f"--threshold '{text}': {expected}"


@pytest.mark.parametrize("text", ["pair_dependence=0.02", "price.pair_correlation = off"])
def test_a_threshold_of_pairs_is_refused_where_no_pairs_are_compared(text: str) -> None:
    metric = text.split("=", maxsplit=1)[0].strip().rpartition(".")[2]
    assert message_of(thresholds=[text]) == (
        f"--threshold '{text}': {metric} is of columns together: for drift joint, and in drift.toml"
        " for checks with joint = true"
    )


def test_a_threshold_at_the_end_of_the_range_or_without_one_is_taken() -> None:
    levels = load(metrics=ALL, thresholds=["ks=1", "psi=25", "share_ratio=3"]).settings.thresholds
    assert [levels[name].drift for name in ("ks", "psi", "share_ratio")] == [1.0, 25.0, 3.0]


def test_a_file_may_keep_a_threshold_that_is_never_reached(tmp_path: Path) -> None:
    (tmp_path / "drift.toml").write_text(
        "thresholds.js_distance = 2\n[checks.a]\nbaseline = 'b'\ncurrent = 'c'\n"
        "columns.x.thresholds.missing = 1.5\n"
    )
    loaded = load(metrics=ALL, cwd=tmp_path)
    general = (
        "drift.toml: thresholds.js_distance: never reached: js_distance is at most 1, found 2;"
        ' = "off" switches it off, and "2%" is 0.02'
    )
    own = (
        "drift.toml: checks.a.columns.x.thresholds.missing: never reached: missing is at most 1,"
        ' found 1.5; = "off" switches it off, and "1.5%" is 0.015'
    )
    assert loaded.notes == (general,)
    assert loaded.checks["a"].notes == (general, own)
    assert loaded.settings.thresholds["js_distance"].drift == 2.0


def test_a_caller_may_name_overrides_otherwise() -> None:
    assert (
        message_of(overrides={"bins": 1}, named=str)
        == "bins: expected a whole number from 2 to 1000, found 1"
    )
