"""The types of CSV columns: what they are, and that nothing but the values decides."""

import datetime as dt
import random

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading import READ, drained, whole

from driftcli.config import ReadSettings
from driftcli.source import Unparsed, csv_layout, open_source, records
from driftcli.source.renamed import RenamedSource
from driftcli.source.text_types import INT, castable, join, least_type, parse


@pytest.fixture
def tiny_chunks(monkeypatch):
    monkeypatch.setattr(records, "CHUNK_BYTES", 16)
    monkeypatch.setattr(csv_layout, "SAMPLE_BYTES", 16)


def one_column(path, values, name="x"):
    path.write_text("\n".join([f"k,{name}", *(f"1,{value}" for value in values)]) + "\n")
    return path


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["", ""], "null"),
        (["1", "-2", ""], "int64"),
        (["1", "2.5"], "double"),
        (["1", "nan", "inf", "-inf"], "double"),
        (["1", "99999999999999999999"], "double"),
        (["+5"], "double"),
        (["true", "False", "TRUE"], "bool"),
        (["true", "1"], "string"),
        (["0", "1"], "int64"),
        (["2024-01-31", ""], "date32[day]"),
        (["2024-01-31", "2024-01-31 10:00:00"], "timestamp[us]"),
        (["2024-01-31T10:00:00.123456789"], "timestamp[ns]"),
        (["2024-01-31 10:00:00Z", "2024-01-31 10:00:00+02:00"], "timestamp[us, tz=UTC]"),
        (["2024-01-31 10:00:00Z", "2024-01-31 10:00:00"], "string"),
        (["2024-02-30"], "string"),
        (["12:30:00"], "string"),
        (["01234", "99999"], "string"),
        (["5", "0x10"], "string"),
        (["0", "0.5", "-0.5"], "double"),
        (["1", "N/A"], "string"),
        (["1", "null"], "string"),
        (["1", "NA"], "string"),
    ],
)
@pytest.mark.parametrize("reverse", [False, True])
def test_a_column_has_the_least_type_of_all_its_values(
    tmp_path, tiny_chunks, values, kind, reverse
):
    ordered = values[::-1] if reverse else values
    result = whole(one_column(tmp_path / "a.csv", ordered))
    assert result.types["x"] == kind
    assert len(result.cells["x"]) == len(values)


def as_doubles(values):
    return [None if value is None else float(value) for value in values]


VALUES = st.sampled_from(
    ["", "1", "-7", "2.5", "1e3", "nan", "true", "False", "2024-01-01", "2024-01-01 10:00:00",
     "2024-01-01 10:00:00.5", "2024-01-01T10:00:00.123456789", "2024-01-01 10:00:00Z", "9999-12-31",
     "x", "N/A", "007", "0x1F", " 5", " 2024-01-01", "99999999999999999999", "1_0"]
)  # fmt: skip


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(VALUES, min_size=1, max_size=12), st.integers(8, 200), st.randoms())
def test_types_and_values_depend_on_neither_blocks_nor_order(
    tmp_path, monkeypatch, values, size, rng
):
    monkeypatch.setattr(csv_layout, "SAMPLE_BYTES", 8)
    monkeypatch.setattr(records, "CHUNK_BYTES", 1 << 20)
    at_once = whole(one_column(tmp_path / "a.csv", values))
    order = list(range(len(values)))
    random.Random(rng.random()).shuffle(order)
    monkeypatch.setattr(records, "CHUNK_BYTES", size)
    shuffled = whole(one_column(tmp_path / "b.csv", [values[i] for i in order]))
    assert shuffled.types == at_once.types
    expected = [at_once.cells["x"][i] for i in order]
    if shuffled.types["x"] == "double":  # blocks before the first fraction hold integers
        expected, shuffled.cells["x"] = as_doubles(expected), as_doubles(shuffled.cells["x"])
    assert repr(shuffled.cells["x"]) == repr(expected)
    assert not at_once.invalid
    assert shuffled.passes <= 4


@given(st.lists(VALUES.filter(bool), min_size=1, max_size=6))
def test_the_type_of_all_values_is_at_most_text_and_holds_them(values):
    kind = least_type(pa.array(values))
    array, bad = parse(pa.array(values), kind)
    assert bad is None
    assert array.null_count == 0


@given(st.lists(st.sampled_from([least_type(pa.array([v])) for v in ("1", "1.5", "true", "x")])))
def test_joining_types_is_commutative_and_idempotent(kinds):
    for a in kinds:
        assert join(a, a) == a
        for b in kinds:
            assert join(a, b) == join(b, a)


