"""The same values in two types, or two writings, are the same; what differs is said."""

import decimal
import unicodedata

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftcli

ROWS = 600
SPIKES = np.tile([0.1, 0.3, 1.1, 2.7, 1 / 3], ROWS // 5)
CONTINUOUS = np.random.default_rng(3).normal(100, 15, ROWS)


def decimals(values, scale):
    return pa.array(
        [round(decimal.Decimal(float(v)), scale) for v in values], pa.decimal128(20, scale)
    )


TYPES = {
    "float32": lambda values: pa.array(values.astype(np.float32)),
    "float16": lambda values: pa.array(values.astype(np.float16)),
    "decimal": lambda values: decimals(values, 4),
}


@pytest.mark.parametrize("values", [SPIKES, CONTINUOUS, np.full(ROWS, 1 / 3)])
@pytest.mark.parametrize("kind", TYPES)
def test_the_same_numbers_in_a_coarser_type_score_nothing(kind, values):
    fine, coarse = pa.table({"x": values}), pa.table({"x": TYPES[kind](values)})
    for base, new in ((fine, coarse), (coarse, fine)):
        report = driftcli.compare(base, new)
        [column] = report.columns
        scores = {score.metric: score.value for score in column.scores}
        assert report.verdict == "ok"
        assert (scores["js_distance"], scores["wasserstein"], scores["ks"]) == (0, 0, 0)


@pytest.mark.parametrize("values", [SPIKES, CONTINUOUS, np.full(ROWS, 1 / 3)])
def test_numbers_written_with_15_digits_score_nothing(tmp_path, values):
    pq.write_table(pa.table({"x": values}), tmp_path / "a.parquet")
    (tmp_path / "b.csv").write_text("x\n" + "\n".join(f"{v:.15g}" for v in values) + "\n")
    for base, new in (("a.parquet", "b.csv"), ("b.csv", "a.parquet")):
        [column] = driftcli.compare(tmp_path / base, tmp_path / new).columns
        assert [s.value for s in column.scores if s.metric in ("js_distance", "wasserstein")] == [
            0,
            0,
        ]


def test_more_values_than_points_stay_below_noise():
    values = np.random.default_rng(5).normal(size=60_000)
    values[:20_000] = 0.1
    report = driftcli.compare(pa.table({"x": values}), pa.table({"x": values.astype(np.float32)}))
    [column] = report.columns
    assert report.verdict == "ok"
    for score in column.scores:
        if score.gated and score.noise is not None:
            assert score.number <= score.noise


def test_decimals_that_lost_what_matters_drift():
    values = np.tile([0.1, 0.3, 0.45], ROWS // 3)
    report = driftcli.compare(pa.table({"x": values}), pa.table({"x": decimals(values, 0)}))
    assert report.verdict == "drift"


def test_numbers_that_a_type_cannot_hold_drift():
    values = np.tile([1e5, 2e5, 3e5], ROWS // 3)
    report = driftcli.compare(
        pa.table({"x": values}), pa.table({"x": (values / 10).astype(np.float16)})
    )
    assert report.verdict == "drift"


def test_real_changes_below_15_digits_are_scored():
    base = 1e18 + 1024.0 * np.arange(ROWS)
    report = driftcli.compare(pa.table({"x": base}), pa.table({"x": base + 256 * 1024}))
    assert report.columns[0].score("wasserstein").value > 0.1


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
@pytest.mark.parametrize(
    "type_",
    [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())],
)
def test_every_layout_of_text_is_one_type(tmp_path, type_, suffix):
    if suffix == "parquet" and type_ == pa.string_view() and pa.__version__ < "19":
        pytest.skip("not written by this Arrow")
    base = pa.table({"x": ["a", "b", "b"] * 200})
    texts = ["a", "b", "b"] * 200
    made = pa.array(texts, type_) if type_ == pa.string_view() else pa.array(texts).cast(type_)
    new = pa.table({"x": made})
    path = tmp_path / f"a.{suffix}"
    if suffix == "parquet":
        pq.write_table(new, path)
    else:
        with pa.ipc.new_file(path, new.schema) as writer:
            writer.write_table(new)
    for one, other in ((base, path), (path, base)):
        report = driftcli.compare(one, other)
        assert (report.verdict, report.findings) == ("ok", ())


def test_numbers_stored_as_a_dictionary_are_the_same_numbers():
    base = pa.table({"x": [1, 2, 3] * 200})
    new = pa.table({"x": pa.array([1, 2, 3] * 200).dictionary_encode()})
    for one, other in ((base, new), (new, base)):
        report = driftcli.compare(one, other)
        assert (report.verdict, report.findings) == ("ok", ())
        assert report.columns[0].score("js_distance").value == 0


NAMES = ["Nîmes", "Orléans", "Åre"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda name: unicodedata.normalize("NFD", name), "Unicode normalisation: '"),
        (lambda name: name + "  ", "blanks around: 'Nîmes' → 'Nîmes  '"),
        (lambda name: "\N{NO-BREAK SPACE}" + name, "blanks around: 'Nîmes' → '"),
        (str.upper, "upper and lower case: 'Nîmes' → 'NÎMES'"),
        (lambda name: f" {name.lower()}", "blanks around and upper and lower case: 'Nîmes' → "),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_names_that_differ_in_writing_alone_are_named_so(tmp_path, change, said, suffix):
    frame = pd.DataFrame({"city": NAMES * 200})
    writers = {
        "csv": lambda frame, path: frame.to_csv(path, index=False),
        "parquet": lambda frame, path: frame.to_parquet(path, index=False),
        "jsonl": lambda frame, path: frame.to_json(path, orient="records", lines=True),
    }
    base, new = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    writers[suffix](frame, base)
    writers[suffix](frame.assign(city=[change(name) for name in frame["city"]]), new)
    report = driftcli.compare(base, new)
    [column] = report.columns
    assert column.status == "drift"
    assert column.reasons[0].startswith(f"the same but for {said}")
    assert column.reasons[0].endswith("100 % of the rows")
    assert not any(reason.startswith(("new:", "lost:")) for reason in column.reasons)


@pytest.mark.parametrize(
    ("base", "new", "said"),
    [
        (["café", "thé"], ["cafÃ©", "thÃ©"], "an encoding read for another: 'café' → 'cafÃ©'"),
        (["a €", "b €"], ["a â‚¬", "b â‚¬"], "an encoding read for another: 'a €' → 'a â‚¬'"),
        (["café", "thé"], ["cafe", "the"], "accents: 'café' → 'cafe'"),
        (["a007", "a042"], ["a7", "a42"], "leading zeros: 'a007' → 'a7'"),
        (["'no'", "'so'"], ["no", "so"], "quotes around: ''no'' → 'no'"),
        (["new york", "st. ives"], ["new_york", "st ives"], "blanks and signs between words: "),
        (["A-1", "B-2"], ["A1", "B2"], "blanks and signs between words: 'A-1' → 'A1'"),
        (["Zürich", "Älm"], ["zurich ", "alm "], "blanks around and upper and lower case and "),
    ],
)
def test_other_ways_of_writing_are_named(base, new, said):
    report = driftcli.compare(pa.table({"x": base * 200}), pa.table({"x": new * 200}))
    [reason] = report.columns[0].reasons
    assert reason.startswith(f"the same but for {said}")


@pytest.mark.parametrize(
    ("base", "new"),
    [
        (["1.5 kg", "2 kg"], ["15 kg", "2 kg"]),
        (["1-2", "x"], ["12", "x"]),
        (["C", "D"], ["C++", "D"]),
        (["_", "x"], ["-", "x"]),
        (["<5", "x"], ["5", "x"]),
        (["x0", "y"], ["x", "y"]),
        (["10", "y"], ["100", "y"]),
    ],
)
def test_what_may_mean_another_thing_is_no_other_writing(base, new):
    sides = [pa.table({"x": side * 200}) for side in (base, new)]
    [column] = driftcli.compare(*sides, categorical=["x"]).columns
    assert column.reasons[:2] == (f"new: {new[0]!r} 50 %", f"lost: {base[0]!r} 50 %")


def test_other_names_stay_new():
    base, new = ["a", "b", "c"] * 200, ["A", "b", "d"] * 200
    report = driftcli.compare(pa.table({"x": base}), pa.table({"x": new}))
    assert report.columns[0].reasons == (
        "the same but for upper and lower case: 'a' → 'A', 33 % of the rows",
        "new: 'd' 33 %",
        "lost: 'c' 33 %",
    )
