"""Dialects of CSV: what is guessed, what is set, and what is refused with a remedy."""

import bz2
import random

import pytest
from reading import whole

from driftcli.config import ReadSettings
from driftcli.errors import InputError, UsageError
from driftcli.source import csv_layout, open_source, records

READ = ReadSettings()
ROWS = [
    (str(i), random.Random(i).choice(["red", "blue"]), f"{i * 0.37 - 20:.2f}") for i in range(99)
]


def written(tmp_path, text, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def table(sign, header=("id", "c", "v"), rows=ROWS, end="\n"):
    return end.join(map(sign.join, [header, *rows])) + end


def told(path, read=READ) -> list[str]:
    return list(whole(path, read).notes)


def refusal(path, read=READ) -> str:
    with pytest.raises(InputError) as caught:
        whole(path, read)
    return str(caught.value).replace(f"{path}: ", "")


SIGNS = ["\x01", "\x02", "\x07", "\x1c", "\x1e", "\x1f", "^", "~", ":", " "]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("sign", SIGNS)
def test_a_delimiter_that_splits_all_lines_alike_is_found_and_told(tmp_path, sign, end):
    path = written(tmp_path, table(sign, end=end))
    found = whole(path)
    assert found.types == {"id": "int64", "c": "string", "v": "double"}
    assert len(found.cells["v"]) == 99
    shown = {" ": " ", ":": ":", "^": "^", "~": "~"}.get(sign, f"\\x{ord(sign):02x}")
    assert found.notes == (f"fields are parted by '{shown}'; --delimiter says otherwise",)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_a_usual_delimiter_is_not_told(tmp_path, sign):
    assert told(written(tmp_path, table(sign))) == []


@pytest.mark.parametrize(
    ("written_as", "sign"),
    [
        (r"\x01", "\x01"),
        (r"\u0001", "\x01"),
        (r"\001", "\x01"),
        (r"\1", "\x01"),
        ("x01", "\x01"),
        ("0x01", "\x01"),
        ("^A", "\x01"),
        ("^_", "\x1f"),
        (r"\x1F", "\x1f"),
        (r"\t", "\t"),
        ("tab", "\t"),
        (r"\\", "\\"),
        ("\\", "\\"),
        ("^", "^"),
        ("#", "#"),
    ],
)
def test_a_delimiter_may_be_written_as_an_escape(tmp_path, written_as, sign):
    path = written(tmp_path, table(sign))
    assert list(whole(path, ReadSettings(delimiter=written_as)).types) == ["id", "c", "v"]


def lines_of(make, header):
    """Return a file of one column, whose values come from a seeded generator."""
    source = random.Random(5)
    return "\n".join([header, *(make(source) for _ in range(99))]) + "\n"


def clock(source, *parts):
    return ":".join(f"{source.randrange(10, 60)}" for _ in parts)


ONE_COLUMN = {
    "times": ("time", lambda r: clock(r, "h", "m", "s")),
    "times under a name with a colon": ("hh:mm", lambda r: clock(r, "h", "m")),
    "sentences": ("review text", lambda r: " ".join(["so", "good", "bad"][: r.randrange(1, 4)])),
    "names": ("full name", lambda r: r.choice(["Jo Smith", "Bo Li"])),
    "dates in words": ("date of birth", lambda r: f"{r.randrange(1, 29)} Jan 1990"),
    "grouped numbers": ("net sales", lambda r: f"{r.randrange(1, 999)} {r.randrange(100, 999)}"),
    "telephones": ("phone number", lambda r: f"{r.randrange(100, 999)} {r.randrange(1000, 9999)}"),
    "instants": ("date time", lambda r: f"2024-01-{r.randrange(10, 28)} 10:00:00"),
    "addresses": ("url", lambda r: f"https://example.org/{r.randrange(99)}?a=b c"),
    "a log": ("line of log", lambda r: f"{clock(r, 'h', 'm')} INFO: took {r.random():.2f} s"),
}


@pytest.mark.parametrize("form", ONE_COLUMN)
def test_words_times_and_grouped_numbers_are_not_split(tmp_path, form):
    header, make = ONE_COLUMN[form]
    found = whole(written(tmp_path, lines_of(make, header), "a.txt"))
    assert list(found.types) == [header]
    assert len(found.cells[header]) == 99


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (table("#"), "and every line holds '#': if it parts fields, --delimiter '#' reads them"),
        (table("§"), "and every line holds '§': if it parts fields, write a ',' for it"),
        (table(" ", rows=[(a, b, "x") for a, b, _ in ROWS]), "and every line holds ' ': if it par"),
        (
            "id   v\n" + "".join(f"{i:<4} {i / 7:.2f}\n" for i in range(99)),
            "and blanks align every line: if they part fields, tr -s ' ' ',' writes one delimiter",
        ),
        ("value\n" + "a~b\nccc~d\n" * 9, "and every line holds '~': if it parts fields, --delim"),
    ],
)
def test_one_column_whose_lines_all_hold_a_sign_is_told(tmp_path, text, said):
    path = written(tmp_path, text)
    name = text.partition("\n")[0]
    (note,) = told(path)
    assert note.startswith(f"'{name}' is the only column, {said}")


