"""What tells points of two kinds apart: a discriminator, and critics whose slope is held."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus
from torch.nn.utils.parametrizations import spectral_norm

WIDTH = 128
#: What weights are clipped to, and what a gradient's squared distance from 1 costs.
CLIP, PENALTY = 0.1, 10.0


def network(
    columns: int, outputs: int, held: Callable[[nn.Linear], nn.Module] = lambda layer: layer
) -> nn.Sequential:
    """Return a network with two hidden layers."""
    return nn.Sequential(
        held(nn.Linear(columns, WIDTH)),
        nn.ReLU(),
        held(nn.Linear(WIDTH, WIDTH)),
        nn.ReLU(),
        held(nn.Linear(WIDTH, outputs)),
    )


def judge(way: str) -> nn.Sequential:
    """Return the discriminator of a `gan`, or a critic: `clip`, `gp` or `spectral`."""
    return network(2, 1, spectral_norm) if way == "spectral" else network(2, 1)


def loss(way: str, judging: nn.Module, real: Tensor, made: Tensor) -> Tensor:
    """Return what the judge loses of real points and made ones."""
    if way == "gan":
        return guessing(judging(real), judging(made))
    apart = judging(made).mean() - judging(real).mean()
    return apart + PENALTY * _off_slope(judging, real, made) if way == "gp" else apart


def guessing(real: Tensor, made: Tensor) -> Tensor:
    """Return the log-loss, in nats, of outputs taken for log-odds; both kinds are as likely."""
    return softplus(-real).mean() + softplus(made).mean()


def _off_slope(judging: nn.Module, real: Tensor, made: Tensor) -> Tensor:
    """Return how far from 1 the slope is between real points and made ones."""
    share = torch.rand(len(real), 1)
    between = (share * real + (1 - share) * made.detach()).requires_grad_()
    (slope,) = torch.autograd.grad(judging(between).sum(), between, create_graph=True)
    return ((slope.norm(dim=1) - 1) ** 2).mean()


def clip(judging: nn.Module) -> None:
    """Hold the weights of a critic within a box."""
    for each in judging.parameters():
        each.data.clamp_(-CLIP, CLIP)
