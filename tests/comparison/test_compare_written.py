"""Numbers, times and booleans that are written as text on one side or both, in every format."""

import csv
import datetime as dt
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

import driftcli
from driftcli.errors import UsageError

ROWS = 400
TYPED = ("jsonl", "parquet", "arrow")
EVERY = ("csv", *TYPED)
_RANDOM = random.Random(7)
LOW = [round(_RANDOM.gauss(5000, 1000), 2) for _ in range(ROWS)]
HIGH = [round(_RANDOM.gauss(9000, 1000), 2) for _ in range(ROWS)]
#: January, and the days that follow; every day of a month is there.
JANUARY, LATER = (
    [
        dt.datetime.fromisoformat("2024-01-01") + dt.timedelta(days=start + i % 31, minutes=i)
        for i in range(ROWS)
    ]
    for start in (0, 31)
)
TRUTHS = [i % 3 == 0 for i in range(ROWS)]


def write(path, values, name):
    rows = [{name: value, "k": i % 7} for i, value in enumerate(values)]
    if path.suffix == ".csv":
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([[name, "k"], *([row[name], row["k"]] for row in rows)])
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, rows)))
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        feather.write_feather(pa.Table.from_pylist(rows), path)
    return path


@pytest.fixture
def compared(tmp_path):
    def compare(before, after, formats, name="x", **options):
        first, second = (formats, formats) if isinstance(formats, str) else formats
        p = write(tmp_path / f"base.{first}", before, name)
        q = write(tmp_path / f"new.{second}", after, name)
        report = driftcli.compare(p, q, **options)
        return report, {each.name: each for each in report.columns}[name]

    return compare


def told(report):
    return [(each.kind, each.status, each.message) for each in report.findings]


def kinds(report):
    return {each.name: each.kind for each in report.columns}


DRESSES = {
    "'$1,234.50'": "${:,.2f}".format,
    "'12.50 kg'": "{:.1f} kg".format,
    "'12.50%'": "{:.1f} %".format,
    "'1 234.50'": lambda x: f"{x:,.2f}".replace(",", " "),
}


@pytest.mark.parametrize("format_", EVERY)
@pytest.mark.parametrize("example", DRESSES)
def test_dressed_numbers_are_compared_as_numbers(compared, example, format_):
    dress = DRESSES[example]
    report, column = compared(map(dress, LOW), map(dress, HIGH), format_)
    assert (report.verdict, column.kind) == ("drift", "numeric")
    assert column.score("wasserstein").value > 3
    assert told(report) == [("read_as", "ok", f"`x` is read as numbers written like {example}")]


@pytest.mark.parametrize("format_", EVERY)
def test_other_draws_of_the_same_numbers_are_no_drift(compared, format_):
    values = list(map("${:,.2f}".format, LOW))
    report, _ = compared(values, values[::-1], format_)
    assert (report.verdict, report.exit_code) == ("ok", 0)


@pytest.mark.parametrize("dressed", [0, 1])
def test_csv_may_write_the_same_numbers_otherwise(compared, dressed):
    sides = [list(LOW), list(LOW)]
    sides[dressed] = list(map("{:,.2f}".format, LOW))
    report, column = compared(*sides, "csv")
    assert (report.verdict, column.score("wasserstein").value) == ("ok", 0)
    where = ("", " in the current data")[dressed]
    message = f"`x` is read as numbers written like '1,234.50'{where}"
    assert told(report) == [("read_as", "ok", message)]


def test_thousands_separators_that_come_with_larger_numbers(compared):
    small = [f"{x / 20:,.0f}" for x in LOW]
    report, column = compared([f"{x:,.0f}" for x in LOW], small, "csv")
    assert (report.verdict, column.kind) == ("drift", "numeric")
    assert column.score("wasserstein").value > 3


def test_separators_late_in_a_file_are_found(compared):
    values = [str(i % 1000) for i in range(60_000)] + ["1,234"]
    report, column = compared(values, values, "csv")
    assert (report.verdict, column.kind, column.baseline.max) == ("ok", "numeric", 1234)
    assert told(report)[0][2] == "`x` is read as numbers written like '1,234.50'"


@pytest.mark.parametrize("format_", EVERY)
def test_a_late_value_of_another_kind_makes_text(compared, format_):
    values = [f"${i % 50}" for i in range(20_000)] + ["€5"]
    report, column = compared(values, values, format_)
    assert (report.exit_code, column.kind) == (0, "categorical")


