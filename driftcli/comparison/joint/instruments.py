"""All columns together: what was asked of them beside their pairs, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from driftcli.comparison.joint.blocks import RowsInBlocks
from driftcli.comparison.joint.features import (
    ColumnValues,
    Features,
    all_features,
    standardised,
)
from driftcli.comparison.joint.pairs import ALPHA
from driftcli.comparison.verdict import reached
from driftcli.config import JOINT_THRESHOLDS, Settings
from driftcli.errors import InputError, UsageError
from driftcli.metrics.joint.held_out import HeldOut
from driftcli.report.instruments import (
    Along,
    Critic,
    Discriminator,
    Estimate,
    JointMetric,
    JointScore,
    JointWitness,
    Lipschitz,
)

#: Of either side, at least: fewer rows, or blocks of rows, leave nothing to fit and to judge by.
FEWEST_ROWS, FEWEST_BLOCKS = 50, 10
_UNITS = {"joint_jsd": "bits", "joint_wasserstein": "baseline sd"}


class Instruments(Struct, frozen=True):
    """What is asked of all columns together.

    Attributes
    ----------
    witness, discriminator : bool
        Whether these are asked.
    critic : Lipschitz or None
        How the slope of a critic is held, where one is asked.
    """

    witness: bool = False
    discriminator: bool = False
    critic: Lipschitz | None = None


#: Where nothing but pairs is asked for.
PAIRS_ALONE = Instruments()


class Asked(NamedTuple):
    """What came of it; None of what was not asked."""

    witness: JointWitness | None = None
    discriminator: Discriminator | None = None
    critic: Critic | None = None

    @property
    def judges(self) -> list[Discriminator | Critic]:
        """Those of them that decide on the verdict."""
        return [each for each in (self.discriminator, self.critic) if each is not None]


def ask(
    instruments: Instruments,
    columns: Mapping[str, ColumnValues],
    settings: Settings,
    together: RowsInBlocks | None = None,
) -> Asked:
    """Return what instruments say of columns, given by their names.

    Parameters
    ----------
    together
        Which rows move together, where that is known: whole blocks are then fitted and judged.

    Raises
    ------
    InputError
        When there are too few rows, or blocks of them.
    UsageError
        When there is no column to look at.
    """
    blocks = together.units() if together else None
    witness = discriminator = critic = None
    if instruments.witness:
        witness = _witness(_checked("witness", standardised(columns, blocks)))
    if instruments.discriminator:
        found = _checked("discriminator", all_features(columns, blocks))
        discriminator = _discriminator(found, settings)
    if instruments.critic:
        found = _checked("critic", standardised(columns, blocks))
        critic = _critic(found, instruments.critic, settings)
    return Asked(witness, discriminator, critic)


def _checked(name: str, features: Features) -> Features:
    if not features.names:
        kind = "column" if name == "discriminator" else "numeric column whose values differ"
        raise UsageError(f"--{name}: there is no {kind} to look at; leave it out")
    fewest, what, remedy = FEWEST_ROWS, "rows", ""
    if features.rows.blocks is not None:
        fewest, what = FEWEST_BLOCKS, "blocks of rows that move together"
        remedy = "; --block none takes rows as independent"
    for side, units in zip(("baseline", "current data"), features.rows.units(), strict=True):
        if units < fewest:
            raise InputError(
                f"--{name}: it takes {fewest} {what} of either side, and the {side} has"
                f" {units:,}{remedy}"
            )
    return features


def _witness(features: Features) -> JointWitness:
    from driftcli.metrics.joint.witness import witnessed

    found = witnessed(features.rows)
    along = [] if found.along is None else zip(features.names, found.along.tolist(), strict=True)
    weights = [Along(column=name, weight=weight) for name, weight in along]
    return JointWitness(
        columns=features.names,
        distance=_estimate(found.distance),
        p_value=found.distance.p_value,
        along=tuple(sorted(weights, key=lambda each: -abs(each.weight))),
    )


def _discriminator(features: Features, settings: Settings) -> Discriminator:
    from driftcli.metrics.joint.discriminator import discriminated

    found = discriminated(features.rows, features.categorical)
    score = _score("joint_jsd", found.divergence.limit, found.p_value, settings)
    return Discriminator(
        columns=features.names,
        status=score.status,
        reason=_reason(score),
        divergence=_estimate(found.divergence),
        beyond=_estimate(found.beyond),
        scores=(score,),
    )


def _critic(features: Features, lipschitz: Lipschitz, settings: Settings) -> Critic:
    from driftcli.metrics.joint.critic import STEPS, criticised

    found = criticised(features.rows, lipschitz)
    certified = found.certified
    score = _score("joint_wasserstein", certified.limit, certified.p_value, settings)
    return Critic(
        columns=features.names,
        status=score.status,
        reason=_reason(score),
        lipschitz=lipschitz,
        steps=STEPS,
        distance=_estimate(found.distance),
        constant=found.constant,
        certified=_estimate(certified),
        gradient=found.gradient,
        scores=(score,),
    )


def _estimate(found: HeldOut) -> Estimate:
    return Estimate(value=found.value, standard_error=found.standard_error, limit=found.limit)


def _score(metric: JointMetric, limit: float, p_value: float, settings: Settings) -> JointScore:
    """Return the score: it has one test of its own, which is of all columns at once."""
    levels = {**JOINT_THRESHOLDS, **settings.thresholds}[metric]
    value, significant = max(0.0, limit), p_value <= ALPHA
    return JointScore(
        metric=metric,
        value=value,
        unit=_UNITS[metric],
        warn_threshold=levels.warn,
        threshold=levels.drift,
        p_value=p_value,
        significant=significant,
        status=reached(value, levels) if significant else "ok",
    )


def _reason(score: JointScore) -> str | None:
    """Return what changed in words, where it did."""
    if score.status == "ok":
        return None
    of = "divergence of all" if score.metric == "joint_jsd" else "distance of all numeric"
    return f"{of} columns together ≥ {score.value:.3g} {score.unit} (95 %)"
