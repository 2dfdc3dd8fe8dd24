"""What a generator learns of parallel segments that are 1 apart: nothing by a GAN, all by a WGAN.

Real points lie at x = 0, and those made at x = θ = 1. No point is of both, so their
Jensen-Shannon divergence is 1 bit wherever θ is, and the minimax loss stops to tell the generator
where to go. Their Wasserstein distance is |θ|, with a gradient of 1.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from networks import guessing, judge, loss
from torch import Tensor, nn
from torch.nn.functional import softplus
from torch.optim import Adam

_BATCH, _ROWS = 256, 10_000
_AT = (0, 50, 200, 1_000, 2_000)


class Learnt(NamedTuple):
    """What is learnt after so many steps of a discriminator and of a critic.

    Attributes
    ----------
    minimax, critic
        The gradient of the generator's loss by θ.
    divergence
        Bits that the discriminator wins.
    distance
        How far apart the critic's means are.
    """

    steps: int
    minimax: float
    divergence: float
    critic: float
    distance: float


def learnt(most: int) -> Iterator[Learnt]:
    """Yield what is learnt, up to so many steps."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    judges = {way: judge(way) for way in ("gan", "spectral")}
    optimizers = {way: Adam(each.parameters(), 2e-3) for way, each in judges.items()}
    for steps in range(min(most, _AT[-1]) + 1):
        if steps in _AT:
            yield _learnt(steps, judges["gan"].eval(), judges["spectral"].eval())
        for way, optimizer in optimizers.items():
            optimizer.zero_grad()
            loss(way, judges[way].train(), _segment(0.0), _segment(1.0)).backward()
            optimizer.step()


def _segment(at: float, rows: int = _BATCH) -> Tensor:
    return torch.stack([torch.full((rows,), at), torch.rand(rows)], dim=1)


def _learnt(steps: int, discriminator: nn.Module, critic: nn.Module) -> Learnt:
    real, made = _segment(0.0, _ROWS), _segment(1.0, _ROWS)
    with torch.no_grad():
        nats = float(guessing(discriminator(real), discriminator(made)))
        distance = float(critic(real).mean() - critic(made).mean())
    return Learnt(
        steps,
        _by_theta(lambda points: -softplus(discriminator(points)), made),
        1 - nats / 2 / math.log(2),
        _by_theta(lambda points: -critic(points), made),
        distance,
    )


def _by_theta(loss_of: Callable[[Tensor], Tensor], made: Tensor) -> float:
    """Return by how much a mean loss grows as all points that are made move along x."""
    moved = torch.zeros(1, requires_grad=True)
    points = torch.stack([made[:, 0] + moved, made[:, 1]], dim=1)
    (slope,) = torch.autograd.grad(loss_of(points).mean(), moved)
    return abs(float(slope))