@pytest.mark.parametrize("format_", ["parquet", "arrow"])
@pytest.mark.parametrize("dressed", [0, 1])
def test_numbers_that_became_text_are_a_changed_type_and_compared(compared, dressed, format_):
    sides = [list(LOW), list(LOW)]
    sides[dressed] = list(map(str, LOW))
    report, column = compared(*sides, format_)
    assert column.score("wasserstein").value == 0
    [(kind, status, message)] = told(report)
    assert (kind, status, report.exit_code) == ("type_change", "drift", 1)
    types = ("string → double", "double → string")[dressed]
    assert f"`x` changed its type, {types}; it is read as numbers written like '12.50'" in message


def test_json_strings_in_the_place_of_numbers_are_counted(compared):
    half = [str(x) if i % 2 else x for i, x in enumerate(LOW)]
    report, _ = compared(LOW, half, "jsonl")
    message = f"`x`: 200 of 400 values are not double, first {json.dumps(half[1])!r} at row 2"
    assert told(report) == [("invalid_values", "drift", message)]
    assert report.exit_code == 1


def test_json_strings_that_became_numbers_are_a_changed_type(compared):
    report, column = compared(map(str, LOW), LOW, "jsonl")
    assert (report.exit_code, column.score("wasserstein").value) == (1, 0)
    assert [each[:2] for each in told(report)] == [("type_change", "drift")]


@pytest.mark.parametrize("formats", [("csv", "parquet"), ("csv", "jsonl"), ("parquet", "csv")])
def test_csv_cannot_say_that_numbers_are_no_text(compared, formats):
    report, column = compared(LOW, map(str, LOW), formats)
    assert (report.verdict, column.score("wasserstein").value) == ("ok", 0)


def test_another_unit_is_a_changed_type(compared):
    report, _ = compared([f"{x} kg" for x in LOW], [f"{x} lb" for x in LOW], "csv")
    assert (report.exit_code, told(report)[0][:2]) == (1, ("type_change", "drift"))
    assert "`x` changed its unit, 'kg' → 'lb'" in told(report)[0][2]


def test_several_units_in_one_column_are_told(compared):
    mixed = [f"{x} {'kg' if i % 2 else 'lb'}" for i, x in enumerate(LOW)]
    report, _ = compared(mixed, mixed, "csv")
    assert "`x` is read as text: its values are numbers of several units" in told(report)[0][2]
    assert told(report)[0][1] == "warn"


def test_a_few_other_values_of_a_baseline_are_told(compared):
    values = list(map("${:,.2f}".format, LOW))
    report, _ = compared(["n/a", *values], values, "parquet")
    assert told(report)[0][1] == "warn"
    assert "numbers written like '$1,234.50', first other 'n/a'" in told(report)[0][2]
    assert "list it under `numeric`" in told(report)[0][2]


@pytest.mark.parametrize("format_", EVERY)
def test_a_few_other_values_of_the_current_data_are_invalid(compared, format_):
    values = list(map("${:,.2f}".format, LOW))
    report, _ = compared(values, [*values[1:], "n/a"], format_)
    message = "`x`: 1 of 400 values is not double, first 'n/a' at row 400"
    assert told(report)[0] == ("invalid_values", "drift", message)


@pytest.mark.parametrize("format_", EVERY)
@pytest.mark.parametrize(
    "written",
    ["%d.%m.%Y", "%d/%m/%Y", "%b %d, %Y", "%Y%m%d", "%Y-%m-%d %H:%M:%S UTC", "%m/%d/%Y %I:%M %p"],
)
def test_times_that_move_on_are_no_drift_however_written(compared, written, format_):
    texts = [[each.strftime(written) for each in side] for side in (JANUARY, LATER)]
    report, column = compared(*texts, format_, name="at")
    assert (report.exit_code, column.kind, column.gated) == (0, "timestamp", False)


@pytest.mark.parametrize("format_", EVERY)
@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9])
def test_counts_since_1970_are_times_by_their_name(compared, unit, format_):
    counts = [[int(each.timestamp()) * unit for each in side] for side in (JANUARY, LATER)]
    report, column = compared(*counts, format_, name="created_at")
    assert (report.exit_code, column.kind) == (0, "timestamp")
    report, column = compared(*counts, format_, name="amount")
    assert (report.exit_code, column.kind) == (1, "numeric")


def test_the_baseline_says_that_counts_are_times(compared):
    counts = [int(each.timestamp()) for each in LATER]
    iso = [each.strftime("%Y-%m-%d %H:%M:%S") for each in JANUARY]
    for before, after in ((iso, counts), (counts, iso)):
        report, column = compared(before, after, "csv", name="ts")
        assert (report.exit_code, column.kind) == (0, "timestamp")