@settings(deadline=None)
@given(
    st.lists(st.one_of(VALUES, st.text(alphabet="0123456789+-.eEx naif", max_size=8)), max_size=20)
)
def test_patterns_and_bisection_agree_with_the_parser_on_each_value(values):
    texts = pa.array(values, pa.string())
    for kind in (INT, pa.float64(), pa.date32(), pa.timestamp("us"), pa.timestamp("us", "UTC")):
        alone = [parse(pa.array([value]), kind)[1] is None for value in values]
        assert castable(texts, kind).tolist() == alone


def test_a_late_double_in_integers_needs_no_second_pass(tmp_path, tiny_chunks):
    result = whole(one_column(tmp_path / "a.csv", [*range(50), "0.5"]))
    assert (result.types["x"], result.passes) == ("double", 1)


def test_a_late_text_needs_a_second_pass_of_that_column_only(tmp_path, tiny_chunks):
    # Not where the samples are: at the start, in the middle and at the end.
    result = whole(one_column(tmp_path / "a.csv", [*range(50), "N/A", *range(25)]))
    assert result.types == {"k": "int64", "x": "string"}
    assert result.cells["x"] == [*map(str, range(50)), "N/A", *map(str, range(25))]
    assert result.passes == 2


def test_what_the_middle_of_a_file_holds_is_known_before_the_first_pass(tmp_path, tiny_chunks):
    result = whole(one_column(tmp_path / "a.csv", [*range(50), *["N/A"] * 9, *range(50)]))
    assert (result.types["x"], result.passes) == ("string", 1)


def test_a_file_of_another_encoding_has_no_sample_of_bytes_from_its_middle(tmp_path, tiny_chunks):
    path = one_column(tmp_path / "a.csv", range(50))
    path.write_bytes(path.read_text().encode("utf-16-le"))
    result = whole(path, ReadSettings(encoding="utf-16-le"))
    assert result.types == {"k": "int64", "x": "int64"}
    assert result.cells["x"] == list(range(50))


def test_text_that_is_mostly_numbers_is_noted(tmp_path, tiny_chunks):
    result = whole(one_column(tmp_path / "a.csv", [*range(10, 60), "N/A", 7]))
    assert result.notes == (
        (
            "`x` is read as text: 51 of 52 values are double, first other 'N/A' at row 51; "
            "`--null N/A` makes it double"
        ),
    )
    assert whole(tmp_path / "a.csv", ReadSettings(null=("N/A",))).types["x"] == "int64"


@pytest.mark.parametrize(
    ("days", "other"),
    [
        ([f"2024-02-{day:02d}" for day in range(1, 29)] * 2, "2024-02-30"),
        ([f"2024-02-01T{hour:02d}:00:00" for hour in range(24)] * 2, "2024-02-01T24:30:00"),
        ([f"2024-02-01T{hour:02d}:00Z" for hour in range(24)] * 2, "soon"),
    ],
)
def test_text_that_is_mostly_times_is_noted(tmp_path, tiny_chunks, days, other):
    result = whole(one_column(tmp_path / "a.csv", [*days, other, days[0]]))
    assert result.types["x"] == "string"
    assert result.notes == (
        (
            f"`x` is read as text: {len(days) + 1} of {len(days) + 2} values are times, first other"
            f" '{other}' at row {len(days) + 1}; list it under `timestamp` to have it read so"
        ),
    )


def test_a_note_names_no_cure_that_nobody_would_type(tmp_path, tiny_chunks):
    result = whole(one_column(tmp_path / "a.csv", [*range(60), "x" * 101, 1]))
    assert "at row 61" in result.notes[0]
    assert "--null" not in result.notes[0]


def test_a_note_names_no_cure_when_there_are_several_texts(tmp_path):
    result = whole(one_column(tmp_path / "a.csv", [*range(60), "N/A", "?"]))
    assert result.notes[0].endswith("first other 'N/A' at row 61")


def test_codes_and_words_are_not_noted(tmp_path):
    assert whole(one_column(tmp_path / "a.csv", ["01234", *range(10, 60)])).notes == ()
    assert whole(one_column(tmp_path / "b.csv", ["a", "b", 1, 2])).notes == ()


