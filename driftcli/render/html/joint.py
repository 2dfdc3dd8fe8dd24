"""Pairs of columns as one HTML page: each with how its dependence changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from driftcli.render import DEFAULT_LOOK, Look, instrument_words
from driftcli.render.figures import number, share
from driftcli.render.html import states
from driftcli.render.html.page import document
from driftcli.render.html.report import remarks, settings, sides, title
from driftcli.render.html.rows import SortedText
from driftcli.render.html.states import WAIVED, State, by_status
from driftcli.render.joint_words import (
    correlation,
    dependence,
    name,
    score,
    select,
    summary_parts,
    unpaired,
    why,
)
from driftcli.render.score_words import MARKS
from driftcli.render.words import HIGHEST, SIGNS, is_waived
from driftcli.report.columns import SEVERITY
from driftcli.report.joint import ColumnPair, Joint


class PairRow(NamedTuple):
    """A pair's line of the table."""

    name: str
    state: State
    rank: int
    dependence: SortedText
    correlation: SortedText
    lost: SortedText
    jsd: SortedText
    why: str


def render(joint: Joint, look: Look) -> str:  # noqa: ARG001  # every renderer takes a look
    """Return the pairs as one HTML document, whatever the look: all are listed."""
    fields = {
        **_summary(joint),
        **_table(joint.pairs),
        "sides": sides(joint),
        "remarks": remarks(joint),
        "together": [_instrument(each) for each in instrument_words.said(joint)],
        "unpaired": list(unpaired(joint, Look(show_all=True))),
        "settings": settings(joint.settings),
    }
    return document("joint.html", fields)


def _instrument(said: instrument_words.Said) -> tuple[State | None, str]:
    state = by_status(said.status) if said.status else None
    return state, f"{said.name}: {' · '.join(said.parts)}"


def digest(joint: Joint) -> dict[str, Any]:
    """Return what a notebook shows of pairs, by name: those that changed."""
    chosen = select(joint, DEFAULT_LOOK)
    left_out = f"+ {chosen.left_out:,} more" if chosen.left_out else ""
    return {**_summary(joint), **_table(chosen.pairs), "left_out": left_out}


def _summary(joint: Joint) -> dict[str, Any]:
    return {
        "report": joint,
        "title": title(joint.verdict),
        "sign": SIGNS[joint.verdict],
        "lead": f"{', '.join(summary_parts(joint, hint=False))}.",
        "since": "",
        "counts": states.counts(map(_state, joint.pairs)),
    }


def _table(pairs: Sequence[ColumnPair]) -> dict[str, Any]:
    """Return the lines of the table, and which of them are folded: a few are not."""
    rows = [_row(pair) for pair in pairs]
    passed = all(row.state.quiet for row in rows)
    folds = [at >= HIGHEST if passed else row.state.quiet for at, row in enumerate(rows)]
    quiet = [row.state for row, fold in zip(rows, folds, strict=True) if fold]
    return {"pairs": rows, "folds": folds, "folded": states.folded(quiet, "pair")}


def _row(pair: ColumnPair) -> PairRow:
    return PairRow(
        name=name(pair),
        state=_state(pair),
        rank=SEVERITY[pair.status],
        dependence=_figure(pair, "pair_dependence", dependence(pair)),
        correlation=_figure(pair, "pair_correlation", correlation(pair)),
        lost=SortedText(share(pair.lost), f"{pair.lost:.6g}", ""),
        jsd=SortedText(number(pair.jsd), f"{pair.jsd:.6g}", ""),
        why=why(pair),
    )


def _state(pair: ColumnPair) -> State:
    return WAIVED if is_waived(pair) else by_status(pair.status)


def _figure(pair: ColumnPair, metric: str, text: str) -> SortedText:
    found = score(pair, metric)
    if found is None:
        return SortedText(text, "-1", "")
    return SortedText(text, f"{found.number:.6g}", MARKS.get(found.status, ""))