TITLES = {
    "one": "Sales of May\n",
    "with a comma": "Sales of May\nmade 2024-06-01, by Bo\n\n",
    "filled up": "Sales of May,,\n",
    "comments": "# made 2024-06-01\n# unit: mm\n",
    "for Excel": "sep=,\n",
}


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("sign", [",", ";", "^"])
def test_lines_above_the_header_are_passed_over_and_told(tmp_path, title, sign):
    above = TITLES[title].replace(",", sign)
    path = written(tmp_path, above + table(sign))
    found = whole(path)
    assert found.cells["id"] == list(range(99))
    count = above.count("\n")
    lines = "line 1 is" if count == 1 else f"lines 1 to {count} are"
    assert found.notes[0] == (
        f"{lines} passed over, and line {count + 1} is the header; --skip N says otherwise"
    )
    assert whole(path, ReadSettings(skip=count)).cells == found.cells


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\n" + "Doe, Jo\nLi, Bo\n" * 9, "line 2: 1 values expected, 2 found. Check the del"),
        (
            "Report\nname,city\n" + "Jo,Rome\n" * 9,
            "line 2: 1 values expected, 2 found. Check the d",
        ),
        (
            "id,v\n" + "1,2,\n" * 9,
            "each row ends in ',', and the header does not. Take it from the",
        ),
        ('"a","b"\n' + "".join(f'"r{i}",1,{i}\n' for i in range(9)), "the header has 2 names and"),
        (
            "a,b\n" + "".join(f"{i + 1},1,{i}\n" for i in range(9)),
            "the header has 2 names and each",
        ),
        (
            '"a" "b"\n' + "".join(f'"{i + 1}" 1 {i}\n' for i in range(9)),
            "the header has 2 names an",
        ),
        (
            table("||"),
            "fields are parted by '||', two characters, and one is all that can be read.",
        ),
        (
            table("::"),
            "fields are parted by '::', two characters, and one is all that can be read.",
        ),
        ('a,"b\n' + "1,2\n" * 9, "line 1: a quote is opened and not closed. Close it, or turn quo"),
    ],
)
def test_what_a_file_is_that_cannot_be_read_as_it_is(tmp_path, text, said):
    assert refusal(written(tmp_path, text)).startswith(said)


def test_the_remedy_for_lines_above_the_header_is_named(tmp_path):
    text = refusal(written(tmp_path, "Report\nname,city\n" + "Jo,Rome\n" * 9))
    assert text.endswith("with --skip N, those that begin with # with --comment '#'.")
    assert "row.names = FALSE" in refusal(written(tmp_path, "a\n1,5\n2,6\n3,7\n"))


