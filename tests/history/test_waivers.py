"""What is accepted is shown as before, and no longer fails a report."""

from __future__ import annotations

from fnmatch import fnmatchcase

import msgspec
import pytest
from history_records import column, report, score
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from driftcli.comparison.waivers import waived
from driftcli.config import Settings
from driftcli.report.columns import Waiver, waiver_of
from driftcli.report.comparison import Finding, Report
from driftcli.report.segments import Segment, Segments

NAMES = ("price", "price_net", "tax", "amount")
WAIVER = Waiver(until="2025-12-31", why="new list")
statuses = st.sampled_from(("ok", "warn", "drift", "inconclusive", "skipped"))
columns = st.dictionaries(st.sampled_from(NAMES), statuses, min_size=1).map(
    lambda found: [column(name, status) for name, status in found.items()]
)
findings = st.lists(
    st.builds(
        Finding,
        kind=st.just("lost_column"),
        column=st.sampled_from(("lost_1", "lost_2", None)),
        status=st.sampled_from(("ok", "warn", "drift")),
        message=st.just("gone"),
    ),
    max_size=3,
    unique_by=lambda each: each.column,
)
patterns = st.lists(st.sampled_from((*NAMES, "price*", "lost_?", "*", "nothing")), unique=True)
settings = st.builds(
    Settings,
    fail_on=st.sampled_from(("drift", "warn", "never")),
    strict=st.booleans(),
    drifted_columns=st.sampled_from((1, 2, 0.5)),
)


def told(made: Report, chosen: Settings) -> Report:
    return structs.replace(made, settings=msgspec.to_builtins(chosen))


def judged(names: dict[str, str], found: list[tuple[str | None, str]], how: Settings) -> str:
    """Return the verdict on columns and findings by their statuses, in plain words of the docs."""
    drifted = {name for name, status in names.items() if status == "drift"}
    drifted |= {name for name, status in found if name and status == "drift"}
    lost = {name for name, _ in found}
    compared = [name for name, status in names.items() if status != "skipped"]
    limit = how.drifted_columns
    least = limit if isinstance(limit, int) else limit * (len(compared) + len(lost))
    if (None, "drift") in found or (drifted and len(drifted) >= least):
        return "drift"
    every = {*names.values(), *(status for _, status in found)}
    if drifted or "warn" in every:
        return "warn"
    return "inconclusive" if "inconclusive" in every else "ok"


@given(columns, findings, patterns, settings)
def test_the_verdict_is_that_on_what_is_left(made, found, globs, how):
    # Where nothing was judged, a waiver leaves that: see the tests of what is not judged.
    assume(any(each.scores for each in made))

    def left(name):
        return name is None or not any(name == g or fnmatchcase(name, g) for g in globs)

    after = waived(told(report(made, found), how), dict.fromkeys(globs, WAIVER))
    names = {each.name: each.status for each in made if left(each.name)}
    kept = [(each.column, each.status) for each in found if left(each.column)]
    verdict = judged(names, kept, how)
    if globs:
        assert after.verdict == verdict
        strict = how.strict and "inconclusive" in names.values()
        fails = verdict == "drift" or (verdict == "warn" and how.fail_on == "warn") or strict
        assert after.exit_code == int(fails and how.fail_on != "never")
    # All else is as it was.
    assert [(each.name, each.status, each.scores) for each in after.columns] == [
        (each.name, each.status, each.scores) for each in made
    ]
    assert [each.waiver is None for each in after.columns] == [left(each.name) for each in made]
    assert [each.waiver is None for each in after.findings] == [left(each.column) for each in found]


@given(columns, patterns)
def test_the_summary_counts_each_column_once(made, globs):
    summary = waived(report(made), dict.fromkeys(globs, WAIVER)).summary
    if globs:
        counts = [summary.drift, summary.warn, summary.inconclusive, summary.ok, summary.skipped]
        assert sum(counts) + summary.waived == summary.columns == len(made)
        assert (summary.drifted_share > 0) == (summary.drift > 0)


def test_without_waivers_a_report_is_as_it_was():
    made = report([column("price", "drift")])
    assert waived(made, {}) is made


def test_a_name_comes_before_a_glob_and_a_later_glob_before_an_earlier_one():
    waivers = {
        name: Waiver(until="2025-12-31", why=name) for name in ("price", "pri*", "*", "pr?ce")
    }
    found = [waiver_of(name, waivers) for name in ("price", "prune", "tax", None)]
    assert [each and each.why for each in found] == ["price", "*", "*", None]


def test_small_changes_are_accepted_where_any_change_fails():
    real = score("kl", 0.02, significant=True)
    made = report([column("price", scores=(real,)), column("tax")])
    made = told(structs.replace(made, exit_code=1), Settings(fail_on="change"))
    assert waived(made, {"tax": WAIVER}).exit_code == 1
    assert waived(made, {"price": WAIVER}).exit_code == 0


def segment(label: str, *made, compared: int = 4) -> Segment:
    worst = next((s for s in ("drift", "warn") if s in {each.status for each in made}), "ok")
    return Segment(
        label=label,
        keys={"region": label},
        status=worst,
        presence="both",
        baseline_rows=10,
        current_rows=10,
        baseline=0.5,
        current=0.5,
        compared=compared,
        columns=made,
    )


@pytest.mark.parametrize(
    ("globs", "statuses", "verdict"),
    [
        (("nothing",), ("drift", "warn"), "drift"),
        (("price",), ("ok", "warn"), "warn"),
        (("price", "tax"), ("ok", "ok"), "drift"),  # the mix of segments
        (("*",), ("ok", "ok"), "ok"),
    ],
)
def test_segments_leave_it_out_too(globs, statuses, verdict):
    segments = Segments(
        by=("region",),
        min_rows=1,
        found=2,
        mix=column("region", "drift" if "tax" in globs or globs == ("*",) else "ok"),
        segments=(
            segment("north", column("price", "drift")),
            segment("south", column("tax", "warn")),
        ),
    )
    made = structs.replace(report([column("price"), column("tax")]), segments=segments)
    made = told(structs.replace(made, exit_code=1, verdict="drift"), Settings())
    after = waived(made, dict.fromkeys(globs, WAIVER))
    assert tuple(each.status for each in after.segments.segments) == statuses
    assert after.verdict == verdict
    assert after.exit_code == (verdict == "drift")
    change = told(made, Settings(fail_on="change"))
    assert waived(change, {"*": WAIVER}).exit_code == 1  # small changes are not all in a report
