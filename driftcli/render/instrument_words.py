"""What the readable formats say of all columns together: of what was asked beside pairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from driftcli.render.escape import short_name
from driftcli.render.figures import number
from driftcli.render.score_words import MARKS
from driftcli.report.columns import Status
from driftcli.report.instruments import (
    Along,
    Critic,
    Discriminator,
    Estimate,
    JointScore,
    JointWitness,
)
from driftcli.report.joint import Joint

#: Columns of a direction that are named.
_MOST_NAMED = 3
#: A weight that is worth naming.
_WORTH_NAMING = 0.1


class Said(NamedTuple):
    """What one instrument found: its name, its status if it has one, and a few words each."""

    name: str
    status: Status | None
    parts: tuple[str, ...]


def said(joint: Joint) -> Iterator[Said]:
    """Yield what each instrument found that was asked."""
    if joint.discriminator:
        yield Said("discriminator", joint.discriminator.status, tuple(_bits(joint.discriminator)))
    if joint.critic:
        yield Said("critic", joint.critic.status, tuple(_slope(joint.critic)))
    if joint.witness:
        yield Said("witness", None, tuple(_distance(joint.witness)))


def _bits(found: Discriminator) -> Iterator[str]:
    yield f"joint JSD ≥ {_marked(found.scores[0])}"
    yield f"beyond single columns ≥ {_least(found.beyond)} bits"


def _slope(found: Critic) -> Iterator[str]:
    yield f"distance ≥ {_marked(found.scores[0])}"
    yield f"{found.lipschitz}: {number(found.distance.value)} over a slope ≤ {found.constant:.3g}"
    yield f"steepest seen {found.gradient:.3g}"


def _distance(found: JointWitness) -> Iterator[str]:
    yield f"distance ≥ {_least(found.distance)} baseline sd (95 %)"
    if found.along and found.distance.limit > 0:
        yield f"along {_direction(found.along)}"


def _marked(score: JointScore) -> str:
    mark = MARKS.get(score.status, "")
    return f"{number(score.value)} {score.unit} (95 %) {mark}".rstrip()


def _least(estimate: Estimate) -> str:
    return number(max(0.0, estimate.limit))


def _direction(along: tuple[Along, ...]) -> str:
    """Return the largest parts of a direction: `0.71 price − 0.70 size + …`."""
    named = [each for each in along[:_MOST_NAMED] if abs(each.weight) >= _WORTH_NAMING]
    text = ""
    for each in named:
        sign = "−" if each.weight < 0 else "+"
        text += f" {sign} {abs(each.weight):.2f} {short_name(each.column)}"
    more = " + …" if len(named) < len(along) else ""
    return text.removeprefix(" + ").lstrip() + more


def summary_parts(joint: Joint) -> Iterator[str]:
    """Yield what all columns together come to where they changed, and who says so."""
    for status, word in (("drift", "drifted"), ("warn", "warned")):
        if names := [each.name for each in said(joint) if each.status == status]:
            yield f"all columns together {word} ({', '.join(names)})"