@pytest.mark.parametrize(
    "footer", ["(99 rows affected)", "99 rows", "\n(99 rows)\n\n", "Total: 99"]
)
def test_a_footer_that_counts_the_rows_is_no_record(tmp_path, footer):
    path = written(tmp_path, table(",") + footer)
    found = whole(path)
    assert found.cells["id"] == list(range(99))
    assert found.types["id"] == "int64"
    assert found.notes == (f"the last line, '{footer.strip()}', is no record",)


def test_a_short_last_line_that_counts_nothing_is_an_error(tmp_path):
    assert refusal(written(tmp_path, table(",") + "(aborted)\n")).startswith("line 101: 3 values")


def test_another_delimiter_than_the_comma_of_a_name(tmp_path):
    path = written(tmp_path, table(";", header=("id", "price, net", "v")))
    assert list(whole(path).types) == ["id", "price, net", "v"]


def test_files_of_a_dataset_are_read_like_the_first(tmp_path):
    written(tmp_path, table("^"), "1.csv")
    written(tmp_path, "id^c^v\n", "2.csv")
    written(tmp_path, table("^"), "3.csv")
    found = whole(tmp_path)
    assert len(found.cells["id"]) == 198
    assert found.notes == (
        f"{tmp_path}/1.csv (and 2 more): fields are parted by '^'; --delimiter says otherwise",
    )


ESCAPED = [
    ("\\", '"12\\" pipe, steel"', '12" pipe, steel'),
    ("\\", '"12\\" pipe"', '12" pipe'),
    ("\\", '"ends in \\\\"', "ends in \\"),
    ("\\", '"two\nlines \\"x\\",\n"', 'two\nlines "x",\n'),
    ("%", '"12%" pipe, 5%%"', '12" pipe, 5%'),
]


@pytest.mark.parametrize(("escape", "text", "value"), ESCAPED)
@pytest.mark.parametrize("size", [20, 8 << 20])
def test_a_quote_may_be_escaped(tmp_path, monkeypatch, escape, text, value, size):
    monkeypatch.setattr(records, "CHUNK_BYTES", size)
    path = written(tmp_path, "a,b\n" + f"1,{text}\n2,x\n" * 50)
    found = whole(path, ReadSettings(escape=escape))
    assert found.cells["b"] == [value, "x"] * 50
    assert found.cells["a"] == [1, 2] * 50
    assert found.notes == ()


@pytest.mark.parametrize(("escape", "text", "value"), [e for e in ESCAPED if '\\"' in e[1]])
def test_a_backslash_that_escapes_quotes_is_found_and_told(tmp_path, escape, text, value):
    if value == "ends in \\":
        text, value = '"a \\"b\\" ends in \\\\"', 'a "b" ends in \\'
    path = written(tmp_path, "a,b\n" + f"1,{text}\n" * 50)
    assert whole(path).cells["b"] == [value] * 50
    assert told(path) == ["a backslash is read as an escape; --escape '' says otherwise"]


def test_a_backslash_before_the_end_of_a_value_is_a_character(tmp_path):
    path = written(tmp_path, "a,b\n" + '1,"C:\\dir\\"\n' * 50)
    assert whole(path).cells["b"] == ["C:\\dir\\"] * 50
    assert told(path) == []


def test_a_late_backslash_before_a_quote_is_named_with_the_remedy(tmp_path):
    path = written(tmp_path, 'a,b\n1,"x"\n' + '1,"x"\n' * 30_000 + '2,"5\\" pipe, b"\n')
    assert refusal(path).endswith(r"Where a backslash escapes a quote, --escape '\' reads it.")


def test_the_missing_value_of_databases_is_missing_where_a_backslash_escapes(tmp_path):
    path = written(tmp_path, "a\tb\n1\t\\N\n\\N\tN\n3\tx\\\ty\n")
    found = whole(path, ReadSettings(escape="\\"))
    assert found.cells == {"a": [1, None, 3], "b": [None, "N", "x\ty"]}


