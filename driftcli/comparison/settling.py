"""What chance makes of columns that were scored: their tests, corrected for all of a run."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, log, log10

import numpy as np
from msgspec import structs

from driftcli.comparison.reasons import could_be_chance, real_but_small, within_noise
from driftcli.comparison.verdict import worst
from driftcli.config import Settings
from driftcli.metrics import METRICS
from driftcli.metrics.significance import LEAST, LEVEL, adjusted, harmonic_mean
from driftcli.report.columns import Column, Score
from driftcli.report.comparison import Finding

#: p-values that so many times alpha would be significant are a suspicion, none above the largest.
_SUSPECTED = 20.0
_LARGEST_SUSPECTED = 0.1
#: A file has too few rows where so large a part of its columns shows no change at its thresholds.
MOSTLY = 0.5
#: What is asked for beyond the rows at which noise stays below the threshold: the fitted tail of
#: the p-values is on the safe side.
_MARGIN = 2.0
#: More rows than any dataset has: noise far above a threshold asks for more, and up to infinity.
_MOST_ROWS = 2.0**63

#: A column by its place, and what is asked of it.
_Test = tuple[int, str]


def settle(columns: Sequence[Column], settings: Settings) -> list[Column]:
    """Return the columns judged, their p-values corrected for all tests of the run.

    The columns may be those of several comparisons. Of each the scores that ask the same are one
    test (see `Metric.asks`), whose p-value is the harmonic mean of theirs.

    A score that reaches a threshold keeps its status where it is above its own noise and the
    corrected p-value of its test is no more than alpha. It is inconclusive where that is a
    suspicion, and else ok with a note.
    """
    corrected = _corrected(columns, settings.correction)
    return _with_changes(
        [_settled(column, corrected[at], settings.alpha) for at, column in enumerate(columns)],
        settings.alpha,
    )


def _corrected(columns: Sequence[Column], correction: str) -> list[dict[str, float]]:
    """Return of each column the corrected p-values of its tests, by what they ask."""
    tests: dict[_Test, list[float]] = {}
    for at, column in enumerate(columns):
        for asked, p_value in _tested(column):
            tests.setdefault((at, asked), []).append(p_value)
    p_values = np.array([harmonic_mean(each) for each in tests.values()])
    found: list[dict[str, float]] = [{} for _ in columns]
    for (at, asked), p_value in zip(tests, adjusted(p_values, correction).tolist(), strict=True):
        found[at][asked] = p_value
    return found


def _tested(column: Column) -> Iterator[tuple[str, float]]:
    """Yield what the gated scores of a column ask, and their p-values.

    A score that had to be 0, as of missing values where neither side has any, is no test. One
    whose p-value was not asked for counts with a p-value of 1.
    """
    for score in column.scores:
        if score.gated and not (score.p_value == 1 and not score.noise):
            yield METRICS[score.metric].asks, 1.0 if score.p_value is None else score.p_value


def _with_changes(columns: Sequence[Column], alpha: float) -> list[Column]:
    """Return the columns with those changes that are real, where nothing graver is said.

    By Bonferroni's correction, over all columns that are gated and have values: in a run without
    drift any is spoken of with a chance of at most alpha.
    """
    tested = sum(column.gated and bool(column.scores) for column in columns)
    settled = []
    for column in columns:
        corrected = (
            structs.replace(each, p_adjusted=min(1.0, each.p_value * tested))
            for each in column.changes
        )
        quiet = column.status == "ok" and alpha < 1
        kept = tuple(each for each in corrected if quiet and (each.p_adjusted or 0.0) <= alpha)
        settled.append(structs.replace(column, changes=kept) if column.changes else column)
    return settled


def _settled(column: Column, corrected: Mapping[str, float], alpha: float) -> Column:
    if not column.scores:
        return column
    scores = tuple(
        _judged(score, column, corrected.get(METRICS[score.metric].asks, 1.0), alpha)
        if score.gated
        else score
        for score in column.scores
    )
    status = worst(score.status for score in scores)
    reasons, notes = column.reasons, column.notes
    in_blocks = (column.design_effect or 1.0) > 1.0
    if status == "inconclusive":
        reasons = (could_be_chance(scores, in_blocks=in_blocks), *reasons)
    if status == "ok":
        reasons, notes = (), (*notes, *_noted(column.scores, scores, in_blocks=in_blocks))
    if status == "ok" and column.status == "skipped":
        status = "skipped"
    return structs.replace(column, status=status, scores=scores, reasons=reasons, notes=notes)


def _noted(before: Sequence[Score], judged: Sequence[Score], *, in_blocks: bool) -> Iterator[str]:
    """Yield what there is to say of scores none of which makes a column anything but ok."""
    if any(score.significant for score in judged):
        yield real_but_small(judged)
    by_chance = [
        score
        for earlier, score in zip(before, judged, strict=True)
        if earlier.status != score.status and not _is_usual(score)
    ]
    if by_chance:
        yield within_noise(by_chance, in_blocks=in_blocks)


def _judged(score: Score, column: Column, p_adjusted: float, alpha: float) -> Score:
    beyond = score.p_value is not None and score.p_value <= 1 - LEVEL
    judged = structs.replace(
        score,
        p_adjusted=p_adjusted,
        # Alpha 1 is to judge by thresholds alone, and calls nothing real.
        significant=beyond and p_adjusted <= alpha < 1,
    )
    if _is_usual(judged):
        return structs.replace(judged, status="ok")
    level = score.threshold if score.status == "drift" else score.warn_threshold
    if score.status == "ok" or not level or judged.significant or alpha == 1:
        return judged
    suspected = beyond and p_adjusted <= min(_SUSPECTED * alpha, _LARGEST_SUSPECTED)
    return structs.replace(
        judged,
        status="inconclusive" if suspected else "ok",
        rows_needed=_rows_needed(judged, level, column, alpha),
    )


def _is_usual(score: Score) -> bool:
    """Return whether new or lost names of a large vocabulary are what any two samples have."""
    within = score.noise is not None and score.number <= score.noise
    return score.standard_error is not None and within


def _rows_needed(score: Score, threshold: float, column: Column, alpha: float) -> int | None:
    """Return about how many rows on each side would tell whether the score is chance.

    Noise falls with the root of the rows, that of a metric which grows with the square of small
    changes with the rows themselves; and it has to fall until a score at the threshold would be
    significant after the correction that this run makes. None where nobody has so many.
    """
    if score.noise is None or score.p_value is None or score.p_adjusted is None:
        return None
    sizes = [
        max(1, side.rows - (side.missing_count or 0)) for side in (column.baseline, column.current)
    ]
    excess = score.noise / threshold
    needed_p = max(LEAST, min(alpha * score.p_value / score.p_adjusted, 1 - LEVEL))
    stricter = log(needed_p) / log(1 - LEVEL)
    if not METRICS[score.metric].squared:
        excess *= excess
    rows = 2 / sum(1 / size for size in sizes) * max(_MARGIN, _MARGIN * excess * stricter)
    return _rounded_up(rows) if rows < _MOST_ROWS else None


def _rounded_up(rows: float) -> int:
    """Return a number of rows with two significant digits, none too few."""
    step: int = 10 ** max(0, int(log10(rows)) - 1)
    return ceil(rows / step) * step


def too_few_rows(columns: Sequence[Column], settings: Settings) -> Iterator[Finding]:
    """Yield the finding that rows are too few, where that is so in half of the gated columns."""
    gated = [found for column in columns if (found := _of_values(column))]
    blind = sum(map(_are_blind, gated))
    if settings.alpha < 1 and blind and blind >= MOSTLY * len(gated):
        yield too_few_rows_in(blind, len(gated), "column")


def too_few_rows_in(few: int, compared: int, part: str) -> Finding:
    """Return the finding that the rows are too few in some columns, or in some other `part`s."""
    parts = f"{few:,} of {compared:,} {part}{'' if compared == 1 else 's'}"
    return Finding(
        kind="within_noise",
        column=None,
        status="inconclusive",
        message=f"too few rows to see changes at the thresholds in {parts}",
    )


def _of_values(column: Column) -> list[Score]:
    return [
        each
        for each in column.scores
        if each.gated and _lowest(each) and METRICS[each.metric].asks == "values"
    ]


def _lowest(score: Score) -> float:
    """Return the lowest level of a gated score."""
    levels = (score.warn_threshold, score.threshold)
    return min(each for each in levels if each is not None)


def _are_blind(scores: Sequence[Score]) -> bool:
    """Return whether one of a column's scores reaches a threshold, and chance those of all."""
    if any(score.status not in ("ok", "inconclusive") for score in scores):
        return False
    reached = any(score.number >= _lowest(score) for score in scores)
    return reached and all(score.noise is None or score.noise >= _lowest(score) for score in scores)
