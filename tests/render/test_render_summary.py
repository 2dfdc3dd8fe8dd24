"""The summary of a dataset as `drift show` prints it, word for word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from render_reports import BELL, HOSTILE, SURROGATE, stats

from driftcli.render import Look, json_text
from driftcli.render.terminal import summary
from driftcli.render.terminal.text import cell_len
from driftcli.report.columns import CategoryShare
from driftcli.report.comparison import Dataset
from driftcli.report.summary import ColumnShape, ColumnSummary, ProfileSummary

Check = Callable[[str, str], None]


def column(name: str, kind: str = "numeric", **more: Any) -> ColumnSummary:
    fields = {key: more.pop(key) for key in ("identifier", "constant", "shape") if key in more}
    shape = fields.pop("shape", ColumnShape(shares=BELL))
    return ColumnSummary(name=name, kind=kind, shape=shape, stats=stats(**more), **fields)  # type: ignore[arg-type]  # as the tests name them


def categories(name: str, top: dict[str, int], **more: Any) -> ColumnSummary:
    total = sum(top.values())
    shares = tuple(count / total for count in top.values())
    listed = tuple(
        CategoryShare(value=value, count=count, share=count / total) for value, count in top.items()
    )
    return column(
        name,
        "categorical",
        type="string",
        top=listed,
        shape=ColumnShape(shares=shares, labels=tuple(top)),
        **{"distinct": len(top), **more},
    )


def document(*columns: ColumnSummary, **more: Any) -> ProfileSummary:
    data = Dataset(
        source=more.pop("source", "base.profile"),
        format="profile",
        rows=12_000,
        columns=len(columns),
        sampled_rows=more.pop("sampled_rows", None),
    )
    return ProfileSummary(version="0.1.0", data=data, columns=columns, **more)


MIXED = document(
    column("price", min=0.35, q25=12.25, median=19.99, q75=31.5, max=1840.0, distinct_exact=False),
    column("rows", type="int64", min=1, q25=2.5, median=4.5, q75=8, max=15, missing=0.052),
    column(
        "order_id", type="int64", min=1, max=12_000, median=6000.5, distinct=12_000, identifier=True
    ),
    column(
        "currency_code_of_the_customer",
        constant=True,
        type="int8",
        min=7,
        median=7,
        max=7,
        distinct=1,
    ),
    column("wide", min=-1e300, q25=-1e200, median=0.0, q75=3e250, max=1.5e308),
    column("tiny", min=1e-12, q25=2e-12, median=3e-12, q75=4e-12, max=5e-12),
    column(
        "ordered_at",
        "timestamp",
        type="timestamp[us, tz=UTC]",
        min="2024-01-01T00:00:00+00:00",
        q25="2024-01-08T00:00:00+00:00",
        median="2024-01-15T09:30:00+00:00",
        q75="2024-01-22T00:00:00+00:00",
        max="2024-01-29T23:59:59+00:00",
    ),
    categories("city", {"London": 60, "Paris": 30, "Xi’an": 10}),
    categories("note", {"": 30, "x" * 90: 20}, missing=0.999, distinct_exact=False),
    column("all_missing", missing=1.0, type="null", distinct=0, shape=None),
    column("tags", "unsupported", type="list<item: string>", distinct=0, shape=None),
    profile_of="lake/day=2024-01-01/part-0.parquet",
)
REDACTED = document(
    categories("city", {"9f86d081884c7d65": 60, "60303ae22b998861": 40}),
    profile_of="(redacted)",
    redacted=True,
    sampled_rows=500,
)
FOREIGN = document(
    column(HOSTILE, type=HOSTILE),
    categories("名前", {HOSTILE: 3, "東京都": 2}),
    column("", constant=True),
    source=SURROGATE,
    profile_of=HOSTILE,
    notes=(f"column {HOSTILE} is text",),
    read_as=(f"`{HOSTILE}` is read as numbers",),
)
MANY = document(*(column(f"column_{at:02}", min=0, median=at, max=99) for at in range(45)))
EMPTY = document()

SUMMARIES = {"mixed": MIXED, "redacted": REDACTED, "foreign": FOREIGN, "empty": EMPTY}


@pytest.mark.parametrize("width", [120, 80, 40])
@pytest.mark.parametrize("name", SUMMARIES)
def test_the_table_at_each_width(name: str, width: int, check_golden: Check) -> None:
    text = summary.render(SUMMARIES[name], Look(width=width))
    assert all(cell_len(line) <= width for line in text.splitlines())
    check_golden(f"summary-{name}-{width}.txt", text)


def test_the_table_in_colour_differs_by_its_codes_only(check_golden: Check) -> None:
    check_golden("summary-mixed-color-100.ansi", summary.render(MIXED, Look(color=True)))


def test_the_table_in_ascii(check_golden: Check) -> None:
    text = summary.render(FOREIGN, Look(width=100, ascii_only=True))
    assert text.isascii()
    check_golden("summary-foreign-ascii-100.txt", text)
    assert summary.render(MIXED, Look(ascii_only=True)).isascii()


def test_the_json(check_golden: Check) -> None:
    check_golden("summary-foreign.json", json_text.render(FOREIGN, Look()))


def test_many_columns_are_cut_unless_all_are_asked_for() -> None:
    lines = summary.render(MANY, Look()).splitlines()
    assert lines[-1].strip() == "15 more (--all shows them)"
    shown = [line.split()[0] for line in lines if line.startswith("column_")]
    assert shown == [f"column_{at:02}" for at in range(30)]
    everything = summary.render(MANY, Look(show_all=True))
    assert everything.count("column_") == 45
    assert "more" not in everything