def test_day_or_month_first_is_asked_and_told(compared):
    early = [each.strftime("%d/%m/%Y") for each in JANUARY if each.day <= 12]
    report, column = compared(early, early, "csv", name="at")
    assert column.kind == "categorical"
    assert "--written at=%d/%m/%Y" in told(report)[0][2]
    report, column = compared(early, early, "csv", name="at", written={"at": "%d/%m/%Y"})
    assert (report.verdict, column.kind) == ("ok", "timestamp")
    decided = [each.strftime("%d/%m/%Y") for each in JANUARY]
    report, column = compared(decided, early, "csv", name="at")
    assert (report.exit_code, column.kind) == (0, "timestamp")


def test_a_setting_that_says_nothing_is_refused(compared):
    expected = r"`written` of column 'x' is '%d/%m': a year, a month and a day are needed"
    with pytest.raises(UsageError, match=expected):
        compared(LOW, LOW, "csv", written={"x": "%d/%m"})


@pytest.mark.parametrize("format_", EVERY)
def test_times_that_became_dates_are_a_changed_type(compared, format_):
    before = [each.strftime("%Y-%m-%d %H:%M:%S") for each in JANUARY]
    report, _ = compared(before, [each[:10] for each in before], format_, name="at")
    assert report.exit_code == 1
    assert "without the time of day" in told(report)[0][2]


@pytest.mark.parametrize("words", ["Y N", "yes no", "T F", "1 0", "1.0 0.0", "True False"])
def test_booleans_in_other_words_are_the_same(compared, words):
    true, false = words.split()
    other = [true if each else false for each in TRUTHS]
    own = ["true" if each else "false" for each in TRUTHS]
    for before, after in ((own, other), (other, own)):
        report, column = compared(before, after, "csv")
        assert (report.verdict, column.kind) == ("ok", "categorical")
        assert column.score("js_distance").value == 0


@pytest.mark.parametrize("format_", TYPED)
@pytest.mark.parametrize("number", [int, float])
def test_booleans_that_became_numbers_are_a_changed_type(compared, number, format_):
    numbers = list(map(number, TRUTHS))
    for before, after in ((TRUTHS, numbers), (numbers, TRUTHS)):
        report, column = compared(before, after, format_)
        assert column.score("js_distance").value == 0
        assert [each[:2] for each in told(report)] == [("type_change", "drift")]


@pytest.mark.parametrize("format_", ["parquet", "arrow"])
def test_codes_that_are_stored_as_text_stay_text(compared, format_):
    few = [str(i % 9) for i in range(ROWS)]
    for name, values in (("kind", few), ("zip_code", [str(10_000 + i) for i in range(ROWS)])):
        _, column = compared(values, values, format_, name=name)
        assert column.kind == "categorical"


def test_a_saved_profile_keeps_how_it_was_read(tmp_path):
    base = write(tmp_path / "a.csv", [each.strftime("%d/%m/%Y") for each in JANUARY], "at")
    early = [each.strftime("%d/%m/%Y") for each in LATER if each.day <= 12]
    driftcli.Profile.of(base).save(tmp_path / "a.profile")
    report = driftcli.compare(tmp_path / "a.profile", write(tmp_path / "b.csv", early, "at"))
    assert (report.exit_code, kinds(report)["at"]) == (0, "timestamp")
    assert told(report)[0][2] == "`at` is read as times written like '31/01/2024'"


def test_a_profile_that_has_text_is_compared_with_text(tmp_path):
    values = list(map("${:,.2f}".format, LOW))
    base = write(tmp_path / "a.csv", ["n/a", *values], "x")
    driftcli.Profile.of(base).save(tmp_path / "a.profile")
    report = driftcli.compare(tmp_path / "a.profile", write(tmp_path / "b.csv", values, "x"))
    assert kinds(report)["x"] == "categorical"
    [finding] = [each for each in report.findings if each.kind == "read_as"]
    assert "is read as text, as the baseline was" in finding.message
    assert not [each for each in report.findings if each.kind == "type_change"]


def test_a_stream_that_is_read_once_counts_what_does_not_fit():
    table = pa.table({"x": ["$1", "$2"] * 300 + ["n/a"]})
    batches = table.to_batches(max_chunksize=200)
    reader = pa.RecordBatchReader.from_batches(table.schema, batches)
    report = driftcli.compare(reader, table.slice(0, 600))
    assert told(report)[0][2] == "`x`: 1 of 601 values is not int64, first 'n/a' at row 601"


def test_segments_are_cut_by_what_is_written(tmp_path):
    values = [f"{i % 3} kg" for i in range(ROWS)]
    paths = [write(tmp_path / name, values, "x") for name in ("a.csv", "b.csv")]
    report = driftcli.compare(*paths, by="x")
    assert sorted(each.label for each in report.segments.segments) == ["0 kg", "1 kg", "2 kg"]
