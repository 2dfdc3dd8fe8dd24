"""What is asked of all columns together beside their pairs: records of `drift joint`."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from driftcli.report.columns import Status
from driftcli.report.documents import Gauged

Lipschitz = Literal["orthogonal", "spectral", "clip", "gp"]
JointMetric = Literal["joint_jsd", "joint_wasserstein"]


class Estimate(Struct, frozen=True, kw_only=True):
    """What was measured in rows that nothing was fitted to.

    Attributes
    ----------
    value, standard_error
        The measured value, which in expectation is no more than what it is a bound of, and how
        much it varies from sample to sample.
    limit
        What that is at least, with a confidence of 95 %.
    """

    value: float
    standard_error: float
    limit: float


class JointScore(Gauged, frozen=True, kw_only=True):
    """How far all columns together moved, at least.

    Attributes
    ----------
    metric, unit
        `joint_jsd` is their Jensen-Shannon divergence in bits, `joint_wasserstein` the distance
        that rows must move on average, in standard deviations of the baseline.
    value, infinite
        The limit that it is not below, with a confidence of 95 %, and 0 where that is negative;
        none is infinite.
    warn_threshold, threshold
        The levels from which on it warns and drifts.
    p_value, significant
        The chance of such a finding without drift, and whether that is no more than alpha.
    status
        What came of it.
    """

    metric: JointMetric
    value: float
    infinite: bool = False
    unit: str
    warn_threshold: float | None = None
    threshold: float | None = None
    p_value: float
    significant: bool
    status: Status


class Along(Struct, frozen=True, kw_only=True):
    """What a column has of a direction; the squares of all of them sum to one."""

    column: str
    weight: float


class JointWitness(Struct, frozen=True, kw_only=True):
    """A lower bound of the Wasserstein distance of all numeric columns, found without training.

    Attributes
    ----------
    columns
        Those it looks at, each in standard deviations of the baseline.
    distance, p_value
        The bound, and the chance of one so large without drift.
    along
        The direction along which that was seen, the largest weights first; empty where it was
        along none.
    """

    columns: tuple[str, ...]
    distance: Estimate
    p_value: float
    along: tuple[Along, ...] = ()


class Discriminator(Struct, frozen=True, kw_only=True):
    """A classifier that guesses which side a row is of.

    Attributes
    ----------
    columns
        Those it looks at.
    status, reason
        What came of its score, and what it found where that is not ok.
    divergence
        Bits that bound the Jensen-Shannon divergence of all columns together from below.
    beyond
        How many of these no column shows by itself.
    scores
        The one that decides.
    """

    columns: tuple[str, ...]
    status: Status
    reason: str | None = None
    divergence: Estimate
    beyond: Estimate
    scores: tuple[JointScore, ...]


class Critic(Struct, frozen=True, kw_only=True):
    """A network whose slope is known, that tells the sides of rows apart.

    Attributes
    ----------
    columns
        Those it looks at, each in standard deviations of the baseline.
    status, reason
        What came of its score, and what it found where that is not ok.
    lipschitz, steps
        How its slope was held, and how long it was trained.
    distance
        How far apart the means of its outputs are.
    constant, certified
        What its slope is not above, and the distance divided by that: a bound of the Wasserstein
        distance from below.
    gradient
        The steepest slope at any row that was looked at. There may be steeper ones: it is no bound.
    scores
        The one that decides.
    """

    columns: tuple[str, ...]
    status: Status
    reason: str | None = None
    lipschitz: Lipschitz
    steps: int
    distance: Estimate
    constant: float
    certified: Estimate
    gradient: float
    scores: tuple[JointScore, ...]