class TestExpected:
    """Reading under the baseline's types."""

    def read(self, tmp_path, values, kind, **options):
        path = one_column(tmp_path / "a.csv", values)
        return whole(path, types={"x": kind}, **options)

    def test_what_does_not_parse_is_null_and_counted(self, tmp_path, tiny_chunks):
        result = self.read(tmp_path, [*range(117), "N/A", 3, "", "x"], pa.int32())
        assert result.types["x"] == "int64"
        assert result.invalid == {"x": Unparsed(2, "N/A", 117)}
        assert result.cells["x"] == [*range(117), None, 3, None, None]

    def test_many_invalid_values_are_counted_too(self, tmp_path):
        result = self.read(tmp_path, [f"x{i}" for i in range(5000)] + ["1"], pa.float64())
        assert result.invalid["x"] == Unparsed(5000, "x0", 0)

    def test_fractions_make_an_integer_column_double(self, tmp_path, tiny_chunks):
        result = self.read(tmp_path, [1, 2, 3, 4, 5, "2.5", "bad"], pa.int64())
        assert (result.types["x"], result.passes) == ("double", 1)
        assert result.cells["x"][-2:] == [2.5, None]
        assert result.invalid["x"].count == 1

    def test_times_in_a_date_column_make_it_a_timestamp(self, tmp_path, tiny_chunks):
        values = ["2024-01-01", "2024-01-01", "2024-01-02 10:00:00", "soon"]
        result = self.read(tmp_path, values, pa.date32())
        assert result.types["x"] == "timestamp[us]"
        assert result.cells["x"][2] == dt.datetime(2024, 1, 2, 10)  # noqa: DTZ001
        assert result.invalid["x"] == Unparsed(1, "soon", 3)

    @pytest.mark.parametrize(
        ("kind", "read_as"),
        [
            (pa.int8(), "int64"),
            (pa.float32(), "double"),
            (pa.decimal128(10, 2), "double"),
            (pa.dictionary(pa.int8(), pa.large_string()), "string"),
            (pa.timestamp("s"), "timestamp[us]"),
            (pa.timestamp("ns", "Europe/Paris"), "timestamp[ns, tz=UTC]"),
            (pa.null(), "int64"),
            (pa.time32("s"), "int64"),
        ],
    )
    def test_the_baselines_types_are_mapped(self, tmp_path, kind, read_as):
        assert self.read(tmp_path, ["5"], kind).types["x"] == read_as

    def test_text_is_never_invalid_and_keeps_its_zeros(self, tmp_path):
        assert self.read(tmp_path, ["007", "x", ""], pa.string()).cells["x"] == ["007", "x", None]

    def test_padded_numbers_are_numbers_where_numbers_are_expected(self, tmp_path):
        assert self.read(tmp_path, ["007", "8"], pa.int64()).cells["x"] == [7, 8]

    @pytest.mark.parametrize("other", ["5", "true"])
    def test_bits_are_booleans_where_booleans_are_expected(self, tmp_path, other):
        path = tmp_path / "a.csv"
        path.write_text(f"x,y\n1,{other}\n0,{other}\ntrue,{other}\n2,{other}\n")
        result = whole(path, types={"x": pa.bool_()})
        assert result.cells["x"] == [True, False, True, None]
        assert result.invalid["x"] == Unparsed(1, "2", 3)

    def test_a_zone_offset_is_invalid_in_local_times(self, tmp_path):
        values = ["2024-01-01 10:00:00", "2024-01-01 10:00:00Z"]
        assert self.read(tmp_path, values, pa.timestamp("us")).invalid["x"].first_row == 1

    def test_a_day_that_does_not_exist_is_invalid(self, tmp_path):
        values = ["2024-01-01 10:00:00.123456789", "2024-02-30 10:00:00"]
        result = self.read(tmp_path, values, pa.timestamp("ns"))
        assert result.invalid["x"] == Unparsed(1, "2024-02-30 10:00:00", 1)


def test_decimal_commas(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x;y;z\n1,5;2;1,5\n2;3;1.5\n")
    result = whole(path, ReadSettings(decimal=","))
    assert result.types == {"x": "double", "y": "int64", "z": "string"}
    assert result.cells["x"] == [1.5, 2.0]


def test_only_empty_fields_and_named_texts_are_missing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('x,y\nNA,1\n"",-\nnull,""\n?,2\n')
    result = whole(path, ReadSettings(null=("?", "-")))
    assert result.cells == {"x": ["NA", None, "null", None], "y": [1, None, None, 2]}


def test_only_the_columns_asked_for_are_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x,y,z\n1,a,2\n2,b,3\n")
    assert whole(path, READ, ["z", "x"]).cells == {"z": [2, 3], "x": [1, 2]}


def test_types_can_be_given_to_an_open_source(tmp_path):
    path = one_column(tmp_path / "a.csv", [1, "x", 3])
    source = RenamedSource(open_source(path, READ), {"x": "y"})
    given = source.expecting({"y": pa.int32(), "k": pa.string(), "z": pa.bool_()})
    result = drained(given)
    assert result.types == {"k": "string", "y": "int64"}
    assert result.invalid == {"y": Unparsed(1, "x", 1)}


def test_the_first_source_knows_what_later_passes_found(tmp_path, tiny_chunks):
    source = open_source(one_column(tmp_path / "a.csv", [*range(50), "N/A", *range(25)]), READ)
    drained(source)
    assert source.schema.field("x").type == pa.string()
    assert len(source.notes) == 1
