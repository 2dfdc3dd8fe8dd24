"""Lists are scored by their length, and what is missing is compared whatever the type."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

import driftcli

ROWS = 600


def lists(empty_from=ROWS, length=5):
    """Lists of 0 to 4 elements; missing at every second row from one on."""
    return [None if i >= empty_from and i % 2 else [1.0] * (i % length) for i in range(ROWS)]


def frame(values, type_):
    return pa.table({"v": [i % 7 for i in range(ROWS)], "emb": pa.array(values, type_)})


def write(table, path):
    if path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=250)
    elif path.suffix == ".arrow":
        feather.write_feather(table, path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    return path


def compared(base, new, **options):
    report = driftcli.compare(base, new, **options)
    return report, {column.name: column for column in report.columns}


LISTS = pa.list_(pa.float64())
SUFFIXES = ["parquet", "arrow", "jsonl"]


@pytest.mark.parametrize("suffix", SUFFIXES)
class TestLists:
    def test_their_length_drifts(self, tmp_path, suffix):
        base = write(frame(lists(), LISTS), tmp_path / f"base.{suffix}")
        new = write(frame(lists(length=15), LISTS), tmp_path / f"new.{suffix}")
        report, columns = compared(base, new)
        emb = columns["emb"]
        assert (report.exit_code, emb.kind, emb.status) == (1, "list", "drift")
        assert (emb.baseline.mean, emb.current.mean) == (2.0, 7.0)
        raw = emb.score("wasserstein_raw")
        assert (raw.value, raw.unit) == (5.0, "elements")

    def test_what_is_missing_drifts(self, tmp_path, suffix):
        base = write(frame(lists(), LISTS), tmp_path / f"base.{suffix}")
        new = write(frame(lists(empty_from=300), LISTS), tmp_path / f"new.{suffix}")
        for one, other, moved in ((base, new, "0 % → 25 %"), (new, base, "25 % → 0 %")):
            report, columns = compared(one, other)
            assert report.exit_code == 1
            assert columns["emb"].reasons == (f"missing {moved}",)

    def test_the_same_is_no_drift(self, tmp_path, suffix):
        base = write(frame(lists(), LISTS), tmp_path / f"base.{suffix}")
        report, columns = compared(base, base)
        assert (report.verdict, columns["emb"].status) == ("ok", "ok")

    def test_a_profile_keeps_them(self, tmp_path, suffix):
        base = write(frame(lists(), LISTS), tmp_path / f"base.{suffix}")
        new = write(frame(lists(length=15), LISTS), tmp_path / f"new.{suffix}")
        saved = tmp_path / "base.profile"
        driftcli.Profile.of(base).save(saved)
        _, columns = compared(saved, new)
        assert columns["emb"].score("wasserstein_raw").value == 5.0

    def test_a_dataset_may_have_nothing_else(self, tmp_path, suffix):
        only = frame(lists(), LISTS).select(["emb"])
        base = write(only, tmp_path / f"base.{suffix}")
        report, columns = compared(base, base)
        assert (report.verdict, columns["emb"].kind) == ("ok", "list")
        [column] = driftcli.Profile.of(base).summary().columns
        assert (column.kind, column.stats.max) == ("list", 4)


@pytest.mark.parametrize(
    "type_",
    [
        pa.large_list(pa.float64()),
        pa.list_(pa.list_(pa.int32())),
        pa.list_(pa.float32(), 4),
        pa.list_view(pa.float64()),
    ],
)
def test_every_layout_of_lists_has_lengths(type_):
    values = [None if i % 3 == 0 else [None] * 4 for i in range(ROWS)]
    [column] = driftcli.Profile.of(pa.table({"l": pa.array(values, type_)})).summary().columns
    assert (column.kind, column.stats.missing_count) == ("list", 200)
    assert (column.stats.min, column.stats.max) == (4, 4)


def test_layouts_of_lists_are_one_type(tmp_path):
    base = frame(lists(), LISTS)
    new = frame(lists(), pa.large_list(pa.field("element", pa.float64())))
    report, _ = compared(base, new)
    assert (report.verdict, report.findings) == ("ok", ())


def test_a_list_that_became_a_number_is_another_type():
    base = frame(lists(), LISTS)
    new = frame([i % 5 for i in range(ROWS)], pa.int64())
    for one, other, said in ((base, new, "lists became numbers"), (new, base, "became lists")):
        report, columns = compared(one, other)
        assert (report.exit_code, columns["emb"].status) == (1, "drift")
        assert any(said in reason for reason in columns["emb"].reasons)


UNSCORED = {
    "binary": (pa.binary(), b"\xff\xfe"),
    "fixed binary": (pa.binary(2), b"\xff\xfe"),
    "map": (pa.map_(pa.string(), pa.int64()), [("k", 1)]),
    "in a struct": (pa.struct([("b", pa.binary())]), {"b": b"\xff"}),
}


@pytest.mark.parametrize("kind", UNSCORED)
@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_what_is_missing_is_compared_whatever_the_type(tmp_path, kind, suffix):
    type_, value = UNSCORED[kind]
    base = write(frame([value] * ROWS, type_), tmp_path / f"base.{suffix}")
    halved = frame([value if i % 2 else None for i in range(ROWS)], type_)
    new = write(halved, tmp_path / f"new.{suffix}")
    driftcli.Profile.of(base).save(tmp_path / "base.profile")
    for one in (base, tmp_path / "base.profile"):
        report, columns = compared(one, new)
        [column] = [each for name, each in columns.items() if name.startswith("emb")]
        assert (report.exit_code, column.status) == (1, "drift")
        assert column.reasons == ("missing 0 % → 50 %",)
        assert column.notes == (f"values of type {column.baseline.type} are not compared",)
        same, columns = compared(one, base)
        assert same.verdict == "ok"
        assert [c.status for n, c in columns.items() if n.startswith("emb")] == ["skipped"]


def test_segments_compare_what_is_missing():
    base = frame([b"\xff"] * ROWS, pa.binary()).append_column("g", [["a", "b"] * 300])
    values = [b"\xff" if i % 2 else None for i in range(ROWS)]
    new = frame(values, pa.binary()).append_column("g", [["a", "b"] * 300])
    report = driftcli.compare(base, new, by=["g"])
    assert {each.label: each.status for each in report.segments.segments} == {
        "a": "drift",
        "b": "ok",
    }


class TestTextAsBinary:
    def test_it_is_named_and_its_setting_compares_it(self, tmp_path):
        names = [b"NO", b"SE", b"DK"]
        base = frame([names[i % 3] for i in range(ROWS)], pa.binary())
        new = frame([names[i % 2] for i in range(ROWS)], pa.binary())
        driftcli.Profile.of(base).save(tmp_path / "base.profile")
        for one in (base, tmp_path / "base.profile"):
            report, _ = compared(one, new)
            [finding] = report.findings
            assert (report.verdict, finding.kind, finding.column) == ("warn", "binary_text", "emb")
            assert finding.message.endswith("list it under `categorical`")
        config = tmp_path / "drift.toml"
        config.write_text('categorical = ["emb"]')
        report, columns = compared(base, new, config=config)
        assert columns["emb"].status == "drift"

    def test_text_that_became_binary_says_how_to_read_it(self):
        base = frame(["a", "b"] * 300, pa.string())
        new = frame([b"a", b"b"] * 300, pa.binary())
        for one, other in ((base, new), (new, base)):
            _, columns = compared(one, other)
            assert "list it under `categorical`" in columns["emb"].reasons[0]

    @pytest.mark.parametrize("value", [b"\xff", b"\x00\x01", b"", None])
    def test_other_bytes_are_no_text(self, value):
        base = frame([value] * ROWS, pa.binary())
        report, _ = compared(base, base)
        assert report.findings == ()

    def test_one_value_that_is_no_text_is_enough(self):
        values = [b"text"] * (ROWS - 1) + [b"\xff"]
        base = frame(values, pa.binary())
        report, _ = compared(base, base)
        assert report.findings == ()


def test_types_that_are_not_compared_may_change():
    base = frame([b"\xff"] * ROWS, pa.binary())
    new = frame([[("k", 1)]] * ROWS, pa.map_(pa.string(), pa.int64()))
    report, _ = compared(base, new)
    assert [each.kind for each in report.findings] == ["type_change"]
    assert report.exit_code == 1
    report, _ = compared(base, frame([b"\xff"] * ROWS, pa.large_binary()))
    assert report.verdict == "ok"