@pytest.mark.parametrize("size", [9, 8 << 20])
def test_lines_of_comment_are_passed_over_wherever_they_are(tmp_path, monkeypatch, size):
    monkeypatch.setattr(records, "CHUNK_BYTES", size)
    text = '# don"t\n\n# above\na,b\n# 1,2,3\n1,"x\n# within\ny"\n#\n2,#z\n# "open\n3,w\n# no end'
    found = whole(written(tmp_path, text), ReadSettings(comment="#"))
    assert found.cells == {"a": [1, 2, 3], "b": ["x\n# within\ny", "#z", "w"]}
    one = whole(written(tmp_path, "# a\nv\n1\n#\n\n2\n# e"), ReadSettings(comment="#"))
    assert one.cells == {"v": [1, None, 2]}


def test_lines_are_counted_with_those_of_comment(tmp_path):
    path = written(tmp_path, "a,b\n# c\n1,2\n# c\n3,4,5\n")
    assert refusal(path, ReadSettings(comment="#")).startswith("line 5: 2 values expected, 3 found")


def test_lines_to_skip_are_counted_from_the_start(tmp_path):
    path = written(tmp_path, "x,y\n\na,b\n1,2\n")
    assert whole(path, ReadSettings(skip=1)).cells == {"a": [1], "b": [2]}
    assert refusal(path, ReadSettings(skip=9)) == "the file holds no header line and no data."


@pytest.mark.parametrize("read", [{"comment": '"'}, {"delimiter": "#", "comment": "#"}])
def test_signs_that_contradict_each_other(tmp_path, read):
    with pytest.raises(UsageError, match="must be different characters"):
        whole(written(tmp_path, "a,b\n1,2\n"), ReadSettings(**read))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a,b\n" + b"1" * 5_000_000, "line 2 does not end within 1,048,576 bytes."),
        (b"a" * 5_000_000, "line 1 does not end within 1,048,576 bytes."),
        (b'a,"b\n' + b"x\n" * 2_500_000, "line 1: a quote is opened and not closed."),
        (b'a,b\n1,"' + b"x\n" * 2_500_000, "line 2: a quote is opened and not closed."),
        (b"," * 500_000 + b"\n", "the header has more than 10,000 columns."),
    ],
)
def test_what_does_not_end_is_refused_at_a_bound(tmp_path, monkeypatch, text, said):
    monkeypatch.setattr(records, "RECORD_BYTES", 1 << 20)
    monkeypatch.setattr(csv_layout, "COLUMNS", 10_000)
    (tmp_path / "a.csv.bz2").write_bytes(bz2.compress(text))
    assert said in refusal(tmp_path / "a.csv.bz2")


def test_the_head_of_a_file_of_carriage_returns_is_its_first_piece(tmp_path):
    path = written(tmp_path, b"x,y\r" + b"1,a\r" * 400_000)
    read = []
    source = open_source(path, READ)
    file = source._layouts[0].file
    head = csv_layout.read_head(file, "utf-8", csv_layout.SAMPLE_BYTES, least=2)
    read.append(len(head.text))
    assert read == [csv_layout.SAMPLE_BYTES]
    assert whole(path).cells["x"] == [1] * 400_000


@pytest.mark.parametrize("lines", [1, 2, 9])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt"])
def test_json_lines_are_no_csv_whatever_their_name(tmp_path, name, lines):
    path = written(tmp_path, '{"id": 1, "name": "a, b"}\n' * lines, name)
    assert refusal(path) == (
        "read as csv by its name, but each line is a JSON object. Give the file the suffix .jsonl."
    )


def test_values_of_json_below_a_header_are_values(tmp_path):
    path = written(tmp_path, "{id},{x}\n1,{}\n2,{}\n")
    assert list(whole(path).types) == ["{id}", "{x}"]
    path = written(tmp_path, '{"a": 1}\nx\ny\n')
    assert list(whole(path).types) == ['{"a": 1}']
