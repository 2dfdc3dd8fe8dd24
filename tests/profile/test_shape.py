"""Lengths and forms of texts: by hand, merged, and beyond what is kept apart."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.profile import categories, shape

TEXTS = st.lists(st.text("aB9 .-é界", max_size=6), max_size=30)


def shape_of(texts: list[str]) -> shape.TextShape:
    counts = Counter(texts)
    names = pa.array(list(counts), pa.large_string())
    return shape.of(names, np.array(list(counts.values()), np.int64))


def forms(held: shape.TextShape) -> dict[str, int]:
    return dict(zip(held.forms.names.to_pylist(), held.forms.counts.tolist(), strict=True))


def lengths(held: shape.TextShape) -> dict[float, int]:
    return dict(zip(held.lengths.values.tolist(), held.lengths.counts.tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("ORD-1742", "A-9"),
        ("ada@mail.com", "a@a.a"),
        ("u0@a.com", "a9@a.a"),
        ("550e8400-e29b-41d4-a716-446655440000", "x-x-x-x-x"),
        ("550E8400-E29B-41D4-A716-446655440000", "X-X-X-X-X"),
        ("N/A", "A/A"),
        ("2024-09-30", "9-9-9"),
        ("Ada Lovelace", " Aa"),
        ("12 Main St., 2nd", " Aa9."),
        ("王伟", " é"),
        ("ünï", "a"),
        ("", ""),
        ("\t", " "),
    ],
)
def test_forms(text: str, form: str) -> None:
    assert forms(shape_of([text])) == {form: 1}


@given(TEXTS, TEXTS)
def test_merged_parts_have_the_shape_of_all_rows(one: list[str], other: list[str]) -> None:
    merged, whole = shape.merge([shape_of(one), shape_of(other)]), shape_of(one + other)
    assert (forms(merged), lengths(merged)) == (forms(whole), lengths(whole))
    assert lengths(whole) == Counter(map(len, one + other))


def test_forms_that_are_not_kept_are_in_the_rest() -> None:
    texts = ["".join("a" + ".-"[at >> bit & 1] for bit in range(9)) for at in range(300)]
    held = shape.merge([shape_of([*texts, *texts[:200]]), shape_of(texts[:10])])
    assert len(held.forms.names) == shape.MOST_FORMS
    assert held.forms.total == 510
    own = forms(shape_of([*texts[:200], *texts[:200], *texts[:10]]))
    assert all(count <= forms(held)[form] + held.forms.rest for form, count in own.items())


def test_of_many_texts_a_sample_of_rows_tells_the_forms() -> None:
    names = pa.array([f"id-{at}" if at % 4 else f"{at}" for at in range(40_000)], pa.large_string())
    held = shape.of(names, np.ones(40_000, np.int64))
    assert held.forms.looked == shape.MOST_LOOKED
    assert held.forms.total == 40_000
    assert forms(held)["a-9"] / 40_000 == pytest.approx(0.75, abs=0.03)


def test_coarsened_names_keep_the_shape_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(categories, "MAX_CATEGORIES", 10)
    monkeypatch.setattr(categories, "KEPT_CATEGORIES", 4)
    texts = [f"n{at}" for at in range(30)] + ["a b"] * 5
    parts = [categories.from_array(pa.array(texts[at::2])) for at in range(2)]
    held = categories.shape_of(categories.merge(parts))
    assert held is not None
    assert forms(held) == {"a9": 30, " a": 5}
    assert lengths(held) == Counter(map(len, texts))
