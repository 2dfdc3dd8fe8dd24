"""Columns together: frozen records that are the JSON contract of `drift joint`.

`drift schema --of joint` prints their schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Literal

from msgspec import Struct

from driftcli.report.columns import Status, Waiver
from driftcli.report.comparison import Dataset, Finding, Verdict, check_settings
from driftcli.report.documents import Count, Gauged, Readable, Share
from driftcli.report.instruments import Critic, Discriminator, JointWitness

PairMetric = Literal["pair_dependence", "pair_correlation"]


#: The waivers of pairs of columns, by both names or globs over them, in the order of the alphabet.
PairWaivers = Mapping[tuple[str, str], Waiver]


def in_order(first: str, second: str) -> tuple[str, str]:
    """Return two names in the order of the alphabet: a pair is the same either way round."""
    return (first, second) if first <= second else (second, first)


def between(names: tuple[str, str]) -> str:
    """Return the names of two columns, or globs, as people read them."""
    return " × ".join(names)


def pair_waiver_of(columns: tuple[str, str], waivers: PairWaivers) -> Waiver | None:
    """Return the waiver of a pair, whichever of its columns comes first.

    Names come before globs, and later globs before earlier ones.
    """
    first, second = columns

    def covers(globs: tuple[str, str]) -> bool:
        return any(
            fnmatchcase(first, glob) and fnmatchcase(second, other)
            for glob, other in (globs, globs[::-1])
        )

    globs = (each for each in reversed(list(waivers)) if covers(each))
    return waivers.get(in_order(*columns)) or next((waivers[each] for each in globs), None)


class PairScore(Gauged, frozen=True, kw_only=True):
    """How far two columns depend on each other in another way than before.

    Both scores are the smaller one of two readings: by edges that both sides share, and by each
    side's own ranks, which changes of single columns leave alone.

    Attributes
    ----------
    metric, unit
        `pair_dependence` is what the divergence of both columns together has beyond that of each,
        in bits, less what chance shows on average; `pair_correlation` is how far their rank
        correlation moved.
    value, infinite
        The score; none is infinite.
    warn_threshold, threshold
        The levels from which on it warns and drifts.
    p_value, p_adjusted
        The chance of such a change without drift, and that corrected for all tests of all pairs;
        null where there is no test.
    significant
        Whether that is no more than alpha.
    status
        What came of it.
    """

    metric: PairMetric
    value: float | None
    infinite: bool = False
    unit: str | None = None
    warn_threshold: float | None = None
    threshold: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    significant: bool | None = None
    status: Status = "ok"


class ColumnPair(Struct, frozen=True, kw_only=True):
    """Two columns.

    Attributes
    ----------
    columns, status
        Their names, and what came of their scores.
    reason
        What changed, where the pair is not ok.
    jsd
        The Jensen-Shannon divergence of their table, in bits: `margins` and `beyond` together.
    margins, beyond
        What of it the changes of each column explain, and what they do not.
    correlation
        Their rank correlation in the baseline and in the current data, by the reading that shows
        less of a change; null where a column has no order.
    lost
        The share of the baseline in combinations that the current data lacks beyond chance,
        although it has both values.
    scores
        Those of the pair.
    waiver
        A person's word that it may drift: the verdict leaves it out, whatever its status.
    since
        The ISO date of the first of the runs in a row in which its status was this bad.
    """

    columns: tuple[str, str]
    status: Status
    reason: str | None = None
    jsd: float
    margins: float
    beyond: float
    correlation: tuple[float, float] | None = None
    lost: Share = 0.0
    scores: tuple[PairScore, ...]
    waiver: Waiver | None = None
    since: str | None = None

    def __post_init__(self) -> None:
        """Refuse a pair that was not scored."""
        if not self.scores:
            raise ValueError("a pair without scores")

    @property
    def excess(self) -> float:
        """The highest of its significant scores as a multiple of its level, else of all."""
        return max((each.significant or False, each.excess) for each in self.scores)[1]


class Unpaired(Struct, frozen=True, kw_only=True):
    """A column that is in no pair, and why."""

    column: str
    reason: str


class PairSummary(Struct, frozen=True, kw_only=True):
    """How many columns were paired, and how many pairs have each status.

    Attributes
    ----------
    columns, pairs
        Those that were paired, and their pairs.
    drift, warn, ok
        Pairs of that status.
    waived
        Pairs that are not ok and have a waiver; these are counted nowhere else.
    """

    columns: Count
    pairs: Count
    drift: Count
    warn: Count
    ok: Count
    waived: Count = 0


class Joint(Readable, frozen=True, kw_only=True):
    """The result of comparing the pairs of columns of two datasets.

    Attributes
    ----------
    schema, version
        The form of this document, and the version of drift that made it.
    verdict, exit_code
        What all pairs come to, and what else was asked to judge, and what `drift joint` ends
        with: 0 or 1, or 2 where nothing could be judged.
    baseline, current
        Where the sides came from.
    alpha
        The level of the tests of pairs, which are a family of their own.
    settings
        Those in force.
    summary
        Counts of pairs.
    pairs, unpaired
        All pairs, the worst first, and the columns that are in none.
    findings
        What else there is to be said, such as which rows move together.
    witness, discriminator, critic
        What these found of all columns together, where they were asked.
    """

    document: ClassVar[str] = "joint"

    schema: Literal["drift.joint/1"] = "drift.joint/1"
    version: str
    verdict: Verdict
    exit_code: Literal[0, 1, 2]
    baseline: Dataset
    current: Dataset
    alpha: float
    settings: dict[str, Any]
    summary: PairSummary
    pairs: tuple[ColumnPair, ...]
    unpaired: tuple[Unpaired, ...] = ()
    findings: tuple[Finding, ...] = ()
    witness: JointWitness | None = None
    discriminator: Discriminator | None = None
    critic: Critic | None = None

    @property
    def judges(self) -> tuple[Discriminator | Critic, ...]:
        """What was asked to judge beside pairs."""
        return tuple(each for each in (self.discriminator, self.critic) if each is not None)

    def __post_init__(self) -> None:
        """Refuse settings that no comparison has."""
        check_settings(self.settings)

    def _summary(self) -> str:
        from driftcli.render.joint_words import summary_line

        return summary_line(self)
