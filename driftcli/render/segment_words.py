"""What the readable formats say of segments: which are shown, and in which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from driftcli.render import Look
from driftcli.render.escape import name_text
from driftcli.render.figures import change, counted, noise_text, number
from driftcli.render.score_words import mark, marked
from driftcli.render.words import COUNTED, why
from driftcli.report.segments import Decomposition, Segment, Segments

MOST_SEGMENTS = 10
MOST_PARTS = 10
_MOST_COLUMNS = 5
_MOST_HEAVIEST = 3
_LONGEST = 40


class SplitScore(NamedTuple):
    """The two parts of a column's score, as texts."""

    name: str
    metric: str
    total: str
    mix: str
    within: str
    share: str
    heaviest: str


def name(label: str) -> str:
    """Return a segment's name or a column's, visible and of a length that fits a line."""
    return name_text(label, _LONGEST)


def heading(found: Segments) -> str:
    """Return which columns make the segments, and how many there are."""
    pooled = sum(each.pooled for each in found.segments)
    rare = f", {pooled:,} rare ones taken as one" if pooled else ""
    return f"by {', '.join(map(name, found.by))}: {counted(found.found, 'segment')}{rare}"


def selected(found: Segments, look: Look) -> tuple[tuple[Segment, ...], str]:
    """Return the segments to show, the worst first, and in words those that are left out.

    Those of too few rows to tell are counted: of many segments, many are.
    """
    if look.show_all:
        return found.segments, ""
    telling = [each for each in found.segments if each.status in ("drift", "warn")]
    shown = tuple(telling[:MOST_SEGMENTS])
    counts = Counter(map(_word, found.segments))
    more = Counter(map(_word, telling[MOST_SEGMENTS:]))
    counts.subtract(map(_word, shown))
    rest = [
        f"{count:,} {'more ' if more[word] else ''}{word}"
        for word, count in counts.items()
        if count
    ]
    return shown, ", ".join(rest)


def _word(segment: Segment) -> str:
    return COUNTED[segment.status] if segment.presence == "both" else segment.presence


def mix(found: Segments) -> str:
    """Return how far the mix of segments moved, and how."""
    column = found.mix
    state = f"mix {COUNTED[column.status] if column.scores else 'not scored'}"
    scores = [score for score in column.scores if mark(score)] or [
        score for score in (column.score("js_distance"),) if score
    ]
    moved = [
        marked(score) + (f" (noise {noise})" if (noise := noise_text(score)) else "")
        for score in scores
    ]
    reasons = why(column, notes=False)
    return ": ".join(filter(None, [state, "; ".join(filter(None, [", ".join(moved), reasons]))]))


def extent(segment: Segment) -> str:
    """Return a segment's share of the rows of both sides, and what else makes it."""
    shares = f"{change(segment.baseline, segment.current)} of the rows"
    if segment.pooled:
        return f"{segment.pooled:,} rare segments, {shares}"
    return shares if segment.presence == "both" else f"{segment.presence}, {shares}"


def columns(segment: Segment) -> str:
    """Return the columns that are not as they were, the worst status first."""
    if segment.status == "inconclusive" and not segment.columns:
        return "too few rows to see changes at the thresholds"
    parts = []
    for status in ("drift", "warn", "inconclusive"):
        names = [name(each.name) for each in segment.columns if each.status == status]
        if names:
            shown = names if len(names) == _MOST_COLUMNS + 1 else names[:_MOST_COLUMNS]
            more = len(names) - len(shown)
            rest = f" and {more:,} more" if more else ""
            word = "" if status == segment.status == "drift" else f"{COUNTED[status]}: "
            parts.append(word + ", ".join(shown) + rest)
    return "; ".join(parts)


def parts(found: Segments, look: Look) -> tuple[list[SplitScore], str]:
    """Return the parts of the scores of columns that drifted, and how many are left out."""
    listed = found.decompositions
    shown = listed if look.show_all else listed[:MOST_PARTS]
    rest = len(listed) - len(shown)
    return [_part(each) for each in shown], f"+ {rest:,} more" if rest else ""


def _part(each: Decomposition) -> SplitScore:
    return SplitScore(
        name(each.column),
        each.metric,
        number(each.total),
        _signed(each.mix),
        _signed(each.within),
        _per_cent(each.mix_share),
        ", ".join(f"{name(s.label)} {_per_cent(s.share)}" for s in each.segments[:_MOST_HEAVIEST]),
    )


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else ''}{number(abs(value))}"


def _per_cent(share: float) -> str:
    text = f"{100 * share:.0f}".replace("-", "−")
    return f"{'0' if text == '−0' else text} %"


def summary(found: Segments) -> Iterator[str]:
    """Yield what the last line of a report says of segments."""
    drifted = [each for each in found.segments if each.status == "drift"]
    if found.mix.status == "drift":
        yield f"the mix of {', '.join(map(name, found.by))} drifted"
    if drifted:
        names = ", ".join(name(each.label) for each in drifted[:_MOST_COLUMNS])
        more = ", …" if len(drifted) > _MOST_COLUMNS else ""
        of = counted(len(found.segments), "segment")
        yield f"{len(drifted):,} of {of} drifted ({names}{more})"
    elif found.mix.status != "drift":
        yield f"{counted(len(found.segments), 'segment')} compared"
